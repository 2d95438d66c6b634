"""What torch's allocator really hands out: the figure that a forecast of memory is measured against."""

from collections.abc import Callable, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional
from torch.profiler import ProfilerActivity, profile

from workbench.core.document import Document
from workbench.engine.analyse import study
from workbench.engine.compile import compiled
from workbench.engine.groups import freeze, groups
from workbench.engine.loop import Average
from workbench.engine.optimizers import made

MARK = 12_347
"""Nobody else takes as many bytes at once."""


def peak_bytes(work: Callable[[], object]) -> int:
    """The most bytes of main memory that were there at a time, of those that `work` takes."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        work()
    return max(accumulate(_changes(profiler), initial=0))


def training_peak(document: Document, device: str = "cpu") -> int:
    """Of two steps of training a classifier on one batch of noise, as `train.py` makes them."""
    if device == "cpu":
        return peak_bytes(lambda: _train(document, device))
    torch.cuda.reset_peak_memory_stats()
    _train(document, device)
    return int(torch.cuda.max_memory_allocated())


def _train(document: Document, device: str) -> None:
    found, training = study(document, Path()), document.training
    network = compiled(found).to(device)
    freeze(network, training)
    optimizer = made(groups(network, training), training)
    average = None if training.ema_decay is None else Average(network)
    given = found.known[network.inputs[0], "out"]
    shape = (training.batch_size, *given.shape)
    x = torch.randint(0, 9, shape, device=device) if given.dtype == "int64" else torch.randn(*shape, device=device)
    y = torch.randint(0, 9, (training.batch_size,), device=device)
    for step in range(1, 3):
        outputs = network(x)
        loss = functional.cross_entropy(outputs[0], y)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        if average is not None:
            average.update(0.99, step)


def bytes_left(works: Sequence[Callable[[], object]]) -> list[int]:
    """For each piece of work, the bytes that it took and that are still there while its result is held."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        for work in works:
            torch.empty(MARK, dtype=torch.uint8)
            result = work()
            torch.empty(MARK, dtype=torch.uint8)
            del result
    found: list[int] = []
    inside = False
    for size in _changes(profiler):
        if size == MARK:
            inside = not inside
            found += [0] * inside
        elif inside and size != -MARK:
            found[-1] += size
    return found


def _changes(profiler: profile) -> list[int]:
    """Bytes that were taken, or given back, in order."""
    inner: Any = profiler.profiler
    events = [event for event in inner.kineto_results.events() if event.name() == "[memory]"]
    return [event.nbytes() for event in sorted(events, key=lambda event: event.start_ns())]
