"""SIGKILL at any instant, with everything in the loop that has a state: the weights at the end are the very same."""

import os
import random
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.engine.jobs import PATIENCE, Jobs, differences, kill, killed_at_random, leftovers, state_of, step_of
from tests.engine.training import flowers, shaken_digits
from tests.waiting import until
from workbench.core.document import Document, Training
from workbench.core.runs import RunFolder
from workbench.engine import checkpoint

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the number of threads cannot be fixed here"),
    pytest.mark.timeout(1200),
]


def long(training: Training) -> Document:
    return flowers(replace(training, epochs=100, batch_size=8, device="cpu"))


DOCUMENTS = {
    "adam, dropout": long(Training()),
    "sgd with momentum": shaken_digits(Training(optimizer="sgd", momentum=0.9, learning_rate=0.02, accumulate=2)),
    "adamw, schedule, mean": shaken_digits(
        Training(
            optimizer="adamw",
            weight_decay=0.05,
            no_decay=True,
            schedule="cosine",
            warmup=40,
            ema_decay=0.99,
            clip_norm=1.0,
        )
    ),
    "fp16, plateau": long(Training(precision="fp16", schedule="plateau", plateau_patience=3, label_smoothing=0.1)),
}
"""Each with dropout and batch norm. A run takes little more than a second: shorter than the time between two
checkpoints, so a pause is what writes them."""


@pytest.fixture(scope="module")
def jobs() -> Iterator[Jobs]:
    found = Jobs()
    yield found
    found.close()


@pytest.fixture(scope="module")
def undisturbed(jobs: Jobs, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], RunFolder]:
    """What each comes to when nobody disturbs it."""

    @cache
    def finished(name: str) -> RunFolder:
        folder = RunFolder(tmp_path_factory.mktemp("runs") / "undisturbed")
        assert jobs.finish(folder, DOCUMENTS[name]).state == "done"
        return folder

    return finished


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path / "run")


@pytest.mark.parametrize("name", ["adamw, schedule, mean"])
def test_a_job_killed_at_three_random_instants_comes_to_the_very_same_weights(
    jobs: Jobs, run: RunFolder, undisturbed: Callable[[str], RunFolder], name: str
) -> None:
    killed_at_random(jobs, run, undisturbed(name), DOCUMENTS[name], 3, random.SystemRandom().randrange(10**6))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("name", DOCUMENTS)
def test_so_it_does_wherever_it_is_killed(
    jobs: Jobs, run: RunFolder, undisturbed: Callable[[str], RunFolder], name: str, seed: int
) -> None:
    killed_at_random(jobs, run, undisturbed(name), DOCUMENTS[name], 1, seed)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["adamw, schedule, mean"])
def test_killed_while_a_checkpoint_is_written(
    jobs: Jobs, run: RunFolder, undisturbed: Callable[[str], RunFolder], name: str
) -> None:
    """A pause writes a checkpoint: the kill comes as soon as something of it can be seen."""
    caught = 0
    job = jobs.start(run, DOCUMENTS[name])
    for turn in range(2):
        until(lambda: state_of(run) == "training" and step_of(run) > 50 * (turn + 1), PATIENCE, 0.001)  # noqa: B023
        run.ask("pause")
        until(lambda: list(run.checkpoints.glob(".step-*.tmp")) or state_of(run) == "paused", PATIENCE, 0.0)
        caught += state_of(run) != "paused"
        kill(job)
        assert state_of(run) == "interrupted"
        found, _ = checkpoint.newest(run.checkpoints)
        assert found is None or found.meta["loop"]["step"] > 0
        job = jobs.resume(run)
    assert job.wait(PATIENCE) == 0
    assert caught > 0
    assert run.status().state == "done"
    assert differences(run, undisturbed(name)) == []
    assert leftovers(run) == []
