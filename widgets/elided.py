"""A label that gives way: it shortens its text with an ellipsis and tells the whole of it in a tooltip."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QStyle, QStyleOption, QWidget

from widgets.painting import tint
from widgets.tokens import Tokens


class ElidedLabel(QLabel):
    """One line of plain text in the colour that `role` names among the tokens."""

    def __init__(
        self,
        text: str,
        tokens: Tokens,
        *,
        role: str = "text",
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._mode = mode
        self._role = role
        self._tip = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)
        self.set_tokens(tokens)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        tint(self, getattr(tokens, self._role))

    def is_elided(self) -> bool:
        """Whether a part of the text is out of sight."""
        return self.fontMetrics().horizontalAdvance(self.text()) > self.contentsRect().width()

    def setText(self, text: str) -> None:
        super().setText(text)
        self._tell()

    def setToolTip(self, text: str) -> None:
        self._tip = text
        self._tell()

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        margins = self.contentsMargins()
        narrow = self.fontMetrics().horizontalAdvance("…") + margins.left() + margins.right()
        return QSize(min(hint.width(), narrow), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._tell()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        option = QStyleOption()
        option.initFrom(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, painter, self)
        shown = self.fontMetrics().elidedText(self.text(), self._mode, self.contentsRect().width())
        self.style().drawItemText(
            painter, self.contentsRect(), self.alignment().value, self.palette(), self.isEnabled(), shown,
            self.foregroundRole(),
        )  # fmt: skip

    def _tell(self) -> None:
        super().setToolTip("\n".join(filter(None, (self.text() if self.is_elided() else "", self._tip))))
