"""What layers, data sets, tasks and optimisers there are, as data.

The engine makes it from its registries; a generated copy ships in `assets/catalogue.json`, so that a window is
complete before its engine has started. Titles and help are English here and are translated where they are shown.
"""

import sys
from collections.abc import Iterable
from functools import cache
from typing import Any, Literal

import msgspec
from msgspec import Struct, field
from msgspec.structs import force_setattr

from workbench.core.document import IDENTIFIER, Settings, Value, frozen
from workbench.core.places import assets

LARGEST = 2**53
"""Whole numbers beyond this are not the same in every program that reads JSON, and nothing is that large."""

FieldKind = Literal[
    "int", "float", "bool", "choice", "text", "pair", "triple", "ints", "path", "column", "float_pair", "nodes", "rates"
]  # fmt: skip
"""Pairs and triples are whole numbers, one for each axis; `nodes` are paths of nodes, `rates` such paths with a factor
each."""


class FieldInfo(Struct, frozen=True, omit_defaults=True):
    """One setting: enough to draw a form field, to check a value and to explain it."""

    name: str
    label: str
    kind: FieldKind
    default: Value = None
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    """All there is for a choice; for numbers, the words that may stand instead of one (padding *same*)."""
    unit: str = ""
    help: str = ""
    optional: bool = False
    """None is a value too."""
    names: bool = False
    """For axes: a name may stand instead of a number, for an axis of variable length."""
    said: tuple[str, ...] = ()
    """How the value stands in a caption, for one and for many: `{n} filter`, `{n} filters`."""
    section: str = ""
    """The heading it stands under in a form."""
    when: tuple[Value, ...] = ()
    """It is read only when another setting, by name, has one of the values that follow; is set, when none follow."""

    def __post_init__(self) -> None:
        """A default that comes out of JSON is a value like any other: a tuple, not a list."""
        force_setattr(self, "default", frozen(self.default))


class PortInfo(Struct, frozen=True, omit_defaults=True):
    """One port; with `repeat`, as many ports `name_1`, `name_2` ... as the setting of that name says."""

    name: str
    optional: bool = False
    repeat: str = ""
    help: str = ""
    when: str = ""
    """A setting of yes or no that says whether the port is there."""


class LayerInfo(Struct, frozen=True, omit_defaults=True):
    """One type of node."""

    key: str
    title: str
    group: str
    """The heading it is listed under."""
    family: str
    """What colours it."""
    summary: str
    help: str = ""
    inputs: tuple[PortInfo, ...] = (PortInfo("in"),)
    outputs: tuple[PortInfo, ...] = (PortInfo("out"),)
    fields: tuple[FieldInfo, ...] = ()
    synonyms: tuple[str, ...] = ()
    caption: tuple[str, ...] = ()
    """The settings that matter most, for the node's second line."""
    formula: str = ""
    """What it computes, as plain text: `y = x Wᵀ + b`."""


class DatasetInfo(Struct, frozen=True, omit_defaults=True):
    """One kind of source of data."""

    key: str
    title: str
    group: str
    summary: str
    fields: tuple[FieldInfo, ...] = ()
    download: str = ""
    """What is fetched on first use, and how much."""


class TaskInfo(Struct, frozen=True, omit_defaults=True):
    """What an output is for."""

    key: str
    title: str
    group: str
    summary: str
    losses: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()


class StepInfo(Struct, frozen=True, omit_defaults=True):
    """One step of preparing or augmenting a column."""

    key: str
    title: str
    group: str
    summary: str
    help: str = ""
    kinds: tuple[str, ...] = ()
    """The kinds of columns that it is for."""
    random: bool = False
    """It is made in training only, and anew each time."""
    fields: tuple[FieldInfo, ...] = ()


class OptimizerInfo(Struct, frozen=True, omit_defaults=True):
    """One way to step down the gradient, and which training settings it reads."""

    key: str
    title: str
    group: str
    summary: str
    settings: tuple[str, ...] = ()


class Catalogue(Struct, frozen=True):
    """All of it, by key."""

    version: str
    layers: dict[str, LayerInfo] = field(default_factory=dict)
    datasets: dict[str, DatasetInfo] = field(default_factory=dict)
    tasks: dict[str, TaskInfo] = field(default_factory=dict)
    optimizers: dict[str, OptimizerInfo] = field(default_factory=dict)
    steps: dict[str, StepInfo] = field(default_factory=dict)


