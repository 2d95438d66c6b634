"""`workbench queue`: the runs that wait for their turn, and working them off."""

import argparse
import time
from typing import Any

from workbench.cli import sources
from workbench.cli.output import INTERRUPTED, OK, Progress, note, table, write, write_json
from workbench.core import settings, wording
from workbench.core.i18n import tr, trn
from workbench.core.messages import Train
from workbench.core.processes import start_waiting
from workbench.core.queue import Entry, RunQueue
from workbench.core.runs import RunFolder, RunRecord, RunStore

LOOK_SECONDS = 0.5


def queue(args: argparse.Namespace) -> int:
    """List the runs that wait, change their order, or work them off."""
    store = sources.run_store(args.runs)
    waiting = RunQueue(store)
    if args.move:
        name, place = args.move
        waiting.move(store.find(name).name, int(place))
    if args.remove:
        waiting.remove(store.find(args.remove).name)
    if args.work:
        return _work_off(store)
    _show(store, waiting.waiting(), args)
    return OK


def put(store: RunStore, folder: RunFolder, message: Train, memory: tuple[str, int | None], as_document: bool) -> int:
    """Let a run wait, and start what there is room for."""
    place = RunQueue(store).add(folder, message, *memory)
    started = {run.name for run, _ in start_waiting(store, settings.load().trusted)}
    begins = folder.name in started
    if as_document:
        write_json(
            {"run": folder.name, "state": "preparing" if begins else "queued", "position": 0 if begins else place}
        )
        return OK
    write(folder.name)
    note(tr("It begins now.") if begins else tr("It waits at place {place}.", place=place))
    return OK


def _work_off(store: RunStore) -> int:
    """Start what waits as soon as there is room for it, until nothing waits and nothing is at work."""
    progress = Progress()
    try:
        while True:
            for folder, _ in start_waiting(store, settings.load().trusted):
                progress.passed(tr("{run} begins", run=folder.name))
            queued = RunQueue(store)
            waiting = queued.waiting()
            busy = {entry.run for entry in queued.starting()} | {record.run for record in store.at_work()}
            if not waiting and not busy:
                return OK
            told = (trn("{n} run at work", "{n} runs at work", len(busy)), tr("{n} waiting", n=len(waiting)))
            progress.show(", ".join(told))
            time.sleep(LOOK_SECONDS)
    except KeyboardInterrupt:
        note(tr("Runs at work go on, and each starts the next when it ends."))
        return INTERRUPTED
    finally:
        progress.close()


def _show(store: RunStore, waiting: list[Entry], args: argparse.Namespace) -> None:
    at_work = store.at_work()
    records = {record.run: record for record in store.list()}
    rows = [_row(0, record, None) for record in at_work]
    rows += [_row(place, records[entry.run], entry) for place, entry in enumerate(waiting, 1) if entry.run in records]
    if args.json:
        write_json(rows)
    elif not rows:
        write(tr("Nothing waits. Let a run wait its turn: workbench train PROJECT --queue"))
    else:
        lines = [
            (
                str(row["position"] or ""),
                str(row["run"]),
                wording.state(str(row["state"])),
                f"{row['epoch']}/{row['epochs']}",
                wording.size(row["memory"]) if row["memory"] else "",
            )
            for row in rows
        ]
        table((tr("place"), tr("run"), tr("state"), tr("epoch"), tr("memory")), lines, right=(0, 4))


def _row(place: int, record: RunRecord, entry: Entry | None) -> dict[str, Any]:
    status = record.status
    return {
        "position": place,
        "run": record.run,
        "project": record.project,
        "state": status.state,
        "epoch": status.epoch,
        "epochs": status.epochs,
        "device": entry.device if entry else status.device,
        "memory": entry.memory if entry else None,
    }
