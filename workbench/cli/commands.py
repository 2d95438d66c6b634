"""The subcommands. Each is a function of the parsed arguments that returns the exit status."""

import argparse
import time
from typing import Any

import msgspec

import model_zoo
from workbench.cli import sources
from workbench.cli.asking import asked
from workbench.cli.output import (
    FAILED,
    OK,
    as_json,
    listed,
    metric,
    metrics_line,
    say,
    table,
    told,
    write,
    write_json,
    yes,
)
from workbench.core import project, wording
from workbench.core.analysis import Analysis
from workbench.core.catalogue import port_names, shipped
from workbench.core.expand import BLOCK, expand
from workbench.core.files import write_atomically
from workbench.core.i18n import tr
from workbench.core.messages import (
    Analyse,
    Decoding,
    EvaluateRun,
    ExportRun,
    GetSource,
    OutputEvaluation,
    Predict,
    Prediction,
    Predictions,
    Source,
)

MOST_COLUMNS, MOST_SAMPLES = 30, 5
"""A wider matrix fits on no terminal; so many samples are printed."""


def zoo(args: argparse.Namespace) -> int:
    """List the models that ship with the program."""
    rows = [
        {"name": item.name, "title": item.title, "group": item.group, "summary": item.summary}
        for item in model_zoo.ZOO.values()
    ]
    return listed(rows, args)


def layers(args: argparse.Namespace) -> int:
    """List the types of layers."""
    rows = [
        {
            "name": info.key,
            "title": info.title,
            "group": info.group,
            "summary": info.summary,
            "formula": info.formula,
            "inputs": port_names(info.inputs, {}, info.fields),
            "outputs": port_names(info.outputs, {}, info.fields),
            "settings": {field.name: field.default for field in info.fields},
        }
        for info in shipped().layers.values()
    ]
    return listed(rows, args)


def check(args: argparse.Namespace) -> int:
    """Show shapes, parameters, FLOPs, memory and problems of a project."""
    document, folder = sources.opened(args.project)
    found: Analysis = asked(Analyse(project.to_raw(document), 0, str(folder), whole=True), args)
    types = {path: node.node.type for path, node in expand(document).nodes.items()}
    rows = [
        {
            "id": path,
            "type": types.get(path, BLOCK),
            "outputs": [{"shape": list(spec.shape), "dtype": spec.dtype} for spec in item.outputs.values()],
            "parameters": item.parameters,
            "flops": item.flops,
            "activation_bytes": item.activation_bytes,
        }
        for path, item in found.nodes.items()
    ]
    if args.json:
        write_json(
            {
                "nodes": rows,
                "parameters": found.parameters,
                "flops": found.flops,
                "memory": found.memory,
                "problems": [as_json(problem) for problem in found.problems],
            }
        )
    else:
        _show_check(rows, found)
    return OK if found.ok else FAILED


def _show_check(rows: list[dict[str, Any]], found: Analysis) -> None:
    def number(value: int | None) -> str:
        return "–" if value is None else wording.count(value)

    lines = [
        (
            row["id"],
            row["type"],
            ", ".join(wording.shape(spec["shape"]) for spec in row["outputs"]),
            number(row["parameters"]),
            number(row["flops"]),
            "–" if row["activation_bytes"] is None else wording.size(row["activation_bytes"]),
        )
        for row in rows
    ]
    header = (tr("layer"), tr("type"), tr("output"), tr("parameters"), tr("FLOPs"), tr("activations"))
    table(header, lines, right=(3, 4, 5))
    write()
    write(tr("Parameters {n}", n=number(found.parameters)))
    write(tr("FLOPs for one sample {n}", n=number(found.flops)))
    memory = found.memory
    if memory.training_bytes is not None and memory.inference_bytes is not None:
        training, inference = wording.size(memory.training_bytes), wording.size(memory.inference_bytes)
        write(tr("Memory: training {training}, inference {inference}", training=training, inference=inference))
    if memory.largest_batch is not None and memory.free_bytes is not None:
        free = wording.size(memory.free_bytes)
        write(
            tr(
                "Largest batch for {free} of free memory ({device}): {n}",
                free=free,
                device=memory.device,
                n=wording.count(memory.largest_batch),
            )
        )
    for problem in found.problems:
        write(f"{problem.severity}: {told(problem)}")


def code(args: argparse.Namespace) -> int:
    """Write the network of a project as PyTorch source that runs without this program."""
    path = sources.target(args.output, ".py") if args.output else None
    document, folder = sources.opened(args.project)
    found: Source = asked(GetSource(project.to_raw(document), str(folder)), args)
    if path is not None:
        write_atomically(path, found.text.encode())
    if args.json:
        write_json({"path": str(path) if path else None, "text": found.text, "lines": found.lines})
    else:
        write(str(path) if path else found.text.rstrip("\n"))
    return OK


