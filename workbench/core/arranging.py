"""The commands that put nodes in places: a layout of all or of some, lines, even gaps, the grid."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

from workbench.core import alignment, edits
from workbench.core.alignment import Box, Places
from workbench.core.commands import Command
from workbench.core.document import Document, Layout
from workbench.core.expand import without_notes
from workbench.core.i18n import tr
from workbench.core.layout import Direction, rearranged
from workbench.core.session import Session, State


class Drawn(Protocol):
    """What is known of how the graph is drawn."""

    def boxes(self) -> Mapping[str, Box]:
        """The boxes of the nodes that are being looked at."""


def arranging(session: Session, drawn: Drawn) -> list[Command]:
    """All of them."""
    return [*_layouts(session), *_lines(session, drawn)]


def _edit(session: Session, label: str, edit: Callable[[State], Document]) -> Callable[[], None]:
    return lambda: session.edit(label, edit(session.state))


def _row(key: str, title: str, run: Callable[[], None], keys: tuple[str, ...], when: Callable[[State], bool],
         icon: str = "") -> Command:  # fmt: skip
    return Command(f"arrange.{key}", title, "arrange", run, keys, when, icon, "graph")


def _layouts(session: Session) -> list[Command]:
    def arranged(direction: Direction, state: State) -> Document:
        layout = state.document.layout.get(state.scope, Layout())
        drawn = frozenset(without_notes(state.graph))
        some = state.selection & drawn if len(state.selection) > 1 else drawn
        moved = edits.move(state.document, rearranged(state.graph, layout, some, direction), scope=state.scope)
        return edits.flow(moved, direction, scope=state.scope) if some == drawn else moved

    def can_arrange(state: State) -> bool:
        return bool(without_notes(state.graph))

    down, right = tr("Arrange from top to bottom"), tr("Arrange from left to right")
    return [
        _row("down", down, _edit(session, down, partial(arranged, "down")), ("Ctrl+L",), can_arrange, "layout-grid"),
        _row("right", right, _edit(session, right, partial(arranged, "right")), ("Ctrl+Alt+L",), can_arrange),
    ]


def _lines(session: Session, drawn: Drawn) -> list[Command]:
    def place(title: str, found: Callable[[Mapping[str, Box]], Places]) -> Callable[[], None]:
        def run() -> None:
            state = session.state
            boxes = {node: box for node, box in drawn.boxes().items() if node in state.selection}
            session.edit(title, edits.move(state.document, found(boxes), scope=state.scope))

        return run

    def several(state: State, least: int = 2) -> bool:
        return len(state.selection) >= least

    rows: list[tuple[str, str, str, int, Callable[[Mapping[str, Box]], Places]]] = [
        ("left", tr("Align left edges"), "Alt+A", 2, partial(alignment.aligned, line="left")),
        ("centre", tr("Align centres"), "Alt+H", 2, partial(alignment.aligned, line="centre")),
        ("right_edge", tr("Align right edges"), "Alt+D", 2, partial(alignment.aligned, line="right")),
        ("top", tr("Align top edges"), "Alt+W", 2, partial(alignment.aligned, line="top")),
        ("middle", tr("Align middles"), "Alt+V", 2, partial(alignment.aligned, line="middle")),
        ("bottom", tr("Align bottom edges"), "Alt+S", 2, partial(alignment.aligned, line="bottom")),
        ("across", tr("Distribute across"), "Alt+Shift+H", 3, partial(alignment.distributed, axis="across")),
        ("along", tr("Distribute down"), "Alt+Shift+V", 3, partial(alignment.distributed, axis="along")),
        ("grid", tr("Snap to the grid"), "Alt+G", 1, alignment.snapped),
    ]
    return [
        _row(key, title, place(title, found), (keys,), partial(several, least=least))
        for key, title, keys, least, found in rows
    ]
