"""The layers in a file of the user's own, as its text tells: nothing of it is run to find out.

The parameters of a constructor become the fields of a form, those of `forward` the inputs, and what it is annotated
to return the outputs.
"""

import ast
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from msgspec import Struct

from workbench.core.catalogue import FieldInfo, LayerInfo, PortInfo
from workbench.core.custom import Code, type_of
from workbench.core.hints import (
    NO_DEFAULT,
    UNREADABLE,
    Enums,
    Hint,
    alternatives,
    default_of,
    dotted,
    hint_of,
    subscripted,
    unquoted,
)
from workbench.core.i18n import tr
from workbench.core.problems import Problem, ProblemError

GROUP = "Your layers"
FAMILY = "own"
FOLLOWING = {
    "in_features": -1,
    "input_size": -1,
    "input_dim": -1,
    "d_model": -1,
    "embed_dim": -1,
    "in_channels": 0,
    "num_features": 0,
}
"""Parameters that follow from the first input, as in torch's own layers: the size of this axis of it."""
NUM_INPUTS = "num_inputs"
"""The setting that says how many inputs a `forward` with `*inputs` gets."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Parameter(Struct, frozen=True):
    """One parameter of a constructor that can be set."""

    info: FieldInfo
    hint: Hint
    follows: int | None = None
    """The axis of the first input whose size it takes unless it is set."""


class Signature(Struct, frozen=True):
    """One class of a file, as a layer."""

    info: LayerInfo
    parameters: tuple[Parameter, ...] = ()
    varied: bool = False
    """It takes any number of inputs."""
    problem: Problem | None = None
    """Why it cannot be a layer."""


def signature_of(code: Code, name: str) -> Signature:
    """One class. Raises `ProblemError` where the file cannot be read, or has no such class that is a layer."""
    found = signatures(code)
    if name not in found:
        raise ProblemError("custom.no_class", file=code.name, name=name, known=list(found))
    return found[name]


def signatures(code: Code) -> dict[str, Signature]:
    """All classes of a file that are layers. Raises `ProblemError` where its text makes no sense."""
    return _signatures(code.name, code.text)


@lru_cache(256)
def _signatures(file: str, text: str) -> dict[str, Signature]:
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise ProblemError("custom.syntax", file=file, line=error.lineno or 0, detail=error.msg) from None
    except (ValueError, RecursionError, MemoryError) as error:  # a zero byte; brackets without end
        raise ProblemError("custom.syntax", file=file, line=0, detail=str(error)) from None
    try:
        reading = _Reading(file, tree)
        return {name: reading.signature(name) for name in reading.classes if reading.is_layer(name)}
    except RecursionError as error:
        raise ProblemError("custom.syntax", file=file, line=0, detail=str(error)) from None


class _Reading:
    """One file being read."""

    def __init__(self, file: str, tree: ast.Module) -> None:
        self._file = file
        self.classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
        self._origins = dict(_origins(tree))
        self._enums: Enums = {
            name: tuple(_members(node))
            for name, node in self.classes.items()
            if any(base.rpartition(".")[2].endswith("Enum") for base in self._bases(name))
        }

    def _bases(self, name: str) -> list[str]:
        return [self._origin(dotted(base)) for base in self.classes[name].bases]

    def _origin(self, name: str) -> str:
        """A name with dots as what was imported says."""
        first, dot, rest = name.partition(".")
        return f"{self._origins.get(first, first)}{dot}{rest}"

    def _lineage(self, name: str) -> Iterator[str]:
        """A class and those of the file that it comes from, the nearest first."""
        waiting, seen = [name], set[str]()
        while waiting:
            found = waiting.pop(0)
            if found in self.classes and found not in seen:
                seen.add(found)
                yield found
                waiting = [*self._bases(found), *waiting]

    def _foreign_bases(self, name: str) -> list[str]:
        return [base for one in self._lineage(name) for base in self._bases(one) if base not in self.classes]

    def is_layer(self, name: str) -> bool:
        """It comes from torch's modules, as far as its text tells."""
        return any(
            base.startswith("torch.nn.") or base.rpartition(".")[2].endswith("Module")
            for base in self._foreign_bases(name)
        )

    def _method(self, name: str, method: str) -> Function | None:
        for one in self._lineage(name):
            for node in self.classes[one].body:
                if isinstance(node, Function) and node.name == method:
                    return node
        return None

    def signature(self, name: str) -> Signature:
        """What its text says of a class."""
        made, forward = self._method(name, "__init__"), self._method(name, "forward")
        parameters, problem, left = self._parameters(made) if made else ((), None, [])
        summary, _, rest = (ast.get_docstring(self.classes[name]) or "").strip().partition("\n")
        about = [rest.strip()] if rest.strip() else []
        if left:
            about.append(tr("Left as the file has them: {names}.", names=", ".join(left)))
        inputs, varied = _inputs(forward) if forward else ((PortInfo("in"),), False)
        fields = [parameter.info for parameter in parameters]
        if varied and NUM_INPUTS not in {info.name for info in fields}:
            fields.append(FieldInfo(NUM_INPUTS, "Num inputs", "int", 2, 1, 64))
        if forward is None and not any(base.startswith("torch.nn.") for base in self._inherited(name)):
            problem = Problem("custom.no_forward", {"file": self._file, "name": name})
        info = LayerInfo(
            key=type_of(self._file, name),
            title=name,
            group=GROUP,
            family=FAMILY,
            summary=summary or tr("A class of {file}.", file=self._file),
            help="\n".join(about),
            inputs=inputs,
            outputs=self._outputs(forward.returns) if forward else (PortInfo("out"),),
            fields=tuple(fields),
            synonyms=(self._file.removesuffix(".py"),),
            caption=tuple(field.name for field in fields[:2]),
        )
        return Signature(info, tuple(parameters), varied, problem)

    def _inherited(self, name: str) -> list[str]:
        """The bases that bring a `forward` of their own."""
        return [base for base in self._foreign_bases(name) if base.rpartition(".")[2] != "Module"]

    def _parameters(self, made: Function) -> tuple[Sequence[Parameter], Problem | None, list[str]]:
        """Those that can be set; why the constructor cannot be called; the names of those that are left as they are."""
        found, problem, left = [], None, []
        for argument, node in _arguments(made):
            hint = hint_of(argument.annotation, default_of(node, None), self._enums)
            default = default_of(node, hint)
            parameter = _parameter(argument.arg, hint, default)
            if parameter is not None:
                found.append(parameter)
            elif default is NO_DEFAULT:
                kind = ast.unparse(argument.annotation) if argument.annotation else ""
                args = {"file": self._file, "name": argument.arg, "kind": kind}
                problem = problem or Problem("custom.parameter", args)
            else:
                left.append(argument.arg)
        return found, problem, left

    def _outputs(self, returns: ast.expr | None) -> tuple[PortInfo, ...]:
        """One for each tensor of a tuple that it says to return, one otherwise."""
        if returns is None:
            return (PortInfo("out"),)
        returns = unquoted(returns)
        name = dotted(returns)
        if name in self.classes and any(base.endswith("NamedTuple") for base in self._bases(name)):
            return tuple(PortInfo(member) for member in _annotated(self.classes[name]))
        outer, inner = subscripted(returns)
        if outer in ("tuple", "Tuple") and not any(isinstance(item, ast.Constant) for item in inner):
            return tuple(PortInfo(f"out_{place}") for place in range(1, len(inner) + 1))
        return (PortInfo("out"),)


