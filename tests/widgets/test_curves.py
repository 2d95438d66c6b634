import csv
import gc
import weakref

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QKeySequence
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QScrollArea

from tests.widgets.conftest import count, grab
from widgets.curve_canvas import CurveCanvas
from widgets.curve_header import CurveHeader, Entry
from widgets.curve_overlay import CurveOverlay
from widgets.curves import Curve, CurvePlot
from widgets.tokens import DARK

TRAIN, VALIDATION = "#00aaff", "#ffaa00"


def curve(key: str = "train", x=None, y=None, colour: str = TRAIN, **more) -> Curve:
    x = np.arange(101.0) if x is None else np.asarray(x, float)
    y = x / 100 if y is None else np.asarray(y, float)
    return Curve(key, key, x, y, colour, **more)


def made(**more) -> CurvePlot:
    return CurvePlot("Loss", DARK, empty_text="Nothing yet", reset_text="Reset view", x_label="step", **more)


def fill(plot: CurvePlot, qtbot, *curves: Curve) -> None:
    with qtbot.waitSignal(plot.refreshed):
        plot.set_curves(curves)


@pytest.fixture
def plot(show, qtbot) -> CurvePlot:
    plot = show(made(), 500, 300)
    fill(plot, qtbot, curve())
    return plot


def canvas(plot: CurvePlot) -> CurveCanvas:
    return plot.findChild(CurveCanvas)


def overlay(plot: CurvePlot) -> CurveOverlay:
    return plot.findChild(CurveOverlay)


def legend(plot: CurvePlot) -> tuple[Entry, ...]:
    return plot.findChild(CurveHeader).entries()


def hover(plot: CurvePlot, x: float) -> None:
    view = overlay(plot).view
    QTest.mouseMove(canvas(plot).viewport(), QPointF(view.to_pixel_x(x), view.rect.center().y()).toPoint())


def turn(plot: CurvePlot, modifiers=Qt.KeyboardModifier.NoModifier, delta: int = 120) -> None:
    """Turn the wheel in the middle of the plot, or of what is seen of it; as the system sends it."""
    window, middle = plot.window(), QPoint(200, 150)
    QTest.wheelEvent(window.windowHandle(), QPointF(middle), QPoint(0, delta), QPoint(), modifiers)
    QApplication.processEvents()


def test_the_curve_is_drawn_where_its_values_are(plot):
    image, view = grab(canvas(plot)), overlay(plot).view
    for x in (20.0, 50.0, 80.0):
        px, py = round(view.to_pixel_x(x)), round(view.to_pixel_y(x / 100))
        patch = image.copy(px - 2, py - 2, 5, 5)
        assert count(patch, TRAIN, 30) > 2, x


def test_the_legend_tells_the_last_values(plot, qtbot):
    fill(plot, qtbot, curve(), curve("validation", colour=VALIDATION, dash=True))
    assert legend(plot) == (Entry("train", "1", TRAIN), Entry("validation", "1", VALIDATION, dash=True))
    assert plot.accessibleName() == "Loss"
    assert plot.accessibleDescription() == "train 1\nvalidation 1"


def test_values_are_worded_by_the_owner(show, qtbot):
    plot = show(made(value_text=lambda value: f"{100 * value:.1f} %"), 500, 300)
    fill(plot, qtbot, curve())
    assert legend(plot)[0].value == "100.0 %"


def test_many_updates_are_one_picture(plot, qtbot):
    pictures = [plot._painted]
    plot.refreshed.connect(lambda: pictures.append(plot._painted))
    for n in range(2, 52):
        plot.set_curves([curve(x=np.arange(n))])
        QApplication.processEvents()
    qtbot.waitUntil(lambda: legend(plot)[0].value == "0.5")
    assert len(pictures) < 50
    assert np.diff(pictures).min() > 0.09


