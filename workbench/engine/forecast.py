"""How much memory a training step will take at most, and what for: the layers' footprints played through in order.

A step is played as `train.py` makes it: forwards while the gradients of the step before are still there, the loss, no
gradients, backwards, the optimiser. Every moment is a line over the batch size, so one play serves all batch sizes.
"""

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from math import floor, inf
from typing import NamedTuple

from workbench.core.analysis import Memory
from workbench.core.catalogue import port_names
from workbench.core.document import Training
from workbench.core.expand import Flat, FlatNode, Source
from workbench.engine.amounts import NOTHING, Amount, Footprint
from workbench.engine.flow import Flow
from workbench.engine.footprint import footprint
from workbench.engine.layers.base import Known
from workbench.engine.measure import size_of
from workbench.engine.optimizers import OPTIMIZERS


class Moment(NamedTuple):
    """What lies in memory at one moment of a step, besides weights and the optimiser's numbers."""

    gradients: float
    """Of weights: they do not depend on the batch."""
    activations: Amount
    workspace: Amount

    def at(self, batch: int) -> float:
        """Bytes for a batch."""
        return self.gradients + self.activations.at(batch) + self.workspace.at(batch)


@dataclass(frozen=True)
class Forecast:
    """The memory of a network while it is trained and while it is used."""

    weights: int
    optimizer: int
    training: Sequence[Moment]
    inference: Sequence[Amount]

    def memory(self, batch: int) -> Memory:
        """At a batch size."""
        peak = max(self.training, key=lambda moment: moment.at(batch))
        return Memory(
            training_bytes=round(self.weights + self.optimizer + peak.at(batch)),
            inference_bytes=round(self.weights + max(amount.at(batch) for amount in self.inference)),
            weights_bytes=self.weights,
            gradients_bytes=round(peak.gradients),
            optimizer_bytes=self.optimizer,
            activations_bytes=round(peak.activations.at(batch)),
            workspace_bytes=round(peak.workspace.at(batch)),
        )

    def largest_batch(self, room: int) -> int | None:
        """The largest batch that fits into so many bytes, 0 when none does; None where the batch does not matter."""
        left = room - self.weights - self.optimizer
        fits: list[int] = []
        for moment in self.training:
            fixed, each = moment.activations + moment.workspace
            if moment.gradients + fixed + max(each, 0) > left:
                return 0
            if each > 0:
                fits.append(floor((left - moment.gradients - fixed) / each))
        return min(fits, default=None)


class Part(NamedTuple):
    """One layer, what it reads and writes, and its footprint."""

    reads: tuple[Source | None, ...]
    writes: tuple[Source, ...]
    wanted: tuple[bool, ...]
    """A gradient is asked for, of each input."""
    footprint: Footprint


@dataclass(frozen=True)
class Plan:
    """A network as a forecast sees it."""

    parts: Sequence[Part]
    inputs: dict[Source, Amount]
    ends: Sequence[Source]
    """What the outputs read."""


def forecast(plan: Plan, training: Training) -> Forecast:
    """What training and using a network will take."""
    plan = replace(plan, parts=[_resting(part) if _is_frozen(part, training) else part for part in plan.parts])
    learned = sum(part.footprint.weights for part in plan.parts)
    slots = OPTIMIZERS[training.optimizer].slots(training) if training.optimizer in OPTIMIZERS else 2
    slots += training.ema_decay is not None
    play = _Play(plan, learned)
    play.forwards()
    play.backwards()
    weights = learned + sum(part.footprint.buffers for part in plan.parts)
    return Forecast(weights, slots * learned, _largest(play.moments), inference(plan))


def _is_frozen(part: Part, training: Training) -> bool:
    path = part.writes[0][0] if part.writes else ""
    return any(f"{path}/".startswith(f"{frozen}/") for frozen in training.frozen)


def _resting(part: Part) -> Part:
    """With weights that do not learn: they have no gradient, and the optimiser keeps nothing for them."""
    still = part.footprint
    return part._replace(footprint=replace(still, weights=0, buffers=still.buffers + still.weights))


