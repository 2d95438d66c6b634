"""The source of what torch does not have, with all that it needs: our own modules, and those of the user's files."""

import ast
import builtins
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterable
from typing import Any

from workbench.core.problems import ProblemError
from workbench.engine.foreign import code_of
from workbench.engine.source.excerpt import excerpt, imports_of, names_read

OURS = "workbench."
PROGRAM = "Model Workbench"


class Helpers:
    """Collects definitions and imports for a source."""

    def __init__(self, imports: dict[str, str]) -> None:
        self.definitions: dict[str, str] = {}
        """By name, each after what it needs."""
        self.imports = dict(imports)
        """The line that imports each name; some are there from the start."""
        self.future: set[str] = set()
        self._origins = dict.fromkeys(imports, PROGRAM)

    @property
    def names(self) -> set[str]:
        """All names that are taken."""
        imported = {name.partition(".")[0] for name in self.imports}
        return imported | {name for names in self.definitions for name in names.split()}

    def need(self, kinds: Iterable[Callable[..., Any]]) -> None:
        """Take along the classes of these that are not torch's.

        Raises:
            ProblemError: two files mean different things by one name.
        """
        for kind in dict.fromkeys(kinds):
            code = code_of(kind)
            if code is not None:
                self._excerpt(code.name, code.text, kind.__name__)
            elif kind.__module__.startswith(OURS) and kind.__name__ not in self.definitions:
                self._take(kind)

    def _excerpt(self, file: str, text: str, name: str) -> None:
        found = excerpt(text, [name])
        self.future |= found.future
        for called, line in found.imports:
            self._import(called, line, file)
        for called, definition in found.definitions.items():
            self._define(called, definition, file)

    def _take(self, thing: Any) -> None:
        code = textwrap.dedent(inspect.getsource(thing)).strip()
        module = sys.modules[thing.__module__]
        statements = ast.parse(inspect.getsource(module)).body
        bindings = {name: line for item in statements for name, line in imports_of(item)}
        own = {thing.__name__}
        for name in sorted(names_read(ast.parse(code)) - own):
            found = getattr(module, name, None)
            if name in bindings and not bindings[name].startswith(f"from {OURS}"):
                self._import(name, bindings[name], PROGRAM)
            elif name in self.definitions or found is None or hasattr(builtins, name):
                continue
            elif getattr(found, "__module__", "").startswith(OURS):
                self._take(found)
        self._define(thing.__name__, code, PROGRAM)

    def _import(self, name: str, line: str, origin: str) -> None:
        if line.startswith("import ") and " as " not in line:
            name = line.removeprefix("import ")  # `import a.b` goes well beside `import a`
        if name in self.definitions or self.imports.setdefault(name, line) != line:
            raise self._clash(name, origin)
        self._origins.setdefault(name, origin)

    def _define(self, names: str, definition: str, origin: str) -> None:
        for name in names.split():
            if name in self.imports or self._origins.get(name, origin) != origin:
                raise self._clash(name, origin)
            self._origins[name] = origin
        self.definitions[names] = definition

    def _clash(self, name: str, origin: str) -> ProblemError:
        return ProblemError("code.clash", name=name, files=[self._origins.get(name, PROGRAM), origin])
