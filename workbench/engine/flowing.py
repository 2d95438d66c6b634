"""One sample on its way through a network: what comes out of each port, as a picture and in figures.

The network may be unfinished or broken: the sample flows through the layers that are sound. What cannot be known
before the numbers are there (an index out of range) is named at its layer, and ends the way.
"""

import dataclasses
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from workbench.core import custom, project
from workbench.core.document import BLOCK_INPUT, Document, Graph
from workbench.core.expand import Source, way_into
from workbench.core.messages import PortPreview, Preview, PreviewSample
from workbench.core.problems import Problem, ProblemError
from workbench.core.runs import RunFolder
from workbench.engine import checkpoint, permission
from workbench.engine.analyse import Study, study
from workbench.engine.binding import input_column
from workbench.engine.columns.base import Loaded
from workbench.engine.compile import Network
from workbench.engine.datasets.base import dataset_of
from workbench.engine.layers.base import Known
from workbench.engine.layers.embedding import USUAL
from workbench.engine.loading import load
from workbench.engine.pictures import Pixels, histogram, picture_of
from workbench.engine.raw import Report

SECONDS = 1.5
"""The way ends after so long, and so does the drawing of pictures: other questions wait."""
MOST_PARAMETERS = 100_000_000
MOST_PORTS = 600
PARTS = 32
ANY_LENGTH = 16
"""How long a random input is along an axis of variable length."""
TOKENS = 64


@dataclass
class _Kept:
    """The network that was made last: for the next sample it need not be made again."""

    key: tuple[Document, str, int, str, tuple[str, ...]]
    network: Network
    study: Study
    trained: bool


_kept: list[_Kept] = []


def previewed(question: PreviewSample, report: Report) -> tuple[Preview, list[bytes]]:
    """See `PreviewSample`. Raises `ProblemError` where there is nothing that could flow.

    One sample is little work: on a busy machine, threads that wait for one another would take ten times as long.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return _previewed(question, report)
    finally:
        torch.set_num_threads(threads)


@torch.no_grad()
def _previewed(question: PreviewSample, report: Report) -> tuple[Preview, list[bytes]]:
    made = _network(question)
    sample, caption, total = _sample(made.study, question, report)
    values, problem = _flow(made, sample)
    wanted = list(_wanted(made.study, question.prefix))[:MOST_PORTS]
    ports: list[PortPreview] = []
    pixels: dict[Source, tuple[int, Pixels]] = {}
    size = 0
    end = time.monotonic() + SECONDS
    for node, port, source in wanted:
        if source not in values or time.monotonic() > end:
            continue
        value = values[source][0]
        if source not in pixels:
            found = picture_of(value, as_seen=made.study.flat.nodes[source[0]].node.type == "input")
            pixels[source] = size, found
            size += found.nbytes
        ports.append(_described(node, port, value, *pixels[source]))
    answer = Preview(
        question.revision, tuple(ports), caption, question.sample % total if total else question.sample, total,
        made.trained, problem,
    )  # fmt: skip
    return answer, [b"".join(np.ascontiguousarray(found).tobytes() for _, found in pixels.values())]


def _network(question: PreviewSample) -> _Kept:
    document = project.from_raw(question.document)
    codes = tuple(_runnable(document, Path(question.folder)))
    key = document, question.folder, question.seed, _state_of(question.run), codes
    if _kept and _kept[0].key == key:
        return _kept[0]
    _kept.clear()
    known = study(document, Path(question.folder))
    if known.analysis.parameters > MOST_PARAMETERS:
        raise ProblemError("preview.large", found=known.analysis.parameters, most=MOST_PARAMETERS)
    sound = {path for path in known.flow.measured if known.flat.nodes[path].node.type != "output"}
    with torch.random.fork_rng(devices=[]):
        network = Network(dataclasses.replace(known, used=frozenset(sound))).eval()
        trained = bool(question.run) and _takes_weights(network, Path(question.run))
        if not trained:
            _initialise(network, question.seed)
    _kept.append(_Kept(key, network, known, trained))
    return _kept[0]


def _runnable(document: Document, folder: Path) -> Iterator[str]:
    """The files of the user's own layers as they are now: one may have changed, or be trusted no more."""
    for name in custom.files(document):
        try:
            sha256 = custom.read(folder, name).sha256
        except ProblemError:
            continue
        if permission.is_given(sha256):
            yield f"{name} {sha256}"


def _state_of(run: str) -> str:
    """What the weights of a run depend on: it may have gone on since."""
    checkpoints = RunFolder(Path(run)).checkpoints if run else None
    found = sorted(checkpoints.iterdir()) if checkpoints is not None and checkpoints.is_dir() else []
    return f"{run} {[(path.name, path.stat().st_mtime_ns) for path in found]}"


def _initialise(network: Network, seed: int) -> None:
    """Torch's usual initialisation, of each layer by itself: an edit elsewhere does not change it."""
    for step in network.steps:
        torch.manual_seed(_number(seed, step.path))
        for module in step.module.modules():
            reset = getattr(module, "reset_parameters", None) or getattr(module, "_reset_parameters", None)
            if reset is not None:
                reset()


def _number(*what: object) -> int:
    """A seed for a thing; torch looks at 32 bits of one."""
    return zlib.crc32(repr(what).encode())


def _takes_weights(network: nn.Module, run: Path) -> bool:
    """The weights of a run are of this network."""
    found, _ = checkpoint.newest(RunFolder(run).checkpoints)
    if found is None:
        return False
    try:
        network.load_state_dict(found.weights("best"))
    except RuntimeError:
        return False
    return True


