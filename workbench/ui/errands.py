"""What keys and menus open in Design: searches, the find bar, the history, names; and who gets the keyboard back."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from shiboken6 import isValid

from workbench.core.expand import NOTE

if TYPE_CHECKING:
    from workbench.ui.add_search import Wish
    from workbench.ui.app import Workbench
    from workbench.ui.places import Places

BESIDE = 12
MENU = (
    ("edit.add", "edit.connect", "edit.rename"),
    ("edit.cut", "edit.copy", "edit.paste", "edit.duplicate"),
    ("edit.bypass", "edit.disconnect", "edit.heal", "edit.delete"),
    ("blocks.enter", "blocks.leave", "blocks.make", "blocks.unpack", "edit.frame", "edit.unframe", "edit.note"),
    ("edit.select_all", "edit.select_before", "edit.select_after", "view.fit", "view.fit_selection"),
)
"""What the menu of the canvas and of the outline offers, as far as it can be done."""


class Errands:
    """Nothing happens while Design has not been shown."""

    def __init__(self, app: "Workbench", places: "Places") -> None:
        self._app, self._places = app, places
        self._keyboard: QWidget | None = None

    def search_layer(self, wish: "Wish") -> None:
        """Open the add search where it was asked for."""
        from workbench.ui.add_search import AddSearch

        app, canvas = self._app, self._places.canvas
        assert canvas is not None
        given = (app.theme, app.session, app.editor, app.neighbourhood, app.used, app.shelf)
        search = AddSearch(*given, wish, app.window)
        search.chosen.connect(lambda kind, join: canvas.fulfil(wish, kind, join))
        search.show_at(canvas.on_screen(wish))

    def add_layer(self) -> None:
        """Look for a layer to add to what is seen."""
        if self._places.canvas is not None:
            self._places.canvas.search()

    def connect_layer(self) -> None:
        """List what the selected layer could be connected to."""
        from workbench.ui.connect_search import ConnectSearch

        app, canvas = self._app, self._places.canvas
        state = app.session.state
        if canvas is None or len(state.selection) != 1:
            return
        node = next(iter(state.selection))
        canvas.canvas.show_node(canvas.canvas.graph.nodes.index[node])
        beside = canvas.canvas.node_rect(node).topRight().toPoint() + QPoint(BESIDE, 0)
        search = ConnectSearch(app.theme, state, app.editor, node, app.window)
        search.show_at(canvas.canvas.mapToGlobal(beside))

    def show_history(self) -> None:
        """Show the steps of undo, and put the keyboard there; hide them where it is there already."""
        dock = self._places.design.history_dock if self._places.design is not None else None
        if dock is None or self._places.history is None:
            return
        if dock.isVisible() and self._places.history.list.hasFocus():
            dock.hide()
            self.put_back()
        else:
            dock.show()
            dock.raise_()
            self._places.history.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def put_back(self) -> None:
        """The keyboard goes back to who lent it, or else to the canvas."""
        keyboard, self._keyboard = self._keyboard, None
        if not _give_back(keyboard) and self._places.canvas is not None:
            self._places.canvas.setFocus()

    def write_on_canvas(self, start: Callable[[], None]) -> None:
        """Let something be written on the canvas; whoever lent the keyboard gets it back from there."""
        from widgets.node_canvas.inline import InlineEditor

        before = QApplication.focusWidget()
        start()
        editor, panel = QApplication.focusWidget(), self._places.canvas

        def give_back() -> None:
            if panel is not None and panel.canvas.hasFocus():
                _give_back(before)

        if panel is not None and isinstance(editor, InlineEditor):
            editor.finished.connect(lambda: QTimer.singleShot(0, panel, give_back))

    def find(self) -> None:
        """Let something be looked for in the network."""
        if self._places.stage is not None:
            self._places.stage.find_bar.open()

    def find_next(self, by: int) -> None:
        """Go to the next of what was looked for, in a direction; ask, where nothing was."""
        if self._places.stage is not None and self._places.stage.find_bar.isVisible():
            self._places.stage.find_bar.go(by)
        else:
            self.find()

    def rename(self) -> None:
        """Let the name of the selected layer be typed, or the text of a note be written."""
        state = self._app.session.state
        node = state.graph.nodes[next(iter(state.selection))] if len(state.selection) == 1 else None
        if node is not None and node.type == NOTE and self._places.canvas is not None:
            self.write_on_canvas(partial(self._places.canvas.canvas.edit_note, node.id))
        elif self._places.design is not None:
            self._places.design.properties_dock.show()
            self._places.design.inspector.name_layer()

    def name_block(self) -> None:
        """Let the block that was just made be named in the inspector."""
        if self._places.inspector is not None:
            self._keyboard = QApplication.focusWidget()
            self._places.inspector.name_block()

    def context_menu(self, at: QPoint) -> None:
        """What can be done with the selection, at a point of the screen; remedies first."""
        from workbench.ui.panels.remedies import add_remedies_of

        state = self._app.session.state
        menu = QMenu(self._app.window)
        menu.aboutToHide.connect(menu.deleteLater)
        if len(state.selection) == 1 and add_remedies_of(self._app.editor, state, next(iter(state.selection)), menu):
            menu.addSeparator()
        for group in MENU:
            actions = [self._app.actions.by_id[key] for key in group]
            for action in filter(QAction.isEnabled, actions):
                menu.addAction(action)
            menu.addSeparator()
        menu.popup(at)


def _give_back(keyboard: QWidget | None) -> bool:
    """Whoever had the keyboard gets it again; whether there is anybody."""
    if keyboard is None or not isValid(keyboard) or not keyboard.isVisible():
        return False
    keyboard.setFocus()
    return True
