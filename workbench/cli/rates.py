"""`workbench lr`: the learning-rate range test."""

import argparse
from collections.abc import Iterator

from workbench.cli import sources
from workbench.cli.asking import asked
from workbench.cli.output import OK, table, write, write_json
from workbench.cli.starting import changed
from workbench.core import project
from workbench.core.i18n import tr
from workbench.core.rate_range import FindRate, RateTest

ROWS = 20
WIDTH = 40
"""Of the longest bar, in characters."""


def lr(args: argparse.Namespace) -> int:
    """Try learning rates on a project: the loss at each, and the one that suits. Nothing is trained."""
    document, folder = sources.opened(args.project)
    document = changed(document, args)
    found: RateTest = asked(
        FindRate(project.to_raw(document), str(folder), args.lowest, args.highest, args.steps), args
    )
    if args.json:
        write_json(found)
        return OK
    table((tr("Rate"), tr("Loss"), ""), list(_rows(found)), right=(0, 1))
    write()
    if found.suggested is None:
        write(tr("The loss falls at none of these rates."))
    else:
        write(tr("Suggested: --set training.learning_rate={rate}", rate=f"{found.suggested:g}"))
    return OK


def _rows(found: RateTest) -> Iterator[tuple[str, str, str]]:
    """A line for every few steps, with a bar as long as the loss is high."""
    most = max(found.smoothed, default=1.0)
    every = max(1, -(-len(found.rates) // ROWS))
    for rate, loss in list(zip(found.rates, found.smoothed, strict=True))[::every]:
        yield f"{rate:.2g}", f"{loss:.4g}", "█" * round(WIDTH * loss / most)
