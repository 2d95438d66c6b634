"""A message inside the window: what is, and what to do about it."""

from html import escape

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from widgets.icons import Icons
from widgets.painting import state_colours, tint
from widgets.stylesheet import set_look
from widgets.tokens import RADIUS_INPUT, Tokens

_ICONS = {"ok": "circle-check", "info": "info", "warn": "triangle-alert", "bad": "circle-x"}
_BAR = 3


class Notice(QWidget):
    """A banner of a severity (ok, info, warn, bad) with a remedy as a link; Escape dismisses it."""

    action_triggered = Signal()
    dismissed = Signal()

    def __init__(self, tokens: Tokens, icons: Icons, *, dismiss_text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens = tokens
        self._icons = icons
        self._severity = "info"
        self._icon = QLabel(self)
        self._icon.setFixedSize(16, 18)
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setMinimumWidth(1)
        self._action = QPushButton(self)
        self._action.setObjectName("notice-action")
        set_look(self._action, "link")
        self._action.setCursor(Qt.CursorShape.PointingHandCursor)
        self._action.clicked.connect(self.action_triggered)
        self._dismiss = QToolButton(self)
        self._dismiss.setIconSize(QSize(14, 14))
        self._dismiss.setFixedSize(22, 22)
        self._dismiss.setToolTip(dismiss_text)
        self._dismiss.setAccessibleName(dismiss_text)
        self._dismiss.setVisible(bool(dismiss_text))
        self._dismiss.clicked.connect(self._close)
        self._lay_out()
        self.set_tokens(tokens)

    def show_notice(self, severity: str, text: str, *, title: str = "", action: str = "") -> None:
        """Say something; the title stands in bold before the text. Nothing in either is read as mark-up."""
        self._severity = severity
        lead = f'<span style="font-weight:600">{escape(title)}</span> ' if title else ""
        self._text.setText(f"<span>{lead}{escape(text)}</span>")
        self._action.setText(action)
        self._action.setVisible(bool(action))
        self.setAccessibleName(f"{title} {text}".strip())
        self.set_tokens(self._tokens)
        self.show()

    def severity(self) -> str:
        """The severity of what is shown."""
        return self._severity

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        mark, _ = state_colours(tokens, self._severity)
        ratio = self.devicePixelRatioF()
        self._icon.setPixmap(self._icons.pixmap(_ICONS[self._severity], mark, 16, ratio))
        self._dismiss.setIcon(self._icons.icon("x", tokens.dim))
        tint(self._text, tokens.text)
        self.update()

    def add_below(self, widget: QWidget) -> None:
        """Something more to do, below the remedy."""
        self._words.insertWidget(self._words.count() - 1, widget, 0, Qt.AlignmentFlag.AlignLeft)

    def _lay_out(self) -> None:
        words = self._words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._text)
        words.addWidget(self._action, 0, Qt.AlignmentFlag.AlignLeft)
        words.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(_BAR + 10, 9, 8, 9)
        row.setSpacing(8)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(self._dismiss, 0, Qt.AlignmentFlag.AlignTop)

    def _close(self) -> None:
        self.hide()
        self.dismissed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not self._dismiss.isHidden():
            self._close()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        mark, soft = state_colours(self._tokens, self._severity)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()), RADIUS_INPUT, RADIUS_INPUT)
        painter.setClipPath(shape)
        painter.fillRect(self.rect(), QColor(soft))
        painter.fillRect(0, 0, _BAR, self.height(), QColor(mark))
