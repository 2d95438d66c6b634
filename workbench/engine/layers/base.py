"""What a layer is: one small frozen dataclass. Its fields are its settings, its docstring its help, `build` its code.

Shapes are not written down again: they come from running the layer's own module on tensors without data (device
`meta`). Only where that is slow or blind does a layer give them in closed form.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, fields
from typing import Annotated, Any, ClassVar, NamedTuple, TypeVar

from torch import Tensor, nn

from workbench.core.catalogue import LayerInfo, PortInfo
from workbench.core.document import Settings
from workbench.engine.made import made
from workbench.engine.registry import SIZES, Registry, Setting, Size, fields_of, first_line, further_lines


class Known(NamedTuple):
    """A tensor without its batch axis, all axes known. (A `Spec` may have axes of variable length.)"""

    shape: tuple[int, ...]
    dtype: str = "float32"
    size: int = 0
    """Of tokens that come right from the data: how many different ones there are; 0 where nobody knows."""

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
    probes: ClassVar[tuple[str, ...]] = ("meta",)
    """The devices that its module is tried on, each where it fails on the one before."""

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


def sizes(value: Size, dims: int) -> tuple[int, ...]:
    """A setting of one number or several as one for each axis."""
    given = (value,) if isinstance(value, int) else tuple(value)
    return given if len(given) == dims else given[:1] * dims


@dataclass(frozen=True)
class Native(Layer):
    """Base of layers that are one module of torch: its arguments are what the input tells, and the settings."""

    module: ClassVar[Callable[..., nn.Module]]
    dims: ClassVar[int] = 2
    """How many axes settings of type `Size` speak of."""

    def build(self, *inputs: Any) -> nn.Module:
        """The module of torch."""
        return made(self.module, *self.inferred(*inputs), **self.options())

    def inferred(self, *inputs: Any) -> tuple[Any, ...]:
        """The arguments that follow from the inputs; they come first."""
        return ()

    def options(self) -> dict[str, Any]:
        """The settings as arguments, with one number for each axis."""
        found = {item.name: getattr(self, item.name) for item in fields(self)}
        sized = [item.name for item in self.info.fields if item.kind in SIZES[1:]]
        spread = {name: sizes(found[name], self.dims) for name in sized if isinstance(found[name], int | tuple)}
        return {**found, **spread}


def for_each_dims(base: type[Native], key: str, title: str, help: str, *dims: int, **info: Any) -> None:
    """Register what torch has for sequences, images and volumes: `title` and `key` with 1d, 2d and 3d behind.

    `{of}` in the help says of which; `info` goes to `layer`.
    """
    things = {1: "a sequence", 2: "an image", 3: "a volume"}
    for number in dims or things:
        name = f"{title}{number}d"
        members = {"__doc__": help.format(of=things[number]), "dims": number, "module": getattr(nn, name)}
        cls = type(name, (base,), {**members, "__module__": base.__module__})
        layer(f"{key}{number}d", name, **info)(dataclass(frozen=True)(cls))


class Applied(nn.Module):
    """Calls a function of torch with further arguments."""

    def __init__(self, function: Callable[..., Any], **options: Any) -> None:
        super().__init__()
        self.function, self.options = function, options

    def forward(self, *inputs: Tensor) -> Any:
        """Whatever the function makes of its inputs."""
        return self.function(*inputs, **self.options)


@dataclass(frozen=True)
class Operation(Layer):
    """Base of layers that are one function of torch: the settings are its further arguments."""

    function: ClassVar[Callable[..., Any]]

    def build(self, *inputs: Any) -> nn.Module:
        """The function as a module."""
        return made(Applied, self.function, **self.options())

    def options(self) -> dict[str, Any]:
        """The settings as arguments."""
        return {item.name: getattr(self, item.name) for item in fields(self)}
