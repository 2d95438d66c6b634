"""The parser, and the one place where a failure becomes a sentence and an exit status."""

import argparse
import io
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import NoReturn

import workbench
from workbench.cli import commands, control, data
from workbench.cli.output import FAILED, INTERRUPTED, USAGE, fail, write_json
from workbench.cli.queue import queue
from workbench.cli.rates import lr
from workbench.cli.scaling import scale_out
from workbench.cli.train import train
from workbench.core import logs, settings
from workbench.core.i18n import system_language, tr, use_language
from workbench.core.problems import Problem, ProblemError
from workbench.core.trust import hash_of

LIVE = "training.NAME, or data.columns.COLUMN.steps: all its steps, of which random ones may differ from before"

Command = Callable[[argparse.Namespace], int]

WEIGHTS = ("best", "last")
SOURCE = "a name, or a file or folder of pictures, texts, sounds or tables"


class _Parser(argparse.ArgumentParser):
    """Wrong usage is told as JSON too, where JSON was asked for."""

    def error(self, message: str) -> NoReturn:
        if "--json" in sys.argv:
            write_json(
                {"error": {"what": message, "where": self.prog, "fix": f"{self.prog} --help", "code": "cli.usage"}}
            )
        super().error(message)


def parser() -> argparse.ArgumentParser:
    """All subcommands with their arguments; each one's help is its function's docstring."""
    top = _Parser(
        prog="workbench",
        description="Design neural networks as a graph of layers, train them, and export ONNX with proof. "
        "Without a subcommand the window opens.",
    )
    top.add_argument("--version", action="version", version=f"Model Workbench {workbench.__version__}")
    subs = top.add_subparsers(metavar="COMMAND", dest="command")

    def add(name: str, run: Command) -> argparse.ArgumentParser:
        text = (run.__doc__ or "").split("\n")[0]
        sub = subs.add_parser(name, help=text, description=text)
        sub.set_defaults(run_command=run)
        sub.add_argument("--json", action="store_true", help="one JSON document on standard output")
        sub.add_argument("--debug", action="store_true", help="show a traceback when something fails")
        return sub

    add("zoo", commands.zoo)
    add("layers", commands.layers)
    sub = add("datasets", data.datasets)
    sub.add_argument("action", nargs="?", choices=("inspect",), help="columns, classes, splits and problems of one")
    sub.add_argument("source", metavar="SOURCE", nargs="?", help=SOURCE)
    sub.add_argument("--download", action="store_true", help="fetch it where it is not here yet")
    _set(sub, "data.columns.NAME.role=target")

    sub = add("new", data.new)
    sub.add_argument("project", metavar="zoo:NAME", nargs="?", help="a model of the zoo, or a project file to copy")
    sub.add_argument("file", metavar="FILE", help="the project file to write")
    sub.add_argument("--data", metavar="SOURCE", help=f"{SOURCE}; without zoo:NAME with a model that fits them")
    sub.add_argument("--model", metavar="NAME", help="which of the models that fit; the first one unless given")
    _set(sub, "data.columns.NAME.role=target")
    sub.add_argument("--force", action="store_true", help="replace a file that is there")

    sub = add("check", commands.check)
    sub.add_argument("project", metavar="PROJECT", help="a .workbench file or zoo:NAME")
    _trust(sub)

    sub = add("code", commands.code)
    sub.add_argument("project", metavar="PROJECT", help="a .workbench file or zoo:NAME")
    sub.add_argument("-o", "--output", metavar="FILE.py", help="write it there instead of showing it")
    _trust(sub)

    sub = add("train", train)
    sub.add_argument("project", metavar="PROJECT", nargs="?", help="a .workbench file or zoo:NAME")
    sub.add_argument("--data", metavar="SOURCE", help=f"other data: {SOURCE}")
    _set(sub, "training.learning_rate=0.01")
    sub.add_argument("--epochs", metavar="N", type=_epochs, help="short for --set training.epochs=N")
    sub.add_argument("--resume", metavar="RUN", help="go on with a run that was stopped or interrupted, exactly")
    sub.add_argument("--from", metavar="STEP", dest="step", type=_count, help="from the checkpoint of this step")
    sub.add_argument(
        "--branch", metavar="RUN[@STEP]", help="a new run that begins with a checkpoint of another; --set changes it"
    )
    sub.add_argument("--repeat", metavar="RUN", help="a new run with the settings of another, and all edits of it")
    sub.add_argument("--processes", metavar="N", type=_epochs, help="how many processes share each batch")
    sub.add_argument("--queue", action="store_true", help="let it wait for its turn, and do not wait for its end")
    sub.add_argument("--keep", metavar="N", type=_count, help="how many checkpoints of the run are kept")
    _weights(sub, "which metrics are reported")
    _runs(sub)
    _trust(sub)

    sub = add("scale-out", scale_out)
    sub.add_argument("project", metavar="PROJECT", help="a .workbench file or zoo:NAME")
    sub.add_argument("--data", metavar="SOURCE", help="other data, at a path that all machines see")
    sub.add_argument("--set", metavar="PATH=VALUE", action="append", default=[])
    sub.add_argument("--processes", metavar="N", type=_epochs, help="on each machine")
    sub.add_argument("--nodes", metavar="M", type=_epochs, help="how many machines")
    sub.add_argument("--sbatch", metavar="FILE.sh", help="write a file for Slurm's sbatch too")
    sub.set_defaults(epochs=None, resume=None, branch=None, repeat=None, step=None, keep=None)
    _runs(sub)
    _trust(sub)

    sub = add("lr", lr)
    sub.add_argument("project", metavar="PROJECT", help="a .workbench file or zoo:NAME")
    sub.add_argument("--data", metavar="SOURCE", help=f"other data: {SOURCE}")
    _set(sub, "training.batch_size=64")
    sub.add_argument("--lowest", metavar="RATE", type=_rate, default=1e-6, help="where it begins (1e-6)")
    sub.add_argument("--highest", metavar="RATE", type=_rate, default=10.0, help="where it ends (10)")
    sub.add_argument("--steps", metavar="N", type=_steps, default=100, help="how many rates are tried (100)")
    _trust(sub)

    _runs(add("runs", commands.runs))

    sub = add("queue", queue)
    sub.add_argument(
        "--move", nargs=2, metavar=("RUN", "PLACE"), help="let a run wait at another place; 1 is the first"
    )
    sub.add_argument("--remove", metavar="RUN", help="let a run wait no longer")
    sub.add_argument("--work", action="store_true", help="start runs as soon as there is room, until none is left")
    _runs(sub)

    sub = add("edit", control.edit)
    _run(sub)
    sub.add_argument("--set", metavar="PATH=VALUE", action="append", required=True, help=LIVE)
    for name, run in (("pause", control.pause), ("go-on", control.go_on), ("stop", control.stop)):
        _run(add(name, run))

    sub = add("evaluate", commands.evaluate)
    _run(sub)
    sub.add_argument("--split", choices=("train", "validation", "test"), default="test")
    _weights(sub)
    _trust(sub)

    sub = add("export", commands.export)
    _run(sub)
    sub.add_argument("file", metavar="FILE.onnx")
    sub.add_argument("--precision", choices=("fp32",), default="fp32")
    _weights(sub)
    _trust(sub)

    sub = add("predict", commands.predict)
    sub.add_argument("model", metavar="MODEL.onnx")
    sub.add_argument(
        "inputs", metavar="INPUT", nargs="+",
        help="pictures, texts, or CSV files for a model that reads a table; of a model with several inputs CSV files "
        "with a column for each, or COLUMN=FILE for all of them",
    )  # fmt: skip
    sub.add_argument("--pictures", metavar="DIR", help="where answers that are pictures are written")
    sub.add_argument("--length", type=int, default=100, metavar="N", help="write at most so many tokens")
    sub.add_argument("--beams", type=int, default=1, metavar="N", help="texts that are tried side by side")
    sub.add_argument("--temperature", type=float, default=0.0, metavar="T", help="0: always the likeliest token")
    sub.add_argument("--top-k", type=int, default=0, metavar="K", help="draw from so many of the likeliest tokens")
    sub.add_argument("--seed", type=int, default=0, metavar="N", help="of what is drawn by chance")
    return top


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(tr("expected a whole number"))
    return int(text)


