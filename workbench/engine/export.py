"""A trained network as an ONNX file, with the proof that it behaves the same.

Steps: build the network anew with its trained weights, swap layers that the exporter handles badly for their twins,
export with named dynamic axes, strip what reveals the machine, add what a user of the file must know, check, write,
and run the written file beside torch on real samples.
"""

import copy
import json
import logging
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.metadata import version
from itertools import takewhile
from pathlib import Path, PurePath
from typing import Any

import msgspec
import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor

import workbench
from workbench.core.files import unwritable, write_atomically
from workbench.core.messages import ExportReport
from workbench.core.problems import ProblemError
from workbench.engine.answers import ModelOutput
from workbench.engine.compile import Goal, Network
from workbench.engine.datasets import DATASETS
from workbench.engine.onnx_model import METADATA, METADATA_VERSION, start
from workbench.engine.raw import Report, quiet
from workbench.engine.trained import Trained, load

OPSET = 20
SAMPLES = 256
BATCH_SIZES = (1, 5, 64)
"""The dynamic batch axis is tried at these sizes; the exporter itself sees none of them."""
TOLERANCE = 1e-5
"""Largest difference over largest output that single precision is allowed."""
SINGLE_FILE = 1 << 31
"""Protobuf holds no more; larger models put their weights into a file beside."""

Array = NDArray[np.float32]


def export(
    folder: Path, path: Path, weights: str = "best", precision: str = "fp32", report: Report = quiet
) -> ExportReport:
    """Export a run's model and prove that the file behaves like the network.

    Args:
        folder: the run's.
        path: where the file goes; what is there is replaced when the new one is complete.
        weights: best or last.
        precision: fp32.
        report: told how far it is.

    Raises:
        ProblemError: the run cannot be read, the network cannot be exported, or the file cannot be written.
    """
    if precision != "fp32":
        raise ProblemError("export.precision", found=precision, known=["fp32"])
    if not path.parent.is_dir():
        raise ProblemError("data.no_folder", where=str(path.parent))
    report("export.loading", 0, 4)
    trained = load(folder, weights)
    report("export.tracing", 1, 4)
    model = to_onnx(copy.deepcopy(trained.network), _examples(trained), _axes(trained))
    _describe(model, trained)
    report("export.checking", 2, 4)
    content = _checked(model)
    report("export.comparing", 3, 4)
    proof = compare(trained, content)
    try:
        write_atomically(path, content)
    except OSError as error:
        raise unwritable(path, error) from None
    return ExportReport(
        path=str(path),
        opset=OPSET,
        precision=precision,
        ok=proof.ok,
        max_abs_diff=proof.max_abs_diff,
        max_rel_diff=proof.max_rel_diff,
        decisions_agree=proof.decisions_agree,
        samples=proof.samples,
        first_difference=proof.first_difference,
        provider=proof.provider,
        bytes=len(content),
        batch_sizes=BATCH_SIZES,
        passed_over=proof.passed_over,
        weights=weights,
        sha256=sha256(content).hexdigest(),
        torch=str(torch.__version__),
        onnxruntime=version_of("onnxruntime-gpu", "onnxruntime"),
    )


def to_onnx(network: Network, examples: Sequence[Tensor], axes: Sequence[dict[int, str]]) -> onnx.ModelProto:
    """The network as an ONNX model; inputs and outputs are called after their nodes. Raises `ProblemError`.

    Args:
        network: is changed: some of its layers are replaced by their export twins.
        examples: one input each; sizes of dynamic axes in them do not matter.
        axes: for each input the dynamic axes by place.
    """
    network.eval()
    network.use_export_twins()
    names = [path.replace("/", ".") for path in network.inputs]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        try:
            program = torch.onnx.export(
                network,
                tuple(examples),
                dynamo=True,
                opset_version=OPSET,
                input_names=names,
                output_names=[path.replace("/", ".") for path in network.outputs],
                dynamic_shapes=(tuple(axes),),  # for the parameter `*inputs`
                external_data=False,
                verbose=False,
            )
        except Exception as error:
            cause = error
            while cause.__cause__ is not None and isinstance(cause.__cause__, Exception):
                cause = cause.__cause__
            logging.getLogger("workbench.export").exception("export failed")
            raise ProblemError("export.failed", detail=str(cause).strip().split("\n")[0]) from error
    assert program is not None
    model: onnx.ModelProto = program.model_proto
    _strip(model)
    return model


def _strip(model: onnx.ModelProto) -> None:
    """Take out what names files and code of this machine; what names nodes of the graph stays."""
    for node in model.graph.node:
        kept = [item for item in node.metadata_props if item.key in ("namespace", "pkg.torch.onnx.name_scopes")]
        del node.metadata_props[:]
        node.metadata_props.extend(kept)
        node.doc_string = ""
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer):
        del value.metadata_props[:]
        value.doc_string = ""
    del model.graph.metadata_props[:]
    model.graph.doc_string = model.doc_string = ""


