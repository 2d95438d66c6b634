"""Runs that begin where others stood: gone on with from any checkpoint, branched, made again."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from msgspec.structs import replace

from tests.engine.jobs import Jobs, differences, everything, leftovers, reaches, state_of, step_of
from tests.engine.training import flowers
from tests.waiting import until
from workbench.core import metrics, project
from workbench.core.document import Document, Training
from workbench.core.live_edits import document_at
from workbench.core.messages import Train
from workbench.core.runs import RunFolder, Snapshot
from workbench.engine import checkpoint

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the number of threads cannot be fixed here"),
    pytest.mark.timeout(180),
]

SHORT = flowers(Training(epochs=60, batch_size=8, device="cpu"))


@pytest.fixture(scope="module")
def jobs() -> Iterator[Jobs]:
    found = Jobs()
    yield found
    found.close()


@pytest.fixture(scope="module")
def whole(jobs: Jobs, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run with three checkpoints on its way, at rests that the user took."""
    folder = RunFolder(tmp_path_factory.mktemp("runs") / "whole")
    raw = project.to_raw(SHORT)
    job = jobs.begin(Train(str(folder.path), raw, str(Path.cwd()), "test", keep_checkpoints=9))
    for least in (100, 300, 500):
        until(lambda: step_of(folder) > least)  # noqa: B023
        folder.ask("pause")
        reaches(folder, "paused")
        folder.ask("run")
        reaches(folder, "training")
    assert job.wait(120) == 0
    assert len(folder.snapshots()) == 4
    return folder


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path / "run")


def branch(run: RunFolder, origin: RunFolder, at: int | None, document: Document | None = None) -> Train:
    document = document or document_at(origin.info(), at)
    raw = project.to_raw(document)
    return Train(str(run.path), raw, str(Path.cwd()), "test", at=at, origin=str(origin.path), keep_checkpoints=9)


def test_a_branch_without_a_change_comes_to_the_very_same_weights(jobs: Jobs, run: RunFolder, whole: RunFolder) -> None:
    at = whole.snapshots()[1]
    before = whole.checkpoint(at).stat().st_mtime_ns
    job = jobs.begin(branch(run, whole, at))
    assert job.wait(120) == 0
    assert run.status().state == "done"
    assert run.info().branched_from == Snapshot("whole", at)
    assert next((event.code, event.step) for event in run.events()) == ("branched", at)
    assert differences(run, whole) == []
    assert leftovers(run) == []
    assert whole.checkpoint(at).stat().st_mtime_ns == before
    assert checkpoint.at(whole.checkpoints, at) is not None


@pytest.mark.slow
def test_a_branch_that_is_killed_at_once_goes_on_from_where_it_began(
    jobs: Jobs, run: RunFolder, whole: RunFolder
) -> None:
    at = whole.snapshots()[0]
    job = jobs.begin(branch(run, whole, at))
    until(lambda: (run.path / "run.json").exists(), every=0.0)
    os.kill(job.pid, signal.SIGKILL)
    job.wait()
    assert state_of(run) == "interrupted"
    assert jobs.finish(run).state == "done"
    assert differences(run, whole) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [{"learning_rate": 1e-4}, {"optimizer": "sgd"}, {"batch_size": 4}, {"epochs": 70}, {"seed": 3}],
    ids=str,
)
def test_a_branch_with_other_settings_begins_with_the_same_weights_and_ends_with_others(
    jobs: Jobs, run: RunFolder, whole: RunFolder, change: dict[str, object]
) -> None:
    at = whole.snapshots()[2]
    document = replace(SHORT, training=replace(SHORT.training, **change))
    job = jobs.begin(branch(run, whole, at, document))
    assert job.wait(120) == 0
    status = run.status()
    assert (status.state, status.epoch) == ("done", change.get("epochs", 60))
    curves, others = metrics.read(run.metrics)["train/loss"], metrics.read(whole.metrics)["train/loss"]
    assert (curves.values[:at] == others.values[:at]).all()
    assert curves.steps.tolist() == list(range(1, status.step + 1))
    assert not all(torch.equal(one, everything(whole)[name]) for name, one in everything(run).items())


@pytest.mark.slow
def test_gone_on_with_from_an_earlier_checkpoint_a_run_comes_to_the_same_end(
    jobs: Jobs, run: RunFolder, whole: RunFolder
) -> None:
    at = whole.snapshots()[1]
    assert jobs.begin(branch(run, whole, at)).wait(120) == 0
    job = jobs.begin(Train(str(run.path), at=at))
    assert job.wait(120) == 0
    assert run.status().state == "done"
    assert differences(run, whole) == []


def test_a_checkpoint_that_is_not_there_is_named(jobs: Jobs, run: RunFolder, whole: RunFolder) -> None:
    assert jobs.begin(branch(run, whole, 7)).wait(60) == 1
    status = run.status()
    assert (status.state, status.reason and status.reason.code) == ("failed", "checkpoint.no_step")
    assert status.reason is not None
    assert status.reason.args["known"] == whole.snapshots()


def test_a_run_that_is_repeated_comes_to_the_very_same_weights(jobs: Jobs, run: RunFolder, whole: RunFolder) -> None:
    info = whole.info()
    again = Train(str(run.path), info.document, info.data_folder, "test", repeats=str(whole.path), edits=info.edits)
    assert jobs.begin(again).wait(120) == 0
    assert run.info().repeats == "whole"
    assert differences(run, whole) == []