def _sample(known: Study, question: PreviewSample, report: Report) -> tuple[dict[Source, Tensor], str, int]:
    """What enters each input, the class of the sample, and how many there are."""
    data = known.document.data
    loaded: Loaded | None = None
    row = total = 0
    if data is not None and known.columns and dataset_of(data).is_here():
        loaded = load(data, Path(question.folder), report)
        rows = loaded.splits["train"]
        total = len(rows)
        row = int(rows[question.sample % total]) if total else 0
    entering: dict[Source, Tensor] = {}
    random = torch.Generator().manual_seed(_number(question.seed, question.sample))
    for path, node in known.flat.nodes.items():
        if node.node.type != "input" or path not in known.flow.measured:
            continue
        column = input_column(node, known.columns)
        if loaded is not None and total and column is not None:
            entering[path, "out"] = loaded.columns[column.name].ready(slice(row, row + 1))
        else:
            entering[path, "out"] = _random(known, (path, "out"), random)
    if not entering:
        raise ProblemError("preview.no_input")
    label = loaded.label if loaded is not None and total else None
    return entering, label.classes[int(label.tensor[row])] if label is not None else "", total


def _random(known: Study, source: Source, random: torch.Generator) -> Tensor:
    shape = [axis if isinstance(axis, int) else ANY_LENGTH for axis in known.flow.spec(source).shape]
    spec: Known = known.known[source]
    if spec.floating:
        return torch.randn(1, *shape, generator=random)
    return torch.randint(0, _tokens(known, source), (1, *shape), generator=random, dtype=getattr(torch, spec.dtype))


def _tokens(known: Study, source: Source) -> int:
    """How many different numbers every table that reads this input has."""
    size = known.known[source].size
    if size:
        return size
    sizes = [
        node.node.settings.get("num_embeddings") or USUAL
        for path, node in known.flat.nodes.items()
        if node.node.type == "embedding" and source in known.flat.inputs[path].values()
    ]
    return min([size for size in sizes if isinstance(size, int) and size > 0], default=TOKENS)


def _flow(made: _Kept, entering: dict[Source, Tensor]) -> tuple[dict[Source, Tensor], Problem | None]:
    """What comes out of each port; and why the way ended early."""
    network, known = made.network, made.study
    ports: dict[str, list[str]] = {}
    for path, port in known.flow.ports:
        ports.setdefault(path, []).append(port)
    slots: dict[int, Tensor] = {place: entering[path, "out"] for place, path in enumerate(network.inputs)}
    values = dict(entering)
    end = time.monotonic() + SECONDS
    for step in network.steps:
        if any(at >= 0 and at not in slots for at in step.reads):
            continue
        if time.monotonic() > end:
            return values, Problem("preview.slow", {"seconds": SECONDS}, step.path, "warning")
        try:
            result = step.module(*[None if at < 0 else slots[at] for at in step.reads])
        except (RuntimeError, IndexError, ValueError, TypeError) as error:
            detail = str(error).split("\n")[0]
            scope = known.flat.nodes[step.path].scope
            return values, Problem("preview.failed", {"detail": detail}, step.path, "warning", scope)
        outputs = result if isinstance(result, tuple) else (result,)
        for at, port, tensor in zip(step.writes, ports[step.path], outputs, strict=True):
            slots[at] = values[step.path, port] = tensor
    return values, None


def _wanted(known: Study, prefix: str) -> list[tuple[str, str, Source]]:
    """Node, port and where its tensor comes from, of the nodes of one graph: layers, uses of blocks, bypassed nodes."""
    parent = prefix.rstrip("/")
    found = [(path, port, (path, port)) for path, port in known.flow.ports if path.rpartition("/")[0] == parent]
    for use, ends in known.flat.uses.items():
        if use.rpartition("/")[0] == parent:
            found.extend((use, port, end) for port, end in ends.items())
    return [*found, *_entering(known, prefix)]


def _entering(known: Study, prefix: str) -> list[tuple[str, str, Source]]:
    """The same of the inputs of a block, as far as a layer reads them: what feeds that comes from outside."""
    way = way_into(known.document, [part for part in prefix.split("/") if part and not part.isdigit()])
    graph = known.document.scope(way[0]) if way and prefix else Graph()
    found: dict[str, tuple[str, str, Source]] = {}
    for wire in sorted(graph.wires):
        source = known.flat.inputs.get(prefix + wire.dst, {}).get(wire.dst_port)
        if graph.nodes[wire.src].type == BLOCK_INPUT and source is not None:
            found[wire.src] = prefix + wire.src, wire.src_port, source
    return list(found.values())


def _described(node: str, port: str, value: Tensor, start: int, picture: Pixels) -> PortPreview:
    numbers = value.detach().float().flatten()
    sound = numbers[torch.isfinite(numbers)]
    least, mean, most, deviation = (
        (float(sound.min()), float(sound.mean()), float(sound.max()), float(sound.std(unbiased=False)))
        if len(sound)
        else (0.0, 0.0, 0.0, 0.0)
    )
    count = max(1, len(numbers))
    return PortPreview(
        node, port, picture.shape[1], picture.shape[0], start, least, mean, most, deviation,
        zeros=float((numbers == 0).sum()) / count, wrong=1 - len(sound) / count if len(numbers) else 0.0,
        counts=histogram(numbers, PARTS),
    )  # fmt: skip
