"""Files are written as a whole or not at all, also on a full disk."""

import os
import stat
from pathlib import Path

import pytest

from tests.disks import SmallDisk
from workbench.core import project, settings
from workbench.core.document import Document, Graph, Node
from workbench.core.files import write_atomically
from workbench.core.problems import ProblemError


def test_a_full_disk_leaves_the_old_file_and_nothing_else(disk: SmallDisk) -> None:
    path = disk.path / "file"
    write_atomically(path, b"old")
    disk.fill(leave=8192)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, bytes(100_000))
    assert path.read_bytes() == b"old"
    assert sorted(item.name for item in disk.path.iterdir()) == ["ballast", "file"]
    disk.clear()
    write_atomically(path, bytes(100_000))
    assert path.read_bytes() == bytes(100_000)


def test_saving_a_project_on_a_full_disk_says_so(disk: SmallDisk) -> None:
    path = disk.path / "net.workbench"
    project.save(path, Document(title="old"))
    disk.fill()
    with pytest.raises(ProblemError) as caught:
        project.save(path, Document(title="new", graph=Graph({"a": Node("a", "relu", {"x": "y" * 10_000})})))
    assert caught.value.problem.code == "file.unwritable"
    assert caught.value.problem.node == str(path)
    assert "space" in caught.value.problem.args["detail"]
    assert project.load(path).title == "old"


@pytest.mark.parametrize("durable", [True, False])
def test_the_mode_is_kept_and_a_new_file_has_the_usual_one(tmp_path: Path, durable: bool) -> None:
    path = tmp_path / "file"
    mask = os.umask(0o027)
    try:
        write_atomically(path, b"1", durable=durable)
    finally:
        os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    path.chmod(0o600)
    write_atomically(path, b"2", durable=durable)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "none" / "file", b"")


def test_settings_survive_and_a_damaged_file_is_set_aside(home: Path) -> None:
    assert settings.load() == settings.Settings()
    chosen = settings.Settings(theme="dark", recent=("a",), layout={"main": "xyz"}).with_recent(Path("b"))
    settings.save(chosen)
    assert settings.load() == chosen
    assert chosen.recent == ("b", "a")

    path = settings.settings_file()
    for text in ("", "{", "[]", "3", '{"version": "x"}', '{"version": 1, "theme": 3}', '{"theme": "dark"}', "\x00"):
        path.write_text(text)
        assert settings.load() == settings.Settings(), text
        assert not path.exists()
        assert path.with_name("settings.json.damaged").read_text() == text
    assert home in path.parents


def test_only_so_many_recent_files_are_remembered() -> None:
    chosen = settings.Settings()
    for number in range(settings.RECENT + 5):
        chosen = chosen.with_recent(Path(str(number)))
    assert len(chosen.recent) == settings.RECENT
    assert chosen.with_recent(Path(chosen.recent[3])).recent[0] == chosen.recent[3]
    assert len(chosen.with_recent(Path(chosen.recent[3])).recent) == settings.RECENT
