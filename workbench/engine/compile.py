"""Graph to `nn.Module`. State-dict keys are node ids, inside blocks the path of ids."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from torch import Tensor, nn

from workbench.core.analysis import ColumnSummary
from workbench.core.catalogue import port_names
from workbench.core.expand import Source
from workbench.core.problems import ProblemError
from workbench.engine.analyse import Study
from workbench.engine.binding import input_column, output_column
from workbench.engine.layers.base import Layer
from workbench.engine.losses import IGNORED, Loss, cross_entropy, picture_cross_entropy, weighted_mean
from workbench.engine.tasks import task_of
from workbench.engine.tasks.base import Task

DIVIDED_BY_WEIGHTS: tuple[Loss, ...] = (cross_entropy, picture_cross_entropy)
"""The losses whose mean is over the weights of classes, not over samples."""


@dataclass(frozen=True)
class Step:
    """One layer at work: where its inputs are found, and where its outputs go."""

    path: str
    module: nn.Module
    reads: tuple[int, ...]
    """Places of the inputs; -1 for an optional one that nothing feeds."""
    writes: tuple[int, ...]
    drops: tuple[int, ...] = ()
    """What nobody reads any more afterwards: its memory is given back, unless the backward pass needs it."""


class Network(nn.Module):
    """The network of a document, built with torch's usual initialisation.

    `forward` takes one tensor for each of `inputs` and returns a tuple with one for each of `outputs` (paths, in
    the order of the document); axis 0 is the batch.
    """

    def __init__(self, study: Study) -> None:
        super().__init__()
        nodes = {path: node.node for path, node in study.flat.nodes.items() if path in study.used}
        self.inputs = [path for path, node in nodes.items() if node.type == "input"]
        self.outputs = [path for path, node in nodes.items() if node.type == "output"]
        self.steps: list[Step] = []
        self._layers: dict[str, Layer] = {}
        slots: dict[Source, int] = {(path, "out"): place for place, path in enumerate(self.inputs)}
        for path in study.order:
            if path in nodes and nodes[path].type not in ("input", "output"):
                self._add(path, study, slots)
        self._ends = [slots[study.flat.inputs[path]["in"]] for path in self.outputs]
        self.size = len(slots)
        self.steps = _with_drops(self.steps, self._ends)

    def _add(self, path: str, study: Study, slots: dict[Source, int]) -> None:
        node = study.flat.nodes[path].node
        layer = study.flow.kinds.of(node.type).of(node.settings)
        info = layer.info
        sources = [study.flat.inputs[path].get(port) for port in port_names(info.inputs, node.settings, info.fields)]
        module = layer.build(*(source and study.known[source] for source in sources))
        reads = tuple(-1 if source is None else slots[source] for source in sources)
        ports = port_names(info.outputs, node.settings, info.fields)
        writes = tuple(slots.setdefault((path, port), len(slots)) for port in ports)
        self._layers[path] = layer
        self._place(path, module)
        self.steps.append(Step(path, module, reads, writes))

    def _place(self, path: str, module: nn.Module) -> None:
        """Put a module where its path says, so that its weights are called after it."""
        *scopes, name = path.split("/")
        holder: nn.Module = self
        for scope in scopes:
            if scope not in holder._modules:
                holder.add_module(scope, nn.Module())
            holder = holder.get_submodule(scope)
        holder.add_module(name, module)

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """One tensor for each input to one for each output."""
        values = self.begun(inputs)
        self.run(self.steps, values)
        return self.ended(values)

    def begun(self, inputs: Sequence[Tensor]) -> list[Tensor | None]:
        """The values that layers read and write, with those of the inputs."""
        return [*inputs, *[None] * (self.size - len(inputs))]

    def run(self, steps: Iterable[Step], values: list[Tensor | None]) -> None:
        """Some layers in a row: they read and write `values`."""
        for step in steps:
            result = step.module(*[None if at < 0 else values[at] for at in step.reads])
            if isinstance(result, tuple):
                for at, tensor in zip(step.writes, result, strict=True):
                    values[at] = tensor
            else:
                values[step.writes[0]] = result
            for at in step.drops:
                values[at] = None

    def ended(self, values: Sequence[Tensor | None]) -> tuple[Tensor, ...]:
        """The values that the outputs read."""
        return tuple(values[at] for at in self._ends)  # type: ignore[misc]

    def type_of(self, path: str) -> str:
        """The type of the layer at a path."""
        return self._layers[path].info.key

    def use_export_twins(self) -> None:
        """Swap the layers that the ONNX exporter handles badly for their twins, in place."""
        for place, step in enumerate(self.steps):
            self._put(place, self._layers[step.path].export_twin(step.module))

    def swap(self, other: Callable[[nn.Module], nn.Module]) -> None:
        """Put what `other` returns for each layer in its place; it may well be the layer itself."""
        for place, step in enumerate(self.steps):
            self._put(place, other(step.module))

    def _put(self, place: int, module: nn.Module) -> None:
        step = self.steps[place]
        if module is not step.module:
            self._place(step.path, module)
            self.steps[place] = replace(step, module=module)


def _with_drops(steps: Sequence[Step], ends: Iterable[int]) -> list[Step]:
    """The steps, each knowing what it is the last to read."""
    needed = set(ends)
    found: list[Step] = []
    for step in reversed(steps):
        drops = {*step.reads, *step.writes} - needed - {-1}
        needed.update(step.reads)
        found.append(replace(step, drops=tuple(sorted(drops))))
    return found[::-1]


@dataclass(frozen=True)
class Goal:
    """What one output is trained for."""

    path: str
    column: ColumnSummary
    task: Task
    loss: Loss
    """What is measured."""
    weight: float
    class_weights: Tensor | None = None
    """How much each class counts while it learns."""
    label_smoothing: float = 0.0

    def criterion(self, outputs: Tensor, targets: Tensor, weights_B: Tensor | None = None) -> Tensor:
        """What training makes small; with weights of samples, their weighted mean."""
        weight, smoothing = self.class_weights, self.label_smoothing
        if weights_B is None:
            return self.loss(outputs, targets, weight=weight, label_smoothing=smoothing)
        losses_B = self.loss(outputs, targets, reduction="none", weight=weight, label_smoothing=smoothing)
        return weighted_mean(losses_B, weights_B)

    def amount(self, targets: Tensor) -> float:
        """How much a batch counts beside others, so that the mean over them is that of one large batch."""
        if self.class_weights is None or targets.is_floating_point() or self.loss not in DIVIDED_BY_WEIGHTS:
            return self.task.counted(targets)
        counted = targets[targets != IGNORED]
        return float(self.class_weights[counted].sum())


def compiled(study: Study) -> Network:
    """The network of a document. Raises `ProblemError` with the first error of a document that has one."""
    for problem in study.analysis.problems:
        if problem.severity == "error":
            raise ProblemError.of(problem)
    if not study.used:
        raise ProblemError("graph.no_output")
    return Network(study)


def goals(study: Study, network: Network) -> list[Goal]:
    """What the outputs are trained for. Raises `ProblemError` when the document has no data."""
    if not study.columns:
        raise ProblemError("train.no_data")
    found = []
    for path in network.outputs:
        node = study.flat.nodes[path]
        settings = node.node.settings
        task = task_of(settings)
        loss = task.loss_named(settings.get("loss", "default"))
        found.append(Goal(path, output_column(node, study.columns), task, loss, settings.get("weight", 1.0)))
    return found


def input_columns(study: Study, network: Network) -> list[ColumnSummary]:
    """The column that each input reads. Raises `ProblemError` for an input that reads none."""
    found = []
    for path in network.inputs:
        column = input_column(study.flat.nodes[path], study.columns)
        if column is None:
            raise ProblemError("train.unbound_input", where=path)
        found.append(column)
    return found
