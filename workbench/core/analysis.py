"""What the engine found out about a document: shapes, counts, memory, problems."""

from msgspec import Struct, field

from workbench.core.problems import Problem

Axis = int | str


class Spec(Struct, frozen=True):
    """A tensor without its batch axis. An axis of variable length is a name."""

    shape: tuple[Axis, ...]
    dtype: str = "float32"


class NodeAnalysis(Struct, frozen=True):
    """What is known of one node."""

    outputs: dict[str, Spec] = field(default_factory=dict)
    parameters: int = 0
    flops: int | None = 0
    """2 × multiply-adds of one forward pass of one sample; None where an axis is variable."""
    activation_bytes: int | None = 0
    """What the backward pass needs of one sample; None where an axis is variable."""


class Memory(Struct, frozen=True):
    """Forecast of peak memory at the batch size of the document, in bytes; None where an axis is variable.

    The parts of `training_bytes` are what lies there at the moment of its peak.
    """

    training_bytes: int | None = None
    inference_bytes: int | None = None
    weights_bytes: int | None = None
    gradients_bytes: int | None = None
    optimizer_bytes: int | None = None
    activations_bytes: int | None = None
    """What the backward pass needs of the batch, the batch itself included."""
    workspace_bytes: int | None = None
    """What lies there only for a moment."""
    device: str = ""
    """Where training would run: cpu, cuda or mps; empty while nobody has looked."""
    free_bytes: int | None = None
    """Of that device, when somebody looked."""
    largest_batch: int | None = None
    """The largest batch that fits into `free_bytes`; 0 when none does."""
    unfinished: bool = False
    """More is found out by asking for it (`GetMemory`): it would have kept the shapes waiting."""


class ColumnSummary(Struct, frozen=True):
    """One column of a data set. The shape is that of one sample."""

    name: str
    kind: str
    """Inputs: image, table, array, tokens, audio. Targets: label, labels, tags, number, mask. Or weight."""
    shape: tuple[Axis, ...]
    dtype: str
    classes: tuple[str, ...] = ()
    size: int = 0
    """How many different tokens there are, padding included."""
    longest: int = 0
    """How long a sample can be along its axis of variable length; 0 where nobody knows."""


class Analysis(Struct, frozen=True):
    """The answer to one document. Nodes inside blocks are keyed by the path of ids, `use/inner`."""

    revision: int = 0
    nodes: dict[str, NodeAnalysis] = field(default_factory=dict)
    parameters: int = 0
    flops: int | None = 0
    memory: Memory = Memory()
    problems: tuple[Problem, ...] = ()
    columns: tuple[ColumnSummary, ...] = ()
    """Of the document's data."""
    samples: int = 0
    """Of the training split; 0 where the data have not been read yet."""

    @property
    def ok(self) -> bool:
        """Nothing stands in the way of training."""
        return not any(problem.severity == "error" for problem in self.problems)
