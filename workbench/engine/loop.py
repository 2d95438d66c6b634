"""What training is made of: all that changes while it goes on, and all that does not."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import Tensor, nn, optim

from workbench.core.document import Training
from workbench.core.problems import Problem
from workbench.core.schedules import gamma
from workbench.engine.augmenting import NOT_AUGMENTED, Augmenting
from workbench.engine.compile import Goal, Network
from workbench.engine.feed import Feed
from workbench.engine.team import ALONE, Team

Forward = Callable[..., tuple[Tensor, ...]]
"""One tensor for each input of the network to one for each output."""
Batch = tuple[Tensor, ...]


@dataclass
class Progress:
    """Whether epochs still get better: for early stopping, and for a rate that falls on a plateau."""

    best: float = -math.inf
    stale: int = 0
    """Epochs since the last one that was better by `min_delta`."""
    waited: int = 0
    """Epochs that a plateau lasts, since the rate fell last."""
    factor: float = 1.0
    """What is left of the learning rate after plateaus, as torch's ReduceLROnPlateau lowers it."""

    def note(self, value: float, training: Training, *, closer: bool = False) -> None:
        """Take in an epoch; a larger value is better.

        Few samples tell few accuracies apart: one that is as good as the best, with a smaller loss (`closer`), is
        progress too, unless a least progress is asked for.
        """
        if value > self.best + training.min_delta or (closer and not training.min_delta):
            self.best, self.stale, self.waited = value, 0, 0
            return
        self.stale, self.waited = self.stale + 1, self.waited + 1
        if training.schedule == "plateau" and self.waited > training.plateau_patience:
            self.factor = max(self.factor * gamma(training), training.final_factor)
            self.waited = 0


class Average:
    """The running mean of the weights (Polyak and Juditsky, 1992), as exponential moving average.

    At first it follows faster, by (1 + step) / (10 + step), so that the weights of the start are soon forgotten.
    """

    def __init__(self, network: nn.Module) -> None:
        self._weights = {name: weight for name, weight in network.named_parameters() if weight.requires_grad}
        self._live: list[Tensor] = list(self._weights.values())
        self._mean = [weight.detach().clone() for weight in self._live]

    @torch.no_grad()
    def update(self, decay: float, step: int) -> None:
        """After a step of the optimiser, the first of which is 1."""
        torch._foreach_lerp_(self._mean, self._live, 1.0 - min(decay, (1 + step) / (10 + step)))

    def tensors(self) -> dict[str, Tensor]:
        """The means, by the names of the weights."""
        return dict(zip(self._weights, self._mean, strict=True))

    @torch.no_grad()
    def load(self, tensors: dict[str, Tensor]) -> None:
        """Put means back. Those of weights that were frozen then are the weights."""
        for mean, name in zip(self._mean, self._weights, strict=True):
            if name in tensors:
                mean.copy_(tensors[name])

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The network has the means as its weights inside."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    @torch.no_grad()
    def _swap(self) -> None:
        kept = [weight.detach().clone() for weight in self._live]
        torch._foreach_copy_(self._live, self._mean)
        torch._foreach_copy_(self._mean, kept)


COUNTERS = ("seed", "epoch", "place", "step", "sums", "seen", "best_epoch", "best_value", "best_metrics")


@dataclass
class Loop:
    """All that changes while a network is trained."""

    network: Network
    optimizer: optim.Optimizer
    seed: int
    epoch: int = 0
    """Epochs finished."""
    place: int = 0
    """Batches of the present epoch that are done."""
    step: int = 0
    """Steps of the optimiser: several batches make one where gradients are accumulated."""
    sums: dict[str, float] = field(default_factory=dict)
    """Of the present epoch's metrics, weighted by samples."""
    seen: int = 0
    """Samples of the present epoch that the sums are over."""
    best_epoch: int = 0
    best_value: float = -math.inf
    best_metrics: dict[str, float] = field(default_factory=dict)
    best_weights: dict[str, Tensor] = field(default_factory=dict)
    progress: Progress = field(default_factory=Progress)
    average: Average | None = None
    scaler: torch.amp.GradScaler | None = None
    """Of fp16: scales the loss, so that small gradients are not lost (Micikevicius et al., 2018)."""

    def counters(self) -> dict[str, Any]:
        """The numbers of the state (the tensors are in the network, the optimiser, the mean and the best weights)."""
        return {
            **{name: getattr(self, name) for name in COUNTERS},
            "progress": asdict(self.progress),
            "scaler": self.scaler.state_dict() if self.scaler else None,
        }

    def set_counters(self, counters: dict[str, Any]) -> None:
        """Put the numbers back; what an older program did not count yet stays as it is."""
        for name in COUNTERS:
            setattr(self, name, counters[name])
        self.progress = Progress(**counters.get("progress", {}))
        if self.scaler and counters.get("scaler"):
            self.scaler.load_state_dict(counters["scaler"])

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Inside, the network has the weights that are validated and kept: the running mean where there is one."""
        if self.average is None:
            yield
            return
        with self.average.in_place():
            yield


@dataclass(frozen=True)
class Plan:
    """What does not change while a network is trained."""

    goals: Sequence[Goal]
    train: Feed
    validation: Feed | None
    training: Training
    num_inputs: int
    """Of a batch's tensors, so many are inputs; as many as there are goals follow as targets."""
    weighted: bool = False
    """The last tensor of a batch of `train` says how much each sample counts while the network learns."""
    forward: Forward | None = None
    """What computes instead of the network itself: compiled, or with activations computed again."""
    resting: Sequence[nn.Module] = ()
    """Frozen norms, in evaluation mode while the others learn."""
    warnings: Sequence[Problem] = ()
    """What of the settings could not be had."""
    stops: frozenset[int] = frozenset()
    """Steps after which whoever drives the loop has its turn."""
    augmenting: Augmenting = NOT_AUGMENTED
    """What happens to batches of `train` at random."""
    team: Team = ALONE
    """The processes that take each step together."""

    @property
    def epochs(self) -> int:
        """How many there are to be."""
        return self.training.epochs

    @property
    def steps_per_epoch(self) -> int:
        """Steps of the optimiser."""
        return -(-self.train.batches // self.training.accumulate)

    @property
    def steps(self) -> int:
        """Of the whole run, unless it stops early."""
        return self.epochs * self.steps_per_epoch
