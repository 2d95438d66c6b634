"""What `workbench train` starts: a project, or a run that is gone on with, branched from or made again."""

import argparse
import re
from pathlib import Path

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


def wanted(store: RunStore, args: argparse.Namespace) -> tuple[RunFolder, Train]:
    """The folder of the run that the command line means, and the message to its job. Raises `ProblemError`."""
    if args.resume:
        folder, message = _resumed(store, args)
    elif args.branch:
        folder, message = _branched(store, args)
    elif args.repeat:
        folder, message = _repeated(store, args.repeat)
    else:
        folder, message = _new(store, args)
    return folder, replace(message, keep_checkpoints=_kept(args), trusted=trusted(args))


def _kept(args: argparse.Namespace) -> int:
    keep: int | None = args.keep
    return settings.load().keep_checkpoints if keep is None else keep


def _new(store: RunStore, args: argparse.Namespace) -> tuple[RunFolder, Train]:
    document, data_folder = sources.opened(args.project)
    document = _changed(document, args)
    _refuse_errors(document, data_folder, args)
    title = sources.titled(args.project, document)
    folder = store.new(title)
    return folder, Train(str(folder.path), project.to_raw(document), str(data_folder), title)


def _resumed(store: RunStore, args: argparse.Namespace) -> tuple[RunFolder, Train]:
    folder = store.find(args.resume)
    status = folder.status()
    longer = args.epochs is not None and args.epochs > status.epoch
    again = args.step is not None
    if status.state not in RESUMABLE and not (status.state == "done" and (longer or again)):
        raise ProblemError("run.cannot_resume", where=folder.name, state=wording.state(status.state).lower())
    return folder, Train(str(folder.path), epochs=args.epochs, at=args.step)


def _branched(store: RunStore, args: argparse.Namespace) -> tuple[RunFolder, Train]:
    snapshot = SNAPSHOT.fullmatch(args.branch)
    name, at = (snapshot[1], int(snapshot[2])) if snapshot else (args.branch, args.step)
    origin = store.find(name)
    known = origin.snapshots()
    if at is not None and at not in known:
        raise ProblemError("checkpoint.no_step", where=origin.name, step=at, known=known)
    info = origin.info()
    document = _changed(document_at(info, known[-1] if at is None and known else at), args)
    folder = store.new(info.project)
    raw = project.to_raw(document)
    return folder, Train(str(folder.path), raw, info.data_folder, info.project, at=at, origin=str(origin.path))


def _repeated(store: RunStore, name: str) -> tuple[RunFolder, Train]:
    found = store.find(name)
    info = found.info()
    folder = store.new(info.project)
    message = Train(str(folder.path), info.document, info.data_folder, info.project, edits=info.edits)
    message = replace(message, repeats=str(found.path))
    if info.branched_from is None:
        return folder, message
    origin = store.find(info.branched_from.run)
    return folder, replace(message, origin=str(origin.path), at=info.branched_from.step)


def _changed(document: Document, args: argparse.Namespace) -> Document:
    """The document as the command line changed it. Raises `ProblemError`."""
    if args.data:
        document = sources.with_data(document, args.data)
    for assignment in args.set:
        document = sources.with_setting(document, assignment)
    if args.epochs is not None:
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
