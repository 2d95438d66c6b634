"""What a layer is: one small frozen dataclass. Its fields are its settings, its docstring its help, `build` its code.

Shapes are not written down again: they come from running the layer's own module on tensors without data (device
`meta`). Only where that is slow or blind does a layer give them in closed form.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, NamedTuple, TypeVar

from torch import nn

from workbench.core.catalogue import LayerInfo, PortInfo
from workbench.core.document import Settings
from workbench.engine.registry import Registry, Setting, fields_of, first_line, further_lines


class Known(NamedTuple):
    """A tensor without its batch axis, all axes known. (A `Spec` may have axes of variable length.)"""

    shape: tuple[int, ...]
    dtype: str = "float32"

    @property
    def floating(self) -> bool:
        """It holds floating-point numbers."""
        return self.dtype.startswith(("float", "bfloat"))


class Misfit(Exception):
    """What a layer is given does not fit. A code with arguments; the window finds the words."""

    def __init__(self, code: str, /, *, remedy: "Remedy | None" = None, **args: Any) -> None:
        self.code, self.args_, self.remedy = code, args, remedy
        super().__init__(f"{code} {args}")


@dataclass(frozen=True)
class InsertBefore:
    """A remedy: put a layer on the wire that feeds the layer's first input."""

    type: str
    settings: tuple[tuple[str, Any], ...] = ()
    port: str = ""
    """The port whose wire is meant; the first by default."""


@dataclass(frozen=True)
class Change:
    """A remedy: change a setting of the layer itself."""

    name: str
    value: Any


Remedy = InsertBefore | Change


@dataclass(frozen=True)
class Cost:
    """Closed-form figures of one forward pass of one sample, where running on `meta` cannot give them."""

    flops: int
    saved_bytes: int
    """What the backward pass keeps, besides the inputs and the outputs."""


@dataclass(frozen=True)
class Layer:
    """Base of all layers. Instances are hashable: the cache of shapes relies on it."""

    info: ClassVar[LayerInfo]

    @classmethod
    def of(cls, settings: Settings) -> "Layer":
        """The layer with these settings, which must have been checked; unknown ones have no effect."""
        known = {item.name for item in cls.info.fields}
        return cls(**{name: value for name, value in settings.items() if name in known})

    def build(self, *inputs: Any) -> nn.Module:
        """The module for inputs of these specs (without batch axis); called with tensors in the order of the ports.

        The module returns a tensor, or a tuple in the order of the output ports.
        """
        raise NotImplementedError

    def check(self, *inputs: Any) -> None:
        """Raise `Misfit` for inputs that torch would refuse less clearly, or not at all."""

    def infer(self, *inputs: Any) -> tuple[Known, ...] | None:
        """The output specs in closed form; None where running the module on `meta` gives them."""
        return None

    def cost(self, *inputs: Any) -> Cost | None:
        """Figures in closed form, for a layer that has `infer`."""
        return None

    def measuring(self) -> AbstractContextManager[None]:
        """Goes around building and running the module on tensors without data."""
        return nullcontext()

    def export_twin(self, module: nn.Module) -> nn.Module:
        """A module with the same weights and behaviour that the ONNX exporter handles better; the same by default."""
        return module


LAYERS: Registry[type[Layer]] = Registry("layer")

L = TypeVar("L", bound=Layer)

Axis = Annotated[int, Setting(-8, 8, label="Axis", help="Axis 0 is the batch; -1 is the last", said="axis {n}")]

ONE_INPUT = (PortInfo("in"),)
ONE_OUTPUT = (PortInfo("out"),)


def layer(
    key: str,
    title: str,
    group: str,
    *,
    family: str | None = None,
    inputs: Sequence[PortInfo] = ONE_INPUT,
    outputs: Sequence[PortInfo] = ONE_OUTPUT,
    synonyms: tuple[str, ...] = (),
    caption: tuple[str, ...] = (),
    formula: str = "",
    was: tuple[str, ...] = (),
) -> Callable[[type[L]], type[L]]:
    """Register a layer.

    `caption` names the settings that matter most; `synonyms` are what people search for; `formula` is what it
    computes, as plain text.
    """

    def register(cls: type[L]) -> type[L]:
        cls.info = LayerInfo(
            key=key,
            title=title,
            group=group,
            family=family or group.lower(),
            summary=first_line(cls.__doc__),
            help=further_lines(cls.__doc__),
            inputs=tuple(inputs),
            outputs=tuple(outputs),
            fields=fields_of(cls),
            synonyms=synonyms,
            caption=caption,
            formula=formula,
        )
        LAYERS.add(key, was=was)(cls)
        return cls

    return register


def layer_of(key: str, settings: Settings) -> Layer:
    """The layer of a node. Raises KeyError for an unknown type; settings must have been checked."""
    return LAYERS[key].of(settings)


def need_rank(x: Known, *ranks: int, what: str) -> None:
    """Raise `Misfit` unless the input has one of these numbers of axes (without the batch axis)."""
    if len(x.shape) not in ranks:
        raise Misfit("layer.rank", found=x.shape, expected=what)


def need_float(x: Known) -> None:
    """Raise `Misfit` unless the input holds floating-point numbers."""
    if not x.floating:
        raise Misfit("layer.needs_float", found=x.dtype)


def pair(value: int | tuple[int, ...]) -> tuple[int, int]:
    """A setting of kind pair as (height, width)."""
    if isinstance(value, int):
        return value, value
    return (value[0], value[0]) if len(value) == 1 else (value[0], value[1])


def largest_divisor(number: int, limit: int) -> int:
    """The largest number up to `limit` (and some thousands) that divides `number` evenly."""
    return next(found for found in range(max(1, min(number, limit, 4096)), 0, -1) if number % found == 0)
