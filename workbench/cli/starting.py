"""What `workbench train` starts: a project, or a run that is gone on with, branched from or made again."""

import argparse
import re
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from workbench.cli import sources
from workbench.cli.asking import asked, trusted
from workbench.cli.output import say
from workbench.core import project, settings, wording
from workbench.core.analysis import Analysis
from workbench.core.catalogue import shipped
from workbench.core.checks import evident
from workbench.core.document import Document
from workbench.core.live_edits import document_at
from workbench.core.messages import Analyse, Train
from workbench.core.problems import ProblemError
from workbench.core.runs import RESUMABLE, RunFolder, RunStore

SNAPSHOT = re.compile(r"(.+)@(\d+)")


class Start(NamedTuple):
    """A run that is to be started."""

    folder: RunFolder
    message: Train
    """To its job."""
    document: Document
    """What will be trained."""


def wanted(store: RunStore, args: argparse.Namespace) -> Start:
    """The run that the command line means. Raises `ProblemError`."""
    if args.resume:
        start = _resumed(store, args)
    elif args.branch:
        start = _branched(store, args)
    elif args.repeat:
        start = _repeated(store, args.repeat)
    else:
        start = _new(store, args)
    return start._replace(
        message=replace(start.message, processes=args.processes, keep_checkpoints=_kept(args), trusted=trusted(args))
    )


def needs(start: Start, args: argparse.Namespace) -> tuple[str, int | None]:
    """The device that a run will want, and the bytes that its training is forecast to need there."""
    raw = project.to_raw(start.document)
    found: Analysis = asked(Analyse(raw, 0, start.message.data_folder, whole=True), args)
    return found.memory.device or "cpu", found.memory.training_bytes


def _kept(args: argparse.Namespace) -> int:
    keep: int | None = args.keep
    return settings.load().keep_checkpoints if keep is None else keep


def _new(store: RunStore, args: argparse.Namespace) -> Start:
    document, data_folder = sources.opened(args.project)
    document = changed(document, args)
    _refuse_errors(document, data_folder, args)
    title = sources.titled(args.project, document)
    folder = store.new(title)
    return Start(folder, Train(str(folder.path), project.to_raw(document), str(data_folder), title), document)


def _resumed(store: RunStore, args: argparse.Namespace) -> Start:
    folder = store.find(args.resume)
    status = folder.status()
    longer = args.epochs is not None and args.epochs > status.epoch
    again = args.step is not None
    if status.state not in RESUMABLE and not (status.state == "done" and (longer or again)):
        raise ProblemError("run.cannot_resume", where=folder.name, state=wording.state(status.state).lower())
    return Start(
        folder, Train(str(folder.path), epochs=args.epochs, at=args.step), document_at(folder.info(), args.step)
    )


def _branched(store: RunStore, args: argparse.Namespace) -> Start:
    snapshot = SNAPSHOT.fullmatch(args.branch)
    name, at = (snapshot[1], int(snapshot[2])) if snapshot else (args.branch, args.step)
    origin = store.find(name)
    known = origin.snapshots()
    if at is not None and at not in known:
        raise ProblemError("checkpoint.no_step", where=origin.name, step=at, known=known)
    info = origin.info()
    document = changed(document_at(info, known[-1] if at is None and known else at), args)
    folder = store.new(info.project)
    raw = project.to_raw(document)
    message = Train(str(folder.path), raw, info.data_folder, info.project, at=at, origin=str(origin.path))
    return Start(folder, message, document)


def _repeated(store: RunStore, name: str) -> Start:
    found = store.find(name)
    info = found.info()
    folder = store.new(info.project)
    message = Train(str(folder.path), info.document, info.data_folder, info.project, edits=info.edits)
    message = replace(message, repeats=str(found.path))
    if info.branched_from is None:
        return Start(folder, message, document_at(info))
    origin = store.find(info.branched_from.run)
    message = replace(message, origin=str(origin.path), at=info.branched_from.step)
    return Start(folder, message, document_at(info))


def changed(document: Document, args: argparse.Namespace) -> Document:
    """The document as the command line changed it. Raises `ProblemError`."""
    if args.data:
        document = sources.with_data(document, args.data)
    for assignment in args.set:
        document = sources.with_setting(document, assignment)
    if getattr(args, "epochs", None) is not None:
        document = replace(document, training=replace(document.training, epochs=args.epochs))
    for problem in evident(document, shipped()):
        raise ProblemError.of(problem)
    return document


def _refuse_errors(document: Document, data_folder: Path, args: argparse.Namespace) -> None:
    """What would end the run before its first step is said before there is a run. Raises `ProblemError`."""
    found: Analysis = asked(Analyse(project.to_raw(document), 0, str(data_folder)), args)
    for problem in found.problems:
        if problem.severity == "error":
            raise ProblemError.of(problem)
    for problem in found.problems:
        say(problem)
