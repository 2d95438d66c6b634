"""Connects and disconnects from the keyboard: a list of the wires that the selected layer could have, and has."""

from dataclasses import replace

from msgspec.structs import astuple
from PySide6.QtWidgets import QWidget

from widgets.searchable_list import Item, SearchableList
from workbench.core import wording
from workbench.core.document import Wire, incoming
from workbench.core.i18n import tr
from workbench.core.ports import ports_of
from workbench.core.session import State
from workbench.ui.editor import Editor
from workbench.ui.parts import caption, column
from workbench.ui.popup import Popup
from workbench.ui.scene import title_of
from workbench.ui.theme import Theme

WIDTH, HEIGHT = 380, 380


class ConnectSearch(Popup):
    """Free inputs come first; one that is fed already gives up its wire."""

    def __init__(self, theme: Theme, state: State, editor: Editor, node: str, window: QWidget) -> None:
        super().__init__(window, "connect-search", WIDTH, HEIGHT)
        self._editor = editor
        offers = possible_wires(state, editor, node)
        there = sorted(wire for wire in state.graph.wires if node in (wire.src, wire.dst))
        self._wires = {str(number): wire for number, (wire, _) in enumerate(offers)}
        self._cuts = {f"cut {number}": wire for number, wire in enumerate(there)}
        self.list = SearchableList(
            theme.tokens,
            theme.icons,
            placeholder=tr("Connect to …"),
            empty_text=lambda query: tr("Nothing that could be connected is called “{query}”.", query=query),
            choose_on_click=True,
            name=tr("Ports to connect to"),
        )
        theme.follow(self.list)
        items = [_item(state, editor, node, str(number), *offer) for number, offer in enumerate(offers)]
        items += [
            _cut(_item(state, editor, node, key, wire, False), wire.src == node) for key, wire in self._cuts.items()
        ]
        self.list.set_items(items)
        self.list.mark_first()
        self.list.chosen.connect(self._connect)
        hint = tr("Grey: the id of the layer. A fed input gives up its wire.") if items else tr("Nothing fits here.")
        self.setLayout(column(self.list, caption(theme, hint), margin=12))
        self.list.setFocus()

    def _connect(self, key: str) -> None:
        self.close()
        if key in self._cuts:
            self._editor.cut(astuple(self._cuts[key]))
        else:
            self._editor.connect(*astuple(self._wires[key]))


def _cut(item: Item, leaves: bool) -> Item:
    """A row that takes a wire away."""
    return replace(item, group=tr("Cut the wire to") if leaves else tr("Cut the wire from"))


def possible_wires(state: State, editor: Editor, node: str) -> list[tuple[Wire, bool]]:
    """The wires that a node could have without closing a circle, and whether each would replace another.

    Those to free inputs come first; of those, the ones that leave the node.
    """
    graph, feeding = state.graph, incoming(state.graph)
    inputs, outputs = ports_of(graph.nodes[node], editor.catalogue, state.document)
    leaving = [Wire(node, port, *end) for port in outputs for end in editor.compatible(node, True)]
    entering = [Wire(*end, node, port) for port in inputs for end in editor.compatible(node, False)]
    offers = [(wire, wire.dst_port in feeding[wire.dst]) for wire in (*leaving, *entering) if wire not in graph.wires]
    order = {name: place for place, name in enumerate(graph.nodes)}

    def rank(offer: tuple[Wire, bool]) -> tuple[bool, bool, str, int, str]:
        wire, replaces = offer
        if wire.src == node:
            return replaces, False, wire.src_port, order[wire.dst], wire.dst_port
        return replaces, True, wire.dst_port, order[wire.src], wire.src_port

    return sorted(offers, key=rank)


def _item(state: State, editor: Editor, node: str, key: str, wire: Wire, replaces: bool) -> Item:
    leaves = wire.src == node
    own, other = (wire.src_port, wire.dst) if leaves else (wire.dst_port, wire.src)
    port = wire.dst_port if leaves else wire.src_port
    at = state.graph.nodes[other]
    info = editor.catalogue.layers.get(at.type)
    names = ports_of(at, editor.catalogue, state.document)[0 if leaves else 1]
    title = title_of(at, editor.catalogue, state.document)
    title = f"{title} · {port}" if len(names) > 1 else title
    if leaves:
        group = tr("To an input that is fed already") if replaces else tr("To a free input")
    else:
        group = tr("From, instead of what feeds it") if replaces else tr("From")
    if len(ports_of(state.graph.nodes[node], editor.catalogue, state.document)[1 if leaves else 0]) > 1:
        group = f"{own}: {group}"
    known = state.known(wire.src)
    spec = known.outputs.get(wire.src_port) if known else None
    shape = wording.shape(spec.shape) if spec else ""
    return Item(key, title, group, info.family if info else "operation", (other, port), shape, other)
