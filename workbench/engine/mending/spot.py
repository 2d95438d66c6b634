"""The place of a problem: the layer that complains, what feeds it, and the edits that can be made there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from workbench.core.analysis import Axis
from workbench.core.catalogue import default_of, misfit
from workbench.core.document import Document, Param, Settings, Wire, fresh_id
from workbench.core.edits import (
    AddWire,
    ChangeType,
    Fix,
    InsertNode,
    RemoveNode,
    SetArgument,
    SetSetting,
    Several,
    Step,
)
from workbench.core.expand import Flat, FlatNode, Source
from workbench.core.problems import Problem
from workbench.engine.flow import Flow
from workbench.engine.layers import LAYERS
from workbench.engine.layers.base import Known

Piece = tuple[str, Settings]
"""A layer to put in: its type and settings."""


@dataclass(frozen=True)
class Spot:
    """A problem with all that is known around it. Fixes are made in the scope of the layer that complains."""

    document: Document
    flat: Flat
    flow: Flow
    problem: Problem

    @cached_property
    def node(self) -> FlatNode:
        """The layer that complains. Raises KeyError for a problem of the document, or of the use of a block."""
        return self.flat.nodes[self.problem.node]

    @property
    def type(self) -> str:
        """The kind of layer that complains."""
        return self.node.node.type

    @cached_property
    def given(self) -> dict[str, Source]:
        """What feeds each of its ports, as far as that is known."""
        return {port: source for port, source in self.flat.inputs[self.node.path].items() if source in self.flow.ports}

    @property
    def first(self) -> str:
        """The port that is fed first; empty when nothing is."""
        return next(iter(self.given), "")

    def known(self, port: str) -> Known:
        """What a port gets."""
        return self.flow.ports[self.given[port]].first

    def axes(self, port: str) -> tuple[Axis, ...]:
        """The shape that a port gets, with names for axes of variable length."""
        return self.flow.spec(self.given[port]).shape

    def setting(self, name: str, node: FlatNode | None = None) -> Any:
        """The value of a setting, or its default."""
        of = (node or self.node).node
        return of.settings.get(name, default_of(LAYERS[of.type].info.fields, name))

    def has(self, name: str, node: FlatNode | None = None) -> bool:
        """A layer has a setting of this name."""
        kind = (node or self.node).node.type
        return kind in LAYERS and any(item.name == name for item in LAYERS[kind].info.fields)

    def back(self, port: str) -> Iterator[FlatNode]:
        """What leads to a port, the nearest first, along the first inputs."""
        source = self.given.get(port)
        seen: set[str] = set()
        while source is not None and source[0] not in seen:
            seen.add(source[0])
            yield self.flat.nodes[source[0]]
            source = next(iter(self.flat.inputs[source[0]].values()), None)

    # ---- edits

    def set(self, name: str, value: Any, node: FlatNode | None = None) -> Step:
        """Change a setting of a layer; of a parameter, its value for the use of the block."""
        of = node or self.node
        return through_parameters(self.document, self.flat, SetSetting(of.node.id, name, value, of.scope), of.path)

    def insert(self, port: str, *pieces: Piece) -> Iterator[Fix]:
        """Put layers, one after the other, on the wire that feeds a port."""
        wire = self.flat.wires.get((self.node.path, port))
        if wire is None or not pieces or any(kind not in LAYERS for kind, _ in pieces):
            return
        steps: list[Step] = []
        taken = set(self.document.scope(self.node.scope).nodes)
        for kind, settings in pieces:
            steps.append(InsertNode(wire, kind, settings, self.node.scope))
            name = fresh_id(taken, kind)
            taken.add(name)
            wire = Wire(name, "out", wire.dst, wire.dst_port)
        yield steps[0] if len(steps) == 1 else Several(tuple(steps))

    def become(self, kind: str, node: FlatNode | None = None, **settings: Any) -> Iterator[ChangeType]:
        """Use another kind of layer; settings that it has too are kept."""
        of = node or self.node
        if kind not in LAYERS or kind == of.node.type:
            return
        fields = {item.name: item for item in LAYERS[kind].info.fields}
        before = self.document.scope(of.scope).nodes[of.node.id].settings
        kept = {
            name: value
            for name, value in before.items()
            if name in fields and (isinstance(value, Param) or misfit(fields[name], value) is None)
        }
        yield ChangeType(of.node.id, kind, {**kept, **settings}, of.scope)

    def remove(self, node: FlatNode | None = None) -> RemoveNode:
        """Take a layer out; what it stood between is joined."""
        of = node or self.node
        return RemoveNode(of.node.id, of.scope)

    def wire(self, src: str, src_port: str, port: str) -> AddWire:
        """Feed a port of the complaining node from a node of the same graph."""
        name = self.problem.node.rpartition("/")[2]
        return AddWire(Wire(src, src_port, name, port), self.problem.scope)


Candidates = Callable[[Spot], Iterator[Fix]]
C = TypeVar("C", bound=Candidates)

CANDIDATES: dict[str, Candidates] = {}
"""By code of a problem: the edits that may remedy it, the usual one first."""


def remedies(*codes: str) -> Callable[[C], C]:
    """Register what remedies problems of these codes."""

    def register(function: C) -> C:
        CANDIDATES.update(dict.fromkeys(codes, function))
        return function

    return register


def several(*steps: Fix) -> Several:
    """Remedies one after the other, as one."""
    return Several(tuple(step for fix in steps for step in (fix.steps if isinstance(fix, Several) else (fix,))))


def through_parameters(document: Document, flat: Flat, fix: SetSetting, path: str) -> Step:
    """A setting that a parameter of the block gives is changed where the block is used."""
    value = document.scope(fix.scope).nodes[fix.node].settings.get(fix.name)
    while isinstance(value, Param):
        path = path.rpartition("/")[0]
        while path and path not in flat.scopes:
            path = path.rpartition("/")[0]  # the turns of a repeated block
        if not path:
            break
        scope, use = flat.scopes[path], path.rpartition("/")[2]
        name, given = value.param, document.scope(scope).nodes[use].settings.get("arguments")
        value = given.get(name) if isinstance(given, dict) else None
        if not isinstance(value, Param):
            return SetArgument(use, name, fix.value, scope)
    return fix
