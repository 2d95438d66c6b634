"""What each task is tried with: a column of targets, a small network, and outputs that do not fit."""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from tests.graphs import chain
from workbench.core.analysis import Axis, ColumnSummary, Spec
from workbench.core.document import Document, Settings
from workbench.engine.losses import IGNORED
from workbench.engine.tasks import TASKS, task_of
from workbench.engine.tasks.base import Task

BATCH = 6
WORDS = ("<pad>", "<unk>", "<s>", "</s>", "a", "cat", "sat", "here")
TAGS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
COLOURS = ("red", "green", "blue")


@dataclass(frozen=True)
class Example:
    """One way to use a task."""

    key: str
    column: ColumnSummary
    layers: tuple[tuple[str, Settings], ...]
    """Between input and output."""
    targets: Callable[[], Tensor]
    shape: tuple[Axis, ...] = (8,)
    """Of the input."""
    dtype: str = "float32"
    wrong: tuple[tuple[Spec, str], ...] = ()
    """Outputs that do not fit, and what is said."""
    settings: Settings = field(default_factory=dict)

    @property
    def task(self) -> Task:
        return task_of({"task": self.key, **self.settings})

    @property
    def document(self) -> Document:
        """The network, without data."""
        layers = [(f"layer_{place}", *layer) for place, layer in enumerate(self.layers)]
        return chain(
            ("x", "input", {"shape": self.shape, "dtype": self.dtype}),
            *layers,
            ("y", "output", {"task": self.key, **self.settings}),
        )

    def inputs(self, batch: int = BATCH, length: int = 7) -> Tensor:
        sizes = [axis if isinstance(axis, int) else length for axis in self.shape]
        if self.dtype == "int64":
            return torch.randint(1, len(WORDS), (batch, *sizes))
        return torch.rand(batch, *sizes)

    def __str__(self) -> str:
        return "-".join([self.key, self.column.kind, *map(str, self.settings.values())])


def labels(*shape: int, classes: int, ignored: bool = False) -> Callable[[], Tensor]:
    def make() -> Tensor:
        found = torch.randint(0, classes, (BATCH, *shape))
        if ignored:
            found[..., -2:] = IGNORED
        return found

    return make


def numbers(*shape: int) -> Callable[[], Tensor]:
    return lambda: torch.rand(BATCH, *shape)


LABEL = ColumnSummary("colour", "label", (), "int64", COLOURS)
TOKEN_LAYERS: tuple[tuple[str, Settings], ...] = (
    ("embedding", {"num_embeddings": len(WORDS), "embedding_dim": 6}),
    ("gru", {"hidden_size": 7}),
)
NEXT = ColumnSummary("next", "labels", ("seq",), "int64", WORDS)
WRITES = (
    (Spec(("seq", 7)), "language.width"),
    (Spec((8,)), "labels.positions"),
    (Spec(("seq", 8), "int64"), "output.not_float"),
)

EXAMPLES = [
    Example(
        "classification",
        LABEL,
        (("linear", {"out_features": 3}),),
        labels(classes=3),
        wrong=(
            (Spec((4,)), "classification.width"),
            (Spec((3, 2, 2)), "classification.width"),
            (Spec(()), "classification.positions"),
            (Spec((3,), "int64"), "output.not_float"),
        ),
    ),
    Example(
        "multi_label",
        ColumnSummary("colours", "tags", (3,), "float32", COLOURS),
        (("linear", {"out_features": 3}),),
        lambda: torch.randint(0, 2, (BATCH, 3)).float(),
        wrong=((Spec((4,)), "multi_label.width"), (Spec((3, 2, 2)), "multi_label.width")),
        settings={"threshold": 0.4},
    ),
    Example(
        "regression",
        ColumnSummary("price", "number", (1,), "float32"),
        (("linear", {"out_features": 1}),),
        numbers(1),
        wrong=((Spec((4,)), "regression.width"), (Spec((1, 2)), "regression.width")),
    ),
    Example(
        "regression",
        ColumnSummary("place", "number", (2,), "float32"),
        (("linear", {"out_features": 2}),),
        numbers(2),
        wrong=((Spec((1,)), "regression.width"),),
        settings={"loss": "huber"},
    ),
    Example(
        "sequence_classification",
        LABEL,
        (*TOKEN_LAYERS, ("mean", {"dim": (1,)}), ("linear", {"out_features": 3})),
        labels(classes=3),
        shape=("seq",),
        dtype="int64",
        wrong=((Spec(("seq", 3)), "sequence.steps"), (Spec((4,)), "classification.width")),
    ),
    Example(
        "token_tagging",
        ColumnSummary("tags", "labels", ("seq",), "int64", TAGS),
        (*TOKEN_LAYERS, ("linear", {"out_features": len(TAGS)})),
        labels(7, classes=len(TAGS), ignored=True),
        shape=("seq",),
        dtype="int64",
        wrong=((Spec(("seq", 4)), "classification.width"), (Spec((5,)), "labels.positions")),
    ),
    Example(
        "language_modelling",
        NEXT,
        (*TOKEN_LAYERS, ("linear", {"out_features": len(WORDS)})),
        labels(7, classes=len(WORDS), ignored=True),
        shape=("seq",),
        dtype="int64",
        wrong=WRITES,
    ),
    Example(
        "sequence",
        NEXT,
        (*TOKEN_LAYERS, ("linear", {"out_features": len(WORDS)})),
        labels(7, classes=len(WORDS), ignored=True),
        shape=("seq",),
        dtype="int64",
        wrong=WRITES,
    ),
    Example(
        "segmentation",
        ColumnSummary("mask", "mask", (6, 5), "int64", COLOURS),
        (("conv2d", {"out_channels": 3, "kernel_size": 3, "padding": "same"}),),
        labels(6, 5, classes=3, ignored=True),
        shape=(1, 6, 5),
        wrong=(
            (Spec((3,)), "segmentation.rank"),
            (Spec((3, 3, 2)), "segmentation.size"),
            (Spec((4, 6, 5)), "segmentation.classes"),
        ),
    ),
    Example(
        "autoencoding",
        ColumnSummary("x", "image", (1, 6, 5), "float32"),
        (("conv2d", {"out_channels": 1, "kernel_size": 3, "padding": "same"}),),
        numbers(1, 6, 5),
        shape=(1, 6, 5),
        wrong=(
            (Spec((30,)), "autoencoding.shape"),
            (Spec((7,)), "autoencoding.shape"),
            (Spec((1, 3, 5)), "autoencoding.shape"),
            (Spec((2, 6, 5)), "autoencoding.shape"),
        ),
        settings={"loss": "bce"},
    ),
    Example(
        "autoencoding",
        ColumnSummary("features", "table", (8,), "float32"),
        (("linear", {"out_features": 8}),),
        numbers(8),
        wrong=((Spec((7,)), "autoencoding.shape"),),
    ),
]
assert {example.key for example in EXAMPLES} == set(TASKS)
