"""Run folders as others than the job see them: states that are right, and a list that is always there."""

import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from tests.scripts import lock_held
from workbench.core.places import cache
from workbench.core.problems import Problem, ProblemError
from workbench.core.runs import LIVE, Event, Request, RunFolder, RunInfo, RunStore, Status, write_json
from workbench.engine.fitting import Control


def made(store: RunStore, name: str, started: float = 1.0, status: Status = Status("done")) -> RunFolder:
    folder = RunFolder(store.root / name)
    folder.path.mkdir(parents=True)
    write_json(folder.path / "run.json", RunInfo(name, "project", started, {}))
    write_json(folder.path / "state.json", status)
    return folder


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


@pytest.mark.parametrize("state", sorted(LIVE))
def test_running_but_unlocked_is_interrupted(store: RunStore, state: str) -> None:
    run = made(store, "r", status=Status(state, Problem("data.decoding"), epoch=3))  # type: ignore[arg-type]
    assert (run.status().state, run.status().reason, run.status().epoch) == ("interrupted", None, 3)
    with lock_held(run.path / "lock") as job:
        assert run.is_locked()
        assert run.status().state == state
        with pytest.raises(ProblemError) as caught:
            store.delete(run)
        assert caught.value.problem.code == "run.alive"
        job.send_signal(signal.SIGKILL)
        job.wait()
        assert not run.is_locked()
        assert run.status().state == "interrupted"


@pytest.mark.parametrize("state", ["queued", "stopped", "done", "failed"])
def test_other_states_need_no_job(store: RunStore, state: str) -> None:
    assert made(store, "r", status=Status(state)).status().state == state  # type: ignore[arg-type]


def test_a_run_that_lost_power_before_its_first_state_is_interrupted(store: RunStore) -> None:
    run = made(store, "r")
    (run.path / "state.json").unlink()
    assert run.status().state == "interrupted"


def test_damage_is_named(store: RunStore) -> None:
    run = made(store, "r")
    for name, look in (("run.json", run.info), ("state.json", run.status)):
        text = (run.path / name).read_bytes()
        (run.path / name).write_bytes(text[:-5])
        with pytest.raises(ProblemError) as caught:
            look()
        assert caught.value.problem.code == "run.damaged"
        assert (caught.value.problem.node, caught.value.problem.args["file"]) == ("r", name)
        (run.path / name).write_bytes(text)


def test_the_latest_run_is_first_and_what_is_no_run_is_left_out(store: RunStore) -> None:
    made(store, "a", 5.0)
    made(store, "b", 7.0, Status("failed", Problem("run.crashed", {"detail": "x"})))
    made(store, "c", 6.0)
    (store.root / "zzz-not-a-run").mkdir()
    (store.root / "file").touch()
    for _ in range(2):  # from the folders, then from the index
        found = store.list()
        assert [record.run for record in found] == ["b", "c", "a"]
        assert found[0].status.reason == Problem("run.crashed", {"detail": "x"})
    write_json(store.root / "a" / "state.json", Status("stopped", epoch=2))
    assert {record.run: record.state for record in store.list()} == {"a": "stopped", "b": "failed", "c": "done"}
    store.delete(RunFolder(store.root / "b"))
    assert [record.run for record in store.list()] == ["c", "a"]


def test_no_folder_of_runs_is_an_empty_list(store: RunStore) -> None:
    assert store.list() == []


@pytest.mark.parametrize("damage", [b"", b"not a database, but long enough to be one" * 40])
def test_a_damaged_index_is_made_anew(store: RunStore, damage: bytes) -> None:
    made(store, "a")
    assert len(store.list()) == 1
    (index,) = cache().glob("runs-*.sqlite")
    index.write_bytes(damage)
    assert len(store.list()) == 1
    assert len(store.list()) == 1
    assert index.read_bytes()[:15] == b"SQLite format 3"


def test_the_index_answers_for_runs_that_did_not_change(store: RunStore) -> None:
    """Else listing thousands of runs would read thousands of files."""
    run = made(store, "a")
    store.list()
    info = run.path / "run.json"
    info.rename(info.with_suffix(".hidden"))
    assert [record.run for record in store.list()] == ["a"]


def test_runs_are_found_by_id_part_folder_and_last(store: RunStore) -> None:
    made(store, "2026-01-01_mlp_aa", 9.0)
    made(store, "2026-01-02_mlp_bb", 1.0)
    (store.root / "zzz").mkdir()
    assert store.find("2026-01-01_mlp_aa").name == "2026-01-01_mlp_aa"
    assert store.find("_bb").name == "2026-01-02_mlp_bb"
    assert store.find("last").name == "2026-01-01_mlp_aa"
    assert store.find(str(store.root / "2026-01-02_mlp_bb")).name == "2026-01-02_mlp_bb"
    for name, code in (("mlp", "run.ambiguous"), ("nothing", "run.unknown")):
        with pytest.raises(ProblemError) as caught:
            store.find(name)
        assert (caught.value.problem.code, caught.value.problem.node) == (code, name)
    with pytest.raises(ProblemError):
        RunStore(store.root / "none").find("last")


def test_an_id_that_is_part_of_another_is_meant_itself(store: RunStore) -> None:
    made(store, "run")
    made(store, "run2")
    assert store.find("run").name == "run"


def test_new_runs_have_readable_unique_names(store: RunStore) -> None:
    names = {store.new("Mein Netz / Größe 3!").name for _ in range(50)}
    assert len(names) == 50
    assert all(name.split("_")[2] == "mein-netz-gr-e-3" for name in names)
    assert store.new("数字").name.split("_")[2] == "run"
    assert not store.root.exists()  # the job creates its folder


def test_wishes_reach_the_job_and_old_ones_do_not(store: RunStore) -> None:
    run = made(store, "r")
    assert run.request() == Request()
    for want in ("pause", "run", "stop"):
        run.ask(want)  # type: ignore[arg-type]
        assert run.request().want == want
    asked = run.request().time
    for since, heard in ((asked, "stop"), (asked + 0.001, "run")):
        control = Control(since)
        control.hear(run.request())
        assert control.want == heard
    for text in ("", "{", "[]", '{"want": "dance", "time": 1}', '{"want": 3}', '{"want": "stop", "time": "x"}'):
        (run.path / "request.json").write_text(text)
        assert run.request() == Request()


def test_wishes_of_several_who_ask_at_once_are_all_kept(store: RunStore) -> None:
    run = made(store, "r")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: run.ask_for("epochs", number), range(20)))
        pool.submit(run.ask, "pause").result()
    assert sorted(wish.value for wish in run.request().edits) == list(range(20))
    assert run.request().want == "pause"


def test_a_torn_last_event_is_left_out(store: RunStore) -> None:
    run = made(store, "r")
    assert run.events() == []
    lines = [msgspec.json.encode(Event(1.0, step, "epoch", {"epoch": step})) for step in (1, 2)]
    whole = b"\n".join(lines) + b"\n"
    for cut in range(len(whole) + 1):
        (run.path / "events.jsonl").write_bytes(whole[:cut])
        complete = (cut >= len(lines[0])) + (cut >= len(lines[0]) + 1 + len(lines[1]))
        assert [event.step for event in run.events()] == [1, 2][:complete], cut
