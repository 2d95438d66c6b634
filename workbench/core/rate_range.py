"""The learning-rate range test: what it is asked with, and what it finds."""

from typing import Any, ClassVar

from msgspec import Struct

from workbench.core.question import Question


class RateTest(Struct, frozen=True):
    """The loss while the learning rate rises evenly on a logarithmic scale (Smith, 2017). No weight was kept."""

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    """Of each step's batch. The test ends early where they explode."""
    smoothed: tuple[float, ...]
    suggested: float | None
    """Where the smoothed loss falls fastest; None where it never falls."""


class FindRate(Question, frozen=True, tag=True):
    """Which learning rate suits a document? Nothing of it is trained: weights are drawn, used and thrown away."""

    document: dict[str, Any]
    folder: str = ""
    """Where relative paths to data start."""
    lowest: float = 1e-6
    highest: float = 10.0
    steps: int = 100

    reply: ClassVar[Any] = RateTest
