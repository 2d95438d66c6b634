"""One registry type for everything that is added in one place: layers, data sets, tasks, optimisers."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields
from types import NoneType, UnionType
from typing import Annotated, Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

from workbench.core.catalogue import FieldInfo, FieldKind
from workbench.core.document import Settings

T = TypeVar("T")


class Registry(Mapping[str, T], Generic[T]):
    """Things by key. A key, and every former key of a thing, is taken once; a clash raises."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._items: dict[str, T] = {}
        self._former: dict[str, str] = {}

    def add(self, key: str, *, was: tuple[str, ...] = ()) -> Callable[[T], T]:
        """Decorate a thing to register it under `key`; `was` are keys it had in older files."""
        if clash := {key, *was} & (self._items.keys() | self._former.keys()):
            raise ValueError(f"{self.kind} ids {sorted(clash)} are already taken")

        def register(item: T) -> T:
            self._items[key] = item
            self._former.update(dict.fromkeys(was, key))
            return item

        return register

    def __getitem__(self, key: str) -> T:
        return self._items[self._former.get(key, key)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)


class Setting:
    """What a form must know of a field beyond its type; goes into `Annotated`."""

    def __init__(
        self,
        minimum: float | None = None,
        maximum: float | None = None,
        *,
        choices: tuple[str, ...] = (),
        label: str = "",
        unit: str = "",
        help: str = "",
        kind: FieldKind | None = None,
        names: bool = False,
        said: str | tuple[str, ...] = (),
    ) -> None:
        self.minimum, self.maximum, self.choices = minimum, maximum, choices
        self.label, self.unit, self.help, self.kind, self.names = label, unit, help, kind, names
        self.said = (said, said) if isinstance(said, str) else said


Size = int | tuple[int, ...]
"""One number for all axes along which a window moves, or one for each; the class's `dims` says how many there are."""
SIZES: tuple[FieldKind, ...] = ("int", "pair", "triple")


def fields_of(cls: type) -> tuple[FieldInfo, ...]:
    """The fields of a dataclass as form fields, from its annotations."""
    hints = get_type_hints(cls, include_extras=True)
    return tuple(
        _field(item.name, hints[item.name], None if item.default is MISSING else item.default, getattr(cls, "dims", 2))
        for item in fields(cls)
        if item.init
    )


def _field(name: str, hint: Any, default: Any, dims: int) -> FieldInfo:
    setting = Setting()
    if get_origin(hint) is Annotated:
        hint, setting = get_args(hint)
    optional = False
    if get_origin(hint) in (UnionType, Union) and NoneType in get_args(hint):
        optional = True
        rest = [part for part in get_args(hint) if part is not NoneType]
        hint = rest[0] if len(rest) == 1 else Size
    return FieldInfo(
        name=name,
        label=setting.label or name.replace("_", " ").capitalize(),
        kind=setting.kind or _kind(hint, setting) or SIZES[dims - 1],
        default=default,
        minimum=setting.minimum,
        maximum=setting.maximum,
        choices=setting.choices,
        unit=setting.unit,
        help=setting.help,
        optional=optional,
        names=setting.names,
        said=setting.said,
    )


def _kind(hint: Any, setting: Setting) -> FieldKind | None:
    """None for a size."""
    if hint is bool:
        return "bool"
    if hint is int:
        return "int"
    if hint is float:
        return "float"
    if hint is str:
        return "choice" if setting.choices else "text"
    if get_origin(hint) is tuple:
        return "ints"
    return None


def filled(cls: type[T], settings: Settings) -> T:
    """An instance of a dataclass from settings; what is missing takes its default, what is unknown is ignored."""
    known = {item.name for item in fields(cls)}  # type: ignore[arg-type]
    return cls(**{name: value for name, value in settings.items() if name in known})


def first_line(text: str | None) -> str:
    """The first sentence of a docstring, without marks of code: the summary that is shown in lists."""
    return (text or "").strip().split("\n", 1)[0].replace("`", "")


def further_lines(text: str | None) -> str:
    """The rest of a docstring, one line for each paragraph: the help page breaks lines where it has room."""
    _, _, rest = (text or "").strip().replace("`", "").partition("\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in rest.split("\n\n") if paragraph.strip())