def _epochs(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(tr("expected a whole number, at least 1"))
    return int(text)


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0 < rate < 1e6:
        raise argparse.ArgumentTypeError(tr("expected a number above 0"))
    return rate


def _steps(text: str) -> int:
    if not text.isdecimal() or int(text) < 10:
        raise argparse.ArgumentTypeError(tr("expected a whole number, at least 10"))
    return int(text)


def _hash(text: str) -> str:
    try:
        return hash_of(text)
    except ValueError:
        raise argparse.ArgumentTypeError(tr("expected the 64 digits of a SHA-256 hash")) from None


def _trust(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "--trust-code",
        metavar="HASH",
        action="append",
        default=[],
        type=_hash,
        help="run a Python file of your own layers whose SHA-256 this is, this once",
    )


def _set(sub: argparse.ArgumentParser, example: str) -> None:
    sub.add_argument("--set", metavar="PATH=VALUE", action="append", default=[], help=f"for example {example}")


def _run(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("run", metavar="RUN", help="its id, an unambiguous part of it, or last")
    _runs(sub)


def _runs(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--runs", metavar="DIR", help="where runs are kept")


def _weights(sub: argparse.ArgumentParser, help_text: str = "the best epoch's or the last ones") -> None:
    sub.add_argument("--weights", choices=WEIGHTS, default="best", help=help_text)


def names() -> frozenset[str]:
    """The subcommands."""
    action = next(item for item in parser()._actions if isinstance(item, argparse._SubParsersAction))
    return frozenset(action.choices)


def main(arguments: Sequence[str]) -> int:
    """Run a subcommand. Returns the exit status."""
    _speak_utf8(as_document="--json" in arguments)
    use_language(settings.load().language or system_language())
    logs.start("cli")
    top = parser()
    if arguments and not arguments[0].startswith("-") and arguments[0] not in names():
        fail(_unknown(arguments[0]), as_document="--json" in arguments)
        return USAGE
    args = top.parse_args(arguments)
    if args.command == "queue" and args.move and not (args.move[1].isdecimal() and int(args.move[1])):
        top.error("--move takes a RUN and its new PLACE, a whole number from 1 on")
    if args.command == "train":
        _check_train(top, args)
    if args.command == "datasets" and (args.action is None) != (args.source is None):
        top.error("datasets inspect needs a SOURCE")
    if args.command == "new" and args.project is None and args.data is None:
        top.error("new needs zoo:NAME, or --data SOURCE, or both")
    return _run_safely(args)


def _check_train(top: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    if [args.project, args.resume, args.branch, args.repeat].count(None) != 3:
        top.error("train needs a PROJECT, or one of --resume, --branch and --repeat without one")
    if (args.resume or args.repeat) and (args.data or args.set):
        top.error("a run is gone on with, or repeated, with its own settings: --branch takes --set")
    if args.repeat and args.epochs:
        top.error("--repeat makes a run again as it was: --epochs does not go with it")
    if args.queue and args.trust_code:
        top.error("a run that waits takes only the trust that is remembered: --trust-code does not go with --queue")
    if args.step is not None and not (args.resume or args.branch):
        top.error("--from goes with --resume or --branch")


def _unknown(word: str) -> Problem:
    """Somebody mistyped a command, or a file's name."""
    near = get_close_matches(word, names(), 1)
    return Problem("cli.unknown_but_near" if near else "cli.unknown", {"nearest": near}, node=word)


def _speak_utf8(*, as_document: bool) -> None:
    """A JSON document is UTF-8 wherever it goes; a terminal that lacks a sign shows another one."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            if as_document:
                stream.reconfigure(encoding="utf-8")
            stream.reconfigure(errors="replace")


def _run_safely(args: argparse.Namespace) -> int:
    try:
        status: int = args.run_command(args)
        sys.stdout.flush()
        return status
    except ProblemError as error:
        if args.debug:
            traceback.print_exc()
        fail(error.problem, as_document=args.json)
        return USAGE if error.problem.code.startswith("cli.") else FAILED
    except BrokenPipeError:  # whoever read our output has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        if args.debug:
            traceback.print_exc()
        where = str(error.filename or "")
        fail(Problem("file.unwritable", {"detail": error.strerror or str(error)}, node=where), as_document=args.json)
        return FAILED
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return INTERRUPTED
