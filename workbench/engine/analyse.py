"""Graph to shapes, counts, memory and problems. A broken graph is a state: nothing here raises for one.

A cause is reported once, at its node; what lies downstream of it stays quiet. Axes of variable length are found by
evaluating everything at two sizes: an axis that changes is variable.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from torch import nn

from workbench.core.analysis import Analysis, ColumnSummary, Memory, NodeAnalysis, Spec
from workbench.core.catalogue import SPLIT_FIELDS, TRAINING_FIELDS, LayerInfo, misfit, port_names
from workbench.core.document import Document, Graph, Node, Wire
from workbench.core.edits import Fix, InsertNode, RemoveNode, RemoveWire, SetSetting
from workbench.core.expand import Flat, FlatNode, Source, expand
from workbench.core.problems import Problem, ProblemError, Severity
from workbench.engine.binding import input_column, output_column
from workbench.engine.datasets.base import dataset_of, raw_field, settings_problems
from workbench.engine.layers import LAYERS
from workbench.engine.layers.base import Change, InsertBefore, Known, Layer, Misfit, layer_of
from workbench.engine.measure import Measured, measure, size_of
from workbench.engine.optimizers import OPTIMIZERS
from workbench.engine.tasks import TASKS

NETWORK_NAMES = ("inputs", "outputs", "steps", "use_export_twins", "_add", "_ends", "_layers", "_place", "_size")
"""What the compiled network itself is made of (`compile.py`)."""


@dataclass(frozen=True)
class Study:
    """A document with all that is known about it: what compiling it needs."""

    document: Document
    flat: Flat
    columns: dict[str, ColumnSummary]
    known: dict[Source, Known]
    """What comes out of each port; axes of variable length at a size that stands for all."""
    used: frozenset[str]
    """The layers that an output depends on."""
    order: list[str]
    analysis: Analysis


def analyse(document: Document, folder: Path, revision: int = 0) -> Analysis:
    """All that is known about a document. Repeats are cheap: layers that did not change are remembered."""
    return study(document, folder, revision).analysis


def study(document: Document, folder: Path, revision: int = 0) -> Study:
    """As `analyse`, with what it was found from."""
    columns, problems = _columns(document, folder)
    flat = expand(document)
    found = _Analysis(document, flat, columns)
    order = found.run()
    analysis = found.result(revision, [*problems, *_training_problems(document)])
    return Study(document, flat, columns, found.known, found.used, order, analysis)


def warm_up() -> None:
    """Analyse something small, so that torch imports now what it imports on first use (2 s)."""
    nodes = {
        "x": Node("x", "input", {"shape": (1, 4, 4)}),
        "conv": Node("conv", "conv2d"),
        "norm": Node("norm", "batch_norm2d"),
        "flat": Node("flat", "flatten"),
        "out": Node("out", "linear"),
    }
    names = list(nodes)
    wires = (Wire(source, "out", target, "in") for source, target in pairwise(names))
    analyse(Document(graph=Graph(nodes, frozenset(wires))), Path())


def order_of(flat: Flat) -> tuple[list[str], frozenset[str]]:
    """Layers in an order in which each comes after what feeds it, and those that lie behind a circle."""
    waiting = {path: len(sources) for path, sources in flat.inputs.items()}
    followers: dict[str, list[str]] = {path: [] for path in flat.nodes}
    for path, sources in flat.inputs.items():
        for source, _ in sources.values():
            followers[source].append(path)
    order = [path for path, count in waiting.items() if count == 0]
    for path in order:
        for follower in followers[path]:
            waiting[follower] -= 1
            if waiting[follower] == 0:
                order.append(follower)
    return order, frozenset(flat.nodes) - frozenset(order)


@cache
def reserved_ids() -> frozenset[str]:
    """Names that a node may not have: torch's modules use them themselves."""
    return frozenset({*dir(nn.Module()), *NETWORK_NAMES})


def _columns(document: Document, folder: Path) -> tuple[dict[str, ColumnSummary], list[Problem]]:
    if document.data is None:
        return {}, []
    try:
        return {column.name: column for column in dataset_of(document.data).peek(folder)}, []
    except ProblemError as error:
        return {}, [error.problem]


def _training_problems(document: Document) -> Iterable[Problem]:
    yield from settings_problems(document.training, TRAINING_FIELDS)
    if document.data is not None:
        yield from settings_problems(document.data.split, SPLIT_FIELDS)
    if document.training.optimizer not in OPTIMIZERS:
        known = list(OPTIMIZERS)
        yield Problem("training.optimizer", {"found": document.training.optimizer, "known": known})


