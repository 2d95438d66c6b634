"""What was found in the data, at a glance: beside the guess of what they are."""

from collections import Counter

from PySide6.QtWidgets import QWidget

from widgets.stats import StatsCard
from workbench.core import wording
from workbench.core.i18n import tr
from workbench.core.inspection import Inspection
from workbench.ui.panels.data.reader import DataReader
from workbench.ui.panels.data.words import kind_title
from workbench.ui.parts import column, heading
from workbench.ui.theme import Theme

LONGEST = 24
"""A longer name is not shown here."""


class FoundCard(QWidget):
    """Follows a reader."""

    def __init__(self, theme: Theme, reader: DataReader) -> None:
        super().__init__()
        self._reader = reader
        self.card = StatsCard(theme.tokens, [])
        theme.follow(self.card)
        self.setLayout(column(heading(theme, tr("What was found")), self.card, -1))
        reader.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what is known now."""
        inspection = self._reader.seen.inspection
        self.setVisible(inspection is not None and self._reader.seen.stage != "remote")
        if inspection is not None:
            self.card.set_rows(found(inspection))


def found(inspection: Inspection) -> list[tuple[str, str]]:
    """Labels and values."""
    rows = [
        (tr("Samples"), wording.count(inspection.rows)),
        (tr("Inputs"), _by_kind(inspection, "input")),
        (tr("Targets"), _by_kind(inspection, "target")),
    ]
    if inspection.classes:
        rows.append((tr("Classes"), wording.count(len(inspection.classes))))
    missing = sum(facts.missing for facts in inspection.columns)
    twins = inspection.duplicates.within + inspection.duplicates.across
    rows.append((tr("Missing values"), wording.count(missing)))
    rows.append((tr("Samples that are there twice"), wording.count(twins)))
    return rows


def _by_kind(inspection: Inspection, role: str) -> str:
    """A single column by its name, several by how many there are of each kind."""
    columns = [facts for facts in inspection.columns if facts.role == role]
    if len(columns) == 1 and len(columns[0].name) <= LONGEST:
        return f"{columns[0].name} · {kind_title(columns[0].kind)}"
    kinds = Counter(kind_title(facts.kind) for facts in columns)
    return ", ".join(f"{n} × {kind}" for kind, n in kinds.items()) or "–"
