"""The one place that knows which class a type of layer is: one of ours, or one of a file beside the project."""

from pathlib import Path

from workbench.core import custom
from workbench.core.problems import Problem, ProblemError
from workbench.engine import foreign
from workbench.engine.layers import LAYERS
from workbench.engine.layers.base import Layer


class Kinds:
    """Classes of layers by type, for one document: each file beside it is read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._codes: dict[str, custom.Code | Problem] = {}

    def of(self, type: str) -> type[Layer]:
        """The class of a type. Raises `ProblemError` for one that there is not, or that may not be run."""
        if type in LAYERS:
            return LAYERS[type]
        found = custom.parts(type)
        if found is None:
            raise ProblemError("node.unknown_type", type=type)
        file, name = found
        return foreign.layer_class(self._code(file), name)

    def _code(self, file: str) -> custom.Code:
        if file not in self._codes:
            try:
                self._codes[file] = custom.read(self._folder, file)
            except ProblemError as error:
                self._codes[file] = error.problem
        code = self._codes[file]
        if isinstance(code, Problem):
            raise ProblemError.of(code)
        return code
