"""What it looks like when memory ran out, and the smaller batches with which it would do."""

import errno

import torch

from workbench.core.document import Training
from workbench.core.edits import Fix, SetTraining, Several
from workbench.core.problems import Problem

SIGNS = (
    "out of memory",
    "can't allocate memory",
    "not enough memory",
    "cannot allocate memory",
    "bad_alloc",
    "could not create a memory object",
    "could not create a primitive",
)
"""How torch, oneDNN, C++ and systems say it, in errors that have no class of their own."""
SMALL_FACTOR = 8
"""A batch is cut into so many equal parts at most; one that has no such divisor is halved, rounded up."""


def is_shortage(error: BaseException) -> bool:
    """An error means that there was not enough memory, of the machine or of its accelerator."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return True
    return isinstance(error, RuntimeError | OSError) and any(sign in str(error).lower() for sign in SIGNS)


def shortage(error: BaseException, training: Training) -> Problem:
    """As a problem, with the remedy that keeps what a step of the optimiser sees."""
    detail = str(error).split("\n")[0] or type(error).__name__
    return Problem("train.out_of_memory", {"detail": detail, "batch_size": training.batch_size}, fix=smaller(training))


def smaller(training: Training) -> Fix | None:
    """Smaller batches of which more are accumulated; None where a batch is one sample already."""
    size = training.batch_size
    if size == 1:
        return None
    parts = next((part for part in range(2, SMALL_FACTOR + 1) if size % part == 0), 2)
    return Several(
        (SetTraining("batch_size", -(-size // parts)), SetTraining("accumulate", training.accumulate * parts))
    )
