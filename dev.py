"""Set Model Workbench up and run, test, measure or document it: `python3 dev.py --help`.

Needs nothing but Python and its standard library. Everything it installs lives in `.venv` beside this file,
except the few system libraries of Qt on a bare Debian or Ubuntu.
"""

import argparse
import ast
import contextlib
import csv
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

OLDEST_PYTHON = (3, 11)
if sys.version_info[:2] < OLDEST_PYTHON:  # before anything below that an older Python cannot even define
    sys.exit(
        f"Model Workbench needs Python 3.11 or newer, and {sys.executable} is {sys.version.split()[0]}: "
        "start dev.py with a newer one, for example `python3.12 dev.py`."
    )

SETUP_VERSION = 1  # raise it when a set-up made by an older dev.py must be done again
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "dev-stamp.json"
LOCK = VENV / "dev.lock"
LOG = VENV / "setup.log"
TEMPORARY = VENV / "tmp"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
PYTHON_TAG = f"{sys.implementation.cache_tag}-{sys.platform}"
ON_LINUX = sys.platform.startswith("linux")
DISK_NEEDED_GB = 12  # 6.3 stay; pip's downloads and its cache take as much for a while
TEST_PROCESSES = 2  # more would fight for the cores: many a test starts processes of its own

Command = Sequence[str | Path]

# The files of PySide6 that must find their system libraries for a purpose, and what brings those on Debian.
QT_OFFSCREEN = (
    *(f"Qt{name}.*so" for name in ("Core", "Gui", "Widgets", "Svg", "SvgWidgets", "Network", "Test")),
    *(f"Qt{name}.*so" for name in ("OpenGL", "OpenGLWidgets", "PrintSupport")),
    "Qt/plugins/platforms/libqoffscreen.so",
)
QT_WINDOW = (*QT_OFFSCREEN, "Qt/plugins/platforms/libqxcb.so")
QT_WAYLAND = ("Qt/plugins/platforms/libqwayland.so",)

LIBRARY_PACKAGES = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}

# What pip's log says when it fails, and what to do about it.
REMEDIES = {
    "No space left on device": f"The disk is full: the set-up needs about {DISK_NEEDED_GB} GB in {ROOT}.",
    "No matching distribution found for torch": (
        "There is no PyTorch for this Python on this computer: start dev.py with Python 3.12 or 3.13 "
        "(64 bit; on a Mac: Apple silicon and macOS 14 or newer)."
    ),
    "Temporary failure in name resolution|Failed to establish a new connection|timed out|ProxyError": (
        "The package index cannot be reached: check the network, a proxy (HTTPS_PROXY) and pip's own settings."
    ),
    "CERTIFICATE_VERIFY_FAILED": "The connection is not trusted: give pip your network's certificate (PIP_CERT).",
}

# The first digit of the UCI handwritten digits, a nought, as an image that is readable as text.
HANDWRITTEN_NOUGHT = """P2
8 8
16
0 0 5 13 9 1 0 0
0 0 13 15 10 15 5 0
0 3 15 2 0 11 8 0
0 4 12 0 0 8 8 0
0 5 8 0 0 9 8 0
0 4 11 0 1 12 7 0
0 2 14 5 10 12 0 0
0 0 6 13 10 0 0 0
"""


class SetupError(Exception):
    """Why dev.py cannot go on and what the user can do, in words for the user."""


def say(text: str) -> None:
    """Tell the user something; standard output belongs to the programs that dev.py starts."""
    print(text, file=sys.stderr, flush=True)


# Starting programs


