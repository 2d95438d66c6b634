"""Inputs, outputs, and the layers that every network has."""

from dataclasses import dataclass
from typing import Annotated

from torch import nn

from workbench.engine import losses
from workbench.engine.layers.base import Known, Layer, Misfit, layer
from workbench.engine.layers.checks import need_float
from workbench.engine.made import made
from workbench.engine.registry import Setting

DTYPES = ("float32", "int64", "bool")
TASK_KEYS = (
    "classification", "multi_label", "regression", "sequence_classification", "token_tagging", "language_modelling",
    "sequence", "segmentation", "autoencoding",
)  # fmt: skip
"""Of all tasks, the usual ones first. (Tasks need layers, and so cannot be asked here.)"""


@layer("input", "Input", "Inputs and outputs", family="io", inputs=(), synonyms=("data", "source", "placeholder"))
@dataclass(frozen=True)
class Input(Layer):
    """Where data enters the network.

    An input is bound to a column of the project's data, or, while there is no data, declares its shape.
    """

    column: Annotated[str | None, Setting(kind="column", help="The column of the data that enters here")] = None
    shape: Annotated[
        tuple[int | str, ...] | None,
        Setting(
            1,
            names=True,
            help="Without the batch axis; a name such as seq stands for any length. Used while no column is bound",
        ),
    ] = None
    dtype: Annotated[str, Setting(choices=DTYPES, help="Used while no column is bound")] = "float32"

    def build(self) -> nn.Module:
        """Nothing is computed."""
        return made(nn.Identity)


@layer("output", "Output", "Inputs and outputs", family="io", outputs=(), synonyms=("loss", "target", "result"))
@dataclass(frozen=True)
class Output(Layer):
    """What the network is for: the task, and the column that holds the right answers.

    The loss is not part of the exported network: that gives the raw outputs (for classes: logits), and the
    exported file's metadata says how to read them.
    """

    task: Annotated[str, Setting(choices=TASK_KEYS, help="What the output means")] = "classification"
    target: Annotated[str | None, Setting(kind="column", help="The column with the right answers")] = None
    loss: Annotated[
        str,
        Setting(choices=("default", *losses.NAMES), help="What training makes small"),
    ] = "default"
    weight: Annotated[float, Setting(0.0, help="Of this output's loss in the sum of all losses")] = 1.0
    threshold: Annotated[
        float, Setting(0.0, 1.0, help="Of multi-label classification: the least share with which a tag is given")
    ] = 0.5

    def build(self, x: Known) -> nn.Module:
        """Nothing is computed."""
        return made(nn.Identity)


@layer(
    "linear",
    "Linear",
    "Linear",
    synonyms=("dense", "fully connected", "affine"),
    caption=("out_features",),
    formula="y = x Wᵀ + b",
)
@dataclass(frozen=True)
class Linear(Layer):
    """Connects every input to every output with a learned weight.

    Works on the last axis: y = x Wᵀ + b. Earlier axes stay as they are, so an image must be flattened first.
    """

    out_features: Annotated[int, Setting(1, label="Units", help="How many outputs", said=("{n} unit", "{n} units"))] = (
        128
    )
    bias: Annotated[bool, Setting(help="Add a learned offset to each output")] = True

    def check(self, x: Known) -> None:
        """A linear layer reads numbers along a last axis."""
        need_float(x)
        if not x.shape:
            raise Misfit("layer.rank", found=x.shape, expected="features")

    def build(self, x: Known) -> nn.Module:
        """Y = x Wᵀ + b."""
        return made(nn.Linear, x.shape[-1], self.out_features, bias=self.bias)
