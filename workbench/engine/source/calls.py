"""Calls that make modules, as expressions: many of one shape become one, with a name where they differ."""

import inspect
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

import torch
from torch import nn

from workbench.engine.made import Call, how

SIZES = frozenset({"kernel_size", "stride", "padding", "output_padding", "output_size", "dilation"})
"""Arguments for which torch takes one number instead of equal ones."""

REQUIRED = inspect.Parameter.empty
NAMED = object()
"""The default of an argument that is given by name alone: no value is like it."""
NAMESPACES = {"torch": torch, "torch.linalg": torch.linalg, "nn.functional": nn.functional}


@dataclass(frozen=True)
class Argument:
    """One argument of a call."""

    name: str
    value: Any
    default: Any = REQUIRED


@dataclass(frozen=True)
class Expression:
    """A call, written out: `head` is what is called."""

    head: str
    arguments: tuple[Argument, ...] = ()
    kind: Callable[..., nn.Module] | None = None
    """The class, where it is not one that the source itself defines."""


@dataclass(frozen=True)
class Hole:
    """An argument that is not the same everywhere: its value in each place."""

    values: tuple[Any, ...]


@dataclass(frozen=True)
class Name:
    """An argument that is given by a name."""

    text: str


def expression_of(module: nn.Module) -> Expression:
    """How a module was made."""
    return _expression(how(module))


def united(expressions: Sequence[Expression]) -> Expression:
    """One expression for all of these, which differ in the values of arguments alone."""
    first = expressions[0]
    columns = zip(*(expression.arguments for expression in expressions), strict=True)
    arguments = (Argument(c[0].name, _same([one.value for one in c]), c[0].default) for c in columns)
    return Expression(first.head, tuple(arguments), first.kind)


def holes(expression: Expression) -> Iterator[tuple[str, Hole]]:
    """The arguments that differ, with their names."""
    for argument in expression.arguments:
        if isinstance(argument.value, Hole):
            yield argument.name, argument.value
        elif isinstance(argument.value, Expression):
            yield from holes(argument.value)


def filled(expression: Expression, names: dict[Hole, str]) -> Expression:
    """The expression with names in its holes."""

    def value(found: Any) -> Any:
        if isinstance(found, Hole):
            return Name(names[found])
        return filled(found, names) if isinstance(found, Expression) else found

    arguments = (Argument(one.name, value(one.value), one.default) for one in expression.arguments)
    return Expression(expression.head, tuple(arguments), expression.kind)


def kinds(expression: Expression) -> Iterator[Callable[..., nn.Module]]:
    """All classes that are called."""
    if expression.kind is not None:
        yield expression.kind
    for argument in expression.arguments:
        if isinstance(argument.value, Expression):
            yield from kinds(argument.value)


def written(expression: Expression) -> str:
    """The text of a call; arguments that are what they would be anyway are left out."""
    parts, named = [], False
    for argument in expression.arguments:
        value = _plain(argument)
        if argument.default is not REQUIRED and value == _plain(Argument(argument.name, argument.default)):
            named = True
            continue
        named = named or argument.default is not REQUIRED
        parts.append(f"{argument.name}={text(value)}" if named and argument.name else text(value))
    return f"{expression.head}({', '.join(parts)})"


def text(value: Any) -> str:
    """A value as source."""
    match value:
        case Name():
            return value.text
        case Expression():
            return written(value)
        case str():
            return json.dumps(value, ensure_ascii=False)
        case Enum():
            return f"{type(value).__name__}.{value.name}"
        case tuple():
            inner = ", ".join(map(text, value))
            return f"({inner},)" if len(value) == 1 else f"({inner})"
        case float() if not math.isfinite(value):
            return f'float("{value}")'
    for said, namespace in NAMESPACES.items() if callable(value) else ():
        for name in (getattr(value, "__name__", ""), *vars(namespace)):
            if getattr(namespace, name, None) is value:
                return f"{said}.{name}"
    return repr(value)


def _expression(call: Call) -> Expression:
    kind = call.kind
    assert isinstance(kind, type)
    head = f"nn.{kind.__name__}" if getattr(nn, kind.__name__, None) is kind else kind.__name__
    return Expression(head, tuple(_arguments(kind, call)), kind)


def _arguments(kind: type, call: Call) -> Iterable[Argument]:
    # Recurrent layers take (*args, **kwargs) and pass them on to their base, behind the name of the mode.
    base: Any = nn.RNNBase if issubclass(kind, nn.RNNBase) else kind
    parameters = _parameters(base)
    given = dict(zip(parameters, call.args, strict=False)) | dict(call.keywords)
    for name, parameter in parameters.items():
        if name in given:
            yield Argument(name, _value(given.pop(name)), parameter.default)
    yield from (Argument(name, _value(value), NAMED) for name, value in given.items())


@lru_cache(512)
def _parameters(kind: type) -> Mapping[str, inspect.Parameter]:
    return {name: found for name, found in inspect.signature(kind).parameters.items() if name != "mode"}


def _value(value: Any) -> Any:
    if isinstance(value, nn.Module):
        return expression_of(value)
    return tuple(value) if isinstance(value, list) else value


def _same(values: list[Any]) -> Any:
    """One value for all places: itself where it is the same, a hole where it is not."""
    if all(isinstance(value, Expression) and value.head == values[0].head for value in values):
        return united(values)
    return values[0] if all(_equal(value, values[0]) for value in values) else Hole(tuple(values))


def _equal(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _plain(argument: Argument) -> Any:
    """The shortest value that means the same."""
    value = argument.value
    if argument.name in SIZES and isinstance(value, tuple) and len(value) > 1 and len(set(value)) == 1:
        return value[0]
    return value
