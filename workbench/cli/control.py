"""What is said to a run at work: pause, go on, stop, and other settings. It answers by its state."""

import argparse

from workbench.cli import sources
from workbench.cli.output import OK, write, write_json
from workbench.core import wording
from workbench.core.i18n import tr
from workbench.core.live_edits import checked
from workbench.core.problems import ProblemError
from workbench.core.runs import LIVE, RunFolder, Want


def pause(args: argparse.Namespace) -> int:
    """Let a run rest at the next step, with everything kept."""
    return _ask(args, "pause")


def go_on(args: argparse.Namespace) -> int:
    """Let a run that is paused go on."""
    return _ask(args, "run")


def stop(args: argparse.Namespace) -> int:
    """Stop a run at the next step, with everything kept."""
    return _ask(args, "stop")


def edit(args: argparse.Namespace) -> int:
    """Change settings of a run at work from its next step on."""
    run = _alive(args)
    wishes = [sources.live_setting(assignment) for assignment in args.set]
    for name, value in wishes:
        checked(name, value)
    for name, value in wishes:
        run.ask_for(name, value)
    told = ", ".join(f"{wording.training_title(name)} {wording.readable(value)}" for name, value in wishes)
    return _said(args, run, tr("{run}: {settings} from the next step on", run=run.name, settings=told))


def _ask(args: argparse.Namespace, want: Want) -> int:
    run = _alive(args)
    run.ask(want)
    told = {"pause": tr("pauses"), "run": tr("goes on"), "stop": tr("stops")}[want]
    return _said(args, run, tr("{run} {does} at the next step", run=run.name, does=told))


def _alive(args: argparse.Namespace) -> RunFolder:
    """The run that is meant. Raises `ProblemError` when it is not at work."""
    run = sources.run_store(args.runs).find(args.run)
    state = run.status().state
    if state not in LIVE:
        raise ProblemError("run.not_at_work", where=run.name, state=wording.state(state).lower())
    return run


def _said(args: argparse.Namespace, run: RunFolder, text: str) -> int:
    if args.json:
        write_json({"run": run.name, "asked": run.request()})
    else:
        write(text)
    return OK
