"""Settings that change while a run is at work: written down, and made again with it, bit for bit."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.engine.jobs import PATIENCE, Jobs, differences, reaches, step_of
from tests.engine.training import flowers, prepared, shaken_digits
from tests.waiting import until
from workbench.core import live_edits, wording
from workbench.core.document import Document, Step, Training
from workbench.core.live_edits import document_at
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


SHAKEN = shaken_digits(Training(optimizer="sgd", learning_rate=0.01))
SHIFTED = {"image": [{"op": "random_crop"}, {"op": "horizontal_flip"}]}
TURNED = {"image": [{"op": "rotation", "settings": {"degrees": 20.0}}]}


def test_edits_are_granted_written_down_repeated_and_survive_a_kill(jobs: Jobs, tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "run")
    job = jobs.start(run, SHAKEN)
    until(lambda: step_of(run) > 20, PATIENCE)
    run.ask_for("learning_rate", 0.1)
    until(lambda: len(edited(run)) == 1, PATIENCE)
    run.ask_for("augmentation", TURNED)
    until(lambda: len(edited(run)) == 2, PATIENCE)
    run.ask("pause")
    reaches(run, "paused")
    run.ask_for("epochs", 3)
    run.ask_for("batch_size", 2)  # is built in
    run.ask_for("augmentation", {"image": [{"op": "resize"}]})  # so is what is not random
    run.ask_for("learning_rate", -1.0)
    run.ask("run")
    until(lambda: len(edited(run)) == 3, PATIENCE)
    os.kill(job.pid, signal.SIGKILL)
    job.wait()
    assert jobs.finish(run).state == "done"
    assert (run.status().epoch, run.status().epochs) == (3, 3)

    found = edited(run)
    augmented = ("augmentation", SHIFTED, TURNED)
    assert [row[1:] for row in found] == [("learning_rate", 0.01, 0.1), augmented, ("epochs", 4, 3)]
    assert [(edit.step, edit.name) for edit in run.info().edits] == [row[:2] for row in found]
    for event in run.events():
        assert wording.event(event.code, event.args) not in ("", event.code)

    again = RunFolder(tmp_path / "again")
    info = run.info()
    message = Train(str(again.path), info.document, info.data_folder, "test", repeats=str(run.path), edits=info.edits)
    assert jobs.begin(message).wait(PATIENCE) == 0
    assert differences(again, run) == []
    assert edited(again) == found
    assert document_at(run.info()).data.columns["image"].steps == (Step("rotation", {"degrees": 20.0}),)  # type: ignore[union-attr]


def test_from_an_edit_on_batches_are_changed_in_another_way() -> None:
    edit = Edit(5, "augmentation", SHIFTED, TURNED)

    def batches(document: Document, edits: list[Edit]) -> list[Tensor]:
        loop, plan = prepared(document)
        seen: list[Tensor] = []
        loop.network.register_forward_pre_hook(
            lambda network, inputs: seen.append(inputs[0].clone()) if network.training else None
        )
        for event in fit_edited(loop, plan, edits, nothing_wished):
            if isinstance(event, Stepped) and loop.step >= 10:
                break
        return seen[:10]

    before, after, both = batches(SHAKEN, []), batches(live_edits.edited(SHAKEN, [edit]), []), batches(SHAKEN, [edit])
    assert all(map(torch.equal, both[:5], before[:5]))
    assert all(map(torch.equal, both[5:], after[5:]))
    assert not any(map(torch.equal, before, after))


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
    until(lambda: step_of(run) > 50, PATIENCE)
    run.ask("pause")
    reaches(run, "paused")
    run.ask_for("learning_rate", 1e30)
    run.ask("run")
    assert job.wait(PATIENCE) == 1
    reason = run.status().reason
    assert reason is not None
    assert reason.code == "train.diverged"
    assert reason.args["rate"] == 1e30
    assert reason.args["layer"] in LONG.graph.nodes
    assert reason.args["step"] > run.snapshots()[-1]