def planned(flat: Flat, flow: Flow, used: frozenset[str], order: Iterable[str], until: float = inf) -> Plan | None:
    """The network of a document whose axes all have fixed lengths, as far as it fits.

    None when it is not done at the time `until` (of `time.monotonic`); what has been found out is remembered, and
    each call finds out something.
    """
    parts: list[Part] = []
    inputs: dict[Source, Amount] = {}
    wanting: set[Source] = set()
    known = footprint.cache_info().misses
    for path in order:
        node = flat.nodes[path]
        if path not in flow.measured or (used and path not in used) or node.node.type == "output":
            continue
        if time.monotonic() > until and footprint.cache_info().misses > known:
            return None
        if node.node.type == "input":
            inputs[path, "out"] = Amount(0, size_of(flow.ports[path, "out"].first))
        else:
            parts.append(_part(node, flat, flow, wanting))
    made = {source for part in parts for source in part.writes} | inputs.keys()
    outputs = [path for path, node in flat.nodes.items() if node.node.type == "output"]
    ends = [source for path in outputs for source in flat.inputs[path].values() if source in made]
    return Plan(parts, inputs, ends)


def _part(node: FlatNode, flat: Flat, flow: Flow, wanting: set[Source]) -> Part:
    cls, settings = flow.kinds.of(node.node.type), node.node.settings
    given = flat.inputs[node.path]
    reads = tuple(given.get(port) for port in port_names(cls.info.inputs, settings, cls.info.fields))
    writes = tuple((node.path, port) for port in port_names(cls.info.outputs, settings, cls.info.fields))
    known: tuple[Known | None, ...] = tuple(source and flow.ports[source].first for source in reads)
    wanted = tuple(source in wanting for source in reads)
    found = footprint(cls.of(settings), known, wanted)
    if any(wanted) or found.weights:
        wanting.update(writes)
    return Part(reads, writes, wanted, found)


@dataclass
class _Play:
    """One step, moment by moment."""

    plan: Plan
    learned: int
    moments: list[Moment] = field(default_factory=list)
    gradients: float = 0
    activations: Amount = NOTHING
    workspace: Amount = NOTHING

    def __post_init__(self) -> None:
        self._home, self._sizes = _homes(self.plan)
        self._pinned = {self._home[source] for source in (*self.plan.inputs, *self.plan.ends)}
        self._savers: Counter[int] = Counter()
        self._there: set[int] = set()
        self._held: Counter[int] = Counter()
        self._buffers: list[Amount] = []

    # ---- forwards

    def forwards(self) -> None:
        """The gradients and outputs of the step before are still there."""
        self.gradients = self.learned
        for source, size in self.plan.inputs.items():
            self.activations += size
            self._there.add(self._home[source])
        before = self._ends_size()
        self.activations += before
        reads = _reads(self.plan, self._home)
        for part in self.plan.parts:
            before_it = self.activations
            self.activations += part.footprint.kept
            for source in part.writes:
                self._take(self._home[source])
            self._peaks(before_it + peak - self.activations for peak in part.footprint.forward)
            for home in _saved(part, self._home):
                self._savers[home] += 1
            for source in filter(None, part.reads):
                reads[self._home[source]] -= 1
            for source in (*filter(None, part.reads), *part.writes):
                if reads[self._home[source]] <= 0:
                    self._leave(self._home[source])
        self.activations -= before
        self.activations += self._ends_size()  # the loss keeps as much as the outputs are
        self._peaks((self._ends_size(),))

    def _ends_size(self) -> Amount:
        total = NOTHING
        for source in self.plan.ends:
            total += self._sizes[self._home[source]]
        return total

    def _take(self, home: int) -> None:
        if home not in self._there:
            self._there.add(home)
            self.activations += self._sizes[home]

    def _leave(self, home: int) -> None:
        """Give a piece back, if nobody needs it any more."""
        if home in self._there and not self._savers[home] and home not in self._pinned:
            self._there.remove(home)
            self.activations -= self._sizes[home]

    # ---- backwards

    def backwards(self) -> None:
        """Gradients of weights are made again; what was kept is given back layer by layer."""
        self.gradients = 0
        coming: dict[Source, int] = {}
        for source in self.plan.ends:
            self._arrive(coming, source, self._buffer(self._sizes[self._home[source]]))
        self.activations -= self._ends_size()
        for part in reversed(self.plan.parts):
            self._back(part, coming)
        self._peaks((NOTHING,))

    def _back(self, part: Part, coming: dict[Source, int]) -> None:
        arrived = [coming.pop(source) for source in part.writes if source in coming]
        if arrived and (any(part.wanted) or part.footprint.weights):
            self._peaks(part.footprint.backward)
            self.gradients += part.footprint.weights
            for source, wanted, size in zip(part.reads, part.wanted, part.footprint.gradients, strict=True):
                if source is not None and wanted:
                    self._arrive(coming, source, self._buffer(size) if size != NOTHING else self._same(arrived[0]))
        self.activations -= part.footprint.kept
        for home in _saved(part, self._home):
            self._savers[home] -= 1
            self._leave(home)
        for number in arrived:
            self._release(number)

    def _arrive(self, coming: dict[Source, int], source: Source, number: int) -> None:
        """A gradient has come back to an output; where it is not the first one, both are added up."""
        if source in coming:
            first, second = coming[source], number
            number = self._buffer(self._sizes[self._home[source]])
            self._peaks((NOTHING,))
            self._release(first)
            self._release(second)
        coming[source] = number

    def _buffer(self, size: Amount) -> int:
        self._buffers.append(size)
        self.workspace += size
        return self._same(len(self._buffers) - 1)

    def _same(self, number: int) -> int:
        self._held[number] += 1
        return number

    def _release(self, number: int) -> None:
        self._held[number] -= 1
        if not self._held[number]:
            self.workspace -= self._buffers[number]

    def _peaks(self, more: Iterable[Amount]) -> None:
        for amount in more:
            self.moments.append(Moment(self.gradients, self.activations, self.workspace + amount))


