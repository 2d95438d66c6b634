"""Horizontal bars with a name at the left and a number at the right: class balance, the answers of a classifier."""

from collections.abc import Sequence
from math import isfinite

from PySide6.QtCore import QEasingCurve, QEvent, QPointF, QRectF, QSize, Qt, QVariantAnimation
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from widgets import typography
from widgets.painting import faded, motion_allowed, rounded
from widgets.tokens import Tokens

Row = tuple[str, float, str]

_ROW = 24
_BAR = 8
_GAP = 10
_NARROWEST_BAR = 40
_SHORTEST = 0.5
"""A bar that would be shorter than this many pixels is none."""
_WIDEST_LABEL = 0.42
_DURATION_MS = 180


class BarList(QWidget):
    """Rows of (label, value, text). Bars are relative to `maximum`, or to the largest value."""

    def __init__(
        self,
        tokens: Tokens,
        rows: Sequence[Row] = (),
        *,
        highlight_first: bool = False,
        animate: bool = False,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._tokens = tokens
        self._rows: tuple[Row, ...] = ()
        self._highlight_first = highlight_first
        self._from: list[float] = []
        self._to: list[float] = []
        self._shown: list[float] = []
        self._animation: QVariantAnimation | None = self._glide() if animate else None
        self.setAccessibleName(name)
        self.setFont(typography.body())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_rows(rows)

    def set_rows(self, rows: Sequence[Row], maximum: float | None = None) -> None:
        """Show other rows. Negative values and values that are no numbers have no bar."""
        self._rows = tuple(rows)
        values = [max(0.0, value) if isfinite(value) else 0.0 for _, value, _ in rows]
        top = maximum if maximum is not None else max(values, default=0.0)
        self._to = [min(1.0, value / top) if top > 0 else 0.0 for value in values]
        same_length = len(self._to) == len(self._shown)
        if self._animation is not None:
            self._animation.stop()
        self.setAccessibleDescription("\n".join(f"{label} {text}" for label, _, text in self._rows))
        self.updateGeometry()
        if self._animation is not None and same_length and self.isVisible() and motion_allowed(self):
            self._from = list(self._shown)
            self._animation.start()
        else:
            self._shown = list(self._to)
            self.update()

    def fractions(self) -> tuple[float, ...]:
        """The lengths of the bars as they are on the screen now."""
        return tuple(self._shown)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(280, max(1, len(self._rows)) * _ROW)

    def minimumSizeHint(self) -> QSize:
        return QSize(140, self.sizeHint().height())

    def _glide(self) -> QVariantAnimation:
        animation = QVariantAnimation(self)
        animation.setDuration(_DURATION_MS)
        animation.setStartValue(0.0)
        animation.setEndValue(1.0)
        animation.setEasingCurve(QEasingCurve.Type.OutCubic)
        animation.valueChanged.connect(self._move)
        return animation

    def _move(self, share: float) -> None:
        self._shown = [a + (b - a) * share for a, b in zip(self._from, self._to, strict=True)]
        self.update()

    def _columns(self) -> tuple[float, float]:
        """Widths of the labels and of the numbers; the bars get the rest."""
        bold = typography.body(QFont.Weight.DemiBold)
        label_metrics = QFontMetricsF(bold if self._highlight_first else self.font())
        number_metrics = QFontMetricsF(self._number_font(first=True))
        numbers = max((number_metrics.horizontalAdvance(text) for _, _, text in self._rows), default=0.0)
        labels = max((label_metrics.horizontalAdvance(label) for label, _, _ in self._rows), default=0.0) + 1
        room = self.width() - numbers - 2 * _GAP - _NARROWEST_BAR
        return max(0.0, min(labels, self.width() * _WIDEST_LABEL, room)), numbers

    def _number_font(self, *, first: bool) -> QFont:
        bold = first and self._highlight_first
        return typography.tabular(typography.body(QFont.Weight.DemiBold if bold else QFont.Weight.Normal))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        columns = self._columns()
        for index in range(len(self._rows)):
            if event.rect().intersects(self._row_rect(index).toAlignedRect()):
                self._paint_row(painter, index, columns)

    def _row_rect(self, index: int) -> QRectF:
        return QRectF(0, index * _ROW, self.width(), _ROW)

    def _paint_row(self, painter: QPainter, index: int, columns: tuple[float, float]) -> None:
        label, _, text = self._rows[index]
        labels, numbers = columns
        rect, tokens = self._row_rect(index), self._tokens
        first = index == 0 and self._highlight_first
        left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.setFont(typography.body(QFont.Weight.DemiBold) if first else self.font())
        painter.setPen(QColor(tokens.text))
        shown = QFontMetricsF(painter.font()).elidedText(label, Qt.TextElideMode.ElideRight, labels)
        painter.drawText(rect, left, shown)
        track = QRectF(labels + _GAP, rect.center().y() - _BAR / 2, 0, _BAR)
        track.setRight(rect.width() - numbers - _GAP)
        rounded(painter, track, _BAR / 2, tokens.raised)
        length = track.width() * self._shown[index]
        if length >= _SHORTEST:
            track.setWidth(max(_BAR, length))
            plain = self._highlight_first and not first
            rounded(painter, track, _BAR / 2, faded(tokens.accent, 0.45) if plain else tokens.accent)
        painter.setFont(self._number_font(first=first))
        painter.setPen(QColor(tokens.text if first else tokens.dim))
        painter.drawText(rect, right, text)

    def event(self, event: QEvent) -> bool:
        if not isinstance(event, QHelpEvent) or event.type() != QEvent.Type.ToolTip:
            return super().event(event)
        index = int(QPointF(event.pos()).y() // _ROW)
        if 0 <= index < len(self._rows):
            label, _, text = self._rows[index]
            QToolTip.showText(event.globalPos(), f"{label}  {text}", self)
        return True