@dataclass
class _Analysis:
    """One analysis in the making."""

    document: Document
    flat: Flat
    columns: dict[str, ColumnSummary]
    problems: list[Problem] = field(default_factory=list)
    known: dict[Source, Known] = field(default_factory=dict)
    """What comes out of each port, variable axes at their first size."""
    other: dict[Source, Known] = field(default_factory=dict)
    """The same at their second size."""
    measured: dict[str, Measured] = field(default_factory=dict)
    names: dict[tuple[int, int], str] = field(default_factory=dict)
    """Variable axes by their two sizes."""
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)
    """The two sizes of each named axis."""
    used: frozenset[str] = frozenset()

    def run(self) -> list[str]:
        """Go through the network once, from the inputs on; returns the order."""
        order, stuck = order_of(self.flat)
        self.used = self._used()
        self.problems.extend(map(self._weighed, self.flat.problems))
        reserved = tuple(f"{path}/" for path in self._reserved())
        for path in order:
            if not f"{path}/".startswith(reserved):
                self._visit(self.flat.nodes[path])
        self._circles(stuck)
        kinds = {node.node.type for node in self.flat.nodes.values()}
        if self.flat.nodes and "output" not in kinds:
            self.problems.append(Problem("graph.no_output", severity="warning"))
        return order

    def _used(self) -> frozenset[str]:
        """The layers that an output depends on."""
        stack = [path for path, node in self.flat.nodes.items() if node.node.type == "output"]
        used = set(stack)
        while stack:
            for source, _ in self.flat.inputs[stack.pop()].values():
                if source not in used:
                    used.add(source)
                    stack.append(source)
        return frozenset(used)

    def _weighed(self, problem: Problem) -> Problem:
        """A block that no output depends on may stand there unconnected."""
        unused = problem.code == "port.unconnected" and not self.used.intersection(self.flat.inside(problem.node))
        return replace(problem, severity="warning") if unused and problem.node in self.flat.uses else problem

    def _reserved(self) -> list[str]:
        """Paths whose last id torch uses itself; reported."""
        scopes = {path: node.scope for path, node in self.flat.nodes.items()} | self.flat.scopes
        found = [path for path in scopes if path.rpartition("/")[2] in reserved_ids()]
        for path in found:
            args = {"id": path.rpartition("/")[2]}
            self.problems.append(Problem("node.reserved_id", args, node=path, scope=scopes[path]))
        return found

    def _circles(self, stuck: frozenset[str]) -> None:
        """Name a wire of each circle once; what only lies behind a circle stays quiet."""
        left = set(stuck)
        while left:
            trail = [min(left)]
            while trail[-1] not in trail[:-1]:
                sources = (source for source, _ in self.flat.inputs[trail[-1]].values())
                trail.append(next(source for source in sources if source in stuck))
            circle = trail[trail.index(trail[-1]) : -1]
            if left.issuperset(circle):
                path, fed = circle[0], circle[1 % len(circle)]
                port = next(name for name, (source, _) in self.flat.inputs[path].items() if source == fed)
                wire = self.flat.wires[path, port]
                node = self.flat.nodes[path]
                self._problem(node, "graph.circle", {"nodes": circle}, port=port, fix=RemoveWire(wire, node.scope))
            left -= {*trail}

    def _problem(
        self, node: FlatNode, code: str, args: dict[str, Any], *, port: str = "", fix: Fix | None = None,
        severity: Severity = "error",
    ) -> None:  # fmt: skip
        self.problems.append(Problem(code, args, node.path, severity, node.scope, port, fix))

    def _visit(self, node: FlatNode) -> None:
        kind = node.node.type
        if kind not in LAYERS:
            self._problem(node, "node.unknown_type", {"type": kind})
            return
        info = LAYERS[kind].info
        settings_fit = self._settings_fit(node, info)
        if not settings_fit and any(port.repeat for port in info.inputs):
            return  # how many ports it has is not known
        inputs = self._inputs(node, info)
        if not settings_fit or inputs is None:
            return
        if kind == "input":
            self._input(node)
        elif kind == "output":
            self._output(node, inputs)
        else:
            self._layer(node, info, inputs)

    def _settings_fit(self, node: FlatNode, info: LayerInfo) -> bool:
        fits = True
        fields = {item.name: item for item in info.fields}
        for name, value in node.node.settings.items():
            if name not in fields:
                self._problem(node, "setting.unknown", {"name": name}, severity="warning")
                continue
            code = misfit(fields[name], value)
            if code:
                fix = SetSetting(node.node.id, name, fields[name].default, node.scope)
                args = {"name": name, "found": value, "field": raw_field(fields[name])}
                self._problem(node, code, args, fix=fix)
                fits = False
        return fits

    def _inputs(self, node: FlatNode, info: LayerInfo) -> list[Source | None] | None:
        """Where the inputs come from, by port; None when that is not all known."""
        names = port_names(info.inputs, node.node.settings, info.fields)
        optional = {port.name for port in info.inputs if port.optional}
        given = self.flat.inputs[node.path]
        complete = True
        for port in given.keys() - set(names):
            wire = self.flat.wires[node.path, port]
            self._problem(node, "port.unknown", {"port": port}, port=port, fix=RemoveWire(wire, node.scope))
            complete = False
        for port in names:
            if (node.path, port) in self.flat.broken:
                complete = False
            elif port not in given and port not in optional:
                severity: Severity = "error" if node.path in self.used else "warning"
                self._problem(node, "port.unconnected", {"port": port}, port=port, severity=severity)
                complete = False
        sources = [given.get(port) for port in names]
        if any(source is not None and source not in self.known for source in sources):
            self._unknown_ports(node, given)
            return None
        return sources if complete else None

    def _unknown_ports(self, node: FlatNode, given: dict[str, Source]) -> None:
        """A wire may leave a port that its node does not have; other unknowns have been reported upstream."""
        for port, (path, name) in given.items():
            if path in self.measured and (path, name) not in self.known:
                wire = self.flat.wires[node.path, port]
                self._problem(node, "port.unknown", {"port": name}, port=port, fix=RemoveWire(wire, node.scope))

    def _input(self, node: FlatNode) -> None:
        try:
            column = input_column(node, self.columns)
        except Misfit as error:
            self._misfit(node, error)
            return
        if column is not None:
            first = second = Known(column.shape, column.dtype)
        elif node.node.settings.get("shape") is not None:
            axes, dtype = node.node.settings["shape"], node.node.settings.get("dtype", "float32")
            first, second = (Known(tuple(self._sized(axis, turn) for axis in axes), dtype) for turn in (0, 1))
        else:
            if self.document.data is None or self.columns:  # else it is reported why the data has no columns
                self._problem(node, "input.no_shape", {})
            return
        self._emit(node, ("out",), (first,), (second,))
        self.measured[node.path] = Measured((first,), 0, 0, size_of(first), size_of(first))

    def _sized(self, axis: int | str, turn: int) -> int:
        """The size of an axis; a named one is given two sizes that are rarely something else."""
        if isinstance(axis, int):
            return axis
        if axis not in self.sizes:
            step = len(self.sizes)
            self.sizes[axis] = (38 + 4 * step, 54 + 4 * step)
            self.names[self.sizes[axis]] = axis
        return self.sizes[axis][turn]

    def _output(self, node: FlatNode, inputs: list[Source | None]) -> None:
        source = inputs[0]
        assert source is not None
        spec = self.known[source]
        self.measured[node.path] = Measured((), 0, 0, 0, 0)
        if not self.columns:
            return
        task = TASKS[node.node.settings.get("task", "classification")]
        loss = node.node.settings.get("loss", "default")
        if loss not in ("default", *task.losses):
            fix = SetSetting(node.node.id, "loss", "default", node.scope)
            args = {"found": loss, "task": task.info.key, "known": list(task.losses)}
            self._problem(node, "output.loss", args, fix=fix)
        try:
            column = output_column(node, self.columns)
            task.check(spec, column)
        except Misfit as error:
            self._misfit(node, error)
            return
        feeding = self.flat.nodes[source[0]]
        if column.kind == "label" and feeding.node.type == "softmax":
            remove = RemoveNode(feeding.node.id, feeding.scope)
            self._problem(node, "classification.softmax", {"layer": feeding.path}, severity="warning", fix=remove)

    def _layer(self, node: FlatNode, info: LayerInfo, inputs: list[Source | None]) -> None:
        layer = layer_of(node.node.type, node.node.settings)
        first = measure(layer, tuple(source and self.known[source] for source in inputs))
        if isinstance(first, Misfit):
            self._misfit(node, first)
            return
        second: Measured | Misfit = first
        if self.sizes:
            second = self._at_other_sizes(layer, inputs, first)
        if isinstance(second, Misfit):
            self._misfit(node, second)
            return
        names = port_names(info.outputs, node.node.settings, info.fields)
        self._emit(node, names, first.outputs, second.outputs)
        self.measured[node.path] = first
        if node.node.type == "linear" and len(first.outputs[0].shape) == 3:
            self._misfit(
                node, Misfit("linear.not_flat", found=self._named(inputs[0]), remedy=InsertBefore("flatten")), "warning"
            )

    def _at_other_sizes(self, layer: Layer, inputs: list[Source | None], first: Measured) -> Measured | Misfit:
        """The same module must work for both sizes of every variable axis."""
        sizes, others = (tuple(source and known[source] for source in inputs) for known in (self.known, self.other))
        anew, same = measure(layer, others), measure(layer, others, sizes)
        if isinstance(same, Misfit) or isinstance(anew, Misfit) or anew.parameters != first.parameters:
            return Misfit("layer.fixed_length", names=sorted(self.sizes))
        return same

    def _emit(self, node: FlatNode, ports: Iterable[str], first: Iterable[Known], second: Iterable[Known]) -> None:
        for port, one, other in zip(ports, first, second, strict=True):
            self.known[node.path, port], self.other[node.path, port] = one, other

    def _named(self, source: Source | None) -> tuple[int | str, ...]:
        return self.spec(source).shape if source else ()

    def spec(self, source: Source) -> Spec:
        """What comes out of a port, with names for variable axes."""
        axes: list[int | str] = []
        for one, other in zip(self.known[source].shape, self.other[source].shape, strict=True):
            if one == other:
                axes.append(one)
            else:
                axes.append(self.names.setdefault((one, other), f"n{len(self.names)}"))
        return Spec(tuple(axes), self.known[source].dtype)

    def _misfit(self, node: FlatNode, error: Misfit, severity: Severity = "error") -> None:
        fix: Fix | None = None
        port = ""
        match error.remedy:
            case Change():
                fix = SetSetting(node.node.id, error.remedy.name, error.remedy.value, node.scope)
            case InsertBefore():
                fix, port = self._insertion(node, error.remedy)
        self._problem(node, error.code, error.args_, port=port, fix=fix, severity=severity)

    def _insertion(self, node: FlatNode, remedy: InsertBefore) -> tuple[Fix | None, str]:
        """A layer of the wanted kind that is there already is changed instead."""
        given = self.flat.inputs[node.path]
        port = remedy.port or next(iter(given), "")
        wire = self.flat.wires.get((node.path, port))
        if wire is None:
            return None, port
        feeding = self.flat.nodes[given[port][0]]
        if feeding.node.type == remedy.type and len(remedy.settings) == 1 and feeding.scope == node.scope:
            name, value = remedy.settings[0]
            return SetSetting(feeding.node.id, name, value, node.scope), port
        return InsertNode(wire, remedy.type, dict(remedy.settings), node.scope), port

    def result(self, revision: int, problems: list[Problem]) -> Analysis:
        """The answer."""
        variable = bool(self.sizes)
        nodes = {path: self._node(path, variable) for path in self.flat.nodes if path in self.measured}
        for use, outputs in self.flat.uses.items():
            inside = [nodes[path] for path in self.flat.inside(use) if path in nodes]
            specs = {port: self.spec(source) for port, source in outputs.items() if source in self.known}
            nodes[use] = NodeAnalysis(
                specs,
                sum(node.parameters for node in inside),
                None if variable else sum(node.flops or 0 for node in inside),
                None if variable else sum(node.activation_bytes or 0 for node in inside),
            )
        total = sum(item.parameters for item in self.measured.values())
        flops = None if variable else sum(item.flops for item in self.measured.values())
        everything, columns = (*problems, *self.problems), tuple(self.columns.values())
        return Analysis(revision, nodes, total, flops, self._memory(total, variable), everything, columns)

    def _node(self, path: str, variable: bool) -> NodeAnalysis:
        item, node = self.measured[path], self.flat.nodes[path]
        info = LAYERS[node.node.type].info
        ports = port_names(info.outputs, node.node.settings, info.fields)
        outputs = {port: self.spec((path, port)) for port in ports}
        return NodeAnalysis(
            outputs, item.parameters, None if variable else item.flops, None if variable else item.saved_bytes
        )

    def _memory(self, total: int, variable: bool) -> Memory:
        if variable:
            return Memory()
        training, batch = self.document.training, self.document.training.batch_size
        slots = OPTIMIZERS[training.optimizer].slots(training) if training.optimizer in OPTIMIZERS else 2
        items = self.measured.values()
        kept = sum(item.saved_bytes for item in items)
        largest = max((item.output_bytes for item in items), default=0)
        return Memory(
            training_bytes=4 * total * (2 + slots) + batch * (kept + 2 * largest),
            inference_bytes=4 * total + batch * 2 * largest,
        )
