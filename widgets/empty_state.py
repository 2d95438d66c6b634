"""What an empty place shows: what it is for, and the one thing to do first."""

from PySide6.QtCore import QPointF, QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from widgets import typography
from widgets.icons import Icons
from widgets.painting import tint
from widgets.stylesheet import set_look
from widgets.tokens import Tokens

_DISC = 56
_WIDEST = 400


class _Disc(QWidget):
    """The icon on a round soft ground."""

    def __init__(self, icons: Icons, name: str, tokens: Tokens, parent: QWidget) -> None:
        super().__init__(parent)
        self._icons = icons
        self._name = name
        self.tokens = tokens
        self.setFixedSize(QSize(_DISC, _DISC))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.tokens.accent_soft))
        painter.drawEllipse(QPointF(_DISC / 2, _DISC / 2), _DISC / 2, _DISC / 2)
        pixmap = self._icons.pixmap(self._name, self.tokens.accent, 24, self.devicePixelRatioF())
        painter.drawPixmap(QPointF((_DISC - 24) / 2, (_DISC - 24) / 2), pixmap)


class EmptyState(QWidget):
    """Icon, title, a sentence, a primary button and a link, in the middle of whatever room there is."""

    action_triggered = Signal()
    link_triggered = Signal()

    def __init__(
        self,
        tokens: Tokens,
        icons: Icons,
        icon: str,
        title: str,
        sentence: str,
        *,
        action: str = "",
        link: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._disc = _Disc(icons, icon, tokens, self)
        self._title = QLabel(title, self)
        self._title.setFont(typography.title())
        self._sentence = QLabel(sentence, self)
        for label in (self._title, self._sentence):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
            label.setWordWrap(True)  # after the policy, which it makes to depend on the width
            label.setMaximumWidth(_WIDEST)
        self._action = self._button(action, "primary", self.action_triggered)
        self._link = self._button(link, "link", self.link_triggered)
        self._link.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(title)
        self.setAccessibleDescription(sentence)
        self._lay_out()
        self.set_tokens(tokens)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._disc.tokens = tokens
        tint(self._title, tokens.text)
        tint(self._sentence, tokens.dim)
        self.update()

    def _button(self, text: str, look: str, signal: SignalInstance) -> QPushButton:
        button = QPushButton(text, self)
        set_look(button, look)
        button.setVisible(bool(text))
        button.clicked.connect(signal)
        return button

    def _lay_out(self) -> None:
        centre = Qt.AlignmentFlag.AlignHCenter
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(0)
        column.addStretch(2)
        column.addWidget(self._disc, 0, centre)
        column.addSpacing(16)
        column.addLayout(_centred(self._title))
        column.addSpacing(4)
        column.addLayout(_centred(self._sentence))
        column.addSpacing(16)
        column.addWidget(self._action, 0, centre)
        column.addSpacing(8)
        column.addWidget(self._link, 0, centre)
        column.addStretch(3)


def _centred(label: QLabel) -> QHBoxLayout:
    """A wrapped label needs the whole width to know its height; an alignment would give it only its hint."""
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(label, 1000)
    row.addStretch(1)
    return row