def test_a_hidden_plot_does_not_work(show, qtbot):
    plot = show(made(), 500, 300)
    plot.hide()
    pictures = []
    plot.refreshed.connect(lambda: pictures.append(1))
    plot.set_curves([curve()])
    QApplication.processEvents()
    assert pictures == []
    with qtbot.waitSignal(plot.refreshed):
        plot.show()


def test_new_data_move_the_items_they_find(plot, qtbot):
    before = dict(plot._lines)
    fill(plot, qtbot, curve(y=np.zeros(101)), curve("validation", colour=VALIDATION))
    assert plot._lines["train"] is before["train"]
    items = len(canvas(plot).getPlotItem().items)
    fill(plot, qtbot, curve("validation", colour=VALIDATION))
    assert set(plot._lines) == {"validation"}
    assert len(canvas(plot).getPlotItem().items) == items // 2
    assert count(grab(canvas(plot)), TRAIN, 30) == 0


def test_data_that_did_not_change_are_not_prepared_again(plot, qtbot, monkeypatch):
    same = plot._curves[0]
    calls = []
    original = __import__("widgets.curves", fromlist=["prepare"]).prepare
    monkeypatch.setattr("widgets.curves.prepare", lambda *a, **k: calls.append(a[0].key) or original(*a, **k))
    fill(plot, qtbot, same, curve("validation"))
    assert calls == ["validation"]


def test_smoothing_shows_both_lines(plot, qtbot):
    rng = np.random.default_rng(0)
    plot.set_smoothing(0.9)
    fill(plot, qtbot, curve(y=rng.normal(size=101)))
    assert abs(float(legend(plot)[0].value)) < 0.8
    lines = plot._lines["train"]
    assert lines._raw.isVisible()
    assert np.ptp(lines._bold.yData) < np.ptp(lines._raw.yData) / 2
    with qtbot.waitSignal(plot.refreshed):
        plot.set_smoothing(0.0)
    assert not lines._raw.isVisible()


def test_the_view_follows_the_data(plot, qtbot):
    fill(plot, qtbot, curve(x=np.arange(1001.0)))
    view = overlay(plot).view
    assert view.x[0] <= 0 < 1000 <= view.x[1] < 1100
    assert view.y[0] <= 0 < 10 <= view.y[1] < 11.5


def test_a_zoom_is_held_until_it_is_reset(plot, qtbot):
    plot.setFocus()
    with qtbot.waitSignal(plot.held_changed):
        turn(plot)
    zoomed = overlay(plot).view
    assert zoomed.x[1] - zoomed.x[0] < 100
    assert zoomed.y == pytest.approx((-0.05, 1.05))
    fill(plot, qtbot, curve(x=np.arange(1001.0)))
    assert overlay(plot).view.x == zoomed.x
    button = plot.findChild(QPushButton)
    assert button.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert overlay(plot).view.x[1] >= 1000
    assert not plot.is_held()
    assert not button.isVisible()


def test_a_double_click_resets(plot):
    plot.setFocus()
    turn(plot)
    assert plot.is_held()
    middle = overlay(plot).view.rect.center().toPoint()
    QTest.mouseDClick(canvas(plot).viewport(), Qt.MouseButton.LeftButton, pos=middle)
    assert not plot.is_held()


def test_a_drag_zooms_into_a_rectangle(plot):
    view, viewport = overlay(plot).view, canvas(plot).viewport()
    start = QPointF(view.to_pixel_x(20), view.to_pixel_y(0.8)).toPoint()
    end = QPointF(view.to_pixel_x(60), view.to_pixel_y(0.2)).toPoint()
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    for share in (0.3, 0.6, 1.0):
        QTest.mouseMove(viewport, start + (end - start) * share)
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=end)
    assert plot.is_held()
    assert overlay(plot).view.x == pytest.approx((20, 60), abs=2.5)
    assert overlay(plot).view.y == pytest.approx((0.2, 0.8), abs=0.05)


