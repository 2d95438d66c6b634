"""Labels, pills, cards, notices, progress, empty states."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from tests.widgets.conftest import count, grab
from widgets import progress_row
from widgets.elided import ElidedLabel
from widgets.empty_state import EmptyState
from widgets.notice import Notice
from widgets.painting import state_colours
from widgets.pill import Pill
from widgets.progress_row import ProgressRow, ThinBar
from widgets.section import SectionLabel
from widgets.stats import StatsCard
from widgets.tokens import DARK, LIGHT

LONG = "runs/2026-01-01/digits-cnn/checkpoint-with-a-long-name.safetensors"


def test_a_label_is_cut_only_where_it_must_be(show):
    label = ElidedLabel(LONG, DARK)
    show(label, 600, 30)
    assert not label.is_elided()
    assert label.toolTip() == ""
    label.resize(120, 30)
    assert label.is_elided()
    assert label.toolTip() == LONG
    label.setText("short")
    assert label.toolTip() == ""
    assert label.text() == "short"


def test_a_cut_label_paints_within_its_bounds_and_gives_way_in_a_layout(show):
    page = QWidget()
    QVBoxLayout(page).addWidget(ElidedLabel(LONG * 4, DARK))
    show(page, 150, 60)
    assert page.width() == 150


def test_a_label_follows_the_theme(show):
    label = ElidedLabel("███", DARK, role="dim")
    show(label, 80, 30)
    assert count(grab(label), DARK.dim) > 50
    label.set_tokens(LIGHT)
    assert count(grab(label), LIGHT.dim) > 50
    assert count(grab(label), DARK.dim) == 0


def test_a_heading_keeps_the_case_of_its_text(qtbot, fonts):
    label = SectionLabel("Problems · 1", DARK)
    qtbot.addWidget(label)
    assert label.text() == "Problems · 1"
    assert label.sizeHint().width() > label.fontMetrics().horizontalAdvance("Problems")


@pytest.mark.parametrize("state", ["ok", "warn", "bad", "accent", "neutral"])
def test_a_pill_wears_its_state(show, tokens, state):
    pill = Pill("Training", state, tokens, dot=True)
    show(pill, 100, 22)
    mark, soft = state_colours(tokens, state)
    image = grab(pill)
    assert count(image, soft, 2) > 300
    assert count(image, mark) > 15


def test_a_pill_grows_with_its_text_and_never_cuts_it(show):
    pill = Pill("x", "ok", DARK)
    narrow = pill.sizeHint().width()
    pill.set_state("Wird vorbereitet", "warn")
    assert pill.sizeHint().width() > narrow + 50
    assert pill.minimumSizeHint() == pill.sizeHint()
    assert (pill.text(), pill.state()) == ("Wird vorbereitet", "warn")


def test_a_card_shows_rows_and_copies_them(show):
    card = StatsCard(DARK, [("Output", "32 × 28 × 28"), ("Parameters", "320")])
    show(card, 240, 100)
    assert card.text() == "Output\t32 × 28 × 28\nParameters\t320"
    card.set_rows([("Memory", "6.1 MiB")])
    assert card.text() == "Memory\t6.1 MiB"
    assert len([label for label in card.findChildren(QLabel) if label.isVisible()]) == 2


def test_values_line_up_at_the_right_and_can_be_selected(show):
    card = StatsCard(DARK, [("a", "1"), ("b", "1,234,567")])
    show(card, 240, 100)
    values = [v for v in card.findChildren(QLabel) if v.text() in {"1", "1,234,567"}]
    assert {v.geometry().right() for v in values} == {240 - 13}
    values[1].setSelection(0, 5)
    assert values[1].selectedText() == "1,234"


def test_unchanged_rows_keep_their_selection(show):
    card = StatsCard(DARK, [("a", "123"), ("b", "1")])
    show(card, 240, 100)
    value = next(v for v in card.findChildren(QLabel) if v.text() == "123")
    value.setSelection(0, 2)
    card.set_rows([("a", "123"), ("b", "2")])
    assert value.selectedText() == "12"


def test_a_long_label_gives_way_to_its_value(show):
    card = StatsCard(DARK, [("Größter Stapel, der in den Speicher passt", "9,216")])
    show(card, 160, 60)
    assert card.width() == 160
    value = next(v for v in card.findChildren(QLabel) if v.text() == "9,216")
    assert value.width() >= value.sizeHint().width()


@pytest.mark.parametrize("severity", ["ok", "info", "warn", "bad"])
def test_a_notice_shows_its_severity(show, icons, tokens, severity):
    notice = Notice(tokens, icons)
    show(notice, 300, 80)
    notice.show_notice(severity, "text")
    mark, soft = state_colours(tokens, severity)
    image = grab(notice)
    assert image.pixelColor(1, 40) == mark
    assert count(image, soft, 2) > 5000


def test_a_notice_offers_its_remedy_and_its_end(show, icons, qtbot):
    notice = Notice(DARK, icons, dismiss_text="Dismiss")
    show(notice, 300, 80)
    notice.show_notice("bad", "gets 64 × 1 × 1", title="Linear", action="Insert Flatten")
    assert notice.accessibleName() == "Linear gets 64 × 1 × 1"
    with qtbot.waitSignal(notice.action_triggered):
        QTest.mouseClick(notice.findChild(QPushButton), Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(notice.dismissed):
        QTest.mouseClick(notice.findChild(QToolButton), Qt.MouseButton.LeftButton)
    assert notice.isHidden()


def test_escape_dismisses_a_notice_that_can_be_dismissed(show, icons, qtbot):
    notice = Notice(DARK, icons, dismiss_text="Dismiss")
    show(notice, 300, 80)
    notice.show_notice("info", "text")
    with qtbot.waitSignal(notice.dismissed):
        QTest.keyClick(notice.findChild(QToolButton), Qt.Key.Key_Escape)
    fixed = Notice(DARK, icons)
    show(fixed, 300, 80)
    QTest.keyClick(fixed, Qt.Key.Key_Escape)
    assert fixed.isVisible()


def test_a_notice_takes_text_literally(show, icons):
    notice = Notice(DARK, icons)
    notice.show_notice("bad", "a < b & <script>", title="<i>")
    label = next(v for v in notice.findChildren(QLabel) if "script" in v.text())
    assert "<script>" not in label.text()
    assert "&lt;script&gt;" in label.text()


def test_a_notice_grows_with_its_text(show, icons, qtbot):
    notice = Notice(DARK, icons)
    show(notice, 200, 60)
    notice.show_notice("warn", "short")
    qtbot.waitUntil(notice.hasHeightForWidth)
    short = notice.heightForWidth(200)
    notice.show_notice("warn", "a much longer text that needs several lines in so narrow a place " * 3)
    qtbot.waitUntil(lambda: notice.heightForWidth(200) > short + 60)


def filled(bar: ThinBar) -> float:
    image = grab(bar)
    row = [image.pixelColor(x, 2).name() for x in range(image.width())]
    return sum(pixel == bar._tokens.accent for pixel in row) / len(row)


@pytest.mark.parametrize("fraction", [0.0, 0.25, 0.5, 1.0])
def test_a_bar_is_as_long_as_the_work_is_done(show, tokens, fraction):
    bar = ThinBar(tokens)
    show(bar, 400, 4)
    bar.set_fraction(fraction)
    assert filled(bar) == pytest.approx(fraction, abs=0.03)
    assert bar.fraction() == fraction


@pytest.mark.parametrize(("given", "kept"), [(-1.0, 0.0), (7.0, 1.0)])
def test_a_bar_stays_within_its_bounds(qtbot, given, kept):
    bar = ThinBar(DARK)
    qtbot.addWidget(bar)
    bar.set_fraction(given)
    assert bar.fraction() == kept


def test_a_bar_runs_only_while_it_is_seen_and_may(show, qtbot, monkeypatch):
    monkeypatch.setattr(progress_row, "motion_allowed", lambda widget: True)
    bar = ThinBar(DARK)
    bar.set_fraction(None)
    assert not bar.is_moving()
    show(bar, 200, 4)
    assert bar.is_moving()
    first = grab(bar)
    qtbot.waitUntil(lambda: grab(bar) != first)
    bar.hide()
    assert not bar.is_moving()


def test_a_bar_stands_still_where_the_system_wants_no_motion(show, monkeypatch):
    monkeypatch.setattr(progress_row, "motion_allowed", lambda widget: False)
    bar = ThinBar(DARK)
    show(bar, 200, 4)
    bar.set_fraction(None)
    assert not bar.is_moving()
    assert 0.2 < filled(bar) < 0.4


def test_work_is_cancelled_once(show, qtbot):
    row = ProgressRow(DARK, cancel_text="Cancel")
    show(row, 500, 40)
    row.set_progress("Downloading", 0.5, "0:04 left")
    cancel = row.findChild(QPushButton)
    with qtbot.waitSignal(row.cancelled):
        QTest.mouseClick(cancel, Qt.MouseButton.LeftButton)
    assert not cancel.isEnabled()
    row.set_cancellable(True)
    assert cancel.isEnabled()
    assert row.findChild(ThinBar).accessibleName() == "Downloading"


def test_an_empty_place_offers_a_first_step(show, icons, qtbot):
    place = EmptyState(DARK, icons, "database", "No data", "Choose some.", action="Choose", link="Example")
    show(place, 400, 300)
    first, link = place.findChildren(QPushButton)
    with qtbot.waitSignal(place.action_triggered):
        QTest.mouseClick(first, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(place.link_triggered):
        QTest.keyClick(link, Qt.Key.Key_Space)
    assert (place.accessibleName(), place.accessibleDescription()) == ("No data", "Choose some.")
    assert count(grab(place), DARK.accent_soft, 2) > 1000


def test_an_empty_place_without_remedy_has_no_buttons(show, icons):
    place = EmptyState(DARK, icons, "database", "No data", "Choose some.")
    show(place, 400, 300)
    assert not any(button.isVisible() for button in place.findChildren(QPushButton))


def test_the_sentence_of_an_empty_place_wraps_and_is_shown_whole(show, icons):
    place = EmptyState(DARK, icons, "database", "No data", "word " * 60)
    show(place, 300, 400)
    label = next(v for v in place.findChildren(QLabel) if v.text().startswith("word"))
    assert label.height() >= label.heightForWidth(label.width())
    assert label.geometry().right() <= 300
