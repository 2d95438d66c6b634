"""A network as a card: its graph as a picture, its name, and why one would take it."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QKeyEvent, QLinearGradient, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QAbstractButton

from widgets import typography
from widgets.painting import focus_ring, rounded
from widgets.tokens import RADIUS_CARD, Tokens
from workbench.core.catalogue import Catalogue
from workbench.core.document import Document
from workbench.core.session import State
from workbench.ui.scene import scene_of
from workbench.ui.theme import Theme

CARD = QSize(252, 216)
PICTURE = 124
ZOOM = 0.6


class ModelCard(QAbstractButton):
    """A click or Enter takes it; one that is checkable shows that it was taken."""

    def __init__(self, theme: Theme, title: str, summary: str, document: Document, catalogue: Catalogue) -> None:
        super().__init__()
        self._theme, self._catalogue, self._document = theme, catalogue, document
        self._title, self._summary = title, summary
        self._picture: QPixmap | None = None
        self.setFixedSize(CARD)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(title)
        self.setAccessibleDescription(summary)
        self.setToolTip(summary)
        theme.follow(self)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._picture = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter takes it, as Space does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def _drawn(self) -> QPixmap:
        """The graph, drawn by the canvas itself."""
        from widgets.node_canvas.canvas import NodeCanvas

        canvas = NodeCanvas(self._theme.tokens)
        canvas.set_scene(scene_of(State(document=self._document), self._catalogue))
        ratio = self.devicePixelRatioF()
        picture = QPixmap.fromImage(canvas.render_image(ZOOM * ratio))
        picture.setDevicePixelRatio(ratio)
        return picture

    def paintEvent(self, event: QPaintEvent) -> None:
        """The first picture is drawn a moment after the window is on the screen."""
        tokens = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        hot = self.underMouse() or self.isDown() or self.isChecked()
        rounded(painter, box, RADIUS_CARD, QColor(tokens.panel), QColor(tokens.accent if hot else tokens.line))
        picture = QRectF(1, 1, self.width() - 2, PICTURE)
        painter.save()
        painter.setClipRect(picture)
        rounded(painter, picture.adjusted(0, 0, 0, 12), RADIUS_CARD - 1, QColor(tokens.background))
        if self._picture is None:
            QTimer.singleShot(0, self, self._draw)
        else:
            self._paint_picture(painter, picture)
        painter.restore()
        painter.setPen(QColor(tokens.text))
        painter.setFont(typography.body(QFont.Weight.DemiBold))
        painter.drawText(QRectF(14, PICTURE + 12, self.width() - 28, 20), self._title)
        painter.setPen(QColor(tokens.dim))
        painter.setFont(typography.caption())
        flags = Qt.TextFlag.TextWordWrap.value | Qt.AlignmentFlag.AlignTop.value
        room = QRectF(14, PICTURE + 34, self.width() - 28, self.height() - PICTURE - 40)
        painter.drawText(room, flags, self._summary)
        if self.isChecked():
            self._paint_taken(painter, box)
        if self.hasFocus():
            focus_ring(painter, box, tokens, RADIUS_CARD)

    def _paint_taken(self, painter: QPainter, box: QRectF) -> None:
        """Colour alone does not say that it was taken."""
        tokens = self._theme.tokens
        disc = QRectF(box.right() - 32, box.top() + 10, 22, 22)
        rounded(painter, disc, 11, tokens.accent)
        mark = self._theme.icons.pixmap("check", tokens.on_accent, 14, self.devicePixelRatioF())
        painter.drawPixmap(disc.topLeft() + QPointF(4, 4), mark)

    def _draw(self) -> None:
        if self._picture is None:
            self._picture = self._drawn()
            self.update()

    def _paint_picture(self, painter: QPainter, room: QRectF) -> None:
        assert self._picture is not None
        width = self._picture.deviceIndependentSize().width()
        left = room.center().x() - width / 2 if width < room.width() else room.left() + 8
        painter.drawPixmap(QPointF(round(left), room.top() + 6), self._picture)
        fade = QLinearGradient(0, room.bottom() - 36, 0, room.bottom())
        ground = QColor(self._theme.tokens.background)
        fade.setColorAt(1, ground)
        ground.setAlpha(0)
        fade.setColorAt(0, ground)
        painter.fillRect(room.adjusted(0, room.height() - 36, 0, 0), fade)
