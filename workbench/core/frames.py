"""Frames around nodes that belong together: pure edits, as those of `edits` are."""

from collections.abc import Callable, Collection, Iterable, Mapping

from msgspec.structs import replace

from workbench.core.document import ROOT, Document, Frame, Layout, fresh_id

Frames = dict[str, Frame]


def framed(document: Document, nodes: Iterable[str], title: str = "", *, scope: str = ROOT) -> tuple[Document, str]:
    """Put a frame around nodes, which leave the frames that they were in. Returns the document and the frame's name.

    Raises ValueError when none of the nodes exists.
    """
    chosen = document.scope(scope).nodes.keys() & set(nodes)
    if not chosen:
        raise ValueError("there is nothing to put a frame around")
    layout = document.layout.get(scope, Layout())
    name = fresh_id(layout.frames, "frame")
    frames = {**without(layout.frames, chosen), name: Frame(tuple(sorted(chosen)), title)}
    return _with_frames(document, frames, scope), name


def unframed(document: Document, nodes: Iterable[str], *, scope: str = ROOT) -> Document:
    """Take nodes out of their frames; a frame around nothing is gone."""
    layout = document.layout.get(scope, Layout())
    return _with_frames(document, without(layout.frames, set(nodes)), scope)


def joined(document: Document, nodes: Iterable[str], frame: str, *, scope: str = ROOT) -> Document:
    """Let nodes belong to a frame. Raises ValueError when there is no such frame."""
    layout = document.layout.get(scope, Layout())
    if frame not in layout.frames:
        raise ValueError(f"there is no frame {frame!r}")
    more = (document.scope(scope).nodes.keys() & set(nodes)).difference(layout.frames[frame].nodes)
    frames = without(layout.frames, more)
    old = layout.frames[frame]
    around = {**frames, frame: replace(old, nodes=tuple(sorted({*old.nodes, *more})))}
    return _with_frames(document, {name: around[name] for name in layout.frames if name in around}, scope)


def renamed(document: Document, frame: str, title: str, *, scope: str = ROOT) -> Document:
    """Give a frame another title. Raises ValueError when there is no such frame."""
    layout = document.layout.get(scope, Layout())
    if frame not in layout.frames:
        raise ValueError(f"there is no frame {frame!r}")
    changed = replace(layout.frames[frame], title=title.strip())
    return _with_frames(document, {**layout.frames, frame: changed}, scope)


def frame_of(layout: Layout, node: str) -> str | None:
    """The name of the frame that a node is in."""
    return next((name for name, frame in layout.frames.items() if node in frame.nodes), None)


def without(frames: Mapping[str, Frame], nodes: Collection[str]) -> Frames:
    """The frames that are left when these nodes are in none."""
    return _each(frames, lambda node: node not in nodes)


def within(frames: Mapping[str, Frame], nodes: Collection[str]) -> Frames:
    """The frames as far as they are around these nodes."""
    return _each(frames, lambda node: node in nodes)


def whole(frames: Mapping[str, Frame], nodes: Collection[str]) -> Frames:
    """The frames all of whose nodes are among these."""
    return {name: frame for name, frame in frames.items() if all(node in nodes for node in frame.nodes)}


def called(frames: Mapping[str, Frame], names: Mapping[str, str], taken: Collection[str]) -> Frames:
    """Frames whose nodes have other names now; a name of a frame that is taken becomes a free one."""
    found: Frames = {}
    for name, frame in frames.items():
        own = fresh_id({*taken, *found}, "frame") if name in taken or name in found else name
        found[own] = replace(frame, nodes=tuple(sorted(names[node] for node in frame.nodes)))
    return found


def _each(frames: Mapping[str, Frame], stays: Callable[[str], bool]) -> Frames:
    found: Frames = {}
    for name, frame in frames.items():
        nodes = tuple(filter(stays, frame.nodes))
        if nodes:
            found[name] = frame if len(nodes) == len(frame.nodes) else replace(frame, nodes=nodes)
    return found


def _with_frames(document: Document, frames: Frames, scope: str) -> Document:
    layout = document.layout.get(scope, Layout())
    if frames == layout.frames:
        return document
    return replace(document, layout={**document.layout, scope: replace(layout, frames=frames)})