def environment(**extra: str) -> dict[str, str]:
    """Return this process's environment without what could mix another Python into `.venv`, or slow it down.

    Where Python may not keep what it has compiled, every window, engine and job compiles the sources anew.
    """
    unwanted = ("PYTHONHOME", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
    kept = {key: value for key, value in os.environ.items() if key not in unwanted}
    return {**kept, "ORT_DISABLE_TELEMETRY": "1", **extra}


def call(command: Command, *, cwd: Path | None = None, capture: bool = False, **extra: str) -> tuple[int, str]:
    """Run `command` in the foreground; return its exit status and, with `capture`, its standard output.

    Ctrl-C reaches the program too, and may mean "stop at the next step" there: wait for what it makes of it.
    """
    pipe = subprocess.PIPE if capture else None
    with subprocess.Popen(command, cwd=cwd, env=environment(**extra), stdout=pipe, encoding="utf-8") as process:
        while True:
            with contextlib.suppress(KeyboardInterrupt):
                output, _ = process.communicate()
                return shell_status(process.returncode), output or ""


def shell_status(returncode: int) -> int:
    """Return the exit status as a shell counts it: a program killed by signal N ends with 128 + N."""
    return returncode if returncode >= 0 else 128 - returncode


def work(title: str, command: Command, *, hold: Sequence[int] = (), **extra: str) -> bool:
    """Run one step of the set-up with its output in the log, and show meanwhile that it is alive.

    `hold` names open files that stay open as long as the program lives (the lock, should dev.py be killed).
    """
    say(f"{title} ...")
    with LOG.open("ab") as log:
        log.write(f"\n$ {' '.join(map(str, command))}\n".encode())
        log.flush()
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment(**extra), stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=hold
        )
        try:
            return watch(process) == 0
        except BaseException:
            with contextlib.suppress(PermissionError):  # what runs under sudo is stopped by the terminal
                process.terminate()
            process.wait()
            raise


def watch(process: subprocess.Popen[bytes]) -> int:
    """Wait for `process`: a running clock on a terminal, a line now and then elsewhere."""
    start = time.monotonic()
    pause, width = (0.5, shutil.get_terminal_size().columns - 1) if sys.stderr.isatty() else (20, 0)
    while True:
        try:
            status = process.wait(pause)
        except subprocess.TimeoutExpired:
            line = f"  {duration(time.monotonic() - start)}  {(log_lines(1) or [''])[0].strip()}"
            print(
                f"\r{line[:width]:<{width}}" if width else line[:110],
                end="" if width else "\n",
                file=sys.stderr,
                flush=True,
            )
            continue
        if width:
            print(f"\r{'':<{width}}", end="\r", file=sys.stderr)
        say(f"  {'done' if status == 0 else 'failed'} after {duration(time.monotonic() - start)}")
        return status


def duration(seconds: float) -> str:
    """Return `seconds` as people say them."""
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds) // 60} min {int(seconds) % 60:02} s"


def log_lines(count: int) -> list[str]:
    """Return the last `count` lines of the log that say anything."""
    with LOG.open("rb") as log:
        log.seek(max(0, LOG.stat().st_size - 20_000))
        lines = log.read().decode(errors="replace").splitlines()
    return [line for line in lines if line.strip()][-count:]


# One set-up at a time


