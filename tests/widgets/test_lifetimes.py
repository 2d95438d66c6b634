"""A widget that is closed is gone: nothing in it keeps itself alive through a connection or a closure."""

import gc
import weakref
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QWidget

from widgets.bars import BarList
from widgets.before_after import BeforeAfter
from widgets.choice_table import Cell, ChoiceTable, Head, Line
from widgets.confusion import ConfusionMatrix
from widgets.drop_area import DropArea
from widgets.elided import ElidedLabel
from widgets.empty_state import EmptyState
from widgets.form import Form
from widgets.form_values import Field
from widgets.histogram import Histogram
from widgets.icons import Icons
from widgets.image_grid import ImageGrid
from widgets.notice import Notice
from widgets.pill import Pill
from widgets.progress_row import ProgressRow
from widgets.searchable_list import Item, SearchableList
from widgets.segmented import Segmented
from widgets.sketch_pad import SketchPad
from widgets.stats import StatsCard
from widgets.step_list import StepItem, StepList
from widgets.step_rail import StepRail
from widgets.token_strip import TokenStrip
from widgets.tokens import DARK, LIGHT


def form(icons: Icons) -> QWidget:
    kinds = ("int", "float", "bool", "text", "pair", "ints", "path")
    fields = [Field(kind, kind, kind, 1) for kind in kinds]
    return Form([*fields, Field("c", "c", "choice", 1, choices=(1, 2))], DARK, browse=lambda field, text: None)


def searchable(icons: Icons) -> QWidget:
    widget = SearchableList(DARK, icons, placeholder="Find", mime_type="x/y")
    widget.set_items([Item("a", "A", "G", "io")])
    return widget


def grid(icons: Icons) -> QWidget:
    widget = ImageGrid(DARK)
    widget.set_images(np.zeros((3, 4, 4), np.uint8))
    return widget


def histogram(icons: Icons) -> QWidget:
    widget = Histogram(DARK)
    widget.set_counts((3, 0, 9), ("-1", "2"), zero=1 / 3)
    return widget


def choices(icons: Icons) -> QWidget:
    widget = ChoiceTable(DARK, [Head("a", "A")])
    widget.set_lines([Line("r", (Cell("x", (("x", "X"),), "x"),))])
    return widget


def step_list(icons: Icons) -> QWidget:
    widget = StepList(DARK, icons)
    widget.set_steps([StepItem("Resize"), StepItem("Flip", mark="random", on=False)])
    return widget


def tokens(icons: Icons) -> QWidget:
    widget = TokenStrip(DARK)
    widget.set_tokens_shown([("the", "3")])
    return widget


def notice(icons: Icons) -> QWidget:
    widget = Notice(DARK, icons, dismiss_text="Dismiss")
    widget.show_notice("bad", "text", action="Fix")
    return widget


MAKERS: dict[str, Callable[[Icons], QWidget]] = {
    "before_after": lambda icons: BeforeAfter(DARK),
    "choices": choices,
    "drop_area": lambda icons: DropArea(DARK, "Let go"),
    "steps": step_list,
    "rail": lambda icons: StepRail([("a", "A")], DARK, icons),
    "tokens": tokens,
    "bars": lambda icons: BarList(DARK, [("a", 1.0, "1")], animate=True),
    "confusion": lambda icons: ConfusionMatrix(DARK, lambda true, predicted: ""),
    "elided": lambda icons: ElidedLabel("text", DARK),
    "empty": lambda icons: EmptyState(DARK, icons, "database", "t", "s", action="a", link="l"),
    "form": form,
    "grid": grid,
    "histogram": histogram,
    "notice": notice,
    "pad": lambda icons: SketchPad(DARK),
    "pill": lambda icons: Pill("x", "ok", DARK),
    "progress": lambda icons: ProgressRow(DARK, cancel_text="Cancel"),
    "searchable": searchable,
    "segmented": lambda icons: Segmented([("a", "A"), ("b", "B")], DARK),
    "stats": lambda icons: StatsCard(DARK, [("a", "1")]),
}


@pytest.mark.parametrize("name", MAKERS)
def test_a_closed_widget_is_gone(qtbot, icons, fonts, name):
    widget = MAKERS[name](icons)
    widget.show()
    QApplication.processEvents()
    widget.set_tokens(LIGHT)
    widget.grab()
    gone = [weakref.ref(widget), *(weakref.ref(child) for child in widget.findChildren(QWidget))]
    widget.close()
    widget.deleteLater()
    del widget
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def collected() -> bool:
        gc.collect()
        return all(ref() is None for ref in gone)

    qtbot.waitUntil(collected)
