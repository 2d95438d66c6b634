"""Modules that remember how they were made, so that the same call can be written down as source."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from torch import nn

P = ParamSpec("P")
M = TypeVar("M", bound=nn.Module)


class Call(NamedTuple):
    """What was called, and with what."""

    kind: Callable[..., nn.Module]
    args: tuple[Any, ...]
    keywords: Mapping[str, Any]


_calls: WeakKeyDictionary[nn.Module, Call] = WeakKeyDictionary()


def made(kind: Callable[P, M], *args: P.args, **keywords: P.kwargs) -> M:
    """The module `kind(*args, **keywords)`; among the arguments may be modules that were made this way too."""
    module = kind(*args, **keywords)
    _calls[module] = Call(kind, args, keywords)
    return module


def how(module: nn.Module) -> Call:
    """How a module was made. Raises KeyError for one that was not made by `made`."""
    return _calls[module]
