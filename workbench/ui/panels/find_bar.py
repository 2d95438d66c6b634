"""The find bar over the canvas: what is typed is found in all blocks, and gone to one after the other."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from widgets.stylesheet import set_look
from widgets.undo_keys import UndoKeys
from workbench.core.i18n import tr
from workbench.core.session import Session, State
from workbench.ui.editor import Editor
from workbench.ui.finding import Found, find
from workbench.ui.parts import IconButton, Text, row
from workbench.ui.theme import Theme

WIDTH, LEAST = 340, 120
"""Of the field, where there is room for it and where there is little: the panels beside must not make way for it."""


class FindField(QLineEdit):
    """Gives up width before others do."""

    def sizeHint(self) -> QSize:
        """As wide as is comfortable."""
        return QSize(WIDTH, super().sizeHint().height())


class FindBar(QWidget):
    """Enter goes to the next, Shift+Enter to the one before, Escape back to the canvas."""

    wanted = Signal(str)
    """The path of a node to show."""
    closed = Signal()

    def __init__(self, theme: Theme, session: Session, editor: Editor) -> None:
        super().__init__()
        self.setObjectName("find-bar")
        self._session, self._editor = session, editor
        self._found: list[Found] = []
        self._at = -1
        self.field = FindField()
        self.field.setPlaceholderText(tr("Name, type or shape, such as conv or ?x128"))
        self.field.setAccessibleName(tr("Find in the network"))
        self.field.setMinimumWidth(LEAST)
        self.field.textChanged.connect(self._typed)
        self.field.installEventFilter(self)
        UndoKeys(self.field)
        self._count = Text(theme, role="dim")
        self._back = IconButton(theme, "chevron-up", tooltip=tr("Previous (Shift+Enter)"), look="quiet")
        self._forth = IconButton(theme, "chevron-down", tooltip=tr("Next (Enter)"), look="quiet")
        self._all = QPushButton(tr("Select all"))
        self._all.setToolTip(tr("Select all that was found in this graph"))
        set_look(self._all, "quiet")
        close = IconButton(theme, "x", tooltip=tr("Close (Esc)"), look="quiet")
        self._back.clicked.connect(lambda: self.go(-1))
        self._forth.clicked.connect(lambda: self.go(1))
        self._all.clicked.connect(self.select_all)
        close.clicked.connect(self.close_bar)
        layout = row(self.field, self._count, self._back, self._forth, self._all, close, spacing=4)
        layout.setContentsMargins(0, 6, 0, 6)
        self.setLayout(layout)
        session.subscribe(self._changed)
        self.hide()

    def open(self) -> None:
        """Let something be looked for."""
        self.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()
        self._look()

    def close_bar(self) -> None:
        """Leave the canvas as it is."""
        self.hide()
        self.closed.emit()

    def go(self, by: int) -> None:
        """Show the next one in a direction, round and round."""
        if self._found:
            self._at = (self._at + by) % len(self._found)
            self._say()
            self.wanted.emit(self._found[self._at].path)

    def select_all(self) -> None:
        """Select all that was found in the graph that is being looked at."""
        inside = self._session.state.inside
        self._session.select(found.node for found in self._found if found.inside == inside)

    def _typed(self) -> None:
        self._look()
        here = [place for place, found in enumerate(self._found) if found.inside == self._session.state.inside]
        self._at = (here[0] if here else 0) - 1
        self.go(1)

    def _look(self) -> None:
        state, before = self._session.state, self._found[self._at] if 0 <= self._at < len(self._found) else None
        self._found = find(self.field.text(), state.document, self._editor.catalogue, state.analysis)
        self._at = self._found.index(before) if before in self._found else -1
        self._say()

    def _changed(self, old: State, new: State) -> None:
        if self.isVisible() and (old.document is not new.document or not new.same_of_nodes(old)):
            self._look()

    def _say(self) -> None:
        """How many there are, and which one is shown."""
        count = len(self._found)
        if not self.field.text().strip():
            text = ""
        elif not count:
            text = tr("nothing found")
        elif self._at < 0:
            text = tr("{count} found", count=count)
        else:
            text = tr("{place} of {count}", place=self._at + 1, count=count)
        self._count.setText(text)
        self.field.setAccessibleDescription(text)
        for button in (self._back, self._forth, self._all):
            button.setEnabled(bool(count))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys of the field."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                self.go(-1 if shift else 1)
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.close_bar()
                return True
        return super().eventFilter(watched, event)
