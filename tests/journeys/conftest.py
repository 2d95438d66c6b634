"""The window and its helpers, for the tests of this folder."""

from pathlib import Path

import pytest

from tests.window_fixtures import (
    alone,
    bench,
    desk,
    exported,
    make_bench,
    processes,
    quiet_offscreen,
    shared_engine,
    trained,
    undressed,
    workshop_is_cleared,
)

__all__ = [
    "alone",
    "bench",
    "desk",
    "exported",
    "make_bench",
    "processes",
    "shared_engine",
    "trained",
    "undressed",
    "workshop_is_cleared",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    quiet_offscreen(items, Path(__file__).parent)
