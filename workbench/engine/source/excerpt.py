"""The part of a file of the user's own that some of its classes need, as it stands there."""

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass

Statement = ast.stmt


@dataclass(frozen=True)
class Excerpt:
    """What is taken from a file."""

    imports: tuple[tuple[str, str], ...]
    """The names that it needs from elsewhere, each with a line that imports it."""
    definitions: dict[str, str]
    """Statements in the order of the file, by the names that they define."""
    future: frozenset[str]
    """What it takes from Python's future."""


def excerpt(text: str, wanted: Collection[str]) -> Excerpt:
    """All that the definitions of `wanted` need from a file, directly or not."""
    tree = ast.parse(text)
    lines = text.splitlines()
    statements = [item for item in tree.body if not _is_for_running(item)]
    binding = {name: item for item in statements for name in _bound(item)}
    needed: dict[int, Statement] = {}
    waiting = [name for name in wanted if name in binding]
    imported: set[str] = set()
    while waiting:
        name = waiting.pop()
        item = binding[name]
        if isinstance(item, ast.Import | ast.ImportFrom):
            imported.add(name)
        elif item.lineno not in needed:
            needed[item.lineno] = item
            waiting += [read for read in names_read(item) if read in binding]
    taken = [needed[line] for line in sorted(needed)]
    return Excerpt(
        tuple((name, line) for item in statements for name, line in imports_of(item) if name in imported),
        {" ".join(_bound(item)): _segment(lines, item) for item in taken},
        frozenset(alias.name for item in tree.body if _is_future(item) for alias in item.names),  # type: ignore[attr-defined]
    )


def names_read(node: ast.AST) -> set[str]:
    """The names that a piece of code reads, also inside annotations that are written as texts."""
    found = {item.id for item in ast.walk(node) if isinstance(item, ast.Name)}
    for item in ast.walk(node):
        for hint in (getattr(item, "annotation", None), getattr(item, "returns", None)):
            if isinstance(hint, ast.Constant) and isinstance(hint.value, str):
                found |= names_read(ast.parse(hint.value, mode="eval")) if hint.value.isidentifier() else set()
    return found


def imports_of(statement: Statement) -> Iterator[tuple[str, str]]:
    """Each name that an import binds, with a line that imports it alone.

    `import a.b as c` is said as `from a import b as c`, which means the same.
    """
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            before, _, last = alias.name.rpartition(".")
            if alias.asname and before:
                yield alias.asname, f"from {before} import {_said(last, alias.asname)}"
            else:
                yield alias.asname or alias.name.partition(".")[0], f"import {_said(alias.name, alias.asname)}"
    elif isinstance(statement, ast.ImportFrom) and not _is_future(statement):
        for alias in statement.names:
            yield alias.asname or alias.name, f"from {statement.module} import {_said(alias.name, alias.asname)}"


def _said(name: str, called: str | None) -> str:
    return f"{name} as {called}" if called and called != name else name


def _bound(statement: Statement) -> tuple[str, ...]:
    """The names that a statement of a module defines."""
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return (statement.name,)
        case ast.Import() | ast.ImportFrom():
            return tuple(name for name, _ in imports_of(statement))
    inner = (item for item in ast.walk(statement) if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store))
    names = [item.id for item in inner]
    for item in ast.walk(statement):
        if item is not statement and isinstance(item, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef):
            names += _bound(item)
    return tuple(dict.fromkeys(names))


def _is_future(statement: Statement) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def _is_for_running(statement: Statement) -> bool:
    """`if __name__ == "__main__":` and the like."""
    return isinstance(statement, ast.If) and "__name__" in names_read(statement.test)


def _segment(lines: list[str], statement: Statement) -> str:
    """The lines of a statement, with its decorators and the comment above."""
    decorators = [item.lineno for item in getattr(statement, "decorator_list", ())]
    first = min([statement.lineno, *decorators]) - 1
    while first and lines[first - 1].startswith("#"):
        first -= 1
    return "\n".join(lines[first : statement.end_lineno])
