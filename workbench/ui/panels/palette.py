"""The palette: all layers, found by typing, added by Enter, a click or a drag."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from widgets.searchable_list import Item, SearchableList
from workbench.core.catalogue import Catalogue, LayerInfo
from workbench.core.i18n import tr
from workbench.ui.parts import column
from workbench.ui.theme import Theme

MIME = "application/x-model-workbench-layer"


class Palette(QWidget):
    """Says which layer the user wants."""

    chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("palette")
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

    def _choose(self, key: str) -> None:
        """Whoever typed what they wanted can type the next one."""
        self.chosen.emit(key)
        if self.list.hasFocus():
            self.list.set_query("")

    def show_catalogue(self, catalogue: Catalogue) -> None:
        """List the layers of a catalogue."""
        self.list.set_items([_item(info) for info in catalogue.layers.values()])


def _item(info: LayerInfo) -> Item:
    help_text = f"{tr(info.summary)}\n\n{tr(info.help)}" if info.help else tr(info.summary)
    return Item(info.key, tr(info.title), tr(info.group), info.family, info.synonyms, help_text)