def test_the_wheel_scrolls_the_page_until_the_plot_is_clicked(show, qtbot):
    page = QScrollArea()
    plot = made()
    plot.setMinimumSize(400, 900)
    page.setWidget(plot)
    show(page, 450, 300)
    fill(plot, qtbot, curve())
    page.setFocus()
    turn(plot, delta=-120)
    assert not plot.is_held()
    assert page.verticalScrollBar().value() > 0
    turn(plot, Qt.KeyboardModifier.ControlModifier)
    assert plot.is_held()


def test_lost_numbers_are_marked_at_the_top_and_do_not_stretch_the_view(plot, qtbot):
    y = np.arange(101) / 100
    y[30], y[60] = np.nan, np.inf
    fill(plot, qtbot, curve(y=y))
    view = overlay(plot).view
    assert view.y[1] < 1.2
    marks = sorted(x for x, _ in overlay(plot).lost_marks())
    assert marks == pytest.approx([view.to_pixel_x(30), view.to_pixel_x(60)], abs=5)
    image = grab(canvas(plot))
    for x in marks:
        assert count(image.copy(round(x) - 3, round(view.rect.top()) + 1, 7, 6), TRAIN, 60) > 5


def test_nothing_but_lost_numbers_is_no_error(plot, qtbot):
    fill(plot, qtbot, curve(y=np.full(101, np.nan)))
    assert legend(plot)[0].value == ""
    assert len(overlay(plot).lost_marks()) > 10
    grab(plot)


def test_a_single_point_is_seen(plot, qtbot):
    fill(plot, qtbot, curve(x=[3], y=[0.3], points=True))
    view = overlay(plot).view
    assert view.x[0] < 3 < view.x[1]
    image = grab(canvas(plot))
    centre = QPointF(view.to_pixel_x(3), view.to_pixel_y(0.3)).toPoint()
    assert count(image.copy(centre.x() - 4, centre.y() - 4, 9, 9), TRAIN, 30) > 9


def test_a_logarithmic_axis_shows_logarithms(plot, qtbot):
    fill(plot, qtbot, curve(y=10.0 ** (-np.arange(101) / 25)))
    plot.set_log_y(True)
    view = overlay(plot).view
    assert view.y == pytest.approx((-4.2, 0.2), abs=0.01)
    left = canvas(plot).axes["left"]
    values = left.tickValues(*view.y, 250)[0][1]
    assert left.tickStrings(values, 1.0, 1.0) == ["0.0001", "0.001", "0.01", "0.1", "1"]
    hover(plot, 50)
    assert overlay(plot).readings()[0].value == pytest.approx(0.01)
    plot.set_log_y(False)
    assert overlay(plot).view.y[1] == pytest.approx(1.05, abs=0.01)


def test_an_empty_plot_says_so(show, qtbot):
    plot = show(made(), 500, 300)
    assert count(grab(plot), DARK.dim, 60) > 40
    fill(plot, qtbot, curve())
    filled = grab(plot)
    fill(plot, qtbot)
    assert grab(plot) != filled
    assert count(grab(canvas(plot)), TRAIN, 30) == 0


def test_the_crosshair_tells_every_value(plot, qtbot):
    fill(plot, qtbot, curve(), curve("validation", x=[0, 50, 100], y=[3, 4, 5], colour=VALIDATION))
    before = grab(plot)
    hover(plot, 60)
    assert [(r.curve.curve.key, r.value) for r in overlay(plot).readings()] == [
        ("train", pytest.approx(0.6, abs=0.011)),
        ("validation", 4.0),
    ]
    assert grab(plot) != before
    QApplication.sendEvent(canvas(plot).viewport(), QEvent(QEvent.Type.Leave))
    assert overlay(plot).readings() == []
    assert grab(plot) == before


def test_a_curve_that_ended_does_not_answer(plot, qtbot):
    fill(plot, qtbot, curve(), curve("short", x=[0, 20], y=[1, 2], colour=VALIDATION))
    hover(plot, 70)
    assert [r.curve.curve.key for r in overlay(plot).readings()] == ["train"]


