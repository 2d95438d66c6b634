"""Writing a graph down layer by layer, laid out top-down."""

from collections.abc import Iterable
from itertools import chain as joined

from msgspec.structs import replace

from workbench.core import library
from workbench.core.document import Data, Document, Settings, Training, Wire
from workbench.core.edits import add_node, connect
from workbench.core.layout import arranged

Row = tuple[str, str, Settings]
"""A layer: id, type, settings."""


class Sketch:
    """A graph that grows by a layer at a time."""

    def __init__(self) -> None:
        self._made = Document()

    def layer(self, row: Row, *sources: str, **ports: str) -> str:
        """Add a layer and connect it. Returns its id.

        Args:
            row: what it is.
            sources: what feeds it, as `node` or `node.port`: one feeds `in`, several feed `in_1`, `in_2` ...
            ports: what feeds which of its inputs, by name.
        """
        id, kind, settings = row
        self._made, _ = add_node(self._made, kind, settings, id=id)
        named = ["in"] if len(sources) == 1 else [f"in_{number}" for number in range(1, len(sources) + 1)]
        for port, source in joined(zip(named, sources, strict=True), ports.items()):
            node, _, out = source.partition(".")
            self._made = connect(self._made, Wire(node, out or "out", id, port))
        return id

    def layers(self, rows: Iterable[Row], source: str) -> str:
        """Add layers that feed one another. Returns the id of the last."""
        for row in rows:
            source = self.layer(row, source)
        return source

    def document(self, title: str, data: Data | None = None, training: Training = Training()) -> Document:
        """What has been written down so far."""
        return replace(self._made, title=title, data=data, training=training, layout={"": arranged(self._made.graph)})


def chain(title: str, *layers: Row, data: Data | None = None, training: Training = Training()) -> Document:
    """A document whose layers feed one another in this order."""
    sketch = Sketch()
    sketch.layers(layers[1:], sketch.layer(layers[0]))
    return sketch.document(title, data, training)


def with_parts(document: Document, *parts: Document) -> Document:
    """The document with the blocks of these parts defined, under the names that they have there."""
    for part in parts:
        document, _ = library.inserted(document, part)
    return document
