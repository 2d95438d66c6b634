"""Layers of the user's own: classes in Python files beside the project, found and read without running them.

A node of such a layer has the type `file:NAME.py:Class`. What its file may do is decided elsewhere (`trust.py`).
"""

import re
import stat
from collections.abc import Iterable, Iterator
from functools import cached_property
from hashlib import sha256
from itertools import chain
from pathlib import Path

from workbench.core.document import Document, Node
from workbench.core.problems import ProblemError

SUFFIX = ".py"
LARGEST = 1 << 20
"""Bytes of a file: code that people write is smaller, and all of it is kept with every run."""
MOST_FILES = 200

_TYPE = re.compile(r"file:([^/\\\n]+\.py):([^\W\d]\w*)")


class Code:
    """What a file holds. Whoever runs it runs these bytes, and no others that may stand there by then."""

    def __init__(self, name: str, content: bytes) -> None:
        self.name, self.content = name, content

    @cached_property
    def sha256(self) -> str:
        """Says which text this is."""
        return sha256(self.content).hexdigest()

    @cached_property
    def text(self) -> str:
        """The content as text. Raises `ProblemError` where it is none."""
        try:
            return self.content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = self.content.count(b"\n", 0, error.start) + 1
            raise ProblemError("custom.encoding", file=self.name, line=line) from None


def type_of(file: str, name: str) -> str:
    """The type of a node whose layer is the class `name` of a file."""
    return f"file:{file}:{name}"


def parts(type: str) -> tuple[str, str] | None:
    """File and class of a type of node; None for one that is no layer of the user's."""
    found = _TYPE.fullmatch(type)
    return (found[1], found[2]) if found else None


def title(type: str) -> str:
    """What a type is called where its file cannot say so: its class, or itself."""
    found = parts(type)
    return found[1] if found else type


def files(document: Document) -> tuple[str, ...]:
    """The names of the files that the layers of a document are in, blocks included."""
    graphs = (document.graph, *(block.graph for block in document.blocks.values()))
    nodes: Iterable[Node] = chain.from_iterable(graph.nodes.values() for graph in graphs)
    return tuple(sorted({found[0] for node in nodes if (found := parts(node.type))}))


def beside(folder: Path) -> Iterator[str]:
    """The names of the Python files in a folder, sorted: those whose name can stand in a project."""
    try:
        names = sorted(path.name for path in folder.iterdir() if path.suffix == SUFFIX)
    except OSError:
        return
    for name in names[:MOST_FILES]:
        if not name.startswith(".") and parts(type_of(name, "Class")) and _can_be_saved(name):
            yield name


def read(folder: Path, name: str) -> Code:
    """A file beside a project.

    Raises:
        ProblemError: it is not there, is no plain file, lies elsewhere (a link), is too large or cannot be read.
    """
    path = folder / name
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):  # reading a pipe would never end
            raise ProblemError("custom.no_file", file=name)
        if path.resolve().parent != folder.resolve():
            raise ProblemError("custom.outside", file=name)
        if found.st_size > LARGEST:
            raise ProblemError("custom.too_large", file=name, most=LARGEST)
        with path.open("rb") as stream:
            return Code(name, stream.read(LARGEST + 1))
    except FileNotFoundError:
        raise ProblemError("custom.missing", file=name) from None
    except (OSError, ValueError) as error:
        detail = getattr(error, "strerror", None) or str(error)
        raise ProblemError("custom.unreadable", file=name, detail=detail) from None


def _can_be_saved(name: str) -> bool:
    """A name on a disk need not be text."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
