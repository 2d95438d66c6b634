"""What torch's allocator really hands out: the figure that a forecast of memory is measured against."""

from collections.abc import Callable
from pathlib import Path

import torch
from torch.nn import functional
from torch.profiler import ProfilerActivity, profile

from workbench.core.document import Document
from workbench.engine.analyse import study
from workbench.engine.compile import compiled
from workbench.engine.optimizers import OPTIMIZERS


def peak_bytes(work: Callable[[], object]) -> int:
    """The most bytes of main memory that were there at a time, of those that `work` takes."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        work()
    results = profiler.profiler
    assert results is not None
    events = [event for event in results.kineto_results.events() if event.name() == "[memory]"]
    live = peak = 0
    for event in sorted(events, key=lambda event: event.start_ns()):
        live += event.nbytes()
        peak = max(peak, live)
    return peak


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
    optimizer = OPTIMIZERS[training.optimizer].build(network.parameters(), training)
    given = found.known[network.inputs[0], "out"]
    shape = (training.batch_size, *given.shape)
    x = torch.randint(0, 9, shape, device=device) if given.dtype == "int64" else torch.randn(*shape, device=device)
    y = torch.randint(0, 9, (training.batch_size,), device=device)
    for _ in range(2):
        outputs = network(x)
        loss = functional.cross_entropy(outputs[0], y)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
