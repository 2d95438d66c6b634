"""A part of a long form that can be folded away; folded, it still says in a few words what is in it."""

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from widgets import typography
from widgets.painting import focus_ring
from widgets.tokens import RADIUS_INPUT, Tokens

HIGH = 30
_ARROW = 14


class FoldHeader(QAbstractButton):
    """The line that opens and closes a part: an arrow, a heading, and at the right a note in few words."""

    def __init__(self, title: str, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens = tokens
        self._note = ""
        self.setText(title)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._tell()
        self.toggled.connect(self._tell)

    @property
    def note(self) -> str:
        """What stands at the right."""
        return self._note

    def set_note(self, text: str) -> None:
        """Say something else at the right."""
        if text != self._note:
            self._note = text
            self._tell()
            self.update()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, HIGH)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, HIGH)

    def _tell(self) -> None:
        self.setAccessibleName(self.text())
        self.setAccessibleDescription(self._note)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._tokens.line), 1))
        painter.drawLine(QPointF(0, 0.5), QPointF(self.width(), 0.5))
        colour = QColor(self._tokens.text if self.underMouse() else self._tokens.faint)
        self._arrow(painter, colour)
        left = _ARROW + 2
        painter.setPen(colour)
        painter.setFont(typography.heading())
        whole = self.rect().adjusted(left, 0, 0, 0)
        shown = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, whole.width())
        used = painter.fontMetrics().horizontalAdvance(shown.upper()) + 12
        painter.drawText(whole, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        painter.setFont(typography.caption())
        painter.setPen(QColor(self._tokens.dim))
        room = max(0, whole.width() - used)
        note = painter.fontMetrics().elidedText(self._note, Qt.TextElideMode.ElideRight, room)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, note)
        if self.hasFocus():
            focus_ring(painter, self.rect().toRectF().adjusted(0, 2, 0, -2), self._tokens, RADIUS_INPUT)

    def _arrow(self, painter: QPainter, colour: QColor) -> None:
        pen = QPen(colour, 1.4)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        centre = QPointF(5, self.height() / 2)
        points = ((-3.5, -1.75), (0.0, 1.75), (3.5, -1.75))
        turned = points if self.isChecked() else [(y, x) for x, y in points]
        painter.drawPolyline(QPolygonF([centre + QPointF(x, y) for x, y in turned]))


class Fold(QWidget):
    """A header, and what it opens."""

    toggled = Signal(bool)

    def __init__(self, title: str, content: QWidget, tokens: Tokens, *, is_open: bool = True) -> None:
        super().__init__()
        self.header = FoldHeader(title, tokens)
        self.content = content
        self.header.setChecked(is_open)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.header)
        layout.addWidget(content)
        content.setVisible(is_open)  # in here: on its own it would be a window
        self.header.toggled.connect(content.setVisible)
        self.header.toggled.connect(self.toggled)

    def set_open(self, is_open: bool) -> None:
        """Open or close it."""
        self.header.setChecked(is_open)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self.header.set_tokens(tokens)
