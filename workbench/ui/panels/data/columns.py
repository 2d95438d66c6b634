"""The columns of the data: what each holds, what it is for, and what it lacks."""

from msgspec.structs import replace
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from widgets.choice_table import Cell, ChoiceTable, Head, Line
from workbench.core import data_edits, wording
from workbench.core.document import ROLES, ColumnUse, Data
from workbench.core.i18n import tr
from workbench.core.inspection import ColumnFacts
from workbench.core.session import Session
from workbench.ui.panels.data.reader import DataReader
from workbench.ui.panels.data.words import READ_AS, kind_title, role_title
from workbench.ui.parts import caption, column
from workbench.ui.theme import Theme


class ColumnsPanel(QWidget):
    """A table in which kinds and roles are chosen; every choice is an edit of the document."""

    selected = Signal(str)
    """The column that the keyboard came to."""

    def __init__(self, theme: Theme, session: Session, reader: DataReader) -> None:
        super().__init__()
        self._session, self._reader = session, reader
        heads = [
            Head("name", tr("Column"), most=260),
            Head("kind", tr("Kind"), least=120),
            Head("role", tr("Role"), least=120),
            Head("missing", tr("Missing"), right=True),
            Head("distinct", tr("Different"), right=True),
            Head("example", tr("Example"), stretch=True, least=160, most=460),
        ]
        self.table = ChoiceTable(theme.tokens, heads, name=tr("Columns"))
        self.table.chosen.connect(self._choose)
        self.table.selected.connect(self.selected)
        theme.follow(self.table)
        hint = caption(
            theme,
            tr("Inputs are what a network reads, targets what it learns to say. Enter opens the choices of a cell."),
        )
        layout = column(self.table, hint)
        layout.setStretchFactor(self.table, 1)
        self.setLayout(layout)
        reader.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what is known now."""
        inspection = self._reader.seen.inspection
        data = self._session.state.document.data
        uses = data.columns if data else {}
        self.table.set_lines(
            [_line(facts, uses.get(facts.name, ColumnUse())) for facts in inspection.columns] if inspection else []
        )

    def _choose(self, name: str, head: str, key: str) -> None:
        document = self._session.state.document
        if document.data is None:
            return
        if head == "role":
            role = next(role for role in ROLES if role == key)
            data, label = data_edits.with_role(document.data, name, role), tr("Change the role of {name}", name=name)
        else:
            data, label = data_edits.with_kind(document.data, name, key), tr("Change the kind of {name}", name=name)
        if data != document.data:
            self._session.edit(label, replace(document, data=data))


def _line(facts: ColumnFacts, use: ColumnUse) -> Line:
    others = [(kind, kind_title(kind)) for kind in READ_AS.get(facts.kind, (facts.kind,))]
    kinds = (("", tr("As it looks")), ("-", ""), *others)
    roles = (
        ("auto", role_title("auto")),
        ("-", ""),
        *((role, role_title(role)) for role in ROLES if role != "auto"),
    )
    return Line(
        facts.name,
        (
            Cell(facts.name),
            Cell(kind_title(facts.kind), kinds, use.kind),
            Cell(role_title(facts.role), roles, use.role, tone="dim" if facts.role == "ignore" else "text"),
            Cell(wording.count(facts.missing) if facts.missing else "–", tone="warn" if facts.missing else "faint"),
            Cell("–" if facts.distinct is None else wording.count(facts.distinct), tone="dim"),
            Cell(facts.example, tone="dim"),
        ),
    )


def names_of(data: Data | None, columns: tuple[ColumnFacts, ...], *roles: str) -> list[str]:
    """The columns that have one of these roles."""
    return [facts.name for facts in columns if facts.role in roles] if data else []
