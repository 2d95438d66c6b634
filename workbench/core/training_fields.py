"""The settings of training as form fields, each with its bounds and a sentence of help."""

from typing import Any

from msgspec.structs import replace

from workbench.core.catalogue import Catalogue, FieldInfo, FieldKind
from workbench.core.training import Training

SECTIONS = (
    "Optimiser",
    "Schedule",
    "Batch",
    "Regularisation",
    "Stopping",
    "Precision and speed",
    "Start",
    "Reproducibility",
)
"""The order in which a form shows them."""

_DEFAULTS = Training()


def _field(section: str, name: str, label: str, kind: FieldKind, help: str, **more: Any) -> FieldInfo:
    default = getattr(_DEFAULTS, name)
    return FieldInfo(name, label, kind, default, section=section, help=help, optional=default is None, **more)


def _optimiser(name: str, label: str, kind: FieldKind, help: str, **more: Any) -> FieldInfo:
    return _field("Optimiser", name, label, kind, help, **more)


def _schedule(name: str, label: str, kind: FieldKind, help: str, **more: Any) -> FieldInfo:
    return _field("Schedule", name, label, kind, help, **more)


def _regularisation(name: str, label: str, kind: FieldKind, help: str, **more: Any) -> FieldInfo:
    return _field("Regularisation", name, label, kind, help, **more)


def _stopping(name: str, label: str, kind: FieldKind, help: str, **more: Any) -> FieldInfo:
    return _field("Stopping", name, label, kind, help, **more)


def _speed(name: str, label: str, kind: FieldKind, help: str, **more: Any) -> FieldInfo:
    return _field("Precision and speed", name, label, kind, help, **more)


_FALLING = ("schedule", "cosine", "linear", "plateau")

