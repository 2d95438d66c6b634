"""What all tests share: nothing touches the user's own folders, no window appears, nothing calls home."""

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before Qt is imported anywhere
os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # before ONNX Runtime is
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # processes that share two cores must not spin on them

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests.disks import SmallDisk, small_disk
from workbench.core.places import HOME_VARIABLE

hypothesis_settings.register_profile(
    "workbench", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
hypothesis_settings.load_profile("workbench")


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home for settings, logs, caches, runs and data; processes that a test starts inherit it."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv(HOME_VARIABLE, str(folder))
    return folder


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """A disk that is soon full; the test is skipped where none can be mounted."""
    with small_disk(tmp_path / "disk") as mounted:
        yield mounted