def _examples(trained: Trained) -> list[Tensor]:
    """Two real samples an input: a batch of one would make the batch axis a constant.

    Axes of variable length get sizes that nothing else has, for the same reason.
    """
    inputs, _ = next(trained.batches(_proof_split(trained)))
    names = list(dict.fromkeys(name for axes in _axes(trained) for name in axes.values()))
    found = []
    for tensor, axes in zip(inputs, _axes(trained), strict=True):
        for place, name in axes.items():
            size = 2 if name == "batch" else 7 + 2 * names.index(name)
            tensor = tensor.index_select(place, torch.arange(size) % tensor.shape[place])
        found.append(tensor)
    return found


def _axes(trained: Trained) -> list[dict[int, str]]:
    """The batch axis of every input, and its axes of variable length, by name."""
    specs = [trained.data.study.analysis.nodes[path].outputs["out"] for path in trained.network.inputs]
    return [
        {0: "batch"} | {place: axis for place, axis in enumerate(spec.shape, 1) if isinstance(axis, str)}
        for spec in specs
    ]


def _proof_split(trained: Trained) -> str:
    """Samples the network has not learned from, where there are any."""
    return next(name for name in ("test", "validation", "train") if len(trained.data.splits[name]))


def _describe(model: onnx.ModelProto, trained: Trained) -> None:
    columns = trained.data.loaded.columns
    names = trained.data.input_names(trained.network)
    meta: dict[str, Any] = {
        "version": METADATA_VERSION,
        "program": f"Model Workbench {workbench.__version__}",
        "run": trained.info.run,
        "weights": trained.weights,
        "inputs": [
            {
                "name": path.replace("/", "."),
                "column": name,
                "preprocessing": msgspec.to_builtins(columns[name].preprocessing),
            }
            for path, name in zip(trained.network.inputs, names, strict=True)
        ],
        "outputs": [msgspec.to_builtins(_output(goal, trained)) for goal in trained.goals],
        "document": _without_paths(trained.info.document),
        "data_fingerprint": trained.info.fingerprint,
    }
    model.producer_name, model.producer_version = "Model Workbench", workbench.__version__
    model.metadata_props.add(key=METADATA, value=json.dumps(meta, ensure_ascii=False))


def _output(goal: Goal, trained: Trained) -> ModelOutput:
    """What a user of the file must know of an output."""
    settings = trained.data.study.flat.nodes[goal.path].node.settings
    return ModelOutput(
        name=goal.path.replace("/", "."),
        column=goal.column.name,
        task=goal.task.info.key,
        classes=goal.column.classes,
        threshold=settings.get("threshold", 0.5),
        loss=settings.get("loss", "default"),
        back=trained.back(goal) or "",
    )


def _without_paths(document: dict[str, Any]) -> dict[str, Any]:
    """The document without what only this machine has: of paths to data the last part stays."""
    data = document.get("data")
    if not data:
        return document
    paths = {field.name for field in DATASETS[data["source"]].info.fields if field.kind == "path"}
    options = {
        name: PurePath(value).name if name in paths and isinstance(value, str) else value
        for name, value in data["options"].items()
    }
    return {**document, "data": {**data, "options": options}}