TRAINING_FIELDS = (
    _optimiser("optimizer", "Optimiser", "choice", "How weights are stepped down the gradient"),
    _optimiser("learning_rate", "Learning rate", "float", "How far each step goes", minimum=0.0),
    _optimiser("momentum", "Momentum", "float", "How much of the last step goes on", minimum=0.0, maximum=1.0),
    _optimiser(
        "dampening",
        "Dampening",
        "float",
        "How much less of a gradient the momentum takes up",
        minimum=0.0,
        maximum=1.0,
        when=("momentum",),
    ),
    _optimiser("nesterov", "Nesterov", "bool", "Momentum looks one step ahead", when=("momentum",)),
    _optimiser(
        "betas",
        "Betas",
        "float_pair",
        "How much of the means of gradients and of their squares stays at each step",
        minimum=0.0,
        maximum=1.0,
    ),
    _optimiser("eps", "Epsilon", "float", "Keeps the division by a small mean in bounds", minimum=0.0),
    _optimiser("amsgrad", "AMSGrad", "bool", "Divides by the largest mean so far, not the present one"),
    _optimiser("alpha", "Alpha", "float", "How slowly the running mean follows", minimum=0.0, maximum=1.0),
    _optimiser(
        "rho", "Rho", "float", "How much of the mean of squared gradients stays at each step", minimum=0.0, maximum=1.0
    ),
    _optimiser("centered", "Centred", "bool", "Divides by the variance of the gradient, not by its mean square"),
    _optimiser("lr_decay", "Decay of the rate", "float", "How fast the rate falls with the steps", minimum=0.0),
    _optimiser("momentum_decay", "Decay of momentum", "float", "How fast momentum warms up", minimum=0.0),
    _optimiser(
        "decoupled_weight_decay", "Decoupled decay", "bool", "Weight decay acts on the weights, not on the gradient"
    ),
    _optimiser("etas", "Etas", "float_pair", "What a step is multiplied by when it turns back, and when it goes on"),
    _optimiser("step_sizes", "Step sizes", "float_pair", "The smallest and the largest step", minimum=0.0),
    _optimiser("lambd", "Lambda", "float", "How fast the rate of averaged SGD decays", minimum=0.0),
    _optimiser("t0", "Start of the mean", "float", "The step from which weights are averaged", minimum=0.0),
    _optimiser("beta2_decay", "Beta 2 decay", "float", "How slowly the mean of squares follows with the steps"),
    _optimiser("d", "Clipping threshold", "float", "How large an update may be beside its running mean", minimum=0.0),
    _optimiser("ns_steps", "Newton-Schulz steps", "int", "Turns that make an update orthogonal", minimum=1, maximum=99),
    _optimiser("rates", "Other rates", "rates", "Layers and blocks that learn at a share of the learning rate"),
    _optimiser("frozen", "Frozen", "nodes", "Layers and blocks whose weights and running means stay as they are"),
    _schedule(
        "schedule",
        "Schedule",
        "choice",
        "How the learning rate changes while the network is trained",
        choices=("constant", "cosine", "linear", "one_cycle", "step", "exponential", "plateau"),
    ),
    _schedule(
        "warmup",
        "Warm-up",
        "int",
        "Steps over which the rate rises evenly to its full height",
        minimum=0,
        unit="steps",
        when=("schedule", "constant", "cosine", "linear", "step", "exponential", "plateau"),
    ),
    _schedule(
        "final_factor",
        "Final share",
        "float",
        "Where the rate ends or at least stays, as a share of the learning rate",
        minimum=0.0,
        maximum=1.0,
        when=_FALLING,
    ),
    _schedule(
        "step_size",
        "Step every",
        "int",
        "Epochs between two falls of the rate",
        minimum=1,
        unit="epochs",
        when=("schedule", "step"),
    ),
    _schedule(
        "gamma",
        "Gamma",
        "float",
        "What the rate is multiplied by at each fall: 0.1, and 0.95 an epoch for exponential, unless something else is"
        " said",
        minimum=0.0,
        maximum=1.0,
        when=("schedule", "step", "exponential", "plateau"),
    ),
    _schedule(
        "pct_start",
        "Rising share",
        "float",
        "The share of all steps over which the rate rises",
        minimum=0.0,
        maximum=1.0,
        when=("schedule", "one_cycle"),
    ),
    _schedule(
        "div_factor",
        "Start divisor",
        "float",
        "The rate begins at the learning rate divided by this",
        minimum=1.0,
        when=("schedule", "one_cycle"),
    ),
    _schedule(
        "final_div_factor",
        "Final divisor",
        "float",
        "The rate ends at the first one divided by this",
        minimum=1.0,
        when=("schedule", "one_cycle"),
    ),
    _schedule(
        "cycle_momentum",
        "Cycle momentum",
        "bool",
        "Momentum (of Adam and its kin, the first beta) falls while the rate rises, and rises while it falls",
        when=("schedule", "one_cycle"),
    ),
    _schedule(
        "base_momentum",
        "Least momentum",
        "float",
        "Momentum where the rate is highest",
        minimum=0.0,
        maximum=1.0,
        when=("cycle_momentum",),
    ),
    _schedule(
        "max_momentum",
        "Most momentum",
        "float",
        "Momentum at the start and at the end",
        minimum=0.0,
        maximum=1.0,
        when=("cycle_momentum",),
    ),
    _schedule(
        "plateau_patience",
        "Patience",
        "int",
        "Epochs without progress after which the rate falls",
        minimum=0,
        unit="epochs",
        when=("schedule", "plateau"),
    ),
    _field("Batch", "batch_size", "Batch size", "int", "Samples a batch", minimum=1),
    _field(
        "Batch",
        "accumulate",
        "Accumulate",
        "int",
        "Batches whose gradients are summed up for one step",
        minimum=1,
        maximum=65_536,
        unit="batches",
    ),
    _regularisation("weight_decay", "Weight decay", "float", "How strongly weights are pulled to zero", minimum=0.0),
    _regularisation(
        "no_decay", "Spare norms and biases", "bool", "Norms and biases do not decay", when=("weight_decay",)
    ),
    _regularisation(
        "label_smoothing",
        "Label smoothing",
        "float",
        "The share of each answer that is spread over all classes",
        minimum=0.0,
        maximum=1.0,
    ),
    _regularisation(
        "class_weights",
        "Class weights",
        "choice",
        "Balanced: rare classes count more, so that each class counts the same in all",
        choices=("none", "balanced"),
    ),
    _regularisation(
        "clip_norm", "Clip norm", "float", "The gradient of all weights is made no longer than this", minimum=0.0
    ),
    _regularisation(
        "clip_value", "Clip value", "float", "No number of a gradient is made larger than this", minimum=0.0
    ),
    _regularisation(
        "ema_decay",
        "Averaged weights",
        "float",
        "How much of the running mean of the weights stays at each step (0.999); it is what is validated and kept",
        minimum=0.0,
        maximum=1.0,
    ),
    _stopping("epochs", "Epochs", "int", "How often all samples are seen", minimum=1),
    _stopping(
        "monitor",
        "Watch",
        "choice",
        "What tells a better epoch: the metric of the task (of equal ones the smaller loss), or a loss",
        choices=("auto", "val/loss", "train/loss"),
    ),
    _stopping(
        "min_delta", "Least progress", "float", "How much better an epoch must be to count as progress", minimum=0.0
    ),
    _stopping(
        "patience",
        "Stop after",
        "int",
        "Epochs without progress after which training ends early",
        minimum=1,
        unit="epochs",
    ),
    _speed(
        "precision",
        "Precision",
        "choice",
        "Half precision is faster on graphics cards; fp16 scales the loss, so that small gradients are not lost",
        choices=("fp32", "bf16", "fp16"),
    ),
    _speed("compile", "Compile", "bool", "torch.compile: a slow start, then faster steps, where a compiler is there"),
    _speed("channels_last", "Channels last", "bool", "Images lie in memory as convolutions like them best"),
    _speed(
        "checkpointing",
        "Recompute activations",
        "bool",
        "Less memory for longer steps: what layers gave is computed again for the gradient",
    ),
    _speed("device", "Device", "choice", "Where it is computed", choices=("auto", "cpu", "cuda", "mps")),
    _speed(
        "threads", "Threads", "int", "Processor threads; 0 tries out which number is fastest", minimum=0, maximum=1024
    ),
    _speed(
        "processes",
        "Processes",
        "int",
        "Processes of this machine that share each batch; on several, each on its own graphics card",
        minimum=1,
        maximum=1024,
    ),
    _speed(
        "nodes",
        "Machines",
        "int",
        "Machines with so many processes each, started by the line or file of “workbench scale-out”",
        minimum=1,
        maximum=1024,
    ),
    _field(
        "Start",
        "initialisation",
        "Initialisation",
        "choice",
        "How weights are drawn before the first step; default is what torch does for each layer",
        choices=(
            "default",
            "xavier_uniform",
            "xavier_normal",
            "kaiming_uniform",
            "kaiming_normal",
            "orthogonal",
            "normal",
        ),
    ),
    _field(
        "Reproducibility", "seed", "Seed", "int", "With one number of threads, one seed gives one result", minimum=0
    ),
    _field(
        "Reproducibility",
        "deterministic",
        "Deterministic",
        "bool",
        "Only operations that give the same result every time; slower on graphics cards",
    ),
)
"""What the settings of training may be."""


def training_fields(catalogue: Catalogue, training: Training | None = None) -> tuple[FieldInfo, ...]:
    """The settings of training that are read with these settings (all there are, without any), as form fields."""
    infos = tuple(
        replace(info, choices=tuple(catalogue.optimizers)) if info.name == "optimizer" else info
        for info in TRAINING_FIELDS
    )
    return infos if training is None else tuple(info for info in infos if _is_read(info, training, catalogue))


def _is_read(info: FieldInfo, training: Training, catalogue: Catalogue) -> bool:
    own = {name for optimizer in catalogue.optimizers.values() for name in optimizer.settings}
    chosen = catalogue.optimizers.get(training.optimizer)
    if chosen is not None and info.name in own and info.name not in chosen.settings:
        return False
    if not info.when:
        return True
    other, *values = info.when
    value = getattr(training, other)
    above = next(one for one in TRAINING_FIELDS if one.name == other)
    return (value in values if values else bool(value)) and _is_read(above, training, catalogue)