def _origins(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """What each imported name stands for."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (first, first)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module or ''}.{alias.name}"


def _members(node: ast.ClassDef) -> Iterator[str]:
    for item in node.body:
        if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name):
            yield item.targets[0].id


def _annotated(node: ast.ClassDef) -> Iterator[str]:
    for item in node.body:
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
            yield item.target.id


def _arguments(function: Function) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    """The arguments after `self`, with their defaults."""
    yield from _placed(function)
    yield from zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)


def _placed(function: Function) -> Sequence[tuple[ast.arg, ast.expr | None]]:
    """Those that can be given by their place."""
    given = function.args
    placed = [*given.posonlyargs, *given.args]
    defaults: list[ast.expr | None] = [*[None] * (len(placed) - len(given.defaults)), *given.defaults]
    return list(zip(placed, defaults, strict=True))[1:]


def _parameter(name: str, hint: Hint | None, default: Any) -> Parameter | None:
    """The field of a parameter; None where it cannot be set."""
    follows = FOLLOWING.get(name) if default is NO_DEFAULT else None
    if follows is not None:
        hint = Hint("int", optional=True)
    if hint is None or default is UNREADABLE:
        return None
    required = default is NO_DEFAULT
    info = FieldInfo(
        name=name,
        label=name.replace("_", " ").strip().capitalize() or name,
        kind=hint.kind,
        default=None if required else default,
        choices=tuple(hint.values),
        help=_help(hint, follows),
        optional=hint.optional or (not required and default is None),
    )
    return Parameter(info, hint, follows)


def _help(hint: Hint, follows: int | None) -> str:
    if follows is not None:
        return tr("Empty takes it from the input")
    return tr("A number, or another literal of Python") if hint.literal else ""


def _inputs(forward: Function) -> tuple[tuple[PortInfo, ...], bool]:
    """A port for each argument that is a tensor; whether there may be any number of them."""
    ports: list[PortInfo] = []
    for argument, default in _placed(forward):
        if default is not None and not _may_be_tensor(argument, default):
            return tuple(ports), False  # inputs are given by place: none behind it can be reached
        ports.append(PortInfo(argument.arg, optional=default is not None))
    if forward.args.vararg is not None:
        return (*ports, PortInfo(forward.args.vararg.arg, repeat=NUM_INPUTS)), True
    return tuple(ports), False


def _may_be_tensor(argument: ast.arg, default: ast.expr) -> bool:
    """An argument with a default is an input where it says so, or may be missing."""
    if argument.annotation is None:
        return isinstance(default, ast.Constant) and default.value is None
    return any(dotted(part).rpartition(".")[2] == "Tensor" for part in alternatives(argument.annotation))
