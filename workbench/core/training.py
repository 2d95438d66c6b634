"""How a network is trained: all settings, with the defaults that change nothing. What each means: `training_fields`."""

from typing import Literal

from msgspec import Struct

Device = Literal["auto", "cpu", "cuda", "mps"]
Schedule = Literal["constant", "cosine", "linear", "one_cycle", "step", "exponential", "plateau"]
ClassWeights = Literal["none", "balanced"]
Monitor = Literal["auto", "val/loss", "train/loss"]
Precision = Literal["fp32", "bf16", "fp16"]
Initialisation = Literal[
    "default", "xavier_uniform", "xavier_normal", "kaiming_uniform", "kaiming_normal", "orthogonal", "normal"
]


class Training(Struct, frozen=True):
    """How the network is trained. The names are torch's own where torch has one; None leaves it to the optimiser."""

    optimizer: str = "adam"
    learning_rate: float = 1e-3
    momentum: float = 0.9
    dampening: float = 0.0
    nesterov: bool = False
    betas: tuple[float, float] | None = None
    eps: float | None = None
    amsgrad: bool = False
    alpha: float | None = None
    rho: float | None = None
    centered: bool = False
    lr_decay: float = 0.0
    momentum_decay: float | None = None
    decoupled_weight_decay: bool = False
    etas: tuple[float, float] | None = None
    step_sizes: tuple[float, float] | None = None
    lambd: float | None = None
    t0: float | None = None
    beta2_decay: float | None = None
    d: float | None = None
    ns_steps: int | None = None
    rates: tuple[tuple[str, float], ...] = ()
    """Paths of nodes or of uses of blocks, with the share of the learning rate that their weights get."""
    frozen: tuple[str, ...] = ()
    """Paths of nodes or of uses of blocks whose weights stay as they are."""

    schedule: Schedule = "constant"
    warmup: int = 0
    final_factor: float = 0.0
    step_size: int = 10
    gamma: float | None = None
    pct_start: float = 0.3
    div_factor: float = 25.0
    final_div_factor: float = 1e4
    cycle_momentum: bool = False
    base_momentum: float = 0.85
    max_momentum: float = 0.95
    plateau_patience: int = 5

    batch_size: int = 32
    accumulate: int = 1

    weight_decay: float = 0.0
    no_decay: bool = False
    label_smoothing: float = 0.0
    class_weights: ClassWeights = "none"
    clip_norm: float | None = None
    clip_value: float | None = None
    ema_decay: float | None = None

    epochs: int = 10
    monitor: Monitor = "auto"
    min_delta: float = 0.0
    patience: int | None = None

    precision: Precision = "fp32"
    compile: bool = False
    channels_last: bool = False
    checkpointing: bool = False
    device: Device = "auto"
    threads: int = 0
    processes: int = 1
    nodes: int = 1

    initialisation: Initialisation = "default"

    seed: int = 0
    deterministic: bool = False
