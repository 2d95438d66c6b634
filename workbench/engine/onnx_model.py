"""Exported models as ONNX Runtime runs them. Needs no torch.

ONNX Runtime 1.29 and later send telemetry unless `ORT_DISABLE_TELEMETRY` is set before the first import: the entry
point of every process does that, and this module makes sure.
"""

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import msgspec
import onnxruntime
from msgspec import Struct
from numpy.typing import NDArray

from workbench.core.files import unreadable
from workbench.core.problems import ProblemError
from workbench.engine.answers import ModelOutput
from workbench.engine.preprocess import Preprocessing

METADATA = "model_workbench"
"""The key of the metadata that says how inputs are prepared and outputs read; its value is JSON with a version."""
METADATA_VERSION = 2
"""2 says of outputs how tags are chosen and what is read back; all that 1 says means the same."""
CPU = "CPUExecutionProvider"
ACCELERATORS = ("CUDAExecutionProvider", "CoreMLExecutionProvider")
"""Tried in this order before the CPU, where ONNX Runtime was built with them."""


class ModelInput(Struct, frozen=True):
    """What an exported model says of one of its inputs."""

    name: str
    column: str
    preprocessing: Preprocessing | None = None


@dataclass(frozen=True)
class OnnxModel:
    """A session, what its file says about inputs and outputs, and the provider that really runs it."""

    session: Any
    meta: dict[str, Any]
    provider: str
    passed_over: str
    """A provider that was built in, but does not work on this machine."""

    def run(self, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """What each column reads, a batch of samples each, to what each output gives, by name."""
        given = {item.name: arrays[item.column] for item in self.inputs}
        names = [item.name for item in self.session.get_outputs()]
        return dict(zip(names, self.session.run(names, given), strict=True))

    @cached_property
    def inputs(self) -> tuple[ModelInput, ...]:
        """What it reads; several may read one column."""
        return msgspec.convert(self.meta["inputs"], tuple[ModelInput, ...])

    @cached_property
    def outputs(self) -> tuple[ModelOutput, ...]:
        """What it answers."""
        return msgspec.convert(self.meta["outputs"], tuple[ModelOutput, ...])

    @property
    def columns(self) -> dict[str, Preprocessing | None]:
        """How each column that is read is prepared."""
        return {item.column: item.preprocessing for item in self.inputs}

    def length_of(self, column: str) -> int | None:
        """How many tokens an input takes; None where it may be any number."""
        name = next(item.name for item in self.inputs if item.column == column)
        axis = next(item for item in self.session.get_inputs() if item.name == name).shape[1]
        return axis if isinstance(axis, int) else None


def opened(path: Path) -> OnnxModel:
    """Open an exported model.

    The file is read as bytes, so that it cannot make ONNX Runtime read other files; weights beside it (models
    above 2 GB) are only found in its own folder.

    Raises:
        ProblemError: there is no such file, or it is no model.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from None
    try:
        session, passed_over = start(content, external=path.with_name(path.name + ".data"))
    except Exception as error:  # noqa: BLE001 - ONNX Runtime's errors share no base
        raise ProblemError("onnx.unreadable", where=str(path), detail=str(error).split("\n")[0]) from None
    raw = session.get_modelmeta().custom_metadata_map.get(METADATA)
    if raw is None:
        raise ProblemError("onnx.no_metadata", where=str(path))
    try:
        meta = json.loads(raw)
        newer = meta["version"] > METADATA_VERSION
        if not newer:
            meta = {**meta, "inputs": list(meta["inputs"]), "outputs": list(meta["outputs"])}
            model = OnnxModel(session, meta, session.get_providers()[0], passed_over)
            if not (model.inputs and model.outputs):
                raise ValueError("neither inputs nor outputs")
    except (ValueError, LookupError, TypeError) as error:
        raise ProblemError("onnx.unreadable", where=str(path), detail=f"{METADATA}: {error}") from None
    if newer:
        raise ProblemError("onnx.newer", where=str(path), found=meta["version"], known=METADATA_VERSION)
    return model


def start(content: bytes, *, threads: int = 0, external: Path | None = None, cpu_only: bool = False) -> tuple[Any, str]:
    """A session on the first provider that works, and the first one that was built in but does not work.

    `get_available_providers()` lists what was compiled in, not what works, and a session falls back to the CPU
    without a word: only the session's own list is the truth.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # spinning starves torch beside it
    if external is not None and external.is_file():
        data = external.read_bytes()
        options.add_external_initializers_from_files_in_memory([external.name], [data], [len(data)])
    built_in = set(onnxruntime.get_available_providers())
    passed_over = ""
    for name in [] if cpu_only else [name for name in ACCELERATORS if name in built_in]:
        with contextlib.suppress(Exception):  # whatever a broken driver raises, the CPU is there
            session = _session(content, options, [name, CPU])
            if session.get_providers()[0] == name:
                return session, passed_over
        passed_over = passed_over or name
    return _session(content, options, [CPU]), passed_over


def _session(content: bytes, options: Any, providers: list[str]) -> Any:
    if "CUDAExecutionProvider" in providers and hasattr(onnxruntime, "preload_dlls"):
        with contextlib.suppress(Exception):
            onnxruntime.preload_dlls()  # CUDA's libraries lie in packages that the loader does not search
    return onnxruntime.InferenceSession(content, options, providers=providers)
