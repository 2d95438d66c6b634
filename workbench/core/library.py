"""Blocks apart from a project: as a small document that holds one use of them, and in the user's own library of files.

A file of the library is a project file, so it is versioned, migrated and never code; its blocks come with all that
they need. Files that make no sense are named and passed over.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from workbench.core import blocks, clipboard, edits, project
from workbench.core.document import BLOCK, Document, fresh_id
from workbench.core.files import unwritable
from workbench.core.problems import Problem, ProblemError

SUFFIX = ".block"


@dataclass(frozen=True)
class Entry:
    """A block of the library, in its file."""

    path: Path
    part: Document

    @property
    def title(self) -> str:
        """What it is called."""
        return self.part.title


def part_of(document: Document, block: str) -> Document:
    """A document that holds one use of a block, and the blocks that it needs. Raises KeyError for an unknown one."""
    whole = document.blocks[block]
    used = {**blocks.needed(document, whole.graph), block: whole}
    layout = {name: document.layout[name] for name in used if name in document.layout}
    made = Document(blocks=used, layout=layout, title=whole.title or block)
    return edits.add_node(made, BLOCK, {"definition": block}, position=(0.0, 0.0))[0]


def block_in(part: Document) -> str:
    """The block that such a document is about. Raises ValueError where there is none."""
    uses = [node for node in part.graph.nodes.values() if node.type == BLOCK]
    name = str(uses[0].settings.get("definition")) if len(uses) == 1 else ""
    if name not in part.blocks:
        raise ValueError("there is no block in it")
    return name


def inserted(document: Document, part: Document) -> tuple[Document, str]:
    """Define the block of a part, and those that it needs, in a document. Returns what it is called there.

    One that is there already is used; another of the same name gets a name of its own.
    """
    changed, names = clipboard.with_blocks(document, part)
    return changed, names[block_in(part)]


def same(one: Document, other: Document) -> bool:
    """Two parts hold the same block, whatever it is called."""
    return one.blocks == other.blocks and block_in(one) == block_in(other)


def using(document: Document, block: str) -> frozenset[str]:
    """A block and all blocks that use it, however deep: none of them can stand inside it."""
    return frozenset(
        name
        for name, whole in document.blocks.items()
        if name == block or block in blocks.needed(document, whole.graph)
    )


# Files


def read(path: Path) -> Entry:
    """A file of the library. Raises `ProblemError` when it cannot be read, or holds no block."""
    part = project.load(path)
    try:
        name = block_in(part)
    except ValueError:
        raise ProblemError("library.no_block", where=str(path)) from None
    return Entry(path, part if part.title else replace(part, title=part.blocks[name].title or name))


def contents(folder: Path) -> tuple[list[Entry], list[Problem]]:
    """All blocks of a library by their titles, and what is wrong with the files that were passed over."""
    found: list[Entry] = []
    problems: list[Problem] = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            found.append(read(path))
        except ProblemError as error:
            problems.append(replace(error.problem, severity="warning"))
    return sorted(found, key=lambda entry: (entry.title.lower(), entry.path.name)), problems


def save(folder: Path, part: Document, path: Path | None = None) -> Entry:
    """Write a block to a library: over a file of it, or to a new one named after the block.

    Raises:
        ProblemError: the disk is full, or the folder may not be written; what was there before is whole.
    """
    if path is None:
        stem = blocks.identifier(part.title)
        taken = {entry.stem for entry in _files(folder)}
        path = folder / f"{stem if stem not in taken else fresh_id(taken, stem)}{SUFFIX}"
    project.save(path, part)
    return Entry(path, part)


def renamed(entry: Entry, title: str) -> Entry:
    """Call a block of the library something else, in the same file. Raises `ProblemError`."""
    part, name = entry.part, block_in(entry.part)
    named = replace(part.blocks[name], title=title)
    return save(entry.path.parent, replace(part, title=title, blocks={**part.blocks, name: named}), entry.path)


def deleted(entry: Entry) -> None:
    """Take a block out of the library. Raises `ProblemError`."""
    try:
        entry.path.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(entry.path, error) from None


def _files(folder: Path) -> Iterator[Path]:
    return folder.glob(f"*{SUFFIX}")