def test_the_keyboard_moves_the_crosshair_and_copies(plot):
    plot.setFocus()
    QTest.keyClick(plot, Qt.Key.Key_Home)
    for _ in range(3):
        QTest.keyClick(plot, Qt.Key.Key_Right)
    QTest.keyClick(plot, Qt.Key.Key_Left)
    assert overlay(plot).cross == 2.0
    QTest.keySequence(plot, QKeySequence(QKeySequence.StandardKey.Copy))
    assert QGuiApplication.clipboard().text() == "step\t2.0\ntrain\t0.02"
    QTest.keyClick(plot, Qt.Key.Key_End)
    assert overlay(plot).cross == 100.0
    QTest.keyClick(plot, Qt.Key.Key_Escape)
    assert overlay(plot).cross is None


def test_the_keyboard_zooms_and_resets(plot):
    plot.setFocus()
    QTest.keyClick(plot, Qt.Key.Key_Plus)
    assert plot.is_held()
    assert overlay(plot).view.x[1] < 100
    QTest.keyClick(plot, Qt.Key.Key_0)
    assert not plot.is_held()


def test_a_theme_reaches_everything(plot, tokens):
    plot.set_tokens(tokens)
    image = grab(plot)
    assert count(image, tokens.background, 1) > image.width() * image.height() / 2
    assert count(image, tokens.dim, 40) > 30, "tick labels"


def test_long_legends_wrap_and_say_what_is_missing(show):
    header = CurveHeader("Loss", DARK)
    show(header, 300, 20)
    header.set_entries([Entry("train", "0.1", TRAIN)])
    assert header.height() == 20
    header.set_entries([Entry(f"run {i} with a long name", "0.1", TRAIN) for i in range(9)])
    assert header.height() == 80
    assert sum(map(len, header._lines())) < 9


def test_pictures_are_written(plot, tmp_path):
    plot.export_png(tmp_path / "loss.png", ratio=3.0)
    image = QImage(str(tmp_path / "loss.png"))
    assert (image.width(), image.height()) == (1500, 900)
    assert count(image.copy(0, 0, 1500, 900).scaled(300, 180), TRAIN, 90) > 20
    plot.export_svg(tmp_path / "loss.svg")
    text = (tmp_path / "loss.svg").read_text(encoding="utf-8")
    assert "Loss" in text
    assert TRAIN in text
    assert QSvgRenderer(str(tmp_path / "loss.svg")).isValid()


def test_a_picture_that_cannot_be_written_is_an_error(plot, tmp_path):
    with pytest.raises(OSError, match="cannot write"):
        plot.export_png(tmp_path / "no" / "loss.png")


def test_the_numbers_are_written(plot, qtbot, tmp_path):
    plot.set_smoothing(0.9)
    fill(plot, qtbot, curve(x=[1, 2], y=[0.1, np.nan]), curve("β", x=[2], y=[1 / 3]))
    plot.export_csv(tmp_path / "loss.csv")
    with (tmp_path / "loss.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [["step", "train", "β"], ["1", "0.1", ""], ["2", "nan", repr(1 / 3)]]


def test_a_hundred_thousand_points_are_thinned_and_keep_their_peak(plot, qtbot):
    y = np.zeros(100_000)
    y[76_543] = 7.0
    fill(plot, qtbot, curve(x=np.arange(100_000.0), y=y))
    drawn = plot._lines["train"]._bold
    assert len(drawn.xData) < 4000
    assert drawn.yData.max() == 7.0


def test_a_closed_plot_is_gone(qtbot, fonts):
    plot = made()
    plot.resize(300, 200)
    plot.show()
    fill(plot, qtbot, curve())
    gone = [weakref.ref(plot), weakref.ref(canvas(plot)), weakref.ref(canvas(plot).box)]
    plot.close()
    plot.deleteLater()
    del plot
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def collected() -> bool:
        gc.collect()
        return all(ref() is None for ref in gone)

    qtbot.waitUntil(collected)
