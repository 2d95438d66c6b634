"""What every question to an engine is."""

from typing import Any, ClassVar

from msgspec import Struct


class Question(Struct, frozen=True):
    """Something an engine is asked; `reply` is the type of its answer."""

    reply: ClassVar[Any] = None
