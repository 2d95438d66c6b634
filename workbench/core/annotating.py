"""The commands for what explains a graph and computes nothing: frames around nodes, and notes."""

from collections.abc import Iterable
from typing import Protocol

from workbench.core import edits, frames
from workbench.core.commands import Command
from workbench.core.document import Layout
from workbench.core.expand import NOTE
from workbench.core.i18n import tr
from workbench.core.session import Session, State

NOTE_WIDTH, NOTE_HEIGHT = 200.0, 50.0


class Writing(Protocol):
    """Where titles and notes are written."""

    def middle(self) -> tuple[float, float]:
        """The place in the middle of what is seen."""

    def name_frame(self, frame: str) -> None:
        """Let the user write the title of a frame."""

    def write_note(self, note: str) -> None:
        """Let the user write a note."""


def annotating(session: Session, writing: Writing) -> list[Command]:
    """A frame around the selection and its title, out of frames, and a note."""

    def frame() -> None:
        state = session.state
        known = _frame_of(state, state.selection)
        if known is None:
            changed, known = frames.framed(state.document, state.selection, scope=state.scope)
            session.edit(tr("Put a frame around"), changed)
        writing.name_frame(known)

    def unframe() -> None:
        state = session.state
        session.edit(tr("Take out of the frame"), frames.unframed(state.document, state.selection, scope=state.scope))

    def note() -> None:
        x, y = writing.middle()
        at = (round(x - NOTE_WIDTH / 2), round(y - NOTE_HEIGHT / 2))
        state = session.state
        changed, name = edits.add_node(state.document, NOTE, {"text": ""}, position=at, scope=state.scope)
        session.edit(tr("Add a note"), changed)
        session.select([name])
        writing.write_note(name)

    def is_chosen(state: State) -> bool:
        return bool(state.selection)

    def is_framed(state: State) -> bool:
        around = state.document.layout.get(state.scope, Layout()).frames.values()
        return any(state.selection.intersection(frame.nodes) for frame in around)

    def is_open(state: State) -> bool:
        return state.is_open

    def frame_title(state: State) -> str:
        known = _frame_of(state, state.selection)
        return tr("Put a frame around") if known is None else tr("Rename the frame")

    title, out = tr("Put a frame around"), tr("Take out of the frame")
    return [
        Command("edit.frame", title, "edit", frame, ("Ctrl+J",), is_chosen, "scan", "graph", shown=frame_title),
        Command("edit.unframe", out, "edit", unframe, ("Ctrl+Shift+J",), is_framed, scope="graph"),
        Command("edit.note", tr("Add a note"), "edit", note, ("Ctrl+Shift+N",), is_open, "pencil", "graph"),
    ]


def _frame_of(state: State, nodes: Iterable[str]) -> str | None:
    """The frame around exactly these nodes."""
    layout, wanted = state.document.layout.get(state.scope, Layout()), tuple(sorted(nodes))
    return next((name for name, frame in layout.frames.items() if frame.nodes == wanted), None)
