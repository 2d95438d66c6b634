"""One row of a table, typed: what a model that reads tables is asked with."""

import csv
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTemporaryDir, Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from widgets.form import Form
from widgets.form_values import Field
from workbench.core.i18n import tr
from workbench.core.runs import RunInfo
from workbench.ui.parts import clear, column, explain, scrolled
from workbench.ui.theme import Theme

Columns = tuple[tuple[str, str, tuple[str, ...]], ...]
"""Names of columns, each with its kind and its categories, as far as they are known."""


def table_columns(info: RunInfo) -> Columns:
    """The columns that a run's model reads; nothing when it reads no table."""
    prepared = (raw.get("preprocessing") or {} for raw in info.inputs.values())
    fields: list[dict[str, Any]] = next((spec["fields"] for spec in prepared if spec.get("type") == "table"), [])
    return tuple((str(field["name"]), *_choices(field)) for field in fields)


def _choices(field: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The kind of a column, and its categories: those of its first step, or its own in older runs."""
    first: dict[str, Any] = next(iter(field.get("steps", ())), {})
    values = tuple(field.get("values", ()))
    kind = str(field.get("kind") or ("category" if values else "number"))
    return kind, values or (tuple(first.get("values", ())) if kind == "category" else ())


def reads_text(info: RunInfo) -> bool:
    """A run's model reads a text, character by character."""
    return any((raw.get("preprocessing") or {}).get("type") == "text" for raw in info.inputs.values())


class RowForm(QWidget):
    """A field for each column. What is left open counts as the mean, or as no category."""

    typed = Signal(str)
    """A row was typed; it stands in this CSV file."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("row-form")
        self._theme = theme
        self._columns: Columns = ()
        self._folder = QTemporaryDir()
        self.file = self._folder.filePath("row.csv")
        """Where a typed row is written."""
        self._holder = QVBoxLayout()
        content = QWidget()
        content.setLayout(column(self._holder, -1))
        area = scrolled(content)
        for widget in (self, area):  # as high as its fields, as far as there is room
            widget.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setLayout(column(area))
        self.form: Form | None = None

    def show_columns(self, columns: Columns) -> None:
        """Ask for these columns, all of them open."""
        self._columns = columns
        clear(self._holder)
        self.form = Form(
            [_field(*entry) for entry in columns],
            self._theme.tokens,
            explain=explain,
            reset_text=tr("Leave it open"),
        )
        self.form.changed.connect(self._write)
        self._theme.follow(self.form)
        self._holder.addWidget(self.form)

    def clear(self) -> None:
        """Leave everything open."""
        if self.form is not None:
            self.form.set_values(dict.fromkeys(self.form.values()))

    def _write(self, name: str, value: Any) -> None:
        assert self.form is not None
        values = ["" if item is None else str(item) for item in self.form.values().values()]
        with Path(self.file).open("w", encoding="utf-8", newline="") as opened:
            csv.writer(opened, quoting=csv.QUOTE_ALL).writerows([[name for name, _, _ in self._columns], values])
        self.typed.emit(self.file)


def _field(name: str, kind: str, values: tuple[str, ...]) -> Field:
    if values:
        return Field(name, name, "choice", None, choices=values, optional=True, placeholder=tr("open"))
    if kind == "number":
        return Field(name, name, "float", None, optional=True, placeholder=tr("mean"))
    return Field(name, name, "text", "", placeholder=tr("open"))
