"""How the samples are shared out, and what came of it."""

import msgspec
from msgspec.structs import replace
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from widgets.bars import BarList
from widgets.form import Form
from widgets.form_values import Field
from workbench.core import wording
from workbench.core.document import Split
from workbench.core.edits import set_field
from workbench.core.i18n import tr
from workbench.core.inspection import Inspection
from workbench.core.session import Session, State
from workbench.ui.panels.data.distributions import said
from workbench.ui.panels.data.reader import DataReader
from workbench.ui.panels.data.words import SPLITS, method_title, split_title
from workbench.ui.parts import align_right, caption, clear, column, explain, heading, row, scrolled
from workbench.ui.theme import Theme

METHODS = ("auto", "random", "stratified", "group", "time", "given")
BY_COLUMN = ("group", "time", "given")
FORM_WIDTH = 300
MOST_LINES = 14
"""Of the table of classes; more are scrolled to."""


class SplitPanel(QWidget):
    """The form at the left, the parts at the right."""

    def __init__(self, theme: Theme, session: Session, reader: DataReader) -> None:
        super().__init__()
        self._theme, self._session, self._reader = theme, session, reader
        self._columns: tuple[str, ...] | None = None
        self._holder = QVBoxLayout()
        self.form: Form | None = None
        left = QWidget()
        left.setFixedWidth(FORM_WIDTH)
        words = caption(theme, tr("One seed gives one split. A source with a test set of its own keeps it."))
        left.setLayout(column(heading(theme, tr("How")), self._holder, words, -1))
        self.parts = BarList(theme.tokens, name=tr("Samples of each split"))
        self.parts.setMaximumWidth(560)
        theme.follow(self.parts)
        self._how = caption(theme)
        self._twins = caption(theme)
        self.table = QTreeWidget()
        self.table.setRootIsDecorated(False)
        self.table.setAccessibleName(tr("Classes by split"))
        self._classes_heading = heading(theme, tr("Classes by split"))
        right = QWidget()
        result = column(
            heading(theme, tr("What came of it")),
            self.parts,
            self._how,
            8,
            self._classes_heading,
            self.table,
            8,
            heading(theme, tr("Samples that are there twice")),
            self._twins,
            -1,
        )
        right.setLayout(result)
        beside = row(left, scrolled(right), spacing=24)
        beside.setStretch(1, 1)
        self.setLayout(column(beside))
        session.subscribe(self._changed)
        reader.changed.connect(self.refresh)
        self._show(session.state)
        self.refresh()

    def _changed(self, old: State, new: State) -> None:
        if old.document.data is not new.document.data:
            self._show(new)

    def _show(self, state: State) -> None:
        if state.document.data is None:
            return
        if self.form is None:
            self._make_form()
        split = state.document.data.split
        assert self.form is not None
        self.form.set_values(msgspec.to_builtins(split))
        self.form.set_enabled_field("column", split.method in BY_COLUMN)

    def _make_form(self) -> None:
        clear(self._holder)
        form = Form(
            _fields(self._columns or ()), self._theme.tokens, columns=2, explain=explain,
            reset_text=tr("Back to the default"),
        )  # fmt: skip
        form.setObjectName("split")
        form.changed.connect(self._edit)
        self._theme.follow(form)
        self.form = form
        self._holder.addWidget(form)

    def refresh(self) -> None:
        """Show what is known now."""
        inspection = self._reader.seen.inspection
        if inspection is None:
            return
        names = tuple(facts.name for facts in inspection.columns)
        if names != self._columns:
            self._columns = names
            if self.form is not None:
                self._make_form()
                self._show(self._session.state)
        total = max(1, sum(inspection.splits.values()))
        rows = []
        for key in SPLITS:
            number = inspection.splits.get(key, 0)
            rows.append((split_title(key), float(number), f"{wording.count(number)}   {100 * number / total:.1f} %"))
        self.parts.set_rows(rows, float(total))
        self._how.setText(method_title(inspection.method) if inspection.method else "")
        self._twins.setText(said(inspection.duplicates))
        self._show_classes(inspection)

    def _show_classes(self, inspection: Inspection) -> None:
        self.table.clear()
        classes = inspection.classes if inspection.balance else ()
        for widget in (self._classes_heading, self.table):
            widget.setVisible(bool(classes))
        self.table.setHeaderLabels([tr("Class"), *(split_title(key) for key in SPLITS)])
        for name in classes:
            counts = [inspection.balance.get(key, {}).get(name, 0) for key in SPLITS]
            self.table.addTopLevelItem(QTreeWidgetItem([name, *map(wording.count, counts)]))
        for place in (1, 2, 3):
            align_right(self.table, place)
        header = self.table.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.setMaximumWidth(560)
        line = self.table.sizeHintForRow(0) if classes else 0
        self.table.setFixedHeight(header.sizeHint().height() + min(MOST_LINES, len(classes)) * line + 4)

    def _edit(self, name: str, value: object) -> None:
        document = self._session.state.document
        if document.data is None or self.form is None:
            return
        data = replace(document.data, split=set_field(document.data.split, name, value))
        merge = ("split", self.form.merge_key(name))
        self._session.edit(tr("Change the split"), replace(document, data=data), merge=merge)


def _fields(columns: tuple[str, ...]) -> list[Field]:
    usual = Split()
    methods = tuple((method, method_title(method)) for method in METHODS)
    names = (("", tr("By its role")), *((name, name) for name in columns))
    parts = tr("Whose groups, times or parts are meant")
    validation, test = tr("Share of the samples for validation"), tr("Share of the samples for the test")
    return [
        Field("method", tr("Method"), "choice", usual.method, choices=methods),
        Field("column", tr("Column"), "choice", usual.column, choices=names, help=parts),
        Field("validation", tr("Validation"), "float", usual.validation, 0.0, 0.9, help=validation),
        Field("test", tr("Test"), "float", usual.test, 0.0, 0.9, help=test),
        Field("seed", tr("Seed"), "int", usual.seed, 0),
    ]
