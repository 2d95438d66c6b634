"""The parameters of a block: settings inside it that each use chooses. Values are literals or names, never more.

All functions are pure, as those of `edits` are, and raise `ValueError` for what is impossible.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from workbench.core import blocks, edits
from workbench.core.catalogue import Catalogue, FieldInfo, FieldKind
from workbench.core.document import BLOCK, IDENTIFIER, Block, Document, Node, Param, Settings, Value, fresh_id
from workbench.core.expand import MAX_DEPTH, MAX_REPEAT

REPEAT = FieldInfo(
    "repeat", "Repeat", "int", 1, 1, MAX_REPEAT, help="How often it stands in a row, each feeding the next"
)


class Place(NamedTuple):
    """A setting inside a block that is given by a parameter."""

    node: str
    setting: str


def make(document: Document, block: str, node: str, setting: str, value: Value, name: str = "") -> tuple[Document, str]:
    """Let a setting inside a block be chosen at each use.

    Args:
        document: to be changed.
        block: the definition that the node stands in.
        node: a layer, or a use of another block.
        setting: of the layer; of a use, `repeat` or one of its own parameters, which is passed on.
        value: what it is now, and by default from now on.
        name: of the parameter; one that is there already is used. Without a name, the setting's, or a free one.
    """
    old = document.blocks[block]
    if not name:
        name = setting if setting not in old.parameters else fresh_id(old.parameters, setting)
    _check(name)
    kept = old.parameters if name in old.parameters else {**old.parameters, name: value}
    changed = edits.define_block(document, block, replace(old, parameters=kept))
    return put(changed, node, setting, Param(name), scope=block), name


def put(document: Document, node: str, setting: str, value: Value, *, scope: str) -> Document:
    """Change a setting of a node; of a use of a block also what one of its parameters is."""
    found = document.scope(scope).nodes[node]
    if found.type != BLOCK or setting in ("repeat", "definition"):
        return edits.set_setting(document, node, setting, value, scope=scope)
    given = _given(found)
    block = document.blocks.get(str(found.settings.get("definition")))
    if block is not None and setting in block.parameters and _same(value, block.parameters[setting]):
        rest = {key: argument for key, argument in given.items() if key != setting}  # it follows the default again
    else:
        rest = {**given, setting: value}
    return given_to(document, node, rest, scope=scope)


def given_to(document: Document, use: str, arguments: Settings, *, scope: str) -> Document:
    """Let a use have these arguments, and the defaults for the rest."""
    if arguments or "arguments" in document.scope(scope).nodes[use].settings:
        return edits.set_setting(document, use, "arguments", arguments, scope=scope)
    return document


def rename(document: Document, block: str, name: str, new: str) -> Document:
    """Call a parameter something else, inside the block and at every use."""
    old = document.blocks[block]
    _there(old, name)
    if new == name:
        return document
    _check(new)
    if new in old.parameters:
        raise ValueError(f"there is a parameter {new!r} already")
    nodes = {key: _with(node, {name: Param(new)}) for key, node in old.graph.nodes.items()}
    parameters = {new if key == name else key: value for key, value in old.parameters.items()}
    whole = replace(old, graph=replace(old.graph, nodes=nodes), parameters=parameters)
    return _at_uses(
        edits.define_block(document, block, whole),
        block,
        lambda given: {new if key == name else key: value for key, value in given.items()},
    )


def remove(document: Document, block: str, name: str) -> Document:
    """Take a parameter back: inside stands its default again, and uses no longer say what it is."""
    old = document.blocks[block]
    _there(old, name)
    nodes = {key: _with(node, {name: old.parameters[name]}) for key, node in old.graph.nodes.items()}
    kept = {key: default for key, default in old.parameters.items() if key != name}
    whole = replace(old, graph=replace(old.graph, nodes=nodes), parameters=kept)
    changed = edits.define_block(document, block, whole)
    return _at_uses(changed, block, lambda given: {key: value for key, value in given.items() if key != name})


def set_default(document: Document, block: str, name: str, value: Value) -> Document:
    """Change what a parameter is where a use does not say."""
    old = document.blocks[block]
    _there(old, name)
    return edits.define_block(document, block, replace(old, parameters={**old.parameters, name: value}))


def places(block: Block, name: str) -> Iterator[Place]:
    """The settings inside a block that a parameter gives."""
    for node in block.graph.nodes.values():
        for setting, value in node.settings.items():
            if value == Param(name):
                yield Place(node.id, setting)
            elif setting == "arguments" and isinstance(value, Mapping):
                yield from (Place(node.id, key) for key, argument in value.items() if argument == Param(name))


def fields(document: Document, catalogue: Catalogue, block: str) -> tuple[FieldInfo, ...]:
    """The parameters of a block as form fields: each of the type of the setting that it gives."""
    whole = document.blocks[block]
    return tuple(field_of(document, catalogue, block, name) for name in whole.parameters)


def field_of(document: Document, catalogue: Catalogue, block: str, name: str, depth: int = 0) -> FieldInfo:
    """A parameter as a form field; one that gives nothing has the type of its default."""
    whole = document.blocks[block]
    default, label = whole.parameters[name], name.replace("_", " ").capitalize()
    for place in places(whole, name) if depth < MAX_DEPTH else ():
        found = setting_field(document, catalogue, block, place, depth + 1)
        if found is not None:
            return replace(found, name=name, label=label, default=default)
    return FieldInfo(name, label, _kind(default), default)


def setting_field(
    document: Document, catalogue: Catalogue, scope: str, place: Place, depth: int = 0
) -> FieldInfo | None:
    """What a setting of a node may be; None when the node has no such setting."""
    node = document.scope(scope).nodes[place.node]
    if node.type != BLOCK:
        info = catalogue.layers.get(node.type)
        return next((item for item in info.fields if item.name == place.setting), None) if info else None
    if place.setting == "repeat":
        return REPEAT
    inner = str(node.settings.get("definition"))
    if inner not in document.blocks or place.setting not in document.blocks[inner].parameters:
        return None
    return field_of(document, catalogue, inner, place.setting, depth)


def of_use(document: Document, catalogue: Catalogue, node: Node) -> tuple[tuple[FieldInfo, ...], Settings]:
    """The form of a use of a block: how often it is repeated and its parameters, and their values."""
    name = str(node.settings.get("definition"))
    own = fields(document, catalogue, name) if name in document.blocks else ()
    return (*own, REPEAT), {**_given(node), "repeat": node.settings.get("repeat", 1)}


def _given(use: Node) -> Settings:
    found = use.settings.get("arguments", {})
    return dict(found) if isinstance(found, Mapping) else {}


def _at_uses(document: Document, block: str, change: Callable[[Settings], Settings]) -> Document:
    changed = document
    for scope, use in tuple(blocks.uses(document, block)):
        given = _given(use)
        new = change(given)
        if list(new.items()) != list(given.items()):
            changed = edits.set_setting(changed, use.id, "arguments", new, scope=scope)
    return changed


def _with(node: Node, values: Settings) -> Node:
    settings = blocks.filled(node.settings, values)
    return node if settings == node.settings else replace(node, settings=settings)


def _check(name: str) -> None:
    if not IDENTIFIER.fullmatch(name):
        raise ValueError(f"{name!r} is not an identifier")


def _there(block: Block, name: str) -> None:
    if name not in block.parameters:
        raise ValueError(f"there is no parameter {name!r}")


def _same(one: Value, other: Value) -> bool:
    return type(one) is type(other) and bool(one == other)


def _kind(value: Value) -> FieldKind:
    match value:
        case bool():
            return "bool"
        case int():
            return "int"
        case float():
            return "float"
        case tuple():
            return "ints"
    return "text"