def runs(args: argparse.Namespace) -> int:
    """List the runs, the latest first."""
    found = sources.run_store(args.runs).list()
    rows: list[dict[str, Any]] = [
        {
            "run": record.run,
            "project": record.project,
            "state": record.state,
            "reason": wording.what(record.status.reason) if record.status.reason else "",
            "started": time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(record.started)),
            "epoch": record.status.epoch,
            "epochs": record.status.epochs,
            "seconds": record.status.seconds,
            "metrics": record.status.best or record.status.metrics,
        }
        for record in found
    ]
    if args.json:
        write_json(rows)
    elif not rows:
        write(tr("There are no runs yet. Train one: workbench train zoo:mnist_cnn"))
    else:
        lines = [
            (
                str(row["run"]),
                wording.state(str(row["state"])),
                f"{row['epoch']}/{row['epochs']}",
                metrics_line({name: value for name, value in row["metrics"].items() if not name.startswith("train/")}),
            )
            for row in rows
        ]
        table((tr("run"), tr("state"), tr("epoch"), tr("metrics of the best epoch")), lines)
    return OK


def evaluate(args: argparse.Namespace) -> int:
    """Measure a run's model on a split."""
    run = sources.run_store(args.runs).find(args.run)
    found = asked(EvaluateRun(str(run.path), args.split, args.weights), args)
    if args.json:
        write_json(found)
        return OK
    for name, value in found.metrics.items():
        write(f"{name:24} {metric(name, value)}")
    for output in found.outputs:
        _detailed(output)
    return OK


def export(args: argparse.Namespace) -> int:
    """Write a run's model as ONNX, with the proof that it behaves the same."""
    path = sources.target(args.file, ".onnx")
    run = sources.run_store(args.runs).find(args.run)
    found = asked(ExportRun(str(run.path), str(path.resolve()), args.weights, args.precision), args)
    if args.json:
        write_json(found)
    else:
        write(f"{found.path}  {wording.size(found.bytes)}, opset {found.opset}")
        agree = tr("Agrees with torch") if found.ok else tr("DIFFERS from torch")
        text = tr("{verdict} on {n} real samples", verdict=agree, n=found.samples)
        write(f"{text}: {found.max_abs_diff:.2g} ({found.max_rel_diff:.2g})")
        write(tr("Same decisions: {answer}", answer=yes(found.decisions_agree)))
        if found.first_difference:
            write(tr("First difference at {node}", node=found.first_difference))
        write(tr("Run by {provider}", provider=found.provider))
        if found.passed_over:
            write(tr("{provider} was built in but does not work on this machine.", provider=found.passed_over))
    return OK if found.ok else FAILED


def predict(args: argparse.Namespace) -> int:
    """Answer inputs with an exported model."""
    decoding = Decoding(args.length, args.beams, args.temperature, args.top_k, args.seed)
    question = Predict(args.model, tuple(args.inputs), decoding=decoding, folder=args.pictures or "")
    found: Predictions = asked(question, args)
    if args.json:
        answered = [{**msgspec.to_builtins(item), "problem": None} for item in found.answers]
        refused = [
            {"input": problem.node, "answer": None, "scores": {}, "problem": as_json(problem)}
            for problem in found.problems
        ]
        write_json(answered + refused)
    else:
        for item in found.answers:
            best = " · ".join(f"{label} {score * 100:.1f} %" for label, score in list(item.scores.items())[:3])
            name = f"{item.input}  {item.output}" if item.output else item.input
            write(f"{name}  {_told(item)}" + (f"  ({best})" if best else ""))
    for problem in found.problems:
        say(problem)
    return FAILED if found.problems else OK


def _told(item: Prediction) -> str:
    """An answer as text: tokens with their classes, lists with commas."""
    if item.file:
        return item.file
    if any(part.text for part in item.parts):
        return " ".join(f"{part.text}/{part.label}" for part in item.parts)
    return wording.readable(item.answer)


def _detailed(output: OutputEvaluation) -> None:
    """What an output confuses, how it does on each class, and some samples."""
    if output.confusion and len(output.confusion.classes) <= MOST_COLUMNS:
        write()
        names = output.confusion.classes
        rows = [(name, *map(str, row)) for name, row in zip(names, output.confusion.counts, strict=True)]
        table((tr("true \\ answer"), *names), rows, right=range(1, len(names) + 1))
    if output.classes:
        write()
        header = (tr("class"), tr("precision"), tr("recall"), "F1", tr("count"))
        figures = [(row.name, row.precision, row.recall, row.f1, row.support) for row in output.classes]
        table(
            header, [(name, f"{p:.3f}", f"{r:.3f}", f"{f1:.3f}", str(n)) for name, p, r, f1, n in figures], range(1, 5)
        )
    if output.task in ("sequence", "language_modelling", "token_tagging"):
        for sample in output.shown[:MOST_SAMPLES]:
            write()
            for name, text in (
                (tr("input"), sample.input),
                (tr("right"), sample.target),
                (tr("answer"), sample.answer),
            ):
                write(f"{name:8} {' '.join(text.split())}")
