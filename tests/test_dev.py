"""dev.py against a tiny project of its own: a real `.venv`, a real pip, no network."""

import ast
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import dev

PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "tiny"
version = "1"
"""

BACKEND = '''
"""The least that pip needs to install this folder."""
import pathlib, tomllib, zipfile

def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    here = pathlib.Path(__file__).parent
    needs = tomllib.loads((here / "pyproject.toml").read_text())["project"].get("dependencies", [])
    lines = ["Metadata-Version: 2.1", "Name: tiny", "Version: 1", "Provides-Extra: dev"]
    lines += [f"Requires-Dist: {need}" for need in needs]
    with zipfile.ZipFile(pathlib.Path(wheel_directory) / "tiny-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny.pth", str(here))
        wheel.writestr("tiny-1.dist-info/METADATA", "\\n".join(lines) + "\\n")
        wheel.writestr("tiny-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("tiny-1.dist-info/RECORD", "tiny.pth,,\\n")
    return "tiny-1-py3-none-any.whl"
'''

WORKBENCH = """
import json, os, sys
if sys.argv[1] == os.environ.get("BREAK_AT"):
    sys.exit(3)
print(json.dumps({"run": "run-7", "said": sys.argv[1:]}))
"""


class Project:
    """A folder with dev.py and something small that it can set up."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copy(dev.__file__, root)
        (root / "workbench").mkdir()
        (root / "workbench" / "__init__.py").touch()
        (root / "workbench" / "__main__.py").write_text(WORKBENCH)
        (root / "backend.py").write_text(BACKEND)
        (root / "pyproject.toml").write_text(PYPROJECT)
        self.venv = root / ".venv"
        self.python = root / dev.PYTHON.relative_to(dev.ROOT)
        self.site = root / dev.site_packages().relative_to(dev.ROOT)
        self.environment = {
            **{key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")},
            "PIP_NO_INDEX": "1",
        }
        self.environment.pop("QT_QPA_PLATFORM", None)

    def start(self, *arguments: str, **extra: str) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "dev.py", *arguments],
            cwd=self.root,
            env=self.environment | extra,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def dev(self, *arguments: str, **extra: str) -> tuple[int, str, str]:
        """Run dev.py and return its exit status, standard output and standard error."""
        with self.start(*arguments, **extra) as process:
            output, errors = process.communicate()
        return process.returncode, output, errors

    @contextmanager
    def lock_held(self) -> Iterator[subprocess.Popen]:
        """Let another process hold the lock until it is killed."""
        hold = "import dev, sys\nwith dev.only_one():\n    print('held', flush=True)\n    sys.stdin.read()"
        command = [sys.executable, "-c", hold]
        with subprocess.Popen(command, cwd=self.root, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdout.readline()
            yield process
            process.kill()


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """One set-up for all tests here; each of them leaves it whole or lets dev.py mend it."""
    made = Project(tmp_path_factory.mktemp("project"))
    status, output, errors = made.dev("run", "first")
    assert status == 0, errors
    assert json.loads(output)["said"] == ["first"]
    assert "Setting up" in errors
    return made


def test_second_start_sets_nothing_up(project):
    log = project.venv / "setup.log"
    before = log.stat().st_mtime_ns, log.read_bytes()

    status, output, errors = project.dev("run", "--set", "training.epochs=3", "--", "-h")

    assert (status, errors) == (0, "")
    assert json.loads(output)["said"] == ["--set", "training.epochs=3", "--", "-h"]
    assert (log.stat().st_mtime_ns, log.read_bytes()) == before


def test_two_dashes_hand_on_what_dev_would_read_itself(project):
    assert json.loads(project.dev("run", "--", "--help")[1])["said"] == ["--help"]
    assert "dev.py run" in project.dev("run", "--help")[1]


def test_changed_dependencies_that_cannot_be_had_are_explained_and_mended(project):
    pyproject = project.root / "pyproject.toml"
    pyproject.write_text(PYPROJECT + 'dependencies = ["no-such-library>=3"]\n')

    status, _, errors = project.dev("run", "x")
    assert status == 1
    assert "No matching distribution found for no-such-library>=3" in errors
    assert "start the same command again" in errors

    pyproject.write_text(PYPROJECT + 'keywords = ["again"]\n')
    status, _, errors = project.dev("run", "x")
    assert status == 0
    assert "Setting up" in errors


def test_another_extra_is_added_and_kept(project):
    stamp = project.venv / "dev-stamp.json"
    hold = [sys.executable, "-c", "import dev; dev.set_up('dev')"]
    subprocess.run(hold, cwd=project.root, env=project.environment, check=True, capture_output=True)
    assert json.loads(stamp.read_text())["extras"] == ["dev"]
    assert "Setting up" not in project.dev("run", "x")[2]  # fewer extras need nothing new

    (project.site / "left.dist-info").mkdir()  # half a package, as a killed pip leaves it
    status, _, errors = project.dev("run", "x")
    assert status == 0
    assert "left is damaged" in errors
    assert json.loads(stamp.read_text())["extras"] == ["dev"]


def test_set_up_that_broke_off_begins_anew(project):
    (project.venv / "dev-stamp.json").write_text('{"key": "4')
    for python in project.python.parent.glob("python*"):
        python.unlink()

    status, output, errors = project.dev("run", "x")

    assert status == 0, errors
    assert "Making .venv" in errors
    assert json.loads(output)["said"] == ["x"]


def test_two_builds_of_onnxruntime_are_replaced(project):
    for name in ("onnxruntime", "onnxruntime_gpu"):
        folder = project.site / f"{name}-1.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: 1\n")
        (folder / "RECORD").write_text(f"{name}-1.dist-info/METADATA,,\n{name}-1.dist-info/RECORD,,\n")

    status, _, errors = project.dev("run", "x")

    assert status == 0, errors
    assert "onnxruntime and onnxruntime-gpu share their files" in errors
    assert not list(project.site.glob("onnxruntime*"))


