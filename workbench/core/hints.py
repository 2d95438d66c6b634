"""What a parameter of the user's own code may be, from its annotation and its default: read, never evaluated."""

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from workbench.core.catalogue import FieldKind

Enums = Mapping[str, tuple[str, ...]]
"""The names of the members of each enumeration of a file."""

PLAIN: dict[str, FieldKind] = {"int": "int", "float": "float", "bool": "bool", "str": "text"}
ROWS = frozenset({"tuple", "Tuple", "list", "List", "Sequence"})
NO_DEFAULT = object()
UNREADABLE = object()
"""A default that is an expression: only the file itself knows its value."""


class Hint(Struct, frozen=True):
    """How a parameter is shown in a form, and what the values that are chosen there stand for."""

    kind: FieldKind
    optional: bool = False
    values: dict[str, Any] = field(default_factory=dict)
    """For a choice: what each word stands for."""
    enum: str = ""
    """For a choice among the members of an enumeration: its name."""
    length: int = 0
    """For rows: how many numbers there must be; 0 for any."""
    literal: bool = False
    """The text is read as a literal of Python: nothing says what it must be."""


def meant(text: str) -> Any:
    """What a text stands for that is read as a literal: a number, a tuple ..., or else itself."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError):
        return text
    value = literal(tree.body)
    return text if value is UNREADABLE else value


def hint_of(annotation: ast.expr | None, default: Any, enums: Enums) -> Hint | None:
    """How a parameter is shown; None where its kind cannot be."""
    return _of_default(default) if annotation is None else _of_annotation(annotation, enums)


def default_of(node: ast.expr | None, hint: Hint | None) -> Any:
    """The value of a default; `NO_DEFAULT` where there is none, `UNREADABLE` where it cannot be told."""
    if node is None:
        return NO_DEFAULT
    if hint is not None and hint.enum:
        word = dotted(node).rpartition(".")[2]
        return word if word in hint.values else None if _is_none(node) else UNREADABLE
    value = literal(node)
    if hint is None or hint.kind != "choice" or value is None:
        return value
    return next((word for word, meant in hint.values.items() if meant == value), UNREADABLE)


def literal(node: ast.expr) -> Any:
    """The value of a literal; `UNREADABLE` for anything else."""
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return UNREADABLE
    return tuple(value) if isinstance(value, list) else value


def dotted(node: ast.expr | None) -> str:
    """A name with dots, as it stands; empty for anything else."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name):
            before = dotted(value)
            return f"{before}.{name}" if before else ""
    return ""


def subscripted(node: ast.expr) -> tuple[str, Sequence[ast.expr]]:
    """`Name[a, b]` as the last part of its name and what stands in the brackets."""
    if not isinstance(node, ast.Subscript):
        return "", ()
    inner = node.slice
    return dotted(node.value).rpartition(".")[2], inner.elts if isinstance(inner, ast.Tuple) else (inner,)


def unquoted(node: ast.expr) -> ast.expr:
    """An annotation that is written as a text, read."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            return ast.parse(node.value, mode="eval").body
        except (SyntaxError, ValueError):
            return node
    return node


def alternatives(node: ast.expr) -> list[ast.expr]:
    """What stands between the bars of `a | b`, or in `Union[a, b]` and `Optional[a]`."""
    node = unquoted(node)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*alternatives(node.left), *alternatives(node.right)]
    name, inner = subscripted(node)
    if name == "Optional":
        return [*alternatives(inner[0]), ast.Constant(None)]
    if name == "Union":
        return [part for item in inner for part in alternatives(item)]
    return [node]


def _of_annotation(annotation: ast.expr, enums: Enums) -> Hint | None:
    every = alternatives(annotation)
    rest = [part for part in every if not _is_none(part)]
    found = [_of_part(part, enums) for part in rest]
    kinds = {hint.kind if hint else None for hint in found}
    if len(found) == 1:
        hint = found[0]
    elif kinds == {"int", "float"}:
        hint = Hint("float")
    elif kinds == {"int", "pair"} or (kinds == {"int", "ints"} and any(item and item.length == 2 for item in found)):
        hint = Hint("pair")
    else:
        return None
    if hint is not None and len(rest) < len(every):
        return Hint(hint.kind, True, hint.values, hint.enum, hint.length)
    return hint


def _of_part(node: ast.expr, enums: Enums) -> Hint | None:
    name = dotted(node).rpartition(".")[2]
    if name in PLAIN:
        return Hint(PLAIN[name])
    if name in enums:
        return Hint("choice", values={member: member for member in enums[name]}, enum=name)
    outer, inner = subscripted(node)
    if outer in ("Annotated", "Final"):
        return _of_annotation(inner[0], enums)
    if outer == "Literal":
        return _choice([literal(item) for item in inner])
    if outer in ROWS:
        return _row(outer, inner)
    return None


def _choice(values: list[Any]) -> Hint | None:
    words = {str(value): value for value in values if value is not None}
    if UNREADABLE in values or not words:
        return None
    return Hint("choice", optional=None in values, values=words)


def _row(name: str, inner: Sequence[ast.expr]) -> Hint | None:
    """Rows of whole numbers; a pair has a field of its own."""
    items = [item for item in inner if not (isinstance(item, ast.Constant) and item.value is Ellipsis)]
    if not items or any(dotted(item) != "int" for item in items):
        return None
    is_fixed = name in ("tuple", "Tuple") and len(items) == len(inner)
    return Hint("ints", length=len(items) if is_fixed else 0)


def _of_default(default: Any) -> Hint | None:
    if default is NO_DEFAULT:
        return Hint("text", literal=True)
    match default:
        case bool():
            return Hint("bool")
        case int():
            return Hint("int")
        case float():
            return Hint("float")
        case str():
            return Hint("text")
        case tuple() if default and all(isinstance(item, int) and not isinstance(item, bool) for item in default):
            return Hint("ints")
    return None


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
