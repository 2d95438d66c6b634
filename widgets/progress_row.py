"""One line for long work: what it is doing, how far it is, and a way out."""

from PySide6.QtCore import QRectF, Qt, QTimerEvent, Signal
from PySide6.QtGui import QFont, QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QWidget

from widgets import typography
from widgets.elided import ElidedLabel
from widgets.painting import motion_allowed, rounded, tint
from widgets.tokens import Tokens

_STEPS = 1000
_FRAME_MS = 33
_LAP_MS = 1400


class ThinBar(QProgressBar):
    """A bar of four pixels; it still speaks as a progress bar to screen readers."""

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens = tokens
        self._timer = 0
        self._phase = 0.0
        self.setTextVisible(False)
        self.setFixedHeight(4)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_fraction(0.0)

    def set_fraction(self, fraction: float | None) -> None:
        """Show how much is done, 0 to 1, or None where nobody knows."""
        if fraction is None:
            self.setRange(0, 0)
        else:
            self.setRange(0, _STEPS)
            self.setUpdatesEnabled(False)  # Qt would paint at once, and everything below the bar too
            self.setValue(round(max(0.0, min(1.0, fraction)) * _STEPS))
            self.setUpdatesEnabled(True)
        self._animate()
        self.update()

    def fraction(self) -> float | None:
        """How much is done, or None where nobody knows."""
        return self.value() / _STEPS if self.maximum() else None

    def is_moving(self) -> bool:
        """Whether the bar runs to and fro."""
        return bool(self._timer)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self.update()

    def _animate(self) -> None:
        wanted = self.isVisible() and self.maximum() == 0 and motion_allowed(self)
        if wanted and not self._timer:
            self._timer = self.startTimer(_FRAME_MS)
        elif not wanted and self._timer:
            self.killTimer(self._timer)
            self._timer = 0

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._animate()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._animate()

    def timerEvent(self, event: QTimerEvent) -> None:
        if event.timerId() != self._timer:
            super().timerEvent(event)
            return
        self._phase = (self._phase + _FRAME_MS / _LAP_MS) % 1.0
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rect = QRectF(self.rect())
        radius = rect.height() / 2
        rounded(painter, rect, radius, self._tokens.line)
        colour = self._tokens.accent if self.isEnabled() else self._tokens.faint
        fraction = self.fraction()
        if fraction is None:
            width = rect.width() * 0.3
            left = (rect.width() + width) * self._phase - width if self._timer else rect.width() * 0.35
            painter.setClipRect(rect)
            rounded(painter, QRectF(left, 0, width, rect.height()), radius, colour)
        elif fraction > 0:
            width = max(rect.height(), rect.width() * fraction)
            rounded(painter, QRectF(0, 0, width, rect.height()), radius, colour)


class ProgressRow(QWidget):
    """Text, bar, a short detail such as the time left, and Cancel where cancelling is possible."""

    cancelled = Signal()

    def __init__(self, tokens: Tokens, *, cancel_text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = ElidedLabel("", tokens, parent=self)
        self._label.setMaximumWidth(320)
        self._bar = ThinBar(tokens, self)
        self._detail = QLabel(self)
        self._detail.setTextFormat(Qt.TextFormat.PlainText)
        self._detail.setFont(typography.tabular(typography.caption(QFont.Weight.Normal)))
        self._cancel = QPushButton(cancel_text, self)
        self._cancel.setVisible(bool(cancel_text))
        self._cancel.clicked.connect(self._ask_to_cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self._label)
        row.addWidget(self._bar, 1)
        row.addWidget(self._detail)
        row.addWidget(self._cancel)
        self.set_tokens(tokens)

    def set_progress(self, text: str, fraction: float | None, detail: str = "") -> None:
        """Say what is being done and how much of it is done (None where nobody knows)."""
        self._label.setText(text)
        self._bar.set_fraction(fraction)
        self._bar.setAccessibleName(text)
        self._detail.setText(detail)
        self._detail.setVisible(bool(detail))

    def set_cancellable(self, possible: bool) -> None:
        """Allow cancelling, again too after it was asked for once."""
        self._cancel.setEnabled(possible)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._label.set_tokens(tokens)
        self._bar.set_tokens(tokens)
        tint(self._detail, tokens.dim)

    def _ask_to_cancel(self) -> None:
        """Once is enough: the work ends at its next safe point, and a second click would not hurry it."""
        self._cancel.setEnabled(False)
        self.cancelled.emit()