def test_one_set_up_waits_for_another_until_that_one_dies(project):
    (project.venv / "dev-stamp.json").unlink()
    with project.lock_held() as holder, project.start("run", "x") as waiting:
        assert "waiting" in waiting.stderr.readline()
        assert waiting.poll() is None
        holder.kill()
        output, errors = waiting.communicate()
    assert waiting.returncode == 0, errors
    assert json.loads(output)["said"] == ["x"]


@pytest.mark.skipif(not dev.ON_LINUX, reason="other systems always have a display")
def test_without_a_display_the_main_job_is_done(project):
    status, output, errors = project.dev("run")

    assert status == 0, errors
    said = [json.loads(line)["said"] for line in output.splitlines()]
    runs = project.root / "runs" / "demo"
    assert [words[0] for words in said] == ["train", "export", "predict"]
    assert said[0][1] == "zoo:mnist_cnn"
    assert said[1] == ["export", "run-7", str(runs / "mnist_cnn.onnx"), "--runs", str(runs), "--json"]
    assert Path(said[2][2]).read_text().startswith("P2\n8 8\n16\n")
    assert errors.count("\n$ workbench ") == 3


@pytest.mark.skipif(not dev.ON_LINUX, reason="other systems always have a display")
def test_main_job_stops_at_the_first_failure_with_its_status(project):
    status, output, errors = project.dev("run", BREAK_AT="export")
    assert status == 3
    assert [json.loads(line)["said"][0] for line in output.splitlines()] == ["train"]
    assert "predict" not in errors.partition("$ workbench export")[2]


def test_benchmarks_are_listed_and_started(project):
    folder = project.root / "benchmarks"
    folder.mkdir()
    (folder / "speed.py").write_text('"""How fast.\n\nMore."""\nimport sys\nprint(sys.argv[1:])\n')
    (folder / "_common.py").write_text("")

    assert project.dev("bench")[1].split(maxsplit=1) == ["speed", "How fast.\n"]
    assert project.dev("bench", "speed", "--json", "-x")[:2] == (0, "['--json', '-x']\n")
    assert project.dev("bench", "sped")[0] == 2
    (folder / "beside.py").write_text('"""Beside."""\nREQUIRES = ("no_such_library_anywhere==1",)\nprint("went on")\n')
    assert dev.required(folder / "beside.py") == ["no_such_library_anywhere==1"]
    assert dev.required(folder / "speed.py") == []


def test_clean_keeps_runs_and_can_take_the_environment(tmp_path):
    project = Project(tmp_path)
    for folder in ("build/lib", "tiny.egg-info", "workbench/__pycache__", ".venv/bin", "runs/demo"):
        (tmp_path / folder).mkdir(parents=True)

    assert project.dev("clean")[0] == 0
    assert not {"build", "tiny.egg-info"} & {path.name for path in tmp_path.iterdir()}
    assert not (tmp_path / "workbench" / "__pycache__").exists()
    assert (tmp_path / ".venv" / "bin").exists()

    assert project.dev("clean", "--venv")[0] == 0
    assert not (tmp_path / ".venv").exists()
    assert (tmp_path / "runs" / "demo").exists()


def test_all_steps_run_whatever_fails(capfd):
    steps = [
        ("bad", [sys.executable, "-c", "raise SystemExit(4)"]),
        ("good", [sys.executable, "-c", "import os; print('ran', os.environ['QT_QPA_PLATFORM'])"]),
    ]
    assert dev.run_steps(steps, 0.1) == 1
    output, errors = capfd.readouterr()
    assert output.strip() == "ran offscreen"
    assert "FAILED (exit status 4)" in errors
    assert dev.run_steps(steps[1:], 0.1) == 0


def test_slow_tests_wait_to_be_asked_for(project):
    """A stand-in for pytest says what it was called with; the other tools are not even there."""
    (project.root / "pytest.py").write_text("import sys\nprint(sys.argv[1:])\n")
    assert (
        "['-m', 'not slow', '-k', 'word', 'tests/test_x.py']" in project.dev("test", "-k", "word", "tests/test_x.py")[1]
    )
    assert "['-m', 'not slow', '-n', '2'" in project.dev("test")[1], "all of them share the cores"
    status, output, errors = project.dev("test", "--slow", "-x")
    assert "['-x']" in output
    assert status == 1
    assert errors.count("FAILED") == 4
    (project.root / "pytest.py").unlink()


