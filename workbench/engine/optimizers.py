"""The optimisers, one function each: from the settings to what torch's class is called with.

`LBFGS` is not among them: each of its steps needs the same batch many times and one group of weights, and what it
keeps are lists. `SparseAdam` takes sparse gradients only, which no layer here gives.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import optim

from workbench.core.catalogue import OptimizerInfo
from workbench.core.document import Training
from workbench.engine.groups import Group
from workbench.engine.registry import Registry, first_line

Groups = list[dict[str, Any]]
"""Groups of weights as torch takes them; `factor` is their share of the learning rate."""
Build = Callable[[Groups, Training], optim.Optimizer]


class Entry(NamedTuple):
    """One optimiser."""

    info: OptimizerInfo
    build: Build
    slots: Callable[[Training], int]
    """How many numbers it keeps for each weight."""


OPTIMIZERS: Registry[Entry] = Registry("optimizer")


def optimizer(
    key: str, title: str, *settings: str, slots: Callable[[Training], int] = lambda training: 2
) -> Callable[[Build], Build]:
    """Register an optimiser that reads these training settings."""

    def register(build: Build) -> Build:
        read = ("learning_rate", *settings)
        info = OptimizerInfo(key, title, "Optimisers", first_line(build.__doc__), read)
        OPTIMIZERS.add(key)(Entry(info, build, slots))
        return build

    return register


def made(groups: list[Group], training: Training) -> optim.Optimizer:
    """The optimiser of the settings over these groups of weights."""
    rows: Groups = [
        {
            "params": group.weights,
            "factor": group.factor,
            "lr": training.learning_rate * group.factor,
            **({} if group.decays else {"weight_decay": 0.0}),
        }
        for group in groups
    ]
    return OPTIMIZERS[training.optimizer].build(rows, training)


def _given(training: Training, *names: str) -> dict[str, Any]:
    """Those settings that say something; torch's own defaults stand for the others."""
    return {name: value for name in names if (value := getattr(training, name)) is not None}


def _fused() -> dict[str, Any]:
    """One kernel for all weights: half of a small network's step is the optimiser."""
    return {"fused": not torch.backends.mps.is_available()}


def _cycles(training: Training) -> bool:
    return training.schedule == "one_cycle" and training.cycle_momentum


def _with_amsgrad(training: Training) -> int:
    return 3 if training.amsgrad else 2


@optimizer(
    "sgd",
    "SGD",
    "momentum",
    "dampening",
    "nesterov",
    "weight_decay",
    "no_decay",
    slots=lambda training: int(training.momentum > 0 or _cycles(training)),
)
def _sgd(groups: Groups, training: Training) -> optim.Optimizer:
    """Plain steps down the gradient, with momentum."""
    momentum = training.momentum
    ahead = training.nesterov and momentum > 0
    dampening = 0.0 if ahead else training.dampening  # torch knows Nesterov's momentum without it only
    return optim.SGD(
        groups,
        training.learning_rate,
        momentum,
        nesterov=ahead,
        dampening=dampening,
        weight_decay=training.weight_decay,
        **_fused(),
    )


@optimizer("adam", "Adam", "betas", "eps", "amsgrad", "weight_decay", "no_decay", slots=_with_amsgrad)
def _adam(groups: Groups, training: Training) -> optim.Optimizer:
    """Steps scaled for each weight by how its gradient behaved (Kingma and Ba, 2015)."""
    own = _given(training, "betas", "eps", "amsgrad", "weight_decay")
    return optim.Adam(groups, training.learning_rate, **own, **_fused())


@optimizer("adamw", "AdamW", "betas", "eps", "amsgrad", "weight_decay", "no_decay", slots=_with_amsgrad)
def _adamw(groups: Groups, training: Training) -> optim.Optimizer:
    """Adam with weight decay apart from the gradient (Loshchilov and Hutter, 2019)."""
    own = _given(training, "betas", "eps", "amsgrad", "weight_decay")
    return optim.AdamW(groups, training.learning_rate, **own, **_fused())


@optimizer("nadam", "NAdam", "betas", "eps", "momentum_decay", "weight_decay", "decoupled_weight_decay", "no_decay")
def _nadam(groups: Groups, training: Training) -> optim.Optimizer:
    """Adam whose momentum looks one step ahead (Dozat, 2016)."""
    own = _given(training, "betas", "eps", "momentum_decay", "weight_decay", "decoupled_weight_decay")
    return optim.NAdam(groups, training.learning_rate, **own)


@optimizer("radam", "RAdam", "betas", "eps", "weight_decay", "decoupled_weight_decay", "no_decay")
def _radam(groups: Groups, training: Training) -> optim.Optimizer:
    """Adam that waits with scaling until it knows the gradient well enough (Liu et al., 2020)."""
    own = _given(training, "betas", "eps", "weight_decay", "decoupled_weight_decay")
    return optim.RAdam(groups, training.learning_rate, **own)


@optimizer("adamax", "Adamax", "betas", "eps", "weight_decay", "no_decay")
def _adamax(groups: Groups, training: Training) -> optim.Optimizer:
    """Adam scaled by the largest gradient instead of the mean square (Kingma and Ba, 2015)."""
    return optim.Adamax(groups, training.learning_rate, **_given(training, "betas", "eps", "weight_decay"))


