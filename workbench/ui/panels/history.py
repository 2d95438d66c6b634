"""The history: all steps of undo by name, the present one marked; a click goes there."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from widgets import typography
from widgets.tokens import Tokens
from workbench.core.i18n import tr
from workbench.core.session import Session, State
from workbench.ui.parts import column
from workbench.ui.theme import Theme


class HistoryPanel(QWidget):
    """What was taken back stands dimmed below, until something else is done."""

    done = Signal()
    """Escape: the keyboard may go back to the canvas."""

    def __init__(self, theme: Theme, session: Session) -> None:
        super().__init__()
        self.setObjectName("history")
        self._session, self._tokens = session, theme.tokens
        self._shown: tuple[str, ...] = ()
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Steps of undo"))
        self.list.setUniformItemSizes(True)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.itemClicked.connect(lambda item: session.go_to(self.list.row(item)))
        self.list.itemActivated.connect(lambda item: session.go_to(self.list.row(item)))
        escape = QShortcut(QKeySequence("Esc"), self.list, context=Qt.ShortcutContext.WidgetShortcut)
        escape.activated.connect(self.done)
        self.setFocusProxy(self.list)
        self.setLayout(column(self.list))
        theme.follow(self)
        session.subscribe(self._changed)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self._mark()

    def _changed(self, old: State, new: State) -> None:
        if self.isVisible() and (old.document is not new.document or old.opened != new.opened):
            self._show()

    def showEvent(self, event: QShowEvent) -> None:
        """While it is not seen it keeps no list."""
        super().showEvent(event)
        self._show()

    def _show(self) -> None:
        steps = self._session.steps
        if steps != self._shown:
            self._shown = steps
            self.list.clear()
            self.list.addItems([label or tr("Start") for label in steps])
        self._mark()

    def _mark(self) -> None:
        """Show where one stands."""
        present = self._session.step
        for place in range(self.list.count()):
            self._mark_row(self.list.item(place), place - present)
        self.list.setCurrentRow(present)

    def _mark_row(self, item: QListWidgetItem, distance: int) -> None:
        item.setFont(typography.body(QFont.Weight.DemiBold if distance == 0 else QFont.Weight.Normal))
        item.setForeground(QColor(self._tokens.faint if distance > 0 else self._tokens.text))
        label = item.text()
        spoken = tr("{step}, taken back", step=label) if distance > 0 else label
        item.setData(Qt.ItemDataRole.AccessibleTextRole, tr("{step}, now", step=label) if distance == 0 else spoken)
