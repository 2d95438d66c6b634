"""Several processes train one network: real ones, started by torchrun, over gloo."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from msgspec.structs import replace

from tests.engine.jobs import PATIENCE, Jobs, everything
from tests.graphs import chain
from tests.samples import IRIS
from workbench.core import metrics, project
from workbench.core.document import Data, Document, Training
from workbench.core.messages import Train
from workbench.core.runs import RunFolder
from workbench.engine.team import Team

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the number of threads cannot be fixed here"),
    pytest.mark.timeout(900),
]


def plain(training: Training) -> Document:
    """Without what is random, or measures a batch: then the split of a batch changes rounding only."""
    return chain(
        ("features", "input"),
        ("linear_1", "linear", {"out_features": 16}),
        ("tanh", "tanh"),
        ("linear_2", "linear", {"out_features": 3}),
        ("species", "output"),
        data=Data("csv", {"path": str(IRIS)}),
        training=training,
    )


SETTINGS = Training(epochs=12, batch_size=9, accumulate=2, clip_norm=1.0, device="cpu")
"""Batches that two processes cannot share evenly, of which the last is smaller."""


@pytest.fixture(scope="module")
def jobs() -> Iterator[Jobs]:
    found = Jobs()
    yield found
    found.close()


def alike(one: RunFolder, other: RunFolder) -> None:
    """To rounding: curves and weights."""
    assert one.status().state == other.status().state == "done"
    curves, others = metrics.read(one.metrics), metrics.read(other.metrics)
    assert curves.keys() == others.keys()
    for name in curves:
        np.testing.assert_allclose(curves[name].values, others[name].values, rtol=1e-4, atol=1e-5, err_msg=name)
    mine, theirs = everything(one), everything(other)
    for name in mine:
        if not name.startswith(("random.", "best.")):  # of two epochs that are as good, rounding says which is best
            torch.testing.assert_close(mine[name], theirs[name], rtol=1e-4, atol=1e-5, msg=name)


@pytest.fixture(scope="module")
def single(jobs: Jobs, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    run = RunFolder(tmp_path_factory.mktemp("runs") / "single")
    assert jobs.finish(run, plain(SETTINGS)).state == "done"
    return run


def test_two_processes_find_the_curve_of_one(jobs: Jobs, single: RunFolder, tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "run")
    assert jobs.start(run, plain(replace(SETTINGS, processes=2))).wait(PATIENCE) == 0
    alike(run, single)


@pytest.mark.slow
@pytest.mark.parametrize(("begun", "ended"), [(2, 1), (1, 2)])
def test_a_run_goes_on_with_another_number_of_processes(
    jobs: Jobs, single: RunFolder, tmp_path: Path, begun: int, ended: int
) -> None:
    """Its curve and weights are, to rounding, those of the run that one process made: so it went on from the same."""
    run = RunFolder(tmp_path / "run")
    assert jobs.start(run, plain(replace(SETTINGS, processes=begun, epochs=6))).wait(PATIENCE) == 0
    assert (run.status().state, run.status().epoch) == ("done", 6)
    assert jobs.begin(Train(str(run.path), processes=ended, epochs=12)).wait(PATIENCE) == 0
    alike(run, single)


def test_parts_are_the_whole() -> None:
    for size in (1, 2, 3, 5, 8):
        batch = (torch.arange(5), torch.arange(5) * 2)
        teams = [Team(rank, size) for rank in range(size)]
        counts = [team.count(batch) for team in teams]
        parts = [team.part(batch)[0][:count] for team, count in zip(teams, counts, strict=True)]
        assert torch.cat(parts).tolist() == batch[0].tolist()
        assert all(len(team.part(batch)[1]) >= 1 for team in teams)


@pytest.mark.slow
def test_the_message_of_a_team_is_gone_after_it_was_read(jobs: Jobs, tmp_path: Path) -> None:
    before = set(Path(tempfile.gettempdir()).glob("workbench-*.json"))
    run = RunFolder(tmp_path / "run")
    document = plain(replace(SETTINGS, processes=2, epochs=1))
    job = jobs.begin(Train(str(run.path), project.to_raw(document), "", "test"))
    assert job.wait(PATIENCE) == 0
    assert set(Path(tempfile.gettempdir()).glob("workbench-*.json")) <= before
