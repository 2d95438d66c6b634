"""Writing a graph down as a chain of layers, laid out top-down."""

from msgspec.structs import replace

from workbench.core import library
from workbench.core.document import Data, Document, Settings, Training, Wire
from workbench.core.edits import add_node, connect
from workbench.core.layout import arranged


def chain(
    title: str,
    *layers: tuple[str, str, Settings],
    data: Data | None = None,
    training: Training = Training(),
) -> Document:
    """A document whose layers (id, type, settings) feed one another in this order."""
    made = Document(title=title, data=data, training=training)
    previous = ""
    for name, kind, settings in layers:
        made, _ = add_node(made, kind, settings, id=name)
        if previous:
            made = connect(made, Wire(previous, "out", name, "in"))
        previous = name
    return replace(made, layout={"": arranged(made.graph)})


def with_parts(document: Document, *parts: Document) -> Document:
    """The document with the blocks of these parts defined, under the names that they have there."""
    for part in parts:
        document, _ = library.inserted(document, part)
    return document
