"""The program's source as trees, for tests that look for what was forgotten."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import dev

PACKAGES = ("workbench", "widgets", "model_zoo")


@dataclass(frozen=True)
class Source:
    """One module."""

    path: Path
    tree: ast.Module

    @property
    def name(self) -> str:
        return self.path.relative_to(dev.ROOT).as_posix()


@cache
def sources() -> tuple[Source, ...]:
    files = sorted(file for package in PACKAGES for file in (dev.ROOT / package).rglob("*.py"))
    return tuple(Source(file, ast.parse(file.read_text(encoding="utf-8"))) for file in files)


def calls(*names: str) -> Iterator[tuple[Source, ast.Call, str]]:
    """All calls of functions or methods of these names, with the name."""
    for source in sources():
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if called in names:
                    yield source, node, called


def literal(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