def _checked(model: onnx.ModelProto) -> bytes:
    if model.ByteSize() >= SINGLE_FILE:
        raise ProblemError("export.too_large", bytes=model.ByteSize())
    try:
        onnx.checker.check_model(model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise ProblemError("export.invalid", detail=str(error).split("\n")[0]) from None
    content: bytes = model.SerializeToString()
    return content


@dataclass(frozen=True)
class Proof:
    """How the file compares with the network on real samples."""

    max_abs_diff: float
    max_rel_diff: float
    decisions_agree: bool
    samples: int
    first_difference: str | None
    provider: str
    passed_over: str

    @property
    def ok(self) -> bool:
        """The file behaves like the network."""
        return self.max_rel_diff <= TOLERANCE and self.decisions_agree


@torch.no_grad()
def compare(trained: Trained, content: bytes) -> Proof:
    """Run a file beside the network, on samples that were not learned from.

    At several batch sizes, and with axes of variable length at half their length too.
    """
    session, passed_over = start(content)
    worst, largest, agree, count = 0.0, 0.0, True, 0
    some: list[Tensor] = []
    for whole, _ in trained.batches(_proof_split(trained), SAMPLES):
        some = some or [tensor[:5] for tensor in whole]
        count += len(whole[0])
        for inputs in _lengths(whole, _axes(trained)):
            expected = trained.network(*inputs)
            largest = max(largest, *(float(out.abs().max()) for out in expected))
            for size in BATCH_SIZES:
                found = _in_batches(session, [tensor.numpy() for tensor in inputs], size)
                for one, other, goal in zip(expected, found, trained.goals, strict=True):
                    worst = max(worst, _difference(one.numpy(), other))
                    agree = agree and _same_decisions(goal, one, other)
    relative = worst / largest if largest else worst
    proof = Proof(worst, relative, agree, count, None, session.get_providers()[0], passed_over)
    return proof if proof.ok else replace(proof, first_difference=first_difference(trained.network, content, some))


def _lengths(inputs: Sequence[Tensor], axes: Sequence[dict[int, str]]) -> list[list[Tensor]]:
    """The inputs, and where axes are of variable length the same cut in half."""
    half = []
    for tensor, names in zip(inputs, axes, strict=True):
        for place, name in names.items():
            if name != "batch":
                tensor = tensor.narrow(place, 0, max(1, tensor.shape[place] // 2))
        half.append(tensor.contiguous())
    same = all(one.shape == other.shape for one, other in zip(inputs, half, strict=True))
    return [list(inputs)] if same else [list(inputs), half]


def _in_batches(session: Any, inputs: list[NDArray[Any]], size: int) -> list[Array]:
    names = [item.name for item in session.get_inputs()]
    parts = [
        session.run(None, {name: array[at : at + size] for name, array in zip(names, inputs, strict=True)})
        for at in range(0, len(inputs[0]), size)
    ]
    return [np.concatenate(column) for column in zip(*parts, strict=True)]


def _difference(one: Array, other: Array) -> float:
    if one.shape != other.shape or not (np.isfinite(one).all() and np.isfinite(other).all()):
        return float("inf")
    return float(np.abs(one - other).max()) if one.size else 0.0


def _same_decisions(goal: Goal, expected: Tensor, found: Array) -> bool:
    """The same choice wins; where two are level to rounding, either may."""
    if tuple(expected.shape) != found.shape:
        return False
    one, other = goal.task.choices(expected), goal.task.choices(torch.from_numpy(found))
    if one is None or other is None:
        return True
    one, other = one.flatten(0, -2), other.flatten(0, -2)
    ours, theirs = one.argmax(-1), other.argmax(-1)
    rows = (ours != theirs).nonzero().flatten()
    gap = (one[rows, ours[rows]] - one[rows, theirs[rows]]).abs()
    return bool((gap <= 2 * TOLERANCE * one.abs().max()).all())


@torch.no_grad()
def first_difference(network: Network, content: bytes, inputs: Sequence[Tensor]) -> str | None:
    """The first node, in the order of computation, whose output in the file differs from torch's.

    Every node of the file carries the path of the layer that it came from, so the last value that a layer made is
    its output. The exporter may fold a layer into the one before (batch norm into a convolution): the value is then
    that of the later one. None when all inner outputs agree.
    """
    model = onnx.load_from_string(content)
    ends = _outputs_by_layer(model)
    known = {output.name for output in model.graph.output}
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in set(ends.values()) - known)
    session, _ = start(model.SerializeToString(), cpu_only=True)
    names = [item.name for item in session.get_inputs()]
    outputs = [item.name for item in session.get_outputs()]
    values = session.run(None, {name: tensor.numpy() for name, tensor in zip(names, inputs, strict=True)})
    found = dict(zip(outputs, values, strict=True))
    expected = _torch_outputs(network, inputs)
    for place, step in enumerate(network.steps):
        if step.path in ends:
            later = takewhile(lambda other: other.path not in ends, network.steps[place + 1 :])
            if not any(_agree(expected[other.path], found[ends[step.path]]) for other in (step, *later)):
                return step.path
    return None


def _agree(one: Array, other: Array) -> bool:
    return _difference(one, other) <= TOLERANCE * (float(np.abs(one).max()) or 1.0)


def _outputs_by_layer(model: onnx.ModelProto) -> dict[str, str]:
    """The name of the last value that each layer made, by the layer's path."""
    ends: dict[str, str] = {}
    for node in model.graph.node:
        scopes = next((item.value for item in node.metadata_props if item.key == "pkg.torch.onnx.name_scopes"), "")
        names = [name.strip(" '\"") for name in scopes.strip("[]").split(",")]
        for name in names[:-1]:  # the last one is the operation's own, and may look like a layer's
            if name:
                ends[name.replace(".", "/")] = node.output[0]
    return ends


def _torch_outputs(network: Network, inputs: Sequence[Tensor]) -> dict[str, Array]:
    """The first output of every layer."""
    kept: dict[str, Array] = {}
    hooks = []
    for step in network.steps:

        def keep(module: Any, given: Any, result: Any, path: str = step.path) -> None:
            first = result[0] if isinstance(result, tuple) else result
            kept[path] = first.numpy()

        hooks.append(step.module.register_forward_hook(keep))
    try:
        network(*inputs)
    finally:
        for hook in hooks:
            hook.remove()
    return kept


def version_of(*distributions: str) -> str:
    """The version of the first of these distributions that is installed."""
    for name in distributions:
        try:
            return version(name)
        except ModuleNotFoundError:
            continue
    return ""
