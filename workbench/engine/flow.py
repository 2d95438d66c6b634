"""The way through a network, from its inputs on: what comes out of each port, and which layers do not fit.

A cause is reported once, at its node; what lies downstream of it stays quiet.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from workbench.core import custom
from workbench.core.analysis import ColumnSummary, Spec
from workbench.core.catalogue import LayerInfo, misfit, port_names
from workbench.core.document import Document, Node
from workbench.core.edits import Fix, RemoveNode, RemoveWire, SetSetting
from workbench.core.expand import Flat, FlatNode, Source
from workbench.core.problems import Problem, ProblemError, Severity
from workbench.engine.binding import input_column, output_column
from workbench.engine.datasets.base import raw_field
from workbench.engine.kinds import Kinds
from workbench.engine.layers.base import InsertBefore, Known, Layer, Misfit
from workbench.engine.lengths import Lengths, Twice
from workbench.engine.measure import Measured, measure, size_of
from workbench.engine.remedies import as_problem
from workbench.engine.tasks import task_of


class Visit(NamedTuple):
    """What a layer was found to do, and all that this depends on."""

    node: Node
    given: dict[str, Source]
    came: tuple[Twice | None, ...]
    """Through its input ports."""
    went: dict[str, Twice]
    """Out of its output ports."""
    measured: Measured


@dataclass(frozen=True)
class Flow:
    """What was found on the way."""

    kinds: Kinds
    """The classes of the layers."""
    ports: dict[Source, Twice] = field(default_factory=dict)
    """What comes out of each port."""
    visits: dict[str, Visit] = field(default_factory=dict)
    """Of the layers with which nothing is wrong."""
    measured: dict[str, Measured] = field(default_factory=dict)
    """The figures of each layer that was reached and fits."""
    lengths: Lengths = field(default_factory=Lengths)
    problems: list[Problem] = field(default_factory=list)

    def spec(self, source: Source) -> Spec:
        """What comes out of a port, with names for variable axes."""
        return self.lengths.spec(self.ports[source])


def flow_through(
    document: Document,
    flat: Flat,
    kinds: Kinds,
    columns: dict[str, ColumnSummary],
    used: frozenset[str],
    order: Iterable[str],
    before: Mapping[str, Visit],
) -> Flow:
    """Visit layers, each after what feeds it.

    Args:
        document: which was unfolded.
        flat: the unfolded network.
        kinds: the classes of its layers.
        columns: of the document's data; none when they cannot be read.
        used: the layers that an output depends on: what they lack is an error.
        order: the layers to visit.
        before: visits of a document with the same columns: what has not changed since is taken over.
    """
    walk = _Walk(document, flat, columns, used, before, Flow(kinds))
    for path in order:
        walk.visit(flat.nodes[path])
    return walk.found


@dataclass(frozen=True)
class _Walk:
    document: Document
    flat: Flat
    columns: dict[str, ColumnSummary]
    used: frozenset[str]
    before: Mapping[str, Visit]
    found: Flow

    @cached_property
    def _broken(self) -> frozenset[str]:
        return frozenset(path for path, _ in self.flat.broken)

    def visit(self, node: FlatNode) -> None:
        """Find out what a layer does, and what is wrong with it."""
        visit = self.before.get(node.path)
        if visit is not None and self._is_as_before(node, visit):
            self._keep(node.path, visit)
            return
        said = len(self.found.problems)
        self._visit(node)
        if node.node.type in ("input", "output") or custom.parts(node.node.type) or len(self.found.problems) > said:
            self.found.visits.pop(node.path, None)  # what this depends on is more than a visit holds

    def _is_as_before(self, node: FlatNode, visit: Visit) -> bool:
        given, ports = self.flat.inputs[node.path], self.found.ports
        return (
            _alike(visit.node, node.node)
            and visit.given == given
            and node.path not in self._broken
            and visit.came == tuple([ports.get(source) for source in visit.given.values()])
        )

    def _keep(self, path: str, visit: Visit) -> None:
        self.found.visits[path] = visit
        self.found.measured[path] = visit.measured
        for port, twice in visit.went.items():
            self.found.ports[path, port] = twice

    def _visit(self, node: FlatNode) -> None:
        kind = node.node.type
        try:
            cls = self.found.kinds.of(kind)
        except ProblemError as error:
            self._problem(node, error.problem.code, error.problem.args)
            return
        info = cls.info
        settings_fit = self._settings_fit(node, info)
        if not settings_fit and any(port.repeat for port in info.inputs):
            return  # how many ports it has is not known
        inputs = self._inputs(node, info)
        if not settings_fit or inputs is None:
            return
        try:
            if kind == "input":
                self._input(node)
            elif kind == "output":
                self._output(node, inputs)
            else:
                self._layer(node, cls, inputs)
        except Misfit as error:
            self._misfit(node, error)

    # ---- what is known without shapes

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
            self._port_unknown(node, port, port)
            complete = False
        for port in names:
            if (node.path, port) in self.flat.broken:
                complete = False
            elif port not in given and port not in optional:
                severity: Severity = "error" if node.path in self.used else "warning"
                self._problem(node, "port.unconnected", {"port": port}, port=port, severity=severity)
                complete = False
        sources = [given.get(port) for port in names]
        if any(source is not None and source not in self.found.ports for source in sources):
            self._missing_ports(node, given)
            return None
        return sources if complete else None

    def _missing_ports(self, node: FlatNode, given: dict[str, Source]) -> None:
        """A wire may leave a port that its node does not have; other unknowns have been reported upstream."""
        for port, (path, name) in given.items():
            if path in self.found.measured and (path, name) not in self.found.ports:
                self._port_unknown(node, port, name)

    def _port_unknown(self, node: FlatNode, port: str, name: str) -> None:
        """The wire that ends at `port` begins or ends at a port, `name`, that is not there."""
        wire = self.flat.wires[node.path, port]
        self._problem(node, "port.unknown", {"port": name}, port=port, fix=RemoveWire(wire, node.scope))

    # ---- what comes out

    def _input(self, node: FlatNode) -> None:
        column, settings = input_column(node, self.columns), node.node.settings
        if column is not None:
            out = self.found.lengths.twice(column.shape, column.dtype, column.size)
        elif settings.get("shape") is not None:
            out = self.found.lengths.twice(settings["shape"], settings.get("dtype", "float32"))
        else:
            if self.document.data is None or self.columns:  # else it is reported why the data has no columns
                self._problem(node, "input.no_shape", {})
            return
        size = size_of(out.first)
        self._emit(node, ("out",), Measured((out.first,), 0, 0, size, size), (out.second,))

    def _output(self, node: FlatNode, inputs: Sequence[Source | None]) -> None:
        source = inputs[0]
        assert source is not None
        self._emit(node, (), Measured((), 0, 0, 0, 0), ())
        if not self.columns:
            return
        task = task_of(node.node.settings)
        loss = node.node.settings.get("loss", "default")
        if loss not in ("default", *task.losses):
            fix = SetSetting(node.node.id, "loss", "default", node.scope)
            args = {"found": loss, "task": task.info.key, "known": list(task.losses)}
            self._problem(node, "output.loss", args, fix=fix)
        column = output_column(node, self.columns)
        task.check(self.found.spec(source), column)
        feeding = self.flat.nodes[source[0]]
        if task.undone and feeding.node.type == task.undone[0]:
            remove = RemoveNode(feeding.node.id, feeding.scope)
            self._problem(node, task.undone[1], {"layer": feeding.path}, severity="warning", fix=remove)

    def _layer(self, node: FlatNode, cls: type[Layer], inputs: Sequence[Source | None]) -> None:
        layer, info = cls.of(node.node.settings), cls.info
        given = [source and self.found.ports[source] for source in inputs]
        first = measure(layer, tuple(item and item.first for item in given))
        if isinstance(first, Misfit):
            self._misfit(node, first)
            return
        second = self._at_second_sizes(layer, given, first) if self.found.lengths.sizes else first
        if isinstance(second, Misfit):
            self._misfit(node, second)
            return
        ports = port_names(info.outputs, node.node.settings, info.fields)
        if len(ports) != len(first.outputs):
            self._misfit(node, Misfit("layer.outputs", found=len(first.outputs), expected=len(ports)))
            return
        self._emit(node, ports, first, second.outputs)
        if node.node.type == "linear" and len(first.outputs[0].shape) == 3:
            shape = self.found.spec(inputs[0]).shape if inputs[0] else ()
            self._misfit(node, Misfit("linear.not_flat", found=shape, remedy=InsertBefore("flatten")), "warning")

    def _at_second_sizes(self, layer: Layer, given: Sequence[Twice | None], first: Measured) -> Measured | Misfit:
        """The same module must work for both sizes of every variable axis."""
        sizes, others = (tuple(item and item[turn] for item in given) for turn in (0, 1))
        anew, same = measure(layer, others), measure(layer, others, sizes)
        if isinstance(same, Misfit) or isinstance(anew, Misfit) or anew.parameters != first.parameters:
            return Misfit("layer.fixed_length", names=sorted(self.found.lengths.sizes))
        return same

    def _emit(self, node: FlatNode, ports: Iterable[str], first: Measured, seconds: Iterable[Known]) -> None:
        """Remember what comes out of a layer, and its figures."""
        given = self.flat.inputs[node.path]
        came = tuple(self.found.ports.get(source) for source in given.values())
        went = {port: Twice(*pair) for port, *pair in zip(ports, first.outputs, seconds, strict=True)}
        self._keep(node.path, Visit(node.node, given, came, went, first))

    # ---- what is wrong

    def _problem(
        self, node: FlatNode, code: str, args: dict[str, Any], *, port: str = "", fix: Fix | None = None,
        severity: Severity = "error",
    ) -> None:  # fmt: skip
        self.found.problems.append(Problem(code, args, node.path, severity, node.scope, port, fix))

    def _misfit(self, node: FlatNode, error: Misfit, severity: Severity = "error") -> None:
        self.found.problems.append(as_problem(error, node, self.flat, severity))


def _alike(one: Node, other: Node) -> bool:
    """They are the same layer. (Settings are compared as text: 1 and True are equal, and not the same.)"""
    return one is other or (one.type == other.type and repr(one.settings) == repr(other.settings))
