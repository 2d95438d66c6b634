"""The subcommands. Each is a function of the parsed arguments that returns the exit status."""

import argparse
import time
from pathlib import Path
from typing import Any

from msgspec.structs import replace

import model_zoo
from workbench.cli import sources
from workbench.cli.output import (
    FAILED,
    OK,
    Progress,
    as_json,
    metric,
    metrics_line,
    table,
    write,
    write_json,
    yes,
)
from workbench.core import project, wording
from workbench.core.analysis import Analysis
from workbench.core.catalogue import shipped
from workbench.core.expand import BLOCK, expand
from workbench.core.i18n import tr
from workbench.core.messages import Analyse, AnyQuestion, EvaluateRun, ExportRun, Predict
from workbench.core.messages import Progress as Step
from workbench.core.problems import ProblemError
from workbench.core.processes import Engine


def _list(rows: list[dict[str, Any]], args: argparse.Namespace) -> int:
    if args.json:
        write_json(rows)
    else:
        table(
            (tr("name"), tr("group"), tr("what it is")), [(row["name"], row["group"], row["summary"]) for row in rows]
        )
    return OK


def zoo(args: argparse.Namespace) -> int:
    """List the models that ship with the program."""
    rows = [
        {"name": item.name, "title": item.title, "group": item.group, "summary": item.summary}
        for item in model_zoo.ZOO.values()
    ]
    return _list(rows, args)


def layers(args: argparse.Namespace) -> int:
    """List the types of layers."""
    rows = [
        {
            "name": info.key,
            "title": info.title,
            "group": info.group,
            "summary": info.summary,
            "inputs": [port.name for port in info.inputs],
            "outputs": [port.name for port in info.outputs],
            "settings": {field.name: field.default for field in info.fields},
        }
        for info in shipped().layers.values()
    ]
    return _list(rows, args)


def datasets(args: argparse.Namespace) -> int:
    """List the kinds of data."""
    rows = [
        {
            "name": info.key,
            "title": info.title,
            "group": info.group,
            "summary": info.summary,
            "download": info.download,
            "options": {field.name: field.default for field in info.fields},
        }
        for info in shipped().datasets.values()
    ]
    return _list(rows, args)


def new(args: argparse.Namespace) -> int:
    """Write a project file from a model of the zoo."""
    path = Path(args.file)
    if path.exists() and not args.force:
        raise ProblemError("cli.exists", where=str(path))
    document, _ = sources.opened(args.project)
    project.save(path, document)
    if args.json:
        write_json({"path": str(path), "nodes": len(document.graph.nodes)})
    else:
        write(str(path))
    return OK


def check(args: argparse.Namespace) -> int:
    """Show shapes, parameters, FLOPs, memory and problems of a project."""
    document, folder = sources.opened(args.project)
    found: Analysis = _asked(Analyse(project.to_raw(document), 0, str(folder)))
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
    for problem in found.problems:
        where = f"{problem.node}: " if problem.node else ""
        write(f"{problem.severity}: {where}{wording.what(problem)} {wording.remedy(problem)}".rstrip())


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
    found = _asked(EvaluateRun(str(run.path), args.split, args.weights))
    if args.json:
        write_json(found)
        return OK
    for name, value in found.metrics.items():
        write(f"{name:24} {metric(name, value)}")
    if found.confusion:
        write()
        names = found.confusion.classes
        rows = [(name, *map(str, row)) for name, row in zip(names, found.confusion.counts, strict=True)]
        table((tr("true \\ answer"), *names), rows, right=range(1, len(names) + 1))
    return OK


def export(args: argparse.Namespace) -> int:
    """Write a run's model as ONNX, with the proof that it behaves the same."""
    run = sources.run_store(args.runs).find(args.run)
    path = Path(args.file).resolve()
    found = _asked(ExportRun(str(run.path), str(path), args.weights, args.precision))
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
    inputs = tuple(str(Path(name).resolve()) for name in args.inputs)
    found = _asked(Predict(str(Path(args.model).resolve()), inputs))
    names = dict(zip(inputs, args.inputs, strict=True))
    answers = [replace(item, input=names.get(item.input, item.input)) for item in found.answers]
    if args.json:
        write_json(answers)
        return OK
    for item in answers:
        best = " · ".join(f"{label} {score * 100:.1f} %" for label, score in list(item.scores.items())[:3])
        write(f"{item.input}  {item.answer}" + (f"  ({best})" if best else ""))
    return OK


def _asked(question: AnyQuestion) -> Any:
    """The engine's answer, with progress meanwhile."""
    progress = Progress()

    def report(step: Step) -> None:
        done = step.done / step.total if step.total else None
        progress.show(wording.activity(step.code), done)

    try:
        with Engine() as engine:
            return engine.ask(question, report)
    finally:
        progress.close()
