"""The queue of runs: one order for all who look at it, and as many at once as there is room for."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.test_runs import made
from tests.scripts import lock_held
from workbench.core import project
from workbench.core.document import Document
from workbench.core.messages import Train
from workbench.core.problems import ProblemError
from workbench.core.queue import Entry, Machine, RunQueue, has_room
from workbench.core.runs import RunFolder, RunStore, Status, write_json

GB = 1 << 30
ROOMY = Machine(4, lambda device: 64 * GB)


def machine(processors: int, **free: int) -> Machine:
    return Machine(processors, lambda device: free.get(device))


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


@pytest.fixture
def put(store: RunStore) -> Callable[..., RunFolder]:
    def _put(name: str, **need: object) -> RunFolder:
        folder = RunFolder(store.root / name)
        message = Train(str(folder.path), project.to_raw(Document()), "", name, trusted=("a" * 64,))
        RunQueue(store).add(folder, message, **need)  # type: ignore[arg-type]
        return folder

    return _put


def order(store: RunStore) -> list[str]:
    return [entry.run for entry in RunQueue(store).waiting()]


def taken(store: RunStore, machine: Machine = ROOMY) -> list[str]:
    return [folder.name for folder, _ in RunQueue(store).take(machine)]


def test_what_waits_is_a_run_in_a_state_of_its_own(store: RunStore, put: Callable[..., RunFolder]) -> None:
    folder = put("a")
    assert folder.status().state == "queued"
    assert [record.state for record in store.list()] == ["queued"]
    assert not store.at_work()


def test_the_order_is_that_of_coming_until_somebody_changes_it(store: RunStore, put: Callable[..., RunFolder]) -> None:
    for name in "abcd":
        put(name)
    assert order(store) == ["a", "b", "c", "d"]
    RunQueue(store).move("d", 1)
    RunQueue(store).move("a", 99)
    assert order(store) == ["d", "b", "c", "a"]
    RunQueue(store).remove("b")
    assert order(store) == ["d", "c", "a"]
    assert not (store.root / "b").exists()
    for change in (lambda: RunQueue(store).move("b", 1), lambda: RunQueue(store).remove("b")):
        with pytest.raises(ProblemError) as caught:
            change()
        assert caught.value.problem.code == "queue.not_waiting"


def test_a_run_that_was_stopped_before_is_stopped_again_when_it_is_removed(store: RunStore) -> None:
    run = made(store, "r", status=Status("stopped", step=7))
    (run.checkpoints / "step-000000007").mkdir(parents=True)
    RunQueue(store).add(run, Train(str(run.path)))
    assert (run.status().state, run.status().step) == ("queued", 7)
    RunQueue(store).remove("r")
    assert (run.status().state, run.status().step) == ("stopped", 7)


def test_each_run_is_taken_once_however_many_want_to_start_it(store: RunStore, put: Callable[..., RunFolder]) -> None:
    names = [f"run-{number}" for number in range(6)]
    for name in names:
        put(name, memory=1)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda turn: taken(store, Machine(99, lambda device: 64 * GB)), range(8)))
    assert sorted(name for names_of_one in found for name in names_of_one) == names
    assert order(store) == []


def test_trust_does_not_lie_in_a_folder(store: RunStore, put: Callable[..., RunFolder]) -> None:
    put("a")
    [(folder, message)] = RunQueue(store).take(ROOMY)
    assert message.trusted == ()
    assert message.folder == str(folder.path)


def test_nobody_overtakes_and_what_is_at_work_counts(store: RunStore, put: Callable[..., RunFolder]) -> None:
    busy = made(store, "busy", status=Status("training"))
    with lock_held(busy.path / "lock"):
        put("large", memory=70 * GB)
        put("small", memory=1)
        assert taken(store) == []
        assert order(store) == ["large", "small"]
    write_json(busy.path / "state.json", Status("done"))
    assert taken(store) == ["large"]  # alone it may always try
    assert order(store) == ["small"]


def test_one_whose_job_never_began_waits_again(
    store: RunStore, put: Callable[..., RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    put("a")
    assert taken(store) == ["a"]
    assert taken(store) == []
    monkeypatch.setattr("workbench.core.queue.STARTING_SECONDS", 0.0)
    assert order(store) == ["a"]
    assert taken(store) == ["a"]


def test_damage_is_no_obstacle(store: RunStore, put: Callable[..., RunFolder]) -> None:
    for name in "abc":
        put(name)
    (store.root / "a" / "train.json").write_text("{")
    (store.root / "b" / "state.json").write_text("{")
    assert taken(store) == ["c"]
    (store.root / "queue.json").write_text("?")
    assert order(store) == []


@pytest.mark.parametrize(
    ("entry", "at_work", "there", "fits"),
    [
        (Entry("r", "cpu", None), 0, machine(1), True),
        (Entry("r", "cpu", None), 1, machine(8, cpu=64 * GB), False),
        (Entry("r", "cpu", GB), 1, machine(8, cpu=64 * GB), True),
        (Entry("r", "cpu", GB), 1, machine(1, cpu=64 * GB), False),
        (Entry("r", "cpu", 8 * GB), 1, machine(8, cpu=8 * GB), False),
        (Entry("r", "cuda", 8 * GB), 1, machine(8, cpu=8 * GB, cuda=16 * GB), True),
        (Entry("r", "cuda", 8 * GB), 1, machine(8, cpu=8 * GB, cuda=8 * GB), False),
        (Entry("r", "cuda", GB), 1, machine(8, cpu=1 << 20, cuda=80 * GB), False),
    ],
)
def test_room(entry: Entry, at_work: int, there: Machine, fits: bool) -> None:
    assert has_room(entry, [], at_work, there) is fits


@given(st.lists(st.integers(0, 4 * GB), max_size=6), st.integers(0, 32 * GB), st.integers(1, 8))
def test_what_is_given_away_is_never_more_than_is_free(needs: list[int], free: int, processors: int) -> None:
    there = machine(processors, cpu=free)
    started: list[Entry] = []
    for place, need in enumerate(needs):
        entry = Entry(f"r{place}", "cpu", need)
        if has_room(entry, started, len(started), there):
            started.append(entry)
    assert len(started) <= max(1, processors)
    if len(started) > 1:
        assert sum(entry.memory or 0 for entry in started) <= free
