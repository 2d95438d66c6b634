"""Unsaved work outlives its window, and only then."""

import os
import signal
import time
from pathlib import Path

from tests.scripts import script
from workbench.core import journal
from workbench.core.document import Document
from workbench.core.journal import Journal, discard, left_behind

WINDOW = """
import sys
from pathlib import Path
from workbench.core.document import Document
from workbench.core.journal import Journal
journal = Journal()
journal.write(Document(title=sys.argv[1]), Path(sys.argv[2]) if sys.argv[2] else None)
print("written", flush=True)
sys.stdin.read()
journal.close()
"""


def titles() -> list[str]:
    return [item.document.title for item in left_behind()]


def test_work_of_a_killed_window_is_offered_and_of_a_living_one_not(tmp_path: Path) -> None:
    file = tmp_path / "net.workbench"
    with script(WINDOW, "lost", file) as (killed, _), script(WINDOW, "alive", "") as (alive, _):
        assert titles() == []
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        (found,) = left_behind()
        assert (found.document, found.path) == (Document(title="lost"), file)
        assert abs(found.time - time.time()) < 60
        assert titles() == ["lost"]  # looking does not take it away
        discard(found)
        assert titles() == []
        alive.send_signal(signal.SIGKILL)
        alive.wait()
        (found,) = left_behind()
        assert (found.document.title, found.path) == ("alive", None)
    assert not file.exists()


def test_a_window_that_ends_properly_leaves_nothing(tmp_path: Path) -> None:
    with script(WINDOW, "kept", "") as (window, _):
        window.communicate("")
        assert window.returncode == 0
    assert titles() == []
    assert list(journal._folder().iterdir()) == []


def test_saving_clears_the_journal() -> None:
    mine = Journal()
    try:
        mine.write(Document(title="x"), None)
        mine.clear()
        mine.clear()
    finally:
        mine.close()
    assert titles() == []


def test_the_latest_comes_first() -> None:
    for title in ("older", "newer"):
        with script(WINDOW, title, ""):
            pass
    assert titles() == ["newer", "older"]


def test_damaged_journals_are_set_aside() -> None:
    folder = journal._folder()
    with script(WINDOW, "good", ""):
        pass
    good = next(folder.glob("*.json")).read_text()
    for number, text in enumerate(
        ["", "{", "[]", "null", '{"path": 3}', good.replace('"time": ', '"time": "x'), good[:-9]]
    ):
        (folder / f"damaged{number}.json").write_text(text)
    assert titles() == ["good"]
    assert len(list(folder.glob("*.damaged"))) == 7
    assert titles() == ["good"]


def test_old_locks_without_a_journal_are_cleared_away_and_young_ones_kept() -> None:
    folder = journal._folder()
    old, young = folder / "old.lock", folder / "young.lock"
    for path in (old, young):
        path.touch()
    os.utime(old, (1, 1))
    left_behind()
    assert not old.exists()
    assert young.exists()
