"""The blocks that can be added: those of the project, the user's own, and those that ship with the program."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

import model_zoo
from widgets.searchable_list import Item
from workbench.core import library, places
from workbench.core.document import Document
from workbench.core.i18n import tr
from workbench.core.problems import Problem, ProblemError
from workbench.core.session import Session
from workbench.ui.desk import Desk

HERE, OWN, SHIPPED = "block:", "own-block:", "shipped-block:"
"""What the keys of blocks begin with, among those of layers."""


class BlockShelf(QObject):
    """Offers blocks under keys, as the palette does layers, and keeps the user's library."""

    changed = Signal()

    def __init__(self, session: Session, desk: Desk, complain: Callable[[Problem], None], parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._desk, self._complain = session, desk, complain
        self._read: tuple[list[library.Entry], list[Problem]] | None = None

    @property
    def own(self) -> list[library.Entry]:
        """The user's own blocks."""
        return self._contents()[0]

    @property
    def damaged(self) -> list[Problem]:
        """What is wrong with files of the library that were passed over."""
        return self._contents()[1]

    def items(self) -> list[Item]:
        """All blocks, as rows of a list."""
        document = self._session.state.document
        here = [
            Item(f"{HERE}{name}", block.title or name, tr("Blocks of this project"), "block", (tr("block"),))
            for name, block in document.blocks.items()
            if name not in self._around()
        ]
        own = [
            Item(f"{OWN}{entry.path.name}", entry.title, tr("Your blocks"), "block", (tr("block"),))
            for entry in self.own
        ]
        group = tr("Blocks to start from")
        shipped = [
            Item(f"{SHIPPED}{name}", tr(made.title), group, "block", (tr("block"),), tr(made.summary))
            for name, made in model_zoo.BLOCKS.items()
        ]
        return [*here, *own, *shipped]

    def taken(self, key: str, document: Document) -> tuple[Document, str] | None:
        """A document in which the block of a key is defined, and its name there; None for what is no block."""
        kind, _, name = key.partition(":")
        match f"{kind}:":
            case "block:":
                return (document, name) if name in document.blocks else None
            case "own-block:":
                found = next((entry for entry in self.own if entry.path.name == name), None)
                return library.inserted(document, found.part) if found else None
            case "shipped-block:":
                return library.inserted(document, model_zoo.BLOCKS[name].make())
        return None

    def save(self, block: str) -> bool:
        """Put a block of the document into the user's library; whether that was done."""
        part = library.part_of(self._session.state.document, block)
        old = next((entry for entry in self.own if entry.title == part.title), None)
        if old is None:
            return self._do(lambda: library.save(places.blocks(), part))
        if library.same(old.part, part):
            return True
        answer = self._desk.choose(
            tr("There is a block “{title}” in your library already.", title=part.title),
            tr("Projects that it was used in keep what they have."),
            [("both", tr("Keep both")), ("replace", tr("Replace it"))],
        )
        path = old.path if answer == "replace" else None
        return answer is not None and self._do(lambda: library.save(places.blocks(), part, path))

    def rename(self, entry: library.Entry, title: str) -> bool:
        """Call a block of the library something else."""
        return self._do(lambda: library.renamed(entry, title))

    def delete(self, entry: library.Entry) -> bool:
        """Take a block out of the library, if the user means it."""
        answer = self._desk.choose(
            tr("Delete the block “{title}” from your library?", title=entry.title),
            tr("Projects that it was used in keep it."),
            [("keep", tr("Keep it")), ("delete", tr("Delete"))],
        )
        return answer == "delete" and self._do(lambda: library.deleted(entry))

    def look_again(self) -> None:
        """Another window may have changed the library."""
        self._read = None
        self.changed.emit()

    def _do(self, work: Callable[[], object]) -> bool:
        try:
            work()
        except ProblemError as error:
            self._complain(error.problem)
            return False
        self.look_again()
        return True

    def _contents(self) -> tuple[list[library.Entry], list[Problem]]:
        if self._read is None:
            self._read = library.contents(places.blocks())
        return self._read

    def _around(self) -> frozenset[str]:
        """The blocks that the graph which is looked at is inside of: none of them can be used in itself."""
        state = self._session.state
        return library.using(state.document, state.scope) if state.scope else frozenset()
