"""What a field of a form may hold: how its text is read, shown and stepped. No widgets here."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

SIZES = {"pair": 2, "triple": 3}
"""Kinds that hold one number for each of so many axes."""
NUMBERS = frozenset({"int", "float", *SIZES})
WIDE = frozenset({"text", "path"})

_SEPARATORS = re.compile(r"\s*[,;×xX*，、]\s*|\s+")
_THIN = re.compile(r"[\s_\u00a0\u2009\u202f]")
_LOG_BELOW = 0.05
_MANY_ZEROS = 6


@dataclass(frozen=True)
class Field:
    """One input. Kinds: int, float, bool, choice, text, pair (an int or two), triple (or three), ints (axes), shape
    (ints or names), float_pair (two numbers), path.

    A choice is a value that is shown as itself, or a pair of a value and its text; for numbers, choices are words
    that may stand instead of one. An optional field may be empty, which means None; `placeholder` says what that
    amounts to.
    """

    name: str
    label: str
    kind: str
    default: Any
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[Any, ...] = ()
    unit: str = ""
    help: str = ""
    optional: bool = False
    placeholder: str = ""
    logarithmic: bool | None = None
    """Whether a float steps 1, 2, 5, 10 instead of by equal amounts; None decides by its default."""


def options(field: Field) -> list[tuple[Any, str]]:
    """The choices of a field with their texts; an optional field can also be left open."""
    pairs = [c if isinstance(c, tuple) and len(c) == 2 else (c, str(c)) for c in field.choices]
    return [(None, field.placeholder or "–"), *pairs] if field.optional else pairs


def parse(field: Field, text: str) -> Any:
    """The value that a text stands for. Raises ValueError where it stands for none within the bounds."""
    text = text.strip()
    if not text and field.optional:
        return None
    if field.kind in NUMBERS and (word := _word(field, text)) is not None:
        return word
    if field.kind == "int":
        return _bounded(field, _whole(text))
    if field.kind == "float":
        return _bounded(field, _real(text))
    if axes := SIZES.get(field.kind):
        parts = [_bounded(field, _whole(part)) for part in _split(text)]
        if len(parts) not in (1, axes):
            raise ValueError(text)
        return tuple(parts) if len(parts) == axes else (parts[0],) * axes
    if field.kind == "ints":
        return tuple(_bounded(field, _whole(part)) for part in _split(text))
    if field.kind == "float_pair":
        reals = tuple(_bounded(field, _real(part)) for part in _split(text))
        if len(reals) != 2:
            raise ValueError(text)
        return reals
    if field.kind == "shape":
        return tuple(part if part.isidentifier() else _bounded(field, _whole(part)) for part in _split(text))
    return text


def _word(field: Field, text: str) -> Any:
    """The choice that a text names; None where it names none."""
    return next((value for value, shown in options(field) if value is not None and text in (str(value), shown)), None)


def show(field: Field, value: Any) -> str:
    """The text of a value, which `parse` reads back."""
    if value is None:
        return ""
    if field.kind == "float" and isinstance(value, int | float) and not isinstance(value, bool):
        return float_text(float(value))
    if field.kind == "int" and _is_whole(value):
        return whole_text(value)
    if field.kind in SIZES and _is_whole(value):
        return " × ".join([str(value)] * SIZES[field.kind])
    if field.kind in SIZES and isinstance(value, Sequence) and not isinstance(value, str):
        return " × ".join(map(str, value))
    if field.kind in ("ints", "shape") and isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(str, value))
    if field.kind == "float_pair" and isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(float_text(float(part)) for part in value)
    return str(value)


def float_text(value: float) -> str:
    """The shortest text that reads back as the same number: 0.001, 1e-5, 3, 1e9."""
    text = repr(value)
    text = text.removesuffix(".0")
    mantissa, mark, exponent = text.partition("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent)}" if mark else _without_zeros(text)


def whole_text(value: int) -> str:
    """A whole number; round millions and more as 2e6, which a narrow input has room for."""
    return _without_zeros(str(value))


def _without_zeros(digits: str) -> str:
    zeros = len(digits) - len(digits.rstrip("0"))
    many = zeros >= _MANY_ZEROS and digits.strip("-0").isdigit()
    return f"{digits[:-zeros]}e{zeros}" if many and zeros < 100 else digits


def normal(field: Field, value: Any) -> Any:
    """One form for the values that mean the same: a kernel of 3 is a kernel of (3, 3), a list is a tuple."""
    if field.kind in SIZES and _is_whole(value):
        return (value,) * SIZES[field.kind]
    if isinstance(value, list):
        return tuple(value)
    return value


def same(field: Field, one: Any, other: Any) -> bool:
    """Whether two values mean the same."""
    a, b = normal(field, one), normal(field, other)
    return bool(a == b) and isinstance(a, bool) == isinstance(b, bool)


def stepped(field: Field, value: Any, steps: int) -> Any:
    """The value that many steps up or down, kept within the bounds."""
    if value is None or isinstance(value, str):
        start = field.minimum or 0 if field.default is None or isinstance(field.default, str) else field.default
        return normal(field, _clamped(field, start) if isinstance(start, int | float) else start)
    if field.kind in SIZES:
        return tuple(_clamped(field, part + steps) for part in normal(field, value))
    if field.kind == "int":
        return _clamped(field, value + steps)
    if steps_by_ratio(field):
        for _ in range(abs(steps)):
            value = _next_125(field, float(value), up=steps > 0)
        return _clamped(field, value)
    return _clamped(field, _add_evenly(field, float(value), steps))


def steps_by_ratio(field: Field) -> bool:
    """Whether a float steps like a learning rate: small numbers that are never negative."""
    if field.logarithmic is not None:
        return field.logarithmic
    positive = field.minimum is not None and field.minimum >= 0
    return positive and isinstance(field.default, int | float) and 0 < abs(field.default) < _LOG_BELOW


def _whole(text: str) -> int:
    text = _THIN.sub("", text).replace("−", "-")
    try:
        return int(text)
    except ValueError:
        number = Decimal(text) if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?", text) else Decimal("NaN")
        if number.is_nan() or number != number.to_integral_value():
            raise ValueError(text) from None
        return int(number)


def _real(text: str) -> float:
    """A finite number; a comma alone is a decimal comma."""
    text = text.replace("−", "-")
    if text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _split(text: str) -> list[str]:
    inside = text.strip().strip("()[]（）").strip().rstrip(",")
    return _SEPARATORS.split(inside) if inside else []


def _bounded(field: Field, value: Any) -> Any:
    if value != _clamped(field, value):
        raise ValueError(f"{value} is out of bounds")
    return value


def _clamped(field: Field, value: Any) -> Any:
    if field.minimum is not None and value < field.minimum:
        return type(value)(field.minimum)
    if field.maximum is not None and value > field.maximum:
        return type(value)(field.maximum)
    return value


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _next_125(field: Field, value: float, *, up: bool) -> float:
    """The neighbour of a number in the row 1, 2, 5, 10, 20, 50 ..."""
    if value <= 0:
        return max(1e-6, field.minimum or 0.0) if up else value
    exponent = math.floor(math.log10(value))
    rungs = [float(f"{digit}e{exponent + shift}") for shift in (-1, 0, 1) for digit in (1, 2, 5)]
    if up:
        return min(rung for rung in rungs if rung > value * (1 + 1e-9))
    return max(rung for rung in rungs if rung < value * (1 - 1e-9))


def _add_evenly(field: Field, value: float, steps: int) -> float:
    """Steps of 0.05 between 0 and 1, else of a tenth of the number's own order; in decimals, as people count."""
    if field.minimum is not None and field.maximum is not None and field.maximum - field.minimum <= 1:
        size = Decimal("0.05")
    else:
        order = math.floor(math.log10(abs(value))) if value else 0
        size = Decimal(10) ** (order - 1)
    return float(Decimal(repr(value)) + size * steps)
