"""Live curves, raw and smoothed. Imports pyqtgraph, so import this after the first paint."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from widgets.curve_canvas import CurveCanvas, CurveLines
from widgets.curve_export import write_csv, write_png, write_svg
from widgets.curve_header import CurveHeader, Entry
from widgets.curve_math import Curve, Prepared, nearest, prepare, value_text
from widgets.curve_overlay import CurveOverlay
from widgets.painting import by_keyboard, focus_ring, rounded
from widgets.stylesheet import set_look
from widgets.tokens import RADIUS_CARD, Tokens

__all__ = ["Curve", "CurvePlot"]

_FRAME_MS = 100
_MARGIN = 0.05
_ZOOM = 0.8


class CurvePlot(QWidget):
    """Curves over a common x. Takes data at any rate and paints it at most ten times a second.

    The view follows the data until the user zooms, and again after `reset_view` (or a double click, or 0).
    """

    refreshed = Signal()
    held_changed = Signal(bool)

    def __init__(
        self,
        title: str,
        tokens: Tokens,
        *,
        empty_text: str = "",
        reset_text: str = "",
        x_label: str = "",
        value_text: Callable[[float], str] = value_text,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._tokens = tokens
        self._value_text = value_text
        self._curves: tuple[Curve, ...] = ()
        self._prepared: dict[str, Prepared] = {}
        self._lines: dict[str, CurveLines] = {}
        self._smoothing = 0.0
        self._log_y = False
        self._held = False
        self._stale = False
        self._refreshing = False
        self._ring = False
        self._painted = -math.inf
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._refresh)
        self._header = CurveHeader(title, tokens, self)
        self._canvas = CurveCanvas()
        self._overlay = CurveOverlay(tokens, value_text, self._canvas)
        self._overlay.empty_text, self._overlay.x_label = empty_text, x_label
        self._reset = QPushButton(reset_text, self)
        set_look(self._reset, "small")
        self._reset.hide()
        self.setAccessibleName(title)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(160, 120)
        self._lay_out()
        self.set_tokens(tokens)

    def set_curves(self, curves: Sequence[Curve]) -> None:
        """Show other data; arrays that were handed over before are recognised, so they must not change."""
        self._curves = tuple(curves)
        self._schedule()

    def set_smoothing(self, weight: float) -> None:
        """Smooth from 0, not at all, to 1."""
        if weight != self._smoothing:
            self._smoothing = weight
            self._prepared.clear()
            self._schedule()

    def set_log_y(self, log: bool) -> None:
        """Give y a logarithmic axis."""
        if log != self._log_y:
            self._log_y = self._canvas.log_y = log
            self._prepared.clear()
            self._set_held(False)
            self._refresh()

    def set_title(self, title: str) -> None:
        """Call the plot something else."""
        self._header.set_title(title)
        self.setAccessibleName(title)

    def is_held(self) -> bool:
        """Whether the user has zoomed, so that new data leaves the view alone."""
        return self._held

    def reset_view(self) -> None:
        """Show everything, and follow the data again."""
        self._set_held(False)
        self._show_all()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme; those of the curves come with the curves."""
        self._tokens = tokens
        for part in (self._header, self._canvas, self._overlay):
            part.set_tokens(tokens)
        self.update()

    def export_png(self, path: Path, ratio: float = 2.0) -> None:
        """Write what is seen as pixels. Raises OSError, as the other exports do."""
        self._refresh()
        write_png(path, self, ratio)

    def export_svg(self, path: Path) -> None:
        """Write what is seen as lines."""
        self._refresh()
        write_svg(path, self)

    def export_csv(self, path: Path) -> None:
        """Write the raw numbers of all curves."""
        write_csv(path, self._curves, self._overlay.x_label)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 10, 6)
        column.setSpacing(0)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._header, 1)
        top.addWidget(self._reset, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(top)
        column.addWidget(self._canvas, 1)
        self._reset.clicked.connect(self.reset_view)
        self._canvas.viewport().installEventFilter(self)
        self._canvas.box.sigRangeChanged.connect(self._sync)
        self._canvas.box.sigResized.connect(self._sync)
        self._canvas.box.sigRangeChangedManually.connect(self._hold)

    def _schedule(self) -> None:
        self._stale = True
        if self.isVisible() and not self._timer.isActive():
            waited = (time.monotonic() - self._painted) * 1000
            self._timer.start(math.ceil(max(0.0, _FRAME_MS - waited)))

    def _refresh(self) -> None:
        self._timer.stop()
        self._painted, self._stale = time.monotonic(), False
        self._prepared = {curve.key: self._prepare(curve) for curve in self._curves}
        for key in self._lines.keys() - self._prepared.keys():
            self._lines.pop(key).remove()
        for key, prepared in self._prepared.items():
            if key not in self._lines:
                self._lines[key] = CurveLines(self._canvas)
            self._lines[key].show(prepared)
        entries = [self._entry(prepared) for prepared in self._prepared.values()]
        self._header.set_entries(entries)
        self.setAccessibleDescription("\n".join(f"{entry.name} {entry.value}".strip() for entry in entries))
        self._overlay.set_curves(tuple(self._prepared.values()))
        self._refreshing = True
        if not self._held:
            self._show_all()
        self._refreshing = False
        self._fit_lines()
        self.refreshed.emit()

    def _prepare(self, curve: Curve) -> Prepared:
        old = self._prepared.get(curve.key)
        if old and old.curve.x is curve.x and old.curve.y is curve.y and old.curve.smooth == curve.smooth:
            return replace(old, curve=curve)
        return prepare(curve, self._smoothing, log_y=self._log_y)

    def _entry(self, prepared: Prepared) -> Entry:
        curve = prepared.curve
        last = self._value_text(float(prepared.bold[-1])) if len(prepared.bold) else ""
        return Entry(curve.name, last, curve.colour, curve.dash)

    def _show_all(self) -> None:
        xs = [x for p in self._prepared.values() for part in (p.x, p.lost_x) if len(part) for x in part[[0, -1]]]
        ys = [y for p in self._prepared.values() if len(p.y) for y in (p.y.min(), p.y.max())]
        if not xs:
            return
        ys = ys or [1.0, 1.0]
        low, high = (math.log10(y) if self._log_y else float(y) for y in (min(ys), max(ys)))
        self._canvas.show_range(_widened(min(xs), max(xs), 0.01), _widened(low, high, _MARGIN))

    def _hold(self) -> None:
        self._set_held(True)

    def _set_held(self, held: bool) -> None:
        if held != self._held:
            self._held = held
            self._reset.setVisible(held and bool(self._reset.text()))
            self.held_changed.emit(held)

    def _sync(self) -> None:
        """Let what lies above the canvas follow it."""
        self._overlay.setGeometry(self._canvas.rect())
        self._overlay.set_view(self._canvas.view())
        if not self._refreshing:
            self._fit_lines()

    def _fit_lines(self) -> None:
        """Thin the lines out for what is in view."""
        for lines in self._lines.values():
            lines.fit()

    def _move_cross(self, points: int) -> None:
        """Move the crosshair along the points of the first curve that has any."""
        x = next((p.x for p in self._prepared.values() if len(p.x)), None)
        if x is None:
            return
        cross = self._overlay.cross
        index = points + (len(x) - 1 if cross is None else nearest(x, cross))
        self._overlay.set_cross(float(x[max(0, min(len(x) - 1, index))]))

    def _zoom(self, factor: float) -> None:
        self._canvas.zoom_x(factor, self._overlay.cross)
        self._hold()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        stride = 10 if event.modifiers() & Qt.KeyboardModifier.ControlModifier else 1
        many = 1 << 40
        moves = {Qt.Key.Key_Left: -stride, Qt.Key.Key_Right: stride, Qt.Key.Key_Home: -many, Qt.Key.Key_End: many}
        zooms = {Qt.Key.Key_Plus: _ZOOM, Qt.Key.Key_Equal: _ZOOM, Qt.Key.Key_Minus: 1 / _ZOOM}
        key = Qt.Key(event.key())
        if event.matches(QKeySequence.StandardKey.Copy) and self._overlay.text():
            QGuiApplication.clipboard().setText(self._overlay.text())
        elif key in moves:
            self._move_cross(moves[key])
        elif key in zooms:
            self._zoom(zooms[key])
        elif key == Qt.Key.Key_0:
            self.reset_view()
        elif key == Qt.Key.Key_Escape and self._overlay.cross is not None:
            self._overlay.set_cross(None)
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Wheels turn over a plot while a page is scrolled past it: only a plot that was clicked takes them."""
        if isinstance(event, QWheelEvent):
            control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            if not (self.hasFocus() or control):
                event.ignore()
                return True
        elif event.type() == QEvent.Type.Leave:
            self._overlay.set_cross(None)
        elif isinstance(event, QMouseEvent):
            self._follow_mouse(event)
        return super().eventFilter(watched, event)

    def _follow_mouse(self, event: QMouseEvent) -> None:
        if event.type() == QEvent.Type.MouseButtonPress:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
        elif event.type() == QEvent.Type.MouseButtonDblClick and event.button() == Qt.MouseButton.LeftButton:
            self.reset_view()
        elif event.type() == QEvent.Type.MouseMove:
            inside = self._overlay.view.rect.contains(event.position()) and not event.buttons()
            self._overlay.set_cross(self._overlay.view.to_x(event.position().x()) if inside else None)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ring = by_keyboard(event)
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._schedule()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._sync()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rounded(painter, QRectF(self.rect()), RADIUS_CARD, self._tokens.background, self._tokens.line)
        if self.hasFocus() and self._ring:
            focus_ring(painter, QRectF(self.rect()), self._tokens, RADIUS_CARD)


def _widened(low: float, high: float, margin: float) -> tuple[float, float]:
    """The range with a margin; a single value gets room around it."""
    low, high = float(low), float(high)
    if high - low <= 1e-12 * max(abs(low), abs(high), 1e-300):
        room = abs(low) * 0.05 or 0.5
        return low - room, high + room
    return low - (high - low) * margin, high + (high - low) * margin
