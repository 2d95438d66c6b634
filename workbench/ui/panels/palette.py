"""The palette: all layers, found by typing, added by Enter, a click or a drag; first what fits behind the selection."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from widgets.searchable_list import SearchableList
from workbench.core.i18n import tr
from workbench.core.session import Session, State
from workbench.ui.block_shelf import BlockShelf
from workbench.ui.editor import Editor
from workbench.ui.neighbourhood import Neighbourhood
from workbench.ui.offers import behind, offers
from workbench.ui.parts import column
from workbench.ui.theme import Theme

MIME = "application/x-model-workbench-layer"
MOST_FITTING = 6
"""So many are shown above all others, which stay where they are looked for."""


class Palette(QWidget):
    """Says which layer the user wants."""

    chosen = Signal(str)

    def __init__(
        self,
        theme: Theme,
        session: Session,
        editor: Editor,
        neighbourhood: Neighbourhood,
        used: Callable[[], Mapping[str, int]],
        shelf: BlockShelf,
    ) -> None:
        super().__init__()
        self.setObjectName("palette")
        self._session, self._editor, self._neighbourhood, self._used = session, editor, neighbourhood, used
        self._shelf = shelf
        self.list = SearchableList(
            theme.tokens,
            theme.icons,
            placeholder=tr("Add a layer …"),
            mime_type=MIME,
            empty_text=lambda query: tr("No layer is called “{query}”.", query=query),
            name=tr("Layers"),
        )
        theme.follow(self.list)
        self.list.chosen.connect(self._choose)
        self.setFocusProxy(self.list)
        self.setLayout(column(self.list, margin=12))
        neighbourhood.found.connect(self.refresh)
        shelf.changed.connect(self.refresh)
        session.subscribe(self._changed)
        self.refresh()

    def _choose(self, key: str) -> None:
        """Whoever typed what they wanted can type the next one."""
        self.chosen.emit(key)
        if self.list.hasFocus():
            self.list.set_query("")

    def _changed(self, old: State, new: State) -> None:
        if old.selection != new.selection or not new.same_of_nodes(old) or _elsewhere(old, new):
            self.refresh()

    def refresh(self) -> None:
        """List the layers of the catalogue; what fits behind the selection as soon as that is known."""
        state, catalogue = self._session.state, self._editor.catalogue
        node = next(iter(state.selection)) if len(state.selection) == 1 else ""
        after = behind(state, catalogue, node)
        if after is not None:
            fitting = self._neighbourhood.after(after.spec)
            if fitting is None:
                return
            after = replace(after, fitting=dict.fromkeys(fitting))  # there is no room for shapes
        self.list.set_items([*offers(catalogue, self._used(), after, MOST_FITTING), *self._shelf.items()])


def _elsewhere(old: State, new: State) -> bool:
    """Other blocks can be used, or used here."""
    return (old.inside, old.scope, _called(old)) != (new.inside, new.scope, _called(new))


def _called(state: State) -> list[tuple[str, str]]:
    return [(name, block.title) for name, block in state.document.blocks.items()]