@contextlib.contextmanager
def only_one() -> Iterator[int]:
    """Hold the lock on `.venv`; the operating system takes it back when its holders have died."""
    descriptor = open_lock()
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def open_lock() -> int:
    """Wait for the lock and return its open file."""
    told = False
    while True:
        VENV.mkdir(exist_ok=True)
        descriptor = os.open(LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        if try_lock(descriptor) and is_still(LOCK, descriptor):
            return descriptor
        os.close(descriptor)
        if not told:
            say("Another dev.py is setting up this folder; waiting for it (Ctrl-C stops waiting) ...")
            told = True
        time.sleep(0.2)


def try_lock(descriptor: int) -> bool:
    """Lock the open file for this process, unless another one has it."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def is_still(path: Path, descriptor: int) -> bool:
    """Tell whether `path` is the open file, not a newer one made after somebody removed the folder."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


# System packages (Debian and Ubuntu)


def install_packages(packages: Sequence[str], purpose: str) -> None:
    """Install Debian packages when this user may, else say which command does it."""
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    advice = f"{purpose} Install what is missing and start dev.py again:\n\n    sudo {' '.join(install)}\n"
    right = administrator()
    if right is None:
        raise SetupError(advice)
    apt = [*right, "env", "DEBIAN_FRONTEND=noninteractive", *install[:1], "-o", "DPkg::Lock::Timeout=300"]
    say(purpose)
    if not any(Path("/var/lib/apt/lists").glob("*_Packages*")):
        work("Fetching the list of system packages (apt-get update)", [*apt, "update"])
    installing = f"Installing system packages: {' '.join(packages)}"
    if work(installing, [*apt, *install[1:]]):
        return
    work("Fetching the list of system packages anew (apt-get update)", [*apt, "update"])
    if not work(installing, [*apt, *install[1:]]):
        raise SetupError(
            f"apt-get could not install them; perhaps this network has no access to the package archive. "
            f"It said:\n\n{quoted(log_lines(8))}\n\n{advice}"
        )


def administrator() -> list[str] | None:
    """Return what to put before apt-get; None where there is no apt-get or no right to use it."""
    if not shutil.which("apt-get"):
        return None
    if sys.platform != "win32" and os.geteuid() == 0:
        return []
    sudo = ["sudo", "-n"]  # only where it needs no password
    if shutil.which("sudo") and subprocess.run([*sudo, "true"], capture_output=True, check=False).returncode == 0:
        return sudo
    return None


def os_release() -> dict[str, str]:
    """Return what the Linux distribution says about itself."""
    try:
        lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    return {key: value.strip("\"'") for key, mark, value in (line.partition("=") for line in lines) if mark}


def packages_of(libraries: Sequence[str], release: dict[str, str]) -> list[str]:
    """Return the Debian packages that bring shared libraries; what is not in the table comes along with them."""
    first_renamed = {"debian": 13, "ubuntu": 24}.get(release.get("ID", ""), sys.maxsize)
    major = int(release.get("VERSION_ID", "999").partition(".")[0])  # Debian's testing has no number yet
    glib = "libglib2.0-0t64" if major >= first_renamed else "libglib2.0-0"  # t64: with 64-bit time
    known = {LIBRARY_PACKAGES[name] for name in libraries if name in LIBRARY_PACKAGES}
    return sorted(glib if package == "libglib2.0-0" else package for package in known)


def missing_libraries(listing: str) -> list[str]:
    """Return the libraries that `ldd`, which printed `listing`, did not find."""
    return sorted(set(re.findall(r"^\s+(\S+) => not found", listing, re.MULTILINE)))


def look_for_qt_libraries(patterns: Sequence[str]) -> list[str]:
    """Return the system libraries that the installed Qt misses (about 0.1 s, so it is done every time)."""
    files = [file for pattern in patterns for file in (site_packages() / "PySide6").glob(pattern)]
    if not ON_LINUX or not files or not shutil.which("ldd"):
        return []
    answer = subprocess.run(["ldd", *files], capture_output=True, encoding="utf-8", check=False)
    return missing_libraries(answer.stdout)


def require_qt_libraries(patterns: Sequence[str]) -> None:
    """See to it that the Qt files find their system libraries."""
    missing = look_for_qt_libraries(patterns)
    if not missing:
        return
    packages = packages_of(missing, os_release())
    purpose = f"Qt needs system libraries that are not here: {', '.join(missing)}."
    if packages and shutil.which("apt-get"):
        with only_one():
            install_packages(packages, purpose)
        missing = look_for_qt_libraries(patterns)
    if missing:
        raise SetupError(
            f"Qt still misses {', '.join(missing)}: install the packages of your system that hold them, "
            "then start dev.py again."
        )


# The virtual environment


class Stamp(NamedTuple):
    """What was installed, written when all of it was; a set-up that broke off leaves none."""

    key: str
    extras: list[str]
    packages: str

    def write(self) -> None:
        """Save the stamp in one go."""
        draft = STAMP.with_suffix(".new")
        draft.write_text(json.dumps(self._asdict()), encoding="utf-8")
        draft.replace(STAMP)


def read_stamp() -> Stamp | None:
    """Return the stamp of the last complete set-up, if there is a readable one."""
    try:
        return Stamp(**json.loads(STAMP.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def setup_key() -> str:
    """Return what a set-up depends on; another Python or a moved folder makes another key."""
    parts = [(ROOT / "pyproject.toml").read_bytes(), f"{SETUP_VERSION} {PYTHON_TAG} {ROOT}".encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def site_packages() -> Path:
    """Return where the packages of `.venv` are."""
    places = {"base": str(VENV), "platbase": str(VENV), "installed_base": str(VENV)}
    return Path(sysconfig.get_path("purelib", "venv", places))


def package_listing() -> str:
    """Return a sum over what lies in site-packages: it changes when anybody installs or removes something."""
    try:
        names = sorted({path.name for path in site_packages().iterdir()} - {"__pycache__"})
    except OSError:
        return ""
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def is_ready(extras: Sequence[str]) -> bool:
    """Tell whether everything that the command needs is installed already."""
    stamp = read_stamp()
    return (
        stamp is not None
        and stamp.key == setup_key()
        and set(extras) <= set(stamp.extras)
        and stamp.packages == package_listing()
        and PYTHON.exists()
    )


def set_up(*extras: str, qt: Sequence[str] = ()) -> None:
    """Make `.venv`, install the project with `extras`, and see to the libraries that the Qt files in `qt` need."""
    if not is_ready(extras):
        with only_one() as lock:
            if not is_ready(extras):
                install_everything(extras, lock)
    require_qt_libraries(qt)


def install_everything(extras: Sequence[str], lock: int) -> None:
    """Make or mend `.venv` and stamp it."""
    stamp = read_stamp()
    wanted = sorted({*extras, *(stamp.extras if stamp else ())})
    STAMP.unlink(missing_ok=True)
    LOG.write_bytes(b"")
    say(f"Setting up {VENV} (everything that pip and apt-get say is in setup.log there)")
    if not venv_works():
        make_venv()
    mend_packages()
    install_project(wanted, lock)
    if len(onnxruntimes()) > 1:
        raise SetupError("A package brought a second build of onnxruntime along; only one may be installed.")
    Stamp(setup_key(), wanted, package_listing()).write()


def venv_works() -> bool:
    """Tell whether `.venv` has a running Python of this version, with pip."""
    ask = "import pip, sys; print(f'{sys.implementation.cache_tag}-{sys.platform}')"
    try:
        answer = subprocess.run(
            [PYTHON, "-c", ask], env=environment(), capture_output=True, encoding="utf-8", check=False
        )
    except OSError:
        return False
    return answer.stdout.strip() == PYTHON_TAG


def make_venv() -> None:
    """Make `.venv` from nothing, with the Python that runs dev.py."""
    if Path(sys.prefix).resolve() == VENV.resolve():
        raise SetupError("The Python in .venv cannot rebuild its own folder: start dev.py with the system's Python.")
    require_ensurepip()
    if (VENV / "pyvenv.cfg").exists():
        say("  The one that is here is broken, or belongs to another version of Python; it is replaced.")
    for path in VENV.iterdir():
        if path not in (LOCK, LOG):
            remove(path)
    if not work(f"Making .venv with Python {sys.version.split()[0]}", [sys.executable, "-m", "venv", VENV]):
        raise SetupError(f"The virtual environment could not be made:\n\n{quoted(log_lines(8))}")


def require_ensurepip() -> None:
    """See to it that this Python can make a virtual environment; Debian keeps that part in a package of its own."""
    if importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"):
        return
    purpose = f"{sys.executable} cannot make virtual environments."
    if not shutil.which("apt-get") or sys.base_prefix != "/usr":
        raise SetupError(f"{purpose} Its modules venv and ensurepip are missing: start dev.py with another Python.")
    install_packages([f"python{sys.version_info.major}.{sys.version_info.minor}-venv"], purpose)


def mend_packages() -> None:
    """Make pip install again what was left half installed, and two onnxruntimes that overwrite each other."""
    found = onnxruntimes()
    if len(found) > 1:
        say(f"  {' and '.join(found)} share their files; the right one will replace both")
        if not work("Removing both", [*installer("uninstall"), *found]):
            raise SetupError(f"They could not be removed:\n\n{quoted(log_lines(8))}")
    for record in broken_records(site_packages()):
        say(f"  {record.name.removesuffix('.dist-info')} is damaged and will be installed again")
        remove(record)


def broken_records(site: Path) -> list[Path]:
    """Return the `.dist-info` folders whose list of files is missing or does not match the files."""
    return [folder for folder in sorted(site.glob("*.dist-info")) if not is_whole(site, folder / "RECORD")]


def is_whole(site: Path, record: Path) -> bool:
    """Tell whether every file in a package's RECORD is there with its size; compiled files come and go."""
    try:
        with record.open(encoding="utf-8", newline="") as lines:
            sizes = {name: int(size) for name, _, size in csv.reader(lines) if size and not name.endswith(".pyc")}
            return all((site / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError):
        return False


def onnxruntimes() -> list[str]:
    """Return the installed builds of onnxruntime; they share one import package, so two are one too many."""
    builds = {"onnxruntime": "onnxruntime-[0-9]*.dist-info", "onnxruntime-gpu": "onnxruntime_gpu-*.dist-info"}
    return [name for name, pattern in builds.items() if any(site_packages().glob(pattern))]


def installer(verb: str) -> list[str]:
    """Return the command that installs or uninstalls: pip, or uv where WORKBENCH_UV=1 asks for it."""
    if os.environ.get("WORKBENCH_UV") == "1":
        uv = shutil.which("uv")
        if not uv:
            raise SetupError("WORKBENCH_UV=1 asks for uv, but there is no uv on the PATH.")
        return [uv, "pip", verb, "--python", str(PYTHON)]
    yes = ["--yes"] if verb == "uninstall" else []
    return [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", verb, *yes]


def install_project(extras: Sequence[str], lock: int) -> None:
    """Install the project in editable mode with what it depends on."""
    first = not (site_packages() / "torch").exists()
    free = shutil.disk_usage(ROOT).free / 1e9
    if first and free < DISK_NEEDED_GB:
        say(f"  Only {free:.0f} GB are free here; the set-up may need {DISK_NEEDED_GB} GB.")
    title = "Installing the project and its libraries" + (" (several minutes the first time)" if first else "")
    target = f".[{','.join(extras)}]" if extras else "."
    hold = () if sys.platform == "win32" else (lock,)
    TEMPORARY.mkdir(exist_ok=True)  # not /tmp, which may be a small disk in memory
    simple = ["--config-settings", "editable_mode=compat"]  # a path, not an import hook: 20 ms less at every start
    done = work(title, [*installer("install"), *simple, "-e", target], hold=hold, TMPDIR=str(TEMPORARY))
    remove(TEMPORARY)
    if not done:
        raise SetupError(
            f"The libraries could not be installed. The last lines of {LOG}:\n\n{quoted(log_lines(12))}\n\n{remedy()}"
        )


def remedy() -> str:
    """Return what to do about the failure that the log tells of."""
    text = "\n".join(log_lines(200))
    known = [advice for pattern, advice in REMEDIES.items() if re.search(pattern, text)]
    return "\n".join([*known, "Then start the same command again: it goes on where this one stopped."])


def quoted(lines: Sequence[str]) -> str:
    """Return lines of a log, indented."""
    return "\n".join(f"    {line}" for line in lines)


def remove(path: Path) -> None:
    """Remove a file or a folder, whichever it is."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


# Commands


def has_display() -> bool:
    """Tell whether a window can be shown, or Qt has been told where to show it."""
    wanted = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return not ON_LINUX or any(os.environ.get(name) for name in wanted)


def qt_window() -> Sequence[str]:
    """Return the Qt files that a window on this display needs."""
    if os.environ.get("QT_QPA_PLATFORM") in ("offscreen", "minimal", "vnc"):
        return QT_OFFSCREEN
    return (*QT_WINDOW, *QT_WAYLAND) if os.environ.get("WAYLAND_DISPLAY") else QT_WINDOW


def run(options: argparse.Namespace) -> int:
    """Open the workbench, or do its main job here when there is no display."""
    set_up(qt=qt_window() if has_display() else ())
    if has_display() or options.rest:
        return call([PYTHON, "-m", "workbench", *options.rest])[0]
    say("There is no display here, so the main job is done on the command line: train, export, predict.")
    return demonstrate(ROOT / "runs" / "demo")


def demonstrate(folder: Path) -> int:
    """Train on the embedded digits, export ONNX and predict with it; stop at the first step that fails."""
    folder.mkdir(parents=True, exist_ok=True)
    image, model, runs = folder / "nought.pgm", folder / "mnist_cnn.onnx", ("--runs", folder)
    image.write_text(HANDWRITTEN_NOUGHT, encoding="ascii")
    status, answer = workbench("train", "zoo:mnist_cnn", "--data", "digits", "--epochs", "3", *runs)
    if status == 0:
        status, _ = workbench("export", run_of(answer), model, *runs)
    if status == 0:
        status, _ = workbench("predict", model, image)
    if status == 0:
        say(f"Done. The run and {model.name} are in {folder}.")
    return status


def workbench(*arguments: str | Path) -> tuple[int, str]:
    """Print a command of the workbench, run it, and pass on and return its answer."""
    say(f"\n$ workbench {' '.join(map(str, arguments))} --json")
    status, answer = call([PYTHON, "-m", "workbench", *arguments, "--json"], capture=True)
    print(answer, end="", flush=True)
    return status, answer


def run_of(answer: str) -> str:
    """Return the id of the run from the answer of `train`."""
    try:
        return str(json.loads(answer)["run"])
    except (ValueError, KeyError, TypeError) as error:
        raise SetupError("`workbench train --json` did not answer with the id of its run.") from error


def test(options: argparse.Namespace) -> int:
    """Check the style and the types, then run the tests."""
    start = time.monotonic()
    set_up("dev", qt=QT_OFFSCREEN)
    spread = [] if options.rest else ["-n", str(TEST_PROCESSES), "--dist", "worksteal"]
    pytest = [PYTHON, "-m", "pytest", *([] if options.slow else ["-m", "not slow"]), *spread, *options.rest]
    return run_steps([*lint_steps(fix=False), ("pytest", pytest)], time.monotonic() - start)


def lint(options: argparse.Namespace) -> int:
    """Check the style, the types and who imports whom."""
    start = time.monotonic()
    set_up("dev")
    return run_steps(lint_steps(fix=options.fix), time.monotonic() - start)


def lint_steps(*, fix: bool) -> list[tuple[str, Command]]:
    """Return the checks that need no running program."""
    imports = "import sys, importlinter.cli as cli; sys.exit(cli.lint_imports_command())"
    return [
        ("ruff check", [PYTHON, "-m", "ruff", "check", *(["--fix"] if fix else [])]),
        ("ruff format", [PYTHON, "-m", "ruff", "format", *([] if fix else ["--check"])]),
        ("mypy", [PYTHON, "-m", "mypy"]),
        ("lint-imports", [PYTHON, "-c", imports]),
    ]


def run_steps(steps: Sequence[tuple[str, Command]], set_up_seconds: float) -> int:
    """Run all steps, whatever fails, and sum up; return 1 when any failed."""
    rows = [("set-up", set_up_seconds, 0)]
    for title, command in steps:
        say(f"\n== {title}")
        start = time.monotonic()
        status, _ = call(command, cwd=ROOT, QT_QPA_PLATFORM="offscreen")
        rows.append((title, time.monotonic() - start, status))
    say("")
    for title, seconds, status in rows:
        say(f"{title:<14}{duration(seconds):>14}  {'ok' if status == 0 else f'FAILED (exit status {status})'}")
    return int(any(status for *_, status in rows))


def bench(options: argparse.Namespace) -> int:
    """Run one benchmark, or list them all."""
    found = {path.stem: path for path in sorted((ROOT / "benchmarks").glob("[!_]*.py"))}
    if options.name is None:
        for name, path in found.items():
            print(f"{name:<20} {first_line(path)}")
        return 0
    if options.name not in found:
        say(f"There is no benchmark {options.name!r}; there is: {', '.join(found) or 'none yet'}.")
        return 2
    set_up(qt=QT_OFFSCREEN)
    peers = peers_of(found[options.name])
    module = f"benchmarks.{options.name}"
    return call([PYTHON, "-m", module, *options.rest], PYTHONPATH=str(ROOT), BENCHMARK_PEERS=str(peers or ""))[0]


def peers_of(benchmark: Path) -> Path | None:
    """Install what a benchmark compares with, as its REQUIRES says: beside the program's own libraries, not among them.

    Without them it measures what it can.
    """
    wanted = required(benchmark)
    if not wanted:
        return None
    folder = VENV / "peers" / benchmark.stem
    stamp = folder / "installed.json"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == json.dumps(wanted):
        return folder
    with only_one() as lock:
        remove(folder)
        hold = () if sys.platform == "win32" else (lock,)
        command = [*installer("install"), "--no-deps", "--target", str(folder), *wanted]
        if not work("Installing what it is compared with", command, hold=hold):
            say(f"  That failed, so it is left out; {LOG.relative_to(ROOT)} says why.")
            return None
        stamp.write_text(json.dumps(wanted), encoding="utf-8")
    return folder


def required(benchmark: Path) -> list[str]:
    """Return the REQUIRES of a benchmark without running it."""
    for node in ast.parse(benchmark.read_bytes()).body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["REQUIRES"]:
            return [str(name) for name in ast.literal_eval(node.value)]
    return []


def first_line(path: Path) -> str:
    """Return the first line of a module's docstring."""
    return (ast.get_docstring(ast.parse(path.read_bytes())) or "").partition("\n")[0]


def docs(options: argparse.Namespace) -> int:
    """Run every script in docs/, which makes the guide's pictures and generated pages."""
    return run_docs(sorted((ROOT / "docs").glob("[!_]*.py")), options)


def screenshots(options: argparse.Namespace) -> int:
    """Take the guide's screenshots anew."""
    return run_docs([path for path in [ROOT / "docs" / "screenshots.py"] if path.exists()], options)


def run_docs(scripts: Sequence[Path], options: argparse.Namespace) -> int:
    """Run scripts of docs/ on the display, or on a virtual one."""
    if not scripts:
        say("There is no such script in docs/ yet.")
        return 0
    set_up(qt=qt_window())
    screen = [] if has_display() else virtual_screen()
    for script in scripts:
        say(f"$ {script.relative_to(ROOT)}")
        status, _ = call([*screen, PYTHON, script, *options.rest], cwd=ROOT)
        if status:
            return status
    return 0


def virtual_screen() -> list[str]:
    """Return the command that gives a program a screen in memory, installing it when needed."""
    if not shutil.which("xvfb-run"):
        with only_one():
            install_packages(["xvfb", "xauth"], "There is no display here, and no virtual one (xvfb).")
    return ["xvfb-run", "-a", "-s", "-screen 0 1920x1200x24"]


def catalogue(options: argparse.Namespace) -> int:
    """Write the generated copy of the catalogue anew."""
    set_up()
    return call([PYTHON, "-m", "workbench.engine.catalogue", *options.rest], cwd=ROOT)[0]


def clean(options: argparse.Namespace) -> int:
    """Remove what tools left behind; runs and projects stay."""
    caches = (".pytest_cache", ".mypy_cache", ".ruff_cache", ".import_linter_cache", ".hypothesis")
    patterns = ("build", "dist", "*.egg-info", *caches, "__pycache__", "[!.]*/**/__pycache__")
    for path in [path for pattern in patterns for path in ROOT.glob(pattern)]:
        remove(path)
    if options.venv and VENV.exists():
        with only_one():
            for path in VENV.iterdir():
                if path != LOCK:
                    remove(path)
        remove(VENV)
    return 0


# The command line


def make_parser() -> argparse.ArgumentParser:
    """Return the parser; each command's help is its function's docstring."""
    parser = argparse.ArgumentParser(prog="dev.py", description=(__doc__ or "").partition("\n\n")[2])
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(action: Callable[[argparse.Namespace], int], rest: str = "") -> argparse.ArgumentParser:
        text = action.__doc__
        usage = f"dev.py {action.__name__} [-h] {rest}"
        command = commands.add_parser(action.__name__, help=text, description=text, usage=usage, allow_abbrev=False)
        command.set_defaults(action=action, passes_on=rest.endswith("...]"))
        return command

    add(run, "[ARGUMENT of workbench ...]")
    add(test, "[--slow] [ARGUMENT of pytest ...]").add_argument(
        "--slow", action="store_true", help="also the tests that take minutes"
    )
    add(lint, "[--fix]").add_argument("--fix", action="store_true", help="mend what ruff can mend, format the rest")
    add(bench, "[NAME [ARGUMENT ...]]").add_argument("name", nargs="?", metavar="NAME", help="without it: the list")
    add(docs)
    add(screenshots, "[ARGUMENT of docs/screenshots.py ...]")
    add(catalogue)
    add(clean, "[--venv]").add_argument(
        "--venv", action="store_true", help="also .venv; the next command makes it anew"
    )
    return parser


def split(arguments: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Separate what dev.py reads from what `run` and `bench` hand on untouched."""
    own = {"run": 1, "bench": 2}.get(arguments[0] if arguments else "", len(arguments))
    if arguments[1:2] in (["-h"], ["--help"]):
        own = 2
    rest = arguments[own:]
    return arguments[:own], rest[1:] if rest[:1] == ["--"] else rest


def main(arguments: Sequence[str]) -> int:
    """Do what the command line asks for and return the exit status."""
    own, rest = split(arguments)
    parser = make_parser()
    options, more = parser.parse_known_args(own)
    if more and not options.passes_on:
        parser.error(f"unknown arguments: {' '.join(more)}")
    options.rest = [*(word for word in more if word != "--"), *rest]
    try:
        status: int = options.action(options)
    except SetupError as error:
        say(f"\ndev.py: {error}")
        return 1
    except KeyboardInterrupt:
        say("\nStopped. The same command goes on from here.")
        return 130
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
