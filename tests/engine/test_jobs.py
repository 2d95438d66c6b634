"""Jobs as processes: killed, paused, stopped, starved of disk, orphaned; and always to be gone on with."""

import os
import random
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

import model_zoo
from tests.disks import SmallDisk
from tests.engine.jobs import (
    Jobs,
    differences,
    kill,
    killed_at_random,
    leave_a_checkpoint,
    leftovers,
    on_one_processor,
    reaches,
    state_of,
    step_of,
)
from tests.engine.training import flowers
from tests.samples import IRIS
from tests.scripts import lock_held, script
from tests.waiting import until
from workbench.core import metrics, project, wording
from workbench.core.document import Data, Document, Training
from workbench.core.messages import ExportRun, GetCatalogue, Train
from workbench.core.problems import ProblemError
from workbench.core.processes import Engine, command
from workbench.core.runs import RunFolder, Status
from workbench.engine import checkpoint
from workbench.engine.evaluate import evaluate
from workbench.engine.run_writer import RunWriter
from workbench.engine.train import Stepped

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the number of threads cannot be fixed here"),
    pytest.mark.timeout(180),
]

SHORT = flowers(Training(epochs=100, batch_size=8, device="cpu"))
"""Little more than a second: shorter than the time between two checkpoints, so a pause is what writes them."""


def digits() -> Document:
    document = model_zoo.document("mnist_cnn")
    return replace(document, training=replace(document.training, epochs=2, device="cpu"))


def with_epochs(document: Document, epochs: int) -> Document:
    return replace(document, training=replace(document.training, epochs=epochs))


@pytest.fixture(scope="module")
def jobs() -> Iterator[Jobs]:
    found = Jobs()
    yield found
    found.close()


