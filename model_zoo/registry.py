"""The zoo's list: every model is a function that returns a document, registered under a name."""

from collections.abc import Callable
from dataclasses import dataclass

from workbench.core.document import Document
from workbench.core.problems import ProblemError

Make = Callable[[], Document]


@dataclass(frozen=True)
class ZooModel:
    """One model of the zoo."""

    name: str
    title: str
    group: str
    summary: str
    make: Make


ZOO: dict[str, ZooModel] = {}
BLOCKS: dict[str, ZooModel] = {}
"""Parts that models are made of: each document holds one use of a block."""


def model(title: str, group: str) -> Callable[[Make], Make]:
    """Register a function as a model; its name is the function's, its summary the docstring's first line."""
    return _register(ZOO, title, group)


def block(title: str, group: str) -> Callable[[Make], Make]:
    """Register a function as a block that ships with the program."""
    return _register(BLOCKS, title, group)


def _register(registry: dict[str, ZooModel], title: str, group: str) -> Callable[[Make], Make]:
    def register(make: Make) -> Make:
        if make.__name__ in registry:
            raise ValueError(f"there is a model {make.__name__} already")
        summary = (make.__doc__ or "").strip().split("\n")[0]
        registry[make.__name__] = ZooModel(make.__name__, title, group, summary, make)
        return make

    return register


def document(name: str) -> Document:
    """A fresh document of a model of the zoo. Raises `ProblemError` for an unknown name."""
    if name not in ZOO:
        raise ProblemError("zoo.unknown", where=name, known=list(ZOO))
    return ZOO[name].make()
