"""What all benchmarks share: rows with a peer beside them, and how they are printed."""

import argparse
import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Row:
    """One figure. A ratio above 1 means that ours is better than the peer's."""

    what: str
    value: float
    unit: str
    peer: str | None = None
    peer_value: float | None = None
    ratio: float | None = None
    goal: str = ""


def faster(what: str, ours: Sequence[float], peer: str, theirs: Sequence[float], goal: str = "") -> Row:
    """Seconds of ours and of the peer, measured in turn: less is better."""
    pairs = [b / a for a, b in zip(ours, theirs, strict=True)]
    return Row(what, median(ours), "s", peer, median(theirs), round(statistics.median(pairs), 3), goal)


def more(what: str, unit: str, ours: Sequence[float], peer: str, theirs: Sequence[float], goal: str = "") -> Row:
    """So many a second, of ours and of the peer, measured in turn: more is better."""
    pairs = [a / b for a, b in zip(ours, theirs, strict=True)]
    return Row(what, median(ours), unit, peer, median(theirs), round(statistics.median(pairs), 3), goal)


def median(values: Sequence[float]) -> float:
    """The median, with four digits that mean something."""
    return float(f"{statistics.median(values):.4g}")


def machine() -> str:
    """What it was measured on, without names."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"


def arguments(description: str | None) -> argparse.ArgumentParser:
    """A parser that knows `--json` and `--repeat`."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--repeat", type=int, default=5, help="how often each thing is measured")
    return parser


def show(name: str, rows: Sequence[Row], *, as_json: bool) -> None:
    """Print the rows."""
    if as_json:
        print(json.dumps({"name": name, "machine": machine(), "rows": [asdict(row) for row in rows]}, indent=1))
        return
    print(machine())
    for row in rows:
        beside = f"  {row.peer}" if row.peer else ""
        if row.peer_value is not None:
            beside += f" {row.peer_value:g} {row.unit}" + ("" if row.ratio is None else f", ratio {row.ratio:g}")
        print(f"{row.what:52} {row.value:>10g} {row.unit:9}{beside}{f'   goal {row.goal}' if row.goal else ''}")
