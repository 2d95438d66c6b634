from hashlib import sha256

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QDir, QFile, QIODevice

from widgets.resources import add_files

names = st.text(alphabet="abcdefghijklmnopqrstuvwxyz-.0123456789", min_size=1, max_size=20).filter(
    lambda name: name.strip(".") == name
)
folders = st.dictionaries(names, st.binary(max_size=300), max_size=12)


def read(path: str) -> bytes:
    file = QFile(path)
    assert file.open(QIODevice.OpenModeFlag.ReadOnly), path
    return bytes(file.readAll().data())


@given(folders)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_qt_reads_every_file_as_it_was_given(files):
    name = "test-" + sha256(repr(sorted(files.items())).encode()).hexdigest()[:16]
    folder = add_files(name, files)
    assert {n: read(f"{folder}/{n}") for n in files} == files
    assert sorted(QDir(folder).entryList()) == sorted(files)


def test_a_folder_is_added_once():
    assert add_files("test-twice", {"a": b"1"}) == add_files("test-twice", {"a": b"1"}) == ":/test-twice"
    assert read(":/test-twice/a") == b"1"
