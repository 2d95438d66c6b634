"""Finds every text of a window that a person can read or hear."""

import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QDockWidget,
    QLabel,
    QLineEdit,
    QMenu,
    QToolButton,
    QTreeWidget,
    QWidget,
)

from widgets.choice_table import ChoiceTable
from widgets.curves import CurvePlot
from widgets.searchable_list import SearchableList
from widgets.step_list import StepList

Role = Qt.ItemDataRole


class Said(NamedTuple):
    """A text, where it stands and in which role."""

    text: str
    where: str
    role: str


def texts(root: QWidget) -> Iterator[Said]:
    """All texts of the visible widgets in a window."""
    for widget in [root, *root.findChildren(QWidget)]:
        if widget.isVisible():
            place = _path(widget)
            for role, text in _of(widget):
                plain = unescape(re.sub("<[^>]*>", "", text))
                if plain.strip():
                    yield Said(plain, place, role)


def of_menu(menu: QMenu) -> Iterator[Said]:
    """All texts of a menu and the menus in it."""
    for action in menu.actions():
        if action.text():
            yield Said(action.text(), "menu", "action")
        inner = action.menu()
        if isinstance(inner, QMenu):
            yield from of_menu(inner)


def _path(widget: QWidget) -> str:
    """Object names from the window down; the class where there is none."""
    parts = []
    item: QWidget | None = widget
    while item is not None:
        name = item.objectName()
        if name and not name.startswith("qt_"):
            parts.append(name)
        elif item is widget:
            parts.append(type(item).__name__)
        item = item.parentWidget()
    return "/".join(reversed(parts))


def _of(widget: QWidget) -> Iterator[tuple[str, str]]:
    yield "accessible name", widget.accessibleName()
    yield "accessible description", widget.accessibleDescription()
    yield "tooltip", widget.toolTip()
    match widget:
        case QLabel():
            yield "label", widget.text()
        case QToolButton() | QAbstractButton():
            yield "button", widget.text()
        case QLineEdit():
            yield "placeholder", widget.placeholderText()
        case QComboBox():
            for place in range(widget.count()):
                yield "choice", widget.itemText(place)
            yield "placeholder", widget.placeholderText()
        case QTreeWidget():
            for column in range(widget.columnCount()):
                if not widget.isColumnHidden(column):
                    yield "header", widget.headerItem().text(column)
            for place in range(widget.topLevelItemCount()):
                item = widget.topLevelItem(place)
                for column in range(widget.columnCount()):
                    yield "row", item.text(column)
                    yield "tooltip", item.toolTip(column)
                yield "row", str(item.data(0, Role.AccessibleTextRole) or "")
        case QDockWidget():
            yield "dock", widget.windowTitle()
        case ChoiceTable():
            for head in widget.lines_model.heads:
                yield "header", head.text
            for line in widget.lines():
                yield from (("cell", cell.text) for cell in line.cells)
                yield from (("choice", text) for cell in line.cells for _, text in cell.options)
        case StepList():
            for step in widget.steps():
                yield from (("step", text) for text in (step.title, step.caption, step.mark, step.wrong))
        case SearchableList():
            for item in widget.shown():
                yield from (("item", item.title), ("group", item.group), ("tooltip", item.tooltip))
        case CurvePlot():
            yield "axis", widget._overlay.x_label
            yield "empty", widget._overlay.empty_text
    for action in widget.actions():
        if isinstance(action, QAction):
            yield "action", action.text()


def outside_brackets(text: str) -> str:
    """What of a text is not within ⟦ and ⟧, which nest."""
    depth, kept = 0, []
    for letter in text:
        depth += (letter == "⟦") - (letter == "⟧")
        if depth == 0 and letter != "⟧":
            kept.append(letter)
    assert depth == 0, f"brackets without an end: {text}"
    return "".join(kept)
