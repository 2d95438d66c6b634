"""The add search: a layer is found by typing, at the place where it is wanted, and joined to what it is wanted for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from widgets.searchable_list import Item, SearchableList
from workbench.core.document import Node
from workbench.core.i18n import tr
from workbench.core.session import Session
from workbench.ui.block_shelf import BlockShelf
from workbench.ui.editor import Editor, PortEnd
from workbench.ui.neighbourhood import Neighbourhood
from workbench.ui.offers import behind, offers, sources
from workbench.ui.parts import caption, column
from workbench.ui.popup import Popup
from workbench.ui.scene import title_of
from workbench.ui.theme import Theme

WIDTH, HEIGHT = 340, 420


@dataclass(frozen=True)
class Wish:
    """Where a layer is wanted, and what it is to be joined to."""

    x: float
    y: float
    """In the scene."""
    port: PortEnd | None = None
    """The end of a wire that is in hand."""
    after: str = ""
    """A node that it is wanted behind; then it finds its place by itself."""


class AddSearch(Popup):
    """First what fits, then everything; Shift+Enter adds without joining."""

    chosen = Signal(str, bool)
    """Which layer, and whether to join it."""

    def __init__(
        self,
        theme: Theme,
        session: Session,
        editor: Editor,
        neighbourhood: Neighbourhood,
        used: Callable[[], Mapping[str, int]],
        shelf: BlockShelf,
        wish: Wish,
        window: QWidget,
    ) -> None:
        super().__init__(window, "add-search", WIDTH, HEIGHT)
        self._session, self._editor, self._neighbourhood, self._used = session, editor, neighbourhood, used
        self._wish, self._shelf = wish, shelf
        joins = bool(wish.port or wish.after)
        self.list = SearchableList(
            theme.tokens,
            theme.icons,
            placeholder=tr("Add a layer …"),
            empty_text=lambda query: tr("No layer is called “{query}”.", query=query),
            choose_on_click=True,
            apart=joins,
            name=tr("Layers to add"),
        )
        theme.follow(self.list)
        self.list.chosen.connect(lambda key: self._choose(key, joins))
        self.list.chosen_apart.connect(lambda key: self._choose(key, False))
        hint = tr("Enter adds and connects, Shift+Enter only adds.") if joins else tr("Enter adds the layer here.")
        self.setLayout(column(self.list, caption(theme, hint), margin=12))
        neighbourhood.found.connect(self._fill)
        self._fill()
        self.list.setFocus()

    def _fill(self) -> None:
        self.list.set_items([*self._items(), *self._shelf.items()])
        if not self.list.query():
            self.list.mark_first()

    def _items(self) -> list[Item]:
        state, catalogue, used = self._session.state, self._editor.catalogue, self._used()
        port = self._wish.port
        if port and not port.is_output:
            title = title_of(state.graph.nodes.get(port.node, Node("", "")), catalogue, state.document)
            return sources(catalogue, used, title)
        node = port.node if port else self._wish.after
        after = behind(state, catalogue, node, port.port if port else "")
        fitting = self._neighbourhood.after(after.spec) if after else None
        if after is None or fitting is None:
            return offers(catalogue, used)
        return offers(catalogue, used, replace(after, fitting=fitting))

    def _choose(self, key: str, join: bool) -> None:
        self.close()
        self.chosen.emit(key, join)