@cache
def shipped() -> Catalogue:
    """The copy that ships with the program."""
    return msgspec.json.decode((assets() / "catalogue.json").read_bytes(), type=Catalogue)


def port_names(ports: tuple[PortInfo, ...], settings: Settings, fields: tuple[FieldInfo, ...]) -> tuple[str, ...]:
    """The names of the ports that a node with these settings has."""
    names: list[str] = []
    for port in ports:
        if port.when and not settings.get(port.when, default_of(fields, port.when)):
            continue
        if not port.repeat:
            names.append(port.name)
            continue
        count = settings.get(port.repeat, default_of(fields, port.repeat))
        number = count if isinstance(count, int) and 0 < count <= 64 else 1
        names.extend(f"{port.name}_{place}" for place in range(1, number + 1))
    return tuple(names)


SPLIT_FIELDS = (
    FieldInfo("seed", "Seed of the split", "int", 0, 0, help="One seed gives one split"),
    FieldInfo("validation", "Validation", "float", 0.125, 0.0, 1.0, help="Share of the samples that checks each epoch"),
    FieldInfo("test", "Test", "float", 0.2, 0.0, 1.0, help="Share of the samples that is kept for the end"),
    FieldInfo(
        "method",
        "Method",
        "choice",
        "auto",
        choices=("auto", "random", "stratified", "group", "time", "given"),
        help="By group or time where a column has that role, else each class in the same proportion",
    ),
    FieldInfo("column", "Column", "text", "", help="Whose groups, times or parts are meant"),
    FieldInfo(
        "together",
        "Keep copies together",
        "bool",
        False,
        help="Samples whose inputs are the same are all in one split; groups and times go before",
    ),
)
"""What the settings of a split may be."""


def default_of(fields: tuple[FieldInfo, ...], name: str) -> Value:
    """The default of a setting; None when there is no such setting."""
    return next((item.default for item in fields if item.name == name), None)


def misfit(info: FieldInfo, value: Value) -> str | None:
    """Why a value does not fit a setting, as a problem code; None when it fits."""
    if value is None:
        return None if info.optional else "setting.missing"
    match info.kind:
        case "bool":
            return None if isinstance(value, bool) else "setting.type"
        case "int":
            if isinstance(value, str) and info.choices:
                return None if value in info.choices else "setting.choice"
            return _number_misfit(info, value) if _is_int(value) else "setting.type"
        case "float":
            return _number_misfit(info, value) if _is_real(value) else "setting.type"
        case "choice":
            return None if value in info.choices else "setting.choice"
        case "pair" | "triple":
            return _sizes_misfit(info, value, 2 if info.kind == "pair" else 3)
        case "ints":
            if not isinstance(value, tuple):
                return "setting.type"
            sizes = [item for item in value if not (info.names and _is_name(item))]
            if not all(map(_is_int, sizes)):
                return "setting.type"
            return _first_misfit(info, sizes)
        case "float_pair":
            numbers = isinstance(value, tuple) and len(value) == 2 and all(map(_is_real, value))
            return _first_misfit(info, value) if numbers else "setting.type"
        case "nodes":
            return None if isinstance(value, tuple) and all(isinstance(item, str) for item in value) else "setting.type"
        case "rates":
            if not isinstance(value, tuple) or not all(map(_is_rate, value)):
                return "setting.type"
            return None if all(0 <= factor <= sys.float_info.max for _, factor in value) else "setting.range"
        case "text" | "path" | "column":
            return None if isinstance(value, str) else "setting.type"


def _sizes_misfit(info: FieldInfo, value: Value, most: int) -> str | None:
    if isinstance(value, str):
        return None if value in info.choices else "setting.choice"
    items = value if isinstance(value, tuple) else (value,)
    if len(items) not in (1, most) or not all(map(_is_int, items)):
        return "setting.type"
    return _first_misfit(info, items)


def _first_misfit(info: FieldInfo, numbers: Iterable[float]) -> str | None:
    return next(filter(None, (_number_misfit(info, item) for item in numbers)), None)


def _is_rate(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str) and _is_real(value[1])


def _is_real(value: Any) -> bool:
    return _is_int(value) or isinstance(value, float)


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and IDENTIFIER.fullmatch(value) is not None


def _number_misfit(info: FieldInfo, value: float) -> str | None:
    if not abs(value) <= (LARGEST if isinstance(value, int) else sys.float_info.max):
        return "setting.range"
    if info.minimum is not None and value < info.minimum:
        return "setting.range"
    return "setting.range" if info.maximum is not None and value > info.maximum else None
