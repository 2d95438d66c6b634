"""What goes wrong for real: memory that runs out, numbers that overflow, data that vanish. Each has a way on."""

import resource
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

import model_zoo
from tests.engine.jobs import Jobs, differences, step_of
from tests.graphs import chain
from tests.samples import IRIS, digit_pictures
from tests.waiting import until
from workbench.core import edits, metrics, project, wording
from workbench.core.document import Data, Document, Training
from workbench.core.messages import Train
from workbench.core.problems import Problem
from workbench.core.processes import Job
from workbench.core.runs import RunFolder, Status
from workbench.engine import job as job_process
from workbench.engine.columns import decoding
from workbench.engine.fitting import Control
from workbench.engine.team import ALONE

pytestmark = pytest.mark.timeout(180)
needs_limits = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is limited as Linux does it")


@pytest.fixture(scope="module")
def jobs() -> Iterator[Jobs]:
    found = Jobs()
    yield found
    found.close()


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path / "run")


def reason_of(status: Status) -> Problem:
    assert status.state == "failed"
    assert status.reason is not None
    assert "?" not in wording.what(status.reason) + wording.remedy(status.reason)
    return status.reason


# ---- memory


def limit_memory(job: Job, more: int) -> None:
    """The job may have so many bytes more than it has now."""
    pages = int(Path(f"/proc/{job.pid}/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + more
    resource.prlimit(job.pid, resource.RLIMIT_AS, (limit, limit))


def is_warm(job: Job) -> bool:
    """Torch is imported, and the job waits: what it takes from now on is for its run."""
    return "pipe_read" in Path(f"/proc/{job.pid}/wchan").read_text()


@pytest.mark.slow
@needs_limits
def test_the_remedy_for_too_little_memory_ends_in_a_run_that_fits(jobs: Jobs, tmp_path: Path) -> None:
    document = model_zoo.document("mnist_cnn")
    document = replace(document, training=replace(document.training, epochs=1, batch_size=1024, device="cpu"))
    codes = []
    for turn in range(8):
        run = RunFolder(tmp_path / f"run-{turn}")
        until(lambda: is_warm(jobs.spare))
        limit_memory(jobs.spare, 256 << 20)
        status = jobs.finish(run, document)
        if status.state == "done":
            break
        problem = reason_of(status)
        codes.append(problem.code)
        assert problem.fix is not None
        changed = edits.apply(document, problem.fix)
        effective = [one.training.batch_size * one.training.accumulate for one in (document, changed)]
        assert effective[0] == effective[1]
        assert changed.training.batch_size < document.training.batch_size
        document = changed
    assert status.state == "done"
    assert codes
    assert set(codes) == {"train.out_of_memory"}


# ---- numbers


def diverging(**training: object) -> Document:
    """Without its ReLU: a dead one would keep the loss finite, whatever the rate."""
    document = model_zoo.document("mnist_mlp")
    nodes = {name: replace(node, bypassed=name == "relu_1") for name, node in document.graph.nodes.items()}
    document = replace(document, graph=replace(document.graph, nodes=nodes))
    return replace(document, training=replace(document.training, device="cpu", epochs=2, **training))


def test_a_rate_that_is_too_high_is_named_and_spoils_no_checkpoint(jobs: Jobs, run: RunFolder) -> None:
    document = diverging(optimizer="sgd", learning_rate=1e6)
    status = jobs.finish(run, document)
    problem = reason_of(status)
    assert problem.code == "train.diverged"
    assert problem.args["rate"] == 1e6
    assert not np.isfinite(float(problem.args["value"]))
    assert 1 <= problem.args["step"] <= status.step
    assert "1e+06" in wording.what(problem)
    assert problem.args["layer"] == problem.node
    assert problem.node in document.graph.nodes
    assert "train/loss" not in status.metrics
    losses = metrics.read(run.metrics, only="train/loss")["train/loss"].values
    assert not np.isfinite(losses[problem.args["step"] - 1 :]).all()
    assert not any(run.checkpoints.glob("step-*")), "weights that are no numbers spoil no checkpoint"
    assert problem.fix is not None
    calmer = edits.apply(document, problem.fix)
    assert jobs.finish(RunFolder(run.path.parent / "calmer"), calmer).state == "done"


def layered(*middle: tuple[str, str] | tuple[str, str, dict[str, object]], **training: object) -> Document:
    return chain(
        ("features", "input"),
        *middle,
        ("linear_2", "linear", {"out_features": 3}),
        ("species", "output"),
        data=Data("csv", {"path": str(IRIS)}),
        training=Training(epochs=3, batch_size=8, device="cpu", **training),  # type: ignore[arg-type]
    )


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["log", "sqrt"])
def test_a_layer_without_a_value_is_named(jobs: Jobs, run: RunFolder, kind: str) -> None:
    """The logarithm of less than 0; the root of 0 has a value, but no slope."""
    front = [("relu_1", "relu"), ("drop", "dropout", {"p": 0.5})] if kind == "sqrt" else []
    document = layered(("linear_1", "linear", {"out_features": 8}), *front, ("partial", kind))
    problem = reason_of(jobs.finish(run, document))
    assert (problem.code, problem.node) == ("train.undefined", "partial")
    assert problem.args["what"] == {"log": "output", "sqrt": "gradient"}[kind]


# ---- data


@pytest.mark.slow
def test_a_folder_of_pictures_that_vanishes_is_named_and_bringing_it_back_helps(
    jobs: Jobs, run: RunFolder, tmp_path: Path
) -> None:
    pictures = digit_pictures(tmp_path / "pictures", 12)
    document = model_zoo.document("mnist_mlp")
    document = replace(
        document,
        data=Data("image_folder", {"path": str(pictures)}),
        training=replace(document.training, epochs=30, device="cpu"),
    )
    whole = RunFolder(tmp_path / "whole")
    assert jobs.finish(whole, document).state == "done"
    job = jobs.start(run, document)
    until(lambda: step_of(run) > 3)
    run.ask("stop")
    assert job.wait(60) == 0
    away = pictures.rename(tmp_path / "away")
    problem = reason_of(jobs.finish(run))
    assert problem.code == "data.no_folder"
    assert step_of(run) > 3
    shutil.move(away, pictures)
    assert jobs.finish(run).state == "done"
    assert differences(run, whole) == []


def test_pictures_that_vanish_while_a_run_reads_them_end_it_where_it_can_go_on(
    run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "LIMIT", 0)  # as where there are more than the cache takes: each batch reads its own
    pictures = digit_pictures(tmp_path / "pictures", 6)
    document = model_zoo.document("mnist_mlp")
    document = replace(
        document,
        data=Data("image_folder", {"path": str(pictures)}),
        training=replace(document.training, epochs=1000, device="cpu", threads=1),
    )

    def made(train: Train) -> int:
        return job_process.carry_out(run, train, Control(0.0), ALONE)

    run.path.mkdir()
    with ThreadPoolExecutor(1) as pool:
        ended = pool.submit(made, Train(str(run.path), project.to_raw(document), str(Path.cwd()), "test"))
        until(lambda: step_of(run) > 3 or ended.done())
        away = pictures.rename(tmp_path / "away")
        assert ended.result(60) == 1
    problem = reason_of(run.status())
    assert problem.code == "run.data_gone"
    assert Path(problem.node).is_relative_to(pictures)
    away.rename(pictures)
    epochs = run.status().epoch + 2
    assert made(Train(str(run.path), epochs=epochs)) == 0
    assert (run.status().state, run.status().epoch) == ("done", epochs)