@optimizer("adadelta", "Adadelta", "rho", "eps", "weight_decay", "no_decay")
def _adadelta(groups: Groups, training: Training) -> optim.Optimizer:
    """Steps as long as the last ones were; its learning rate is about 1 (Zeiler, 2012)."""
    return optim.Adadelta(groups, training.learning_rate, **_given(training, "rho", "eps", "weight_decay"))


@optimizer("adagrad", "Adagrad", "eps", "lr_decay", "weight_decay", "no_decay", slots=lambda training: 1)
def _adagrad(groups: Groups, training: Training) -> optim.Optimizer:
    """Steps scaled down by all gradients so far: for rare features (Duchi et al., 2011)."""
    own = _given(training, "eps", "lr_decay", "weight_decay")
    return optim.Adagrad(groups, training.learning_rate, **own, **_fused())


@optimizer(
    "rmsprop",
    "RMSprop",
    "momentum",
    "alpha",
    "eps",
    "centered",
    "weight_decay",
    "no_decay",
    slots=lambda training: 1 + int(training.momentum > 0) + int(training.centered),
)
def _rmsprop(groups: Groups, training: Training) -> optim.Optimizer:
    """Steps scaled by a running mean of the squared gradient (Tieleman and Hinton, 2012)."""
    own = _given(training, "momentum", "alpha", "eps", "centered", "weight_decay")
    return optim.RMSprop(groups, training.learning_rate, **own)


@optimizer("rprop", "Rprop", "etas", "step_sizes")
def _rprop(groups: Groups, training: Training) -> optim.Optimizer:
    """Only the signs of gradients count: for batches of all samples (Riedmiller and Braun, 1993)."""
    for group in groups:
        group.pop("weight_decay", None)
    return optim.Rprop(groups, training.learning_rate, **_given(training, "etas", "step_sizes"))


@optimizer("asgd", "Averaged SGD", "lambd", "alpha", "t0", "weight_decay", "no_decay", slots=lambda training: 1)
def _asgd(groups: Groups, training: Training) -> optim.Optimizer:
    """Steps down the gradient at a rate that decays by itself (Polyak and Juditsky, 1992)."""
    return optim.ASGD(groups, training.learning_rate, **_given(training, "lambd", "alpha", "t0", "weight_decay"))


@optimizer("adafactor", "Adafactor", "beta2_decay", "d", "weight_decay", "no_decay", slots=lambda training: 0)
def _adafactor(groups: Groups, training: Training) -> optim.Optimizer:
    """Adam that keeps sums of rows and columns only: little memory for large networks (Shazeer and Stern, 2018)."""
    own = _given(training, "beta2_decay", "d", "weight_decay")
    return optim.Adafactor(groups, training.learning_rate, **own)


@optimizer(
    "muon",
    "Muon",
    "momentum",
    "ns_steps",
    "betas",
    "eps",
    "weight_decay",
    "no_decay",
)
def _muon(groups: Groups, training: Training) -> optim.Optimizer:
    """Orthogonal steps for matrices, AdamW for everything else (Jordan et al., 2024)."""
    return MuonWithAdamW(groups, training)


class MuonWithAdamW(optim.Optimizer):
    """torch's Muon for the weights of two axes and its AdamW for the others, as one optimiser.

    Muon's updates are made as long as AdamW's (Liu et al., 2025), so that one learning rate suits both.
    """

    def __init__(self, groups: Groups, training: Training) -> None:
        rows = [
            {**group, "params": [weight for weight in group["params"] if (weight.ndim == 2) is matrices]}
            for matrices in (True, False)
            for group in groups
        ]
        super().__init__([row for row in rows if row["params"]], {"lr": training.learning_rate})
        matrices = [group for group in self.param_groups if group["params"][0].ndim == 2]
        others = [group for group in self.param_groups if group["params"][0].ndim != 2]
        decay: dict[str, Any] = {"lr": training.learning_rate, "weight_decay": training.weight_decay}
        own = _given(training, "momentum", "ns_steps", "eps")
        self._parts: list[optim.Optimizer] = []
        if matrices:
            self._parts.append(optim.Muon(_bare(matrices), **decay, **own, adjust_lr_fn="match_rms_adamw"))
        if others:
            self._parts.append(optim.AdamW(_bare(others), **decay, **_given(training, "betas", "eps"), **_fused()))
        self._share()

    def _share(self) -> None:
        """One state and one list of groups, whoever looks at it."""
        groups = [group for part in self._parts for group in part.param_groups]
        for group, full in zip(self.param_groups, groups, strict=True):
            group.update({key: value for key, value in full.items() if key not in group})
        at = 0
        for part in self._parts:
            count = len(part.param_groups)
            part.param_groups = self.param_groups[at : at + count]
            part.state = self.state
            at += count

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """One step of both."""
        for part in self._parts:
            part.step()

    def __getstate__(self) -> dict[str, Any]:
        """For a copy: torch would leave the parts behind."""
        return {**super().__getstate__(), "_parts": self._parts}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """As torch's: groups and state are made anew, and shared again."""
        super().load_state_dict(state_dict)
        self._share()


def _bare(groups: Groups) -> list[dict[str, Any]]:
    return [{key: group[key] for key in ("params", "lr", "weight_decay") if key in group} for group in groups]
