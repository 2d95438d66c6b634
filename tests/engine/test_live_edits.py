"""Settings that change while a run is at work: written down, and made again with it, bit for bit."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.jobs import Jobs, differences, reaches, step_of
from tests.engine.training import flowers, prepared
from tests.waiting import until
from workbench.core import wording
from workbench.core.document import Training
from workbench.core.messages import Train
from workbench.core.runs import Edit, RunFolder
from workbench.engine.events import Edited, Stepped
from workbench.engine.live import fit_edited, nothing_wished

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the number of threads cannot be fixed here"),
    pytest.mark.timeout(240),
]

LONG = flowers(Training(optimizer="sgd", learning_rate=0.01, epochs=150, batch_size=8, device="cpu"))


@pytest.fixture(scope="module")
def jobs() -> Iterator[Jobs]:
    found = Jobs()
    yield found
    found.close()


def edited(run: RunFolder) -> list[tuple[int, str, object, object]]:
    events = [event for event in run.events() if event.code == "edited"]
    return [(event.step, event.args["name"], event.args["old"], event.args["new"]) for event in events]


def test_edits_are_granted_written_down_repeated_and_survive_a_kill(jobs: Jobs, tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "run")
    job = jobs.start(run, LONG)
    until(lambda: step_of(run) > 50)
    run.ask_for("learning_rate", 0.1)
    until(lambda: len(edited(run)) == 1)
    run.ask("pause")
    reaches(run, "paused")
    run.ask_for("epochs", 120)
    run.ask_for("batch_size", 2)  # is built in
    run.ask_for("learning_rate", -1.0)
    run.ask("run")
    until(lambda: len(edited(run)) == 2)
    os.kill(job.pid, signal.SIGKILL)
    job.wait()
    assert jobs.finish(run).state == "done"
    assert (run.status().epoch, run.status().epochs) == (120, 120)

    found = edited(run)
    assert [row[1:] for row in found] == [("learning_rate", 0.01, 0.1), ("epochs", 150, 120)]
    assert [(edit.step, edit.name) for edit in run.info().edits] == [row[:2] for row in found]
    for event in run.events():
        assert wording.event(event.code, event.args) not in ("", event.code)

    again = RunFolder(tmp_path / "again")
    info = run.info()
    message = Train(str(again.path), info.document, info.data_folder, "test", repeats=str(run.path), edits=info.edits)
    assert jobs.begin(message).wait(120) == 0
    assert differences(again, run) == []
    assert edited(again) == found


@pytest.mark.parametrize("step", [1, 3, 13, 14, 26])
def test_an_edit_is_made_between_exactly_these_steps(step: int) -> None:
    loop, plan = prepared(flowers(Training(optimizer="sgd", learning_rate=0.01, epochs=3, batch_size=8)))
    rates: dict[int, float] = {}
    seen = []
    for event in fit_edited(loop, plan, [Edit(step, "learning_rate", 0.01, 0.5)], nothing_wished):
        if isinstance(event, Stepped):
            rates |= dict(zip(event.steps.tolist(), event.series["lr"].tolist(), strict=True))
        if isinstance(event, Edited):
            seen.append(loop.step)
    assert seen == [step]
    assert [round(rate, 4) for rate in rates.values()] == [0.01] * step + [0.5] * (len(rates) - step)


@pytest.mark.slow
def test_a_loss_that_is_no_number_after_an_edit_is_traced_from_the_last_checkpoint(jobs: Jobs, tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "run")
    job = jobs.start(run, LONG)
    until(lambda: step_of(run) > 50)
    run.ask("pause")
    reaches(run, "paused")
    run.ask_for("learning_rate", 1e30)
    run.ask("run")
    assert job.wait(120) == 1
    reason = run.status().reason
    assert reason is not None
    assert reason.code == "train.diverged"
    assert reason.args["rate"] == 1e30
    assert reason.args["layer"] in LONG.graph.nodes
    assert reason.args["step"] > run.snapshots()[-1]
