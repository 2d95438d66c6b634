"""The commands that change the graph that is being looked at: they need the session, and little around it."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Protocol

from workbench.core import clipboard, edits
from workbench.core.annotating import Writing, annotating
from workbench.core.commands import Command
from workbench.core.document import Document, Graph, Layout, Wire, reachable
from workbench.core.expand import ENDS, NOTE
from workbench.core.i18n import tr
from workbench.core.layout import arranged
from workbench.core.problems import Problem
from workbench.core.session import Session, State

STEP = 32.0
"""How far beside each other copies are put that would lie on one another."""


class Around(Writing, Protocol):
    """What there is around a session."""

    def clipboard(self) -> str:
        """The text that was copied last, anywhere."""

    def copy(self, text: str) -> None:
        """Let others paste this text."""

    def complain(self, problem: Problem) -> None:
        """Say why something cannot be done."""


def editing(session: Session, around: Around) -> list[Command]:
    """Undo, the clipboard, deleting, bypassing, frames and notes, and choosing."""
    return [
        *_history(session),
        *_pasting(session, around),
        *_changing(session),
        *annotating(session, around),
        *_choosing(session),
    ]


def _is_chosen(state: State) -> bool:
    return bool(state.selection)


def _edit(session: Session, label: str, edit: Callable[[State], Document]) -> Callable[[], None]:
    return lambda: session.edit(label, edit(session.state))


def _history(session: Session) -> list[Command]:
    def undo_title(state: State) -> str:
        return tr("Undo {what}", what=state.undo_label.lower()) if state.undo_label else tr("Undo")

    def redo_title(state: State) -> str:
        return tr("Redo {what}", what=state.redo_label.lower()) if state.redo_label else tr("Redo")

    def can_undo(state: State) -> bool:
        return state.undo_label is not None

    def can_redo(state: State) -> bool:
        return state.redo_label is not None

    redo = ("Ctrl+Shift+Z", "Ctrl+Y")
    return [
        Command("edit.undo", tr("Undo"), "edit", session.undo, ("Ctrl+Z",), can_undo, "undo-2", shown=undo_title),
        Command("edit.redo", tr("Redo"), "edit", session.redo, redo, can_redo, "redo-2", shown=redo_title),
    ]


def _pasting(session: Session, around: Around) -> list[Command]:
    def copy() -> None:
        state = session.state
        around.copy(clipboard.copied(state.document, state.selection, scope=state.scope))

    def cut() -> None:
        copy()
        state = session.state
        session.edit(tr("Cut"), edits.remove_nodes(state.document, state.selection, scope=state.scope))

    def paste() -> None:
        part = clipboard.understood(around.clipboard())
        if part is None:
            around.complain(Problem("paste.nothing", severity="warning"))
            return
        state = session.state
        at = _free_place(state, part, around.middle())
        changed, names = clipboard.pasted(state.document, part, at=at, scope=state.scope)
        session.edit(tr("Paste"), changed)
        session.select(names.values())

    def duplicate() -> None:
        state = session.state
        changed, names = edits.duplicate(state.document, state.selection, scope=state.scope)
        session.edit(tr("Duplicate"), changed)
        session.select(names.values())

    def is_open(state: State) -> bool:
        return state.is_open

    return [
        Command("edit.cut", tr("Cut"), "edit", cut, ("Ctrl+X",), _is_chosen, scope="graph"),
        Command("edit.copy", tr("Copy"), "edit", copy, ("Ctrl+C",), _is_chosen, "copy", "graph"),
        Command("edit.paste", tr("Paste"), "edit", paste, ("Ctrl+V",), is_open, scope="graph"),
        Command("edit.duplicate", tr("Duplicate"), "edit", duplicate, ("Ctrl+D",), _is_chosen, scope="graph"),
    ]


def _changing(session: Session) -> list[Command]:
    def delete(state: State) -> Document:
        changed = edits.disconnect(state.document, state.selected_wires, scope=state.scope)
        return edits.remove_nodes(changed, state.selection, scope=state.scope)

    def heal(state: State) -> Document:
        return edits.heal(state.document, sorted(state.selection), scope=state.scope)

    def bypass(state: State) -> Document:
        nodes = _layers(state.graph, state.selection)
        return edits.bypass(state.document, nodes, not _are_bypassed(state.graph, nodes), scope=state.scope)

    def disconnected(state: State) -> Document:
        return edits.disconnect(state.document, _wires_at(state), scope=state.scope)

    def is_wired(state: State) -> bool:
        return any(True for _ in _wires_at(state))

    def can_delete(state: State) -> bool:
        return bool(state.selection or state.selected_wires)

    def can_bypass(state: State) -> bool:
        return bool(_layers(state.graph, state.selection))

    def bypass_title(state: State) -> str:
        nodes = _layers(state.graph, state.selection)
        return tr("Do not bypass") if nodes and _are_bypassed(state.graph, nodes) else tr("Bypass")

    return [
        Command(
            "edit.delete",
            tr("Delete"),
            "edit",
            _edit(session, tr("Delete"), delete),
            ("Del", "Backspace"),
            can_delete,
            "trash-2",
            "graph",
        ),
        Command(
            "edit.heal",
            tr("Delete and rejoin"),
            "edit",
            _edit(session, tr("Delete and rejoin"), heal),
            ("Ctrl+Del", "Ctrl+Backspace"),
            _is_chosen,
            scope="graph",
        ),
        Command(
            "edit.disconnect",
            tr("Disconnect"),
            "edit",
            _edit(session, tr("Disconnect"), disconnected),
            ("Alt+Shift+C",),
            is_wired,
            scope="graph",
        ),
        Command(
            "edit.bypass",
            tr("Bypass"),
            "edit",
            _edit(session, tr("Bypass"), bypass),
            ("Ctrl+B",),
            can_bypass,
            scope="graph",
            shown=bypass_title,
        ),
    ]


def _choosing(session: Session) -> list[Command]:
    def select_all() -> None:
        session.select(session.state.graph.nodes, session.state.graph.wires)

    def follow(backwards: bool) -> Callable[[], None]:
        def select() -> None:
            state = session.state
            session.select(reachable(state.graph, state.selection, backwards=backwards))

        return select

    def has_nodes(state: State) -> bool:
        return bool(state.graph.nodes)

    return [
        Command("edit.select_all", tr("Select all"), "edit", select_all, ("Ctrl+A",), has_nodes, scope="graph"),
        Command(
            "edit.select_before",
            tr("Select what leads here"),
            "edit",
            follow(True),
            ("Ctrl+U",),
            _is_chosen,
            scope="graph",
        ),
        Command(
            "edit.select_after",
            tr("Select what follows"),
            "edit",
            follow(False),
            ("Ctrl+Shift+U",),
            _is_chosen,
            scope="graph",
        ),
    ]


def _wires_at(state: State) -> Iterator[Wire]:
    """The wires that begin or end at the selection."""
    chosen = state.selection
    return (wire for wire in state.graph.wires if chosen and (wire.src in chosen or wire.dst in chosen))


def _layers(graph: Graph, nodes: Iterable[str]) -> frozenset[str]:
    """Those that can be bypassed: all but the ends of a network and notes."""
    return frozenset(node for node in nodes if graph.nodes[node].type not in (*ENDS, NOTE))


def _are_bypassed(graph: Graph, nodes: Collection[str]) -> bool:
    return all(graph.nodes[node].bypassed for node in nodes)


def _free_place(state: State, part: Document, middle: tuple[float, float]) -> tuple[float, float]:
    """Where the upper left corner of what is pasted goes: about the middle, and on top of nothing that is there."""
    places = (part.layout.get("") or arranged(part.graph)).positions
    taken = set(state.document.layout.get(state.scope, Layout()).positions.values())
    x, y = _corner(places, middle)
    while (x, y) in taken:
        x, y = x + STEP, y + STEP
    return x, y


def _corner(places: Mapping[str, tuple[float, float]], middle: tuple[float, float]) -> tuple[float, float]:
    """The upper left corner of places whose middle is at a point, in whole pixels."""
    if not places:
        return middle
    wide, high = (max(axis) - min(axis) for axis in zip(*places.values(), strict=True))
    return round(middle[0] - wide / 2), round(middle[1] - high / 2)
