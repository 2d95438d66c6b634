"""The source of our own modules, with all that it needs: what torch does not have comes along."""

import ast
import builtins
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterable
from typing import Any

OURS = "workbench."


class Helpers:
    """Collects definitions and imports for a source."""

    def __init__(self) -> None:
        self.definitions: dict[str, str] = {}
        """By name, each after what it needs."""
        self.imports: set[str] = set()

    def need(self, kinds: Iterable[Callable[..., Any]]) -> None:
        """Take along the classes of these that are ours."""
        for kind in kinds:
            if kind.__module__.startswith(OURS) and kind.__name__ not in self.definitions:
                self._take(kind)

    def _take(self, thing: Any) -> None:
        code = textwrap.dedent(inspect.getsource(thing)).strip()
        module = sys.modules[thing.__module__]
        bindings = _bindings(inspect.getsource(module))
        own = {thing.__name__}
        for name in sorted(_names(code) - own):
            found = getattr(module, name, None)
            if name in bindings and not bindings[name].startswith(f"from {OURS}"):
                self.imports.add(bindings[name])
            elif name in self.definitions or found is None or hasattr(builtins, name):
                continue
            elif getattr(found, "__module__", "").startswith(OURS):
                self._take(found)
        self.definitions[thing.__name__] = code


def _names(code: str) -> set[str]:
    """The names that a definition reads."""
    return {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}


def _bindings(code: str) -> dict[str, str]:
    """What each imported name of a module comes from, as the line that imports it alone."""
    found: dict[str, str] = {}
    for node in ast.parse(code).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                said = f"{alias.name} as {alias.asname}" if alias.asname else alias.name
                origin = f"from {node.module} " if isinstance(node, ast.ImportFrom) else ""
                found[alias.asname or alias.name.partition(".")[0]] = f"{origin}import {said}"
    return found