def test_unknown_arguments_are_refused():
    with pytest.raises(SystemExit) as stop:
        dev.main(["lint", "--fiix"])
    assert stop.value.code == 2


def test_old_python_gets_one_sentence():
    pretend = "sys.version_info = (3, 9, 1, 'final', 0); sys.version = '3.9.1 (main)'"
    start = f"import runpy, sys; {pretend}; runpy.run_path({dev.__file__!r}, run_name='__main__')"
    answer = subprocess.run([sys.executable, "-c", start], capture_output=True, text=True)
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert len(answer.stderr.splitlines()) == 1
    assert "needs Python 3.11 or newer" in answer.stderr
    assert "3.9.1" in answer.stderr
    ast.parse(Path(dev.__file__).read_text(), feature_version=(3, 7))  # or the sentence would be a SyntaxError


LDD = """/x/PySide6/QtGui.abi3.so:
\tlinux-vdso.so.1 (0x00007ffd)
\tlibEGL.so.1 => not found
\tlibglib-2.0.so.0 => /lib/x86_64-linux-gnu/libglib-2.0.so.0 (0x00007f)
/x/PySide6/Qt/plugins/platforms/libqxcb.so:
\tlibEGL.so.1 => not found
\tlibxcb-cursor.so.0 => not found
"""


def test_missing_libraries_are_read_from_ldd():
    assert dev.missing_libraries(LDD) == ["libEGL.so.1", "libxcb-cursor.so.0"]
    assert dev.missing_libraries("\tnot a dynamic executable\n") == []


def test_packages_follow_from_the_libraries():
    missing = ["libbrotlidec.so.1", "libEGL.so.1", "libxcb-cursor.so.0"]  # brotli comes along with another one
    assert dev.packages_of(missing, {}) == ["libegl1", "libxcb-cursor0"]


@pytest.mark.parametrize(
    ("release", "package"),
    [
        ({"ID": "debian", "VERSION_ID": "12"}, "libglib2.0-0"),
        ({"ID": "debian", "VERSION_ID": "13"}, "libglib2.0-0t64"),
        ({"ID": "debian"}, "libglib2.0-0t64"),
        ({"ID": "ubuntu", "VERSION_ID": "22.04"}, "libglib2.0-0"),
        ({"ID": "ubuntu", "VERSION_ID": "24.04"}, "libglib2.0-0t64"),
        ({"ID": "linuxmint", "VERSION_ID": "22"}, "libglib2.0-0"),
    ],
)
def test_glib_has_a_new_name_on_newer_releases(release, package):
    assert dev.packages_of(["libglib-2.0.so.0"], release) == [package]


def test_who_may_not_install_is_told_the_command(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))  # neither apt-get nor sudo
    with pytest.raises(dev.SetupError, match="sudo apt-get install -y --no-install-recommends libegl1 libgl1"):
        dev.install_packages(["libegl1", "libgl1"], "Qt needs more.")


def test_damaged_packages_are_found(tmp_path):
    def package(name: str, record: str | None) -> None:
        (tmp_path / f"{name}.dist-info").mkdir()
        (tmp_path / f"{name}.py").write_text("12345")
        if record is not None:
            (tmp_path / f"{name}.dist-info" / "RECORD").write_text(record)

    package("whole-1", 'whole-1.py,sha256=x,5\n"odd, gone.pyc",,3\nwhole-1.dist-info/RECORD,,\n')
    package("short-1", "short-1.py,sha256=x,6\n")
    package("gone-1", "elsewhere.py,sha256=x,5\n")
    package("unlisted-1", None)
    assert [path.name for path in dev.broken_records(tmp_path)] == [
        "gone-1.dist-info",
        "short-1.dist-info",
        "unlisted-1.dist-info",
    ]


def test_ci_runs_the_readme_command():
    script = dev.ROOT / ".ci" / "run"
    assert script.read_text().splitlines()[-1] == "exec python3 dev.py test"
    assert os.name == "nt" or os.access(script, os.X_OK)


def test_wheel_holds_everything_that_is_shipped(tmp_path):
    """A package that is missing here is missing in `packages` of pyproject.toml (or lacks its __init__.py)."""
    sources = ("workbench", "widgets", "model_zoo", "assets")
    for name in sources:
        shutil.copytree(dev.ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(dev.ROOT / name, tmp_path)
    expected = {
        path.relative_to(tmp_path).as_posix().replace("assets/", "workbench/assets/", 1)
        if path.is_relative_to(tmp_path / "assets")
        else path.relative_to(tmp_path).as_posix()
        for name in sources
        for path in (tmp_path / name).rglob("*")
        if path.is_file()
    }

    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", "dist", "."]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)

    with zipfile.ZipFile(next((tmp_path / "dist").glob("*.whl"))) as wheel:
        shipped = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert shipped == expected
