"""The catalogue, made from the registries. `python -m workbench.engine.catalogue` writes the copy that ships."""

import sys

import msgspec

import workbench
from workbench.core.catalogue import Catalogue
from workbench.core.files import write_atomically
from workbench.core.places import assets
from workbench.engine.datasets import DATASETS
from workbench.engine.layers import LAYERS
from workbench.engine.layers.basic import TASK_KEYS
from workbench.engine.optimizers import OPTIMIZERS
from workbench.engine.steps import STEPS
from workbench.engine.tasks import TASKS

GROUPS = (
    "Inputs and outputs",
    "Linear",
    "Convolution",
    "Pooling",
    "Activation",
    "Normalisation",
    "Sequence",
    "Size and padding",
    "Shape",
    "Reduction",
    "Operation",
)
"""The order in which layers are listed."""
COMMON = (
    "input", "output", "linear", "conv2d", "conv1d", "conv_transpose2d", "max_pool2d", "avg_pool2d", "global_avg_pool",
    "relu", "gelu", "silu", "leaky_relu", "sigmoid", "tanh", "softmax", "batch_norm2d", "batch_norm1d", "layer_norm",
    "group_norm", "rms_norm", "dropout", "embedding", "position_embedding", "multihead_attention",
    "transformer_encoder_layer", "lstm", "gru", "upsample", "pad", "flatten", "reshape", "permute", "concat", "split",
    "select", "mean", "sum", "add", "multiply", "subtract", "divide", "scale", "compare",
)  # fmt: skip
"""What most networks are made of stands first in its group; the others keep the order of their files."""


def catalogue() -> Catalogue:
    """What there is, in the order in which it is listed."""
    first = {key: place for place, key in enumerate(COMMON)}
    layers = sorted(LAYERS.items(), key=lambda item: (GROUPS.index(item[1].info.group), first.get(item[0], len(first))))
    return Catalogue(
        version=workbench.__version__,
        layers={key: cls.info for key, cls in layers},
        datasets={key: cls.info for key, cls in DATASETS.items()},
        tasks={key: TASKS[key].info for key in TASK_KEYS},
        optimizers={key: entry.info for key, entry in OPTIMIZERS.items()},
        steps={key: cls.info for key, cls in STEPS.items()},
    )


def encoded(found: Catalogue) -> bytes:
    """The text of the file that ships: sorted and indented, so that version control shows what changed."""
    return msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n"


def main() -> int:
    """Write the file. Returns the exit status."""
    write_atomically(assets() / "catalogue.json", encoded(catalogue()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