def inference(plan: Plan) -> list[Amount]:
    """The moments of a forward pass of which nothing is kept."""
    home, sizes = _homes(plan)
    reads = _reads(plan, home)
    there = {home[source] for source in plan.inputs}
    found = [sum((sizes[number] for number in there), NOTHING)]
    for part in plan.parts:
        now = sum((sizes[number] for number in there), NOTHING)
        found += [now + peak - part.footprint.kept for peak in part.footprint.forward]
        there.update(home[source] for source in part.writes)
        for source in filter(None, part.reads):
            reads[home[source]] -= 1
        for source in (*filter(None, part.reads), *part.writes):
            if reads[home[source]] <= 0 and source not in plan.inputs:
                there.discard(home[source])
    return found


def _homes(plan: Plan) -> tuple[dict[Source, int], list[Amount]]:
    """The piece of memory that each output lies in (a view lies in that of another), and the sizes of the pieces."""
    home: dict[Source, int] = {}
    sizes: list[Amount] = []
    for source, size in plan.inputs.items():
        home[source] = len(sizes)
        sizes.append(size)
    for part in plan.parts:
        for source, made, view in zip(part.writes, part.footprint.made, part.footprint.views, strict=True):
            other = part.reads[view] if view >= 0 else None
            if other is not None:
                home[source] = home[other]
            else:
                home[source] = len(sizes)
                sizes.append(made)
    return home, sizes


def _reads(plan: Plan, home: dict[Source, int]) -> Counter[int]:
    """How often each piece is still to be read."""
    found = Counter(home[source] for part in plan.parts for source in part.reads if source is not None)
    found.update(home[source] for source in plan.ends)
    return found


def _saved(part: Part, home: dict[Source, int]) -> Iterable[int]:
    """The pieces that the backward pass of a layer needs."""
    for source, keeps in zip(part.reads, part.footprint.keeps_inputs, strict=True):
        if source is not None and keeps:
            yield home[source]
    for source, keeps in zip(part.writes, part.footprint.keeps_outputs, strict=True):
        if keeps:
            yield home[source]


def _largest(moments: Iterable[Moment]) -> list[Moment]:
    """The moments that are the largest of all for some batch size."""
    best: list[Moment] = []
    lines = [(moment, moment.activations + moment.workspace) for moment in moments]
    for moment, (fixed, _) in sorted(lines, key=lambda pair: (-pair[1].each, -pair[0].gradients - pair[1].fixed)):
        if not best or moment.gradients + fixed > sum(_fixed(best[-1])):
            best.append(moment)
    return best


def _fixed(moment: Moment) -> tuple[float, float, float]:
    return moment.gradients, moment.activations.fixed, moment.workspace.fixed