@pytest.fixture(scope="module")
def undisturbed(jobs: Jobs, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """What SHORT comes to when nobody disturbs it."""
    folder = RunFolder(tmp_path_factory.mktemp("runs") / "undisturbed")
    assert jobs.finish(folder, SHORT).state == "done"
    return folder


@pytest.fixture(scope="module")
def undisturbed_digits(jobs: Jobs, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    folder = RunFolder(tmp_path_factory.mktemp("runs") / "undisturbed-digits")
    assert jobs.finish(folder, digits()).state == "done"
    return folder


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path / "run")


# ---- killed


@pytest.mark.slow
def test_a_convolutional_network_is_killed_and_comes_to_the_very_same_weights(
    jobs: Jobs, run: RunFolder, undisturbed_digits: RunFolder
) -> None:
    killed_at_random(jobs, run, undisturbed_digits, digits(), 1, random.SystemRandom().randrange(10**6))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_twenty_random_instants(jobs: Jobs, run: RunFolder, undisturbed_digits: RunFolder, seed: int) -> None:
    killed_at_random(jobs, run, undisturbed_digits, digits(), 1, seed)


@pytest.mark.slow
def test_killed_before_it_could_say_what_it_is(jobs: Jobs, run: RunFolder, undisturbed: RunFolder) -> None:
    job = jobs.start(run, SHORT)
    until(lambda: (run.path / "run.json").exists(), every=0.0)
    kill(job)
    assert state_of(run) == "interrupted"
    assert jobs.finish(run).state == "done"
    assert differences(run, undisturbed) == []
    assert run.info().fingerprint == undisturbed.info().fingerprint
    assert run.info().threads == 1
    assert evaluate(run.path).metrics["test/accuracy"] > 0.8


# ---- paused and stopped


def test_pause_go_on_stop_and_resume(jobs: Jobs, run: RunFolder, undisturbed: RunFolder) -> None:
    job = jobs.start(run, SHORT)
    until(lambda: step_of(run) > 50)
    run.ask("pause")
    reaches(run, "paused")
    step = step_of(run)
    assert job.alive
    run.ask("run")
    until(lambda: step_of(run) > step)
    run.ask("stop")
    assert job.wait(60) == 0
    status = run.status()
    assert (status.state, status.reason and status.reason.code) == ("stopped", "run.stopped")
    assert {"train/loss", "val/accuracy", "test/accuracy"} <= status.metrics.keys()
    assert "test/accuracy" in status.best

    job = jobs.resume(run)  # the stop of before no longer counts, one that comes before it has begun does
    run.ask("stop")
    assert job.wait(60) == 0
    again = run.status()
    assert (again.state, again.epoch < 100) == ("stopped", True)

    job = jobs.resume(run)
    until(lambda: step_of(run) > again.step)
    run.ask("pause")
    reaches(run, "paused")
    os.kill(job.pid, signal.SIGTERM)  # a polite signal stops also a job that is paused
    assert job.wait(60) == 0
    assert run.status().state == "stopped"

    assert jobs.finish(run).state == "done"
    assert differences(run, undisturbed) == []
    codes = [event.code for event in run.events() if event.code != "epoch"]
    begin, end = ["started", "paused", "continued", "stopped"], ["resumed", "paused", "stopped", "resumed", "done"]
    assert codes in ([*begin, *end], [*begin, "resumed", "stopped", *end]), "a stop may come before the first step"
    for event in run.events():
        assert wording.event(event.code, event.args) not in ("", event.code)
    assert [event.args["epoch"] for event in run.events() if event.code == "epoch"] == list(range(1, 101))


@pytest.mark.slow
def test_a_run_that_was_given_more_epochs_remembers_them(jobs: Jobs, run: RunFolder, undisturbed: RunFolder) -> None:
    assert jobs.finish(run, with_epochs(SHORT, 20)).epoch == 20
    job = jobs.resume(run, epochs=100)
    until(lambda: step_of(run) > 400)
    kill(job)
    assert run.status().epochs == 100
    assert jobs.finish(run).epoch == 100
    assert differences(run, undisturbed) == []


# ---- trouble


def rests_on_full_disk(run: RunFolder) -> bool:
    status = run.status()
    return status.state == "paused" and status.reason is not None and status.reason.code == "run.disk_full"


def test_a_full_disk_pauses_and_nothing_is_lost(jobs: Jobs, disk: SmallDisk, undisturbed: RunFolder) -> None:
    run = RunFolder(disk.path / "runs" / "run")
    job = jobs.start(run, SHORT)
    until(lambda: step_of(run) > 30)
    disk.fill()
    until(lambda: rests_on_full_disk(run))
    step = step_of(run)
    assert step > 0
    before = run.status().updated
    run.ask("run")  # still full
    until(lambda: run.status().updated > before and rests_on_full_disk(run))
    assert job.alive
    disk.clear()
    run.ask("run")
    assert job.wait(120) == 0
    status = run.status()
    assert (status.state, status.reason) == ("done", None)
    assert differences(run, undisturbed) == []
    assert leftovers(run) == []


def test_stopped_or_killed_on_a_full_disk_it_goes_on_from_its_checkpoint(
    jobs: Jobs, disk: SmallDisk, undisturbed: RunFolder
) -> None:
    run = RunFolder(disk.path / "runs" / "run")
    job = jobs.start(run, SHORT)
    until(lambda: step_of(run) > 30)
    leave_a_checkpoint(run)
    disk.fill()
    until(lambda: rests_on_full_disk(run))
    run.ask("stop")
    assert job.wait(60) == 1
    status = run.status()
    assert (status.state, status.reason and status.reason.code) == ("failed", "run.disk_full")
    found, _ = checkpoint.newest(run.checkpoints)
    assert found is not None
    disk.fill()  # also what was set aside to say so
    assert jobs.resume(run).wait(60) == 1  # nothing has been done that could be lost
    assert run.status().state == "failed"
    disk.clear()
    job = jobs.resume(run)
    reaches(run, "training")
    disk.fill()
    until(lambda: rests_on_full_disk(run))
    kill(job)
    assert run.status().state == "interrupted"
    disk.clear()
    assert jobs.finish(run).state == "done"
    assert differences(run, undisturbed) == []
    assert leftovers(run) == []


@pytest.mark.slow
def test_damaged_checkpoints_are_passed_over_and_said_so(jobs: Jobs, run: RunFolder, undisturbed: RunFolder) -> None:
    job = jobs.start(run, SHORT)
    for least in (100, 400):
        until(lambda: step_of(run) > least)  # noqa: B023
        leave_a_checkpoint(run)
    kill(job)
    newest = max(run.checkpoints.glob("step-*"))
    (newest / "model.safetensors").write_bytes(b"")
    done = jobs.finish(run)
    assert done.state == "done"
    said = [event for event in run.events() if event.code == "checkpoint.damaged"]
    assert [event.args["name"] for event in said] == [newest.name]
    assert differences(run, undisturbed) == []

    for file in run.checkpoints.glob("step-*/state.json"):
        file.write_text("{")
    curves, events = run.metrics.read_bytes(), run.events()
    assert jobs.resume(run, epochs=120).wait(60) == 1
    status = run.status()
    assert (status.state, status.reason and status.reason.code) == ("failed", "checkpoint.all_damaged")
    assert (status.epoch, status.best, status.metrics) == (done.epoch, done.best, done.metrics)
    assert run.metrics.read_bytes() == curves
    assert run.events()[: len(events)] == events


def test_data_that_changed_is_named_and_bringing_it_back_helps(jobs: Jobs, run: RunFolder, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    shutil.copy(IRIS, table)
    done = jobs.finish(run, replace(with_epochs(SHORT, 20), data=Data("csv", {"path": str(table)})))
    original = table.read_text()
    table.write_text(original.replace("5.1", "9.9"))
    assert jobs.resume(run, epochs=40).wait(60) == 1
    status = run.status()
    assert (status.state, status.reason and status.reason.code) == ("failed", "run.data_changed")
    assert (status.epoch, status.best) == (done.epoch, done.best)
    table.write_text(original)
    assert jobs.resume(run).wait(60) == 0
    assert (run.status().state, run.status().epoch) == ("done", 40)


@pytest.mark.parametrize(
    ("change", "code"), [({"data": None}, "train.no_data"), ({"training": Training(device="mps")}, "train.no_device")]
)
def test_what_cannot_be_trained_fails_with_its_reason(
    jobs: Jobs, run: RunFolder, change: dict[str, object], code: str
) -> None:
    status = jobs.finish(run, replace(SHORT, **change))
    assert (status.state, status.reason and status.reason.code) == ("failed", code)
    assert status.reason is not None
    assert "?" not in wording.what(status.reason)


def test_two_jobs_never_work_in_one_folder(jobs: Jobs, run: RunFolder) -> None:
    run.path.mkdir()
    with lock_held(run.path / "lock"):
        assert jobs.start(run, SHORT).wait(60) == 1
        assert [path.name for path in run.path.iterdir()] == ["lock"]


def test_a_disk_that_is_full_at_the_very_end_leaves_the_curves_as_they_are(disk: SmallDisk) -> None:
    folder = RunFolder(disk.path)
    writer = RunWriter(folder, Status("training"))
    for step in range(1, 400):
        writer.stepped(Stepped(np.array([step]), {"train/loss": np.array([1.0 / step], np.float32)}, 8, 0.1))
        writer.flush()
    disk.fill()
    writer.finish()
    writer.say(state="done", durable=True)
    writer.event("done", 399)
    writer.close()
    assert (folder.status().state, len(folder.events())) == ("done", 1)
    assert metrics.read(folder.metrics)["train/loss"].steps.tolist() == list(range(1, 400))


# ---- orphans

PARENT = """
import sys
from pathlib import Path
from workbench.core import project
from workbench.core.messages import Train
from workbench.core.processes import Job
job = Job()
if len(sys.argv) > 1:
    job.start(Train(sys.argv[1], project.to_raw(project.load(Path(sys.argv[2])))))
print(job.pid, flush=True)
sys.stdin.read()
"""

ASKING = """
import subprocess, sys
from workbench.core.messages import Answer, Ask, Decoder, ExportRun, GetCatalogue, Progress, encode
from workbench.core.processes import command, environment
engine = subprocess.Popen(command("serve"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment(), bufsize=0)
busy = len(sys.argv) > 1
engine.stdin.write(encode(Ask(1, ExportRun(sys.argv[1], sys.argv[2]) if busy else GetCatalogue())))
def started(one):
    return isinstance(one, Progress) and one.code == "export.tracing" if busy else isinstance(one, Answer)

decoder, seen = Decoder(), []
while not any(map(started, seen)):
    seen = [message for message, _ in decoder.feed(engine.stdout.read(65536))]
print(engine.pid, flush=True)
sys.stdin.read()
"""


def is_gone(pid: int) -> bool:
    """The process has ended, whether or not anybody has cleared it away."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state in "ZX"


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked at in /proc")


@needs_proc
def test_a_job_goes_on_when_its_parent_is_killed(run: RunFolder, tmp_path: Path) -> None:
    file = tmp_path / "net.workbench"
    project.save(file, with_epochs(SHORT, 60))
    with on_one_processor(), script(PARENT, run.path, file) as (parent, said):
        pid = int(said)
        until(lambda: state_of(run) == "training")
        parent.kill()
        parent.wait()
        assert not is_gone(pid)
        reaches(run, "done")
    until(lambda: is_gone(pid))
    assert run.status().epoch == 60


@needs_proc
def test_a_spare_ends_when_its_parent_is_killed() -> None:
    with script(PARENT) as (parent, said):
        pid = int(said)
        assert not is_gone(pid)
        parent.kill()
        parent.wait()
        until(lambda: is_gone(pid))


@needs_proc
@pytest.mark.parametrize("busy", [False, True], ids=["idle", "in the middle of an answer"])
def test_the_engine_ends_when_its_parent_is_killed(undisturbed: RunFolder, tmp_path: Path, busy: bool) -> None:
    arguments = [undisturbed.path, tmp_path / "model.onnx"] if busy else []
    with script(ASKING, *arguments) as (parent, said):
        pid = int(said)
        assert not is_gone(pid)
        parent.kill()
        parent.wait()
        until(lambda: is_gone(pid), timeout=10)
    assert not (tmp_path / "model.onnx").exists()
    assert list(tmp_path.iterdir()) == []


def test_an_engine_that_dies_is_reported(undisturbed: RunFolder, tmp_path: Path) -> None:
    with Engine() as engine:
        assert engine.ask(GetCatalogue()).layers

        def fall(step: object) -> None:
            os.kill(engine._process.pid, signal.SIGKILL)

        with pytest.raises(ProblemError) as caught:
            engine.ask(ExportRun(str(undisturbed.path), str(tmp_path / "m.onnx")), fall)
        assert caught.value.problem.code == "engine.died"
        with pytest.raises(ProblemError):
            engine.ask(GetCatalogue())


def test_the_parts_of_the_engine_say_who_starts_them() -> None:
    done = subprocess.run([*command("serve")[:-1], "dance"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "workbench" in done.stderr
    assert done.stdout == ""


def test_a_request_names_its_time(run: RunFolder) -> None:
    """A job tells by it which wishes were meant for it."""
    run.path.mkdir(parents=True)
    before = Train(str(run.path)).asked
    run.ask("stop")
    assert before <= run.request().time <= Train(str(run.path)).asked
    assert run.request().want == "stop"
