"""How the classes are balanced, how the values of each column are spread, and which samples are there twice."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from widgets import typography
from widgets.bars import BarList
from widgets.histogram import Histogram
from workbench.core import wording
from workbench.core.i18n import tr, trn
from workbench.core.inspection import ColumnFacts, Duplicates, Inspection
from workbench.ui.panels.data.cards import Cards
from workbench.ui.panels.data.reader import DataReader
from workbench.ui.panels.data.words import ends, kind_title, split_title, with_unit
from workbench.ui.parts import caption, clear, column, elided, heading, scrolled
from workbench.ui.theme import Theme

MOST_CLASSES, MOST_CARDS, MOST_VALUES = 30, 60, 8


class DistributionsPanel(QWidget):
    """One page to scroll through."""

    def __init__(self, theme: Theme, reader: DataReader) -> None:
        super().__init__()
        self._theme, self._reader = theme, reader
        self.balance = BarList(theme.tokens, name=tr("Samples of each class"))
        self.balance.setMaximumWidth(640)
        theme.follow(self.balance)
        self._balance_heading = heading(theme, tr("Class balance, all splits"))
        self._more_classes = caption(theme)
        self.cards = Cards()
        self._columns_heading = heading(theme, tr("Columns"))
        self._more_columns = caption(theme)
        self._twins_heading = heading(theme, tr("Samples that are there twice"))
        self._twins = QVBoxLayout()
        page = QWidget()
        page.setLayout(
            column(
                self._balance_heading,
                self.balance,
                self._more_classes,
                12,
                self._columns_heading,
                self.cards,
                self._more_columns,
                12,
                self._twins_heading,
                self._twins,
                -1,
            )
        )
        self.setLayout(column(scrolled(page)))
        reader.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what is known now."""
        inspection = self._reader.seen.inspection
        if inspection is None or self._reader.seen.stage == "reading":
            return
        self._show_balance(inspection)
        shown = [facts for facts in inspection.columns if facts.spread or (facts.common and not _is_balance(facts))]
        self.cards.set_cards([self._card(facts) for facts in shown[:MOST_CARDS]])
        self._columns_heading.setVisible(bool(shown))
        left = len(shown) - MOST_CARDS
        self._more_columns.setText(trn("and {n} more column", "and {n} more columns", left) if left > 0 else "")
        self._more_columns.setVisible(left > 0)
        self._show_twins(inspection.duplicates)

    def _show_balance(self, inspection: Inspection) -> None:
        totals = totals_of(inspection)
        rows = [(name, float(number), wording.count(number)) for name, number in totals.items()]
        self.balance.set_rows(rows[:MOST_CLASSES])
        left = len(rows) - MOST_CLASSES
        self._more_classes.setText(trn("and {n} more class", "and {n} more classes", left) if left > 0 else "")
        self._more_classes.setVisible(left > 0)
        for widget in (self._balance_heading, self.balance):
            widget.setVisible(bool(rows))

    def _card(self, facts: ColumnFacts) -> QWidget:
        theme, card = self._theme, QWidget()
        name = elided(theme, facts.name, font=typography.body())
        spread = facts.spread
        if spread is not None:
            kind, middle = kind_title(facts.kind), with_unit(spread.middle, spread.unit)
            under = (
                tr("{kind}, half of them below {middle}", kind=kind, middle=middle)
                if spread.least < spread.most
                else tr("{kind}, all of them {middle}", kind=kind, middle=middle)
            )
            chart = Histogram(theme.tokens)
            zero = -spread.least / (spread.most - spread.least) if spread.least < 0 < spread.most else None
            chart.set_counts(spread.counts, ends(spread), zero)
            chart.setAccessibleName(facts.name)
            theme.follow(chart)
            card.setLayout(column(name, caption(theme, under), chart, -1, spacing=4))
            return card
        bars = BarList(theme.tokens, name=facts.name)
        bars.set_rows([(value, float(n), wording.count(n)) for value, n in facts.common[:MOST_VALUES]])
        theme.follow(bars)
        different = trn("{n} different value", "{n} different values", facts.distinct or len(facts.common))
        card.setLayout(column(name, caption(theme, different), bars, -1, spacing=4))
        return card

    def _show_twins(self, twins: Duplicates) -> None:
        clear(self._twins)
        self._twins_heading.setVisible(True)
        self._twins.addWidget(caption(self._theme, said(twins)))
        if not twins.examples:
            return
        table = QTreeWidget()
        table.setRootIsDecorated(False)
        table.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        table.setAccessibleName(tr("Samples that are there twice"))
        table.setHeaderLabels([tr("First"), tr("Again"), tr("Sample")])
        for twin in twins.examples:
            places = [f"{split_title(split)} {row + 1}" for split, row in zip(twin.splits, twin.rows, strict=True)]
            item = QTreeWidgetItem([*places, twin.text])
            item.setToolTip(2, twin.text)
            table.addTopLevelItem(item)
        for place in (0, 1):
            table.resizeColumnToContents(place)
        table.setFixedHeight(34 * (len(twins.examples) + 1) + 8)
        self._twins.addWidget(table)


def _is_balance(facts: ColumnFacts) -> bool:
    """Its values are the classes, which stand above."""
    return facts.role == "target" and facts.kind == "category"


def totals_of(inspection: Inspection) -> dict[str, int]:
    """Samples by class in all splits together."""
    totals: dict[str, int] = {}
    for counts in inspection.balance.values():
        for name, number in counts.items():
            totals[name] = totals.get(name, 0) + number
    return totals


def said(twins: Duplicates) -> str:
    """How many samples are there twice, in words."""
    if not twins.within and not twins.across:
        return tr("None: no two samples have the same inputs.")
    parts = []
    if twins.across:
        words = trn(
            "{n} sample of validation or test is in training too: its figure flatters.",
            "{n} samples of validation or test are in training too: their figures flatter.",
            twins.across,
        )
        parts.append(words)
    if twins.within:
        words = trn(
            "{n} sample repeats another one of its split.",
            "{n} samples repeat another one of their split.",
            twins.within,
        )
        parts.append(words)
    return " ".join(parts)
