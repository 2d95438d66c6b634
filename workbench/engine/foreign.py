"""Runs files of the user's own: those that are trusted, and exactly the bytes that were looked at.

The one place where code from a file is run. A module that takes too long or fails is remembered as a problem and is
not tried again by this process.
"""

import linecache
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any, ClassVar

import torch
from torch import nn

from workbench.core.custom import Code
from workbench.core.document import Settings, Value
from workbench.core.hints import meant
from workbench.core.problems import Problem, ProblemError
from workbench.core.signatures import NUM_INPUTS, Parameter, Signature, signature_of
from workbench.core.trust import untrusted
from workbench.engine import permission
from workbench.engine.layers.base import Known, Layer, Misfit
from workbench.engine.limits import TookTooLong, within
from workbench.engine.made import made

SECONDS = 20.0
"""How long a file, or one of its layers on tensors without data, may take."""

MODULE = "workbench_own_"
"""The modules of files are called so, and after their hash."""

_run: dict[str, ModuleType | Problem] = {}
_classes: "dict[tuple[str, str, str], type[Foreign]]" = {}


def layer_class(code: Code, name: str) -> "type[Foreign]":
    """A class of a file as a layer.

    Raises:
        ProblemError: the file cannot be read, has no such layer, is not trusted, or fails when it is run.
    """
    signature = signature_of(code, name)
    if not permission.is_given(code.sha256):
        raise untrusted(code)
    if signature.problem is not None:
        raise ProblemError.of(signature.problem)
    key = (code.name, code.sha256, name)
    if key not in _classes:  # the same class each time: what is known of a layer is remembered by it
        _classes[key] = _layer_class(code, name, signature)
    return _classes[key]


def code_of(kind: object) -> Code | None:
    """The file that a class comes from; None for one that is not of such a file."""
    return next((cls.code for cls in _classes.values() if cls.module is kind), None)


def _layer_class(code: Code, name: str, signature: Signature) -> "type[Foreign]":
    found = getattr(_module(code), name, None)
    if not (isinstance(found, type) and issubclass(found, nn.Module)):
        raise ProblemError("custom.not_a_module", file=code.name, name=name)
    return type(name, (Foreign,), {"info": signature.info, "signature": signature, "module": found, "code": code})


def _module(code: Code) -> ModuleType:
    """The module of a file, run once."""
    if code.sha256 not in _run:
        _run[code.sha256] = _executed(code)
    found = _run[code.sha256]
    if isinstance(found, Problem):
        raise ProblemError(found.code, **{**found.args, "file": code.name})
    return found


def _executed(code: Code) -> ModuleType | Problem:
    name = MODULE + code.sha256[:16]
    module = ModuleType(name)
    module.__file__ = code.name
    linecache.cache[code.name] = (len(code.text), None, code.text.splitlines(keepends=True), code.name)
    sys.modules[name] = module  # dataclasses and annotations look their module up
    try:
        with _limited(code):
            exec(compile(code.text, code.name, "exec", dont_inherit=True), module.__dict__)
    except Misfit as misfit:
        del sys.modules[name]
        return Problem(misfit.code, misfit.args_)
    return module


@contextmanager
def _limited(code: Code) -> Iterator[None]:
    """What the file's own code raises, or that it takes too long, as a `Misfit`."""
    stuck = Problem("custom.stuck", {"file": code.name, "sha256": code.sha256, "seconds": SECONDS})
    try:
        with within(SECONDS, lambda: permission.last_words(stuck)):
            yield
    except Misfit:
        raise
    except TookTooLong:
        raise Misfit(stuck.code, **stuck.args) from None
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        raise _raised(code, error) from error


def _raised(code: Code, error: BaseException) -> Misfit:
    """The last line of what went wrong, and where in the file."""
    frames = traceback.extract_tb(error.__traceback__)
    line = next((frame.lineno for frame in reversed(frames) if frame.filename == code.name), 0)
    detail = traceback.format_exception_only(error)[-1].strip().split("\n")[0]
    return Misfit("custom.raised", file=code.name, line=line, detail=detail)


@dataclass(frozen=True)
class Foreign(Layer):
    """A layer of the user's own; each class of a file has a subclass of this."""

    signature: ClassVar[Signature]
    module: ClassVar[type[nn.Module]]
    code: ClassVar[Code]
    probes = ("meta", "cpu")  # what looks at the numbers in its tensors needs some

    settings: tuple[tuple[str, Value], ...] = ()

    @classmethod
    def of(cls, settings: Settings) -> "Foreign":
        """Only what the constructor takes; what is not set is left to the file."""
        known = {info.name for info in cls.info.fields} - ({NUM_INPUTS} if cls.signature.varied else set())
        return cls(tuple(sorted((name, value) for name, value in settings.items() if name in known)))

    def build(self, *inputs: Known) -> nn.Module:
        """The module that the file's class makes of the settings."""
        settings = dict(self.settings)
        given = {}
        for parameter in self.signature.parameters:
            name = parameter.info.name
            if settings.get(name) is not None:
                given[name] = self._meant(parameter, settings[name])
            elif parameter.follows is not None:
                given[name] = _size(inputs, parameter.follows)
            elif name in settings and parameter.info.optional:
                given[name] = None
            elif parameter.info.default is None and not parameter.info.optional:
                raise Misfit("custom.required", name=name)
        try:
            return made(self.module, **given)
        except (RuntimeError, NotImplementedError):
            if torch.get_default_device().type != "meta":
                raise
            with torch.device("cpu"):
                return made(self.module, **given)

    def _meant(self, parameter: Parameter, value: Value) -> Any:
        """What the constructor gets for what stands in the form."""
        hint = parameter.hint
        if hint.enum:
            return getattr(sys.modules[self.module.__module__], hint.enum)[value]
        if hint.length and len(value) != hint.length:
            raise Misfit("custom.length", name=parameter.info.name, found=value, expected=hint.length)
        if hint.literal:
            return meant(value)
        return hint.values[value] if hint.kind == "choice" else value

    @contextmanager
    def measuring(self) -> Iterator[None]:
        """The file's own mistakes are said in its own words."""
        with _limited(self.code):
            yield


def _size(inputs: tuple[Known | None, ...], axis: int) -> int:
    first = inputs[0] if inputs else None
    if first is None or not first.shape:
        raise Misfit("layer.rank", found=first.shape if first else (), expected="(..., features)")
    return first.shape[axis]
