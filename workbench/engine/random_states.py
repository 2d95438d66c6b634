"""The states of all generators of random numbers, as tensors: of torch, of its accelerators, of numpy and of Python."""

import random

import numpy as np
import torch
from torch import Tensor

PREFIX = "random."


def tensors() -> dict[str, Tensor]:
    """All states, by names that begin with `random.`."""
    _, words, spare = random.getstate()
    _, keys, position, has_gauss, gauss = np.random.get_state(legacy=True)
    states = {
        "cpu": torch.get_rng_state(),
        "python": torch.tensor(words, dtype=torch.int64),
        "python.gauss": torch.tensor([] if spare is None else [spare], dtype=torch.float64),
        "numpy": torch.from_numpy(np.array([*keys, position, has_gauss], np.int64)),
        "numpy.gauss": torch.tensor([gauss], dtype=torch.float64),
    }
    if torch.cuda.is_available():
        states |= {f"cuda.{number}": state for number, state in enumerate(torch.cuda.get_rng_state_all())}
    if torch.backends.mps.is_available():
        states["mps"] = torch.mps.get_rng_state()
    return {PREFIX + name: state for name, state in states.items()}


def restore(found: dict[str, Tensor]) -> None:
    """Put the generators where they stood; those that are not among the tensors stay as they are."""
    states = {name.removeprefix(PREFIX): state for name, state in found.items() if name.startswith(PREFIX)}
    torch.set_rng_state(states["cpu"])
    if "python" in states:
        spare = states["python.gauss"].tolist()
        random.setstate((3, tuple(states["python"].tolist()), spare[0] if spare else None))
    if "numpy" in states:
        *keys, position, has_gauss = states["numpy"].tolist()
        gauss = float(states["numpy.gauss"])
        np.random.set_state(("MT19937", np.array(keys, np.uint32), position, has_gauss, gauss))
    if "mps" in states and torch.backends.mps.is_available():
        torch.mps.set_rng_state(states["mps"])
    for name, state in states.items():
        if name.startswith("cuda.") and int(name.removeprefix("cuda.")) < torch.cuda.device_count():
            torch.cuda.set_rng_state(state, int(name.removeprefix("cuda.")))
