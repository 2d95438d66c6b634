"""The start page: what there is to begin with, what was open before, and work that a crash left behind."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QLinearGradient, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QSizePolicy, QVBoxLayout, QWidget

import model_zoo
from widgets import typography
from widgets.notice import Notice
from widgets.painting import focus_ring, rounded
from widgets.tokens import RADIUS_CARD, Tokens
from workbench.core.catalogue import Catalogue
from workbench.core.document import Document
from workbench.core.i18n import tr
from workbench.core.journal import Recovered
from workbench.core.session import State
from workbench.ui.parts import IconButton, Text, caption, clear, column, heading, moment, row, scrolled
from workbench.ui.scene import scene_of
from workbench.ui.theme import Theme

CARD = QSize(252, 216)
PICTURE = 124
ZOOM = 0.6
WIDTH = 820


class StartPage(QWidget):
    """Says what the user wants to begin with."""

    new_wanted = Signal()
    open_wanted = Signal()
    zoo_wanted = Signal(str)
    recent_wanted = Signal(str)
    restore_wanted = Signal(object)
    discard_wanted = Signal(object)

    def __init__(self, theme: Theme, catalogue: Catalogue) -> None:
        super().__init__()
        self._theme = theme
        self.setObjectName("start")
        self._left_behind = QVBoxLayout()
        self._recent = QVBoxLayout()
        self._recent.setSpacing(2)
        self._cards = [ZooCard(theme, model, catalogue) for model in model_zoo.ZOO.values()]
        content = QWidget()
        content.setMaximumWidth(WIDTH)
        content.setLayout(self._laid_out())
        page = QWidget()
        page.setLayout(row(-1, content, -1, margin=24))
        area = scrolled(page)
        self.setLayout(column(area))

    def _laid_out(self) -> QVBoxLayout:
        theme = self._theme
        name = Text(theme, tr("Model Workbench"), font=_display())
        claim = Text(theme, tr("Design a network, watch it learn, take it with you."), role="dim")
        fresh = IconButton(theme, "file-plus", tr("New project"), look="primary")
        fresh.clicked.connect(self.new_wanted)
        opened = IconButton(theme, "folder-open", tr("Open a project …"))
        opened.clicked.connect(self.open_wanted)
        grid = QGridLayout()
        grid.setSpacing(16)
        for place, card in enumerate(self._cards):
            card.clicked.connect(lambda _=False, name=card.model.name: self.zoo_wanted.emit(name))
            grid.addWidget(card, place // 3, place % 3)
        grid.setColumnStretch(3, 1)
        self._recent_heading = heading(theme, tr("Recent projects"))
        return column(
            24,
            name,
            claim,
            12,
            row(fresh, opened, -1),
            12,
            self._left_behind,
            heading(theme, tr("Start from a model")),
            4,
            grid,
            20,
            self._recent_heading,
            self._recent,
            -1,
        )

    def show_recent(self, paths: Sequence[str]) -> None:
        """List projects that were open before, the latest first."""
        clear(self._recent)
        self._recent_heading.setVisible(bool(paths))
        for name in paths[:6]:
            self._recent.addWidget(_RecentRow(self._theme, name, self))

    def show_left_behind(self, found: Sequence[Recovered]) -> None:
        """Offer work that a window left behind."""
        clear(self._left_behind)
        for item in found:
            self._left_behind.addWidget(self._offer(item))

    def _offer(self, item: Recovered) -> Notice:
        notice = Notice(self._theme.tokens, self._theme.icons, dismiss_text=tr("Discard this work"), parent=self)
        self._theme.follow(notice)
        when = moment(item.time)
        where = item.path.name if item.path else tr("a project that was never saved")
        notice.show_notice(
            "warn",
            tr("It was not saved when the program ended: {where}, {when}.", where=where, when=when),
            title=tr("Unsaved work: “{title}”.", title=item.document.title or where),
            action=tr("Restore"),
        )
        notice.setObjectName("left-behind")
        notice.action_triggered.connect(lambda: self.restore_wanted.emit(item))
        notice.dismissed.connect(lambda: self.discard_wanted.emit(item))
        return notice


def _display() -> QFont:
    font = typography.title()
    font.setPixelSize(26)
    return font


class ZooCard(QAbstractButton):
    """A model of the zoo: its graph as a picture, its name, what it is."""

    def __init__(self, theme: Theme, model: model_zoo.ZooModel, catalogue: Catalogue) -> None:
        super().__init__()
        self.model = model
        self._theme, self._catalogue = theme, catalogue
        self._document: Document = model.make()
        self._picture: QPixmap | None = None
        self.setFixedSize(CARD)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(tr(model.title))
        self.setAccessibleDescription(tr(model.summary))
        theme.follow(self)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._picture = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, as Space does."""
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
        hot = self.underMouse() or self.isDown()
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
        font = typography.body(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.drawText(QRectF(14, PICTURE + 12, self.width() - 28, 20), tr(self.model.title))
        painter.setPen(QColor(tokens.dim))
        painter.setFont(typography.caption())
        flags = Qt.TextFlag.TextWordWrap.value | Qt.AlignmentFlag.AlignTop.value
        painter.drawText(
            QRectF(14, PICTURE + 34, self.width() - 28, self.height() - PICTURE - 40), flags, tr(self.model.summary)
        )
        if self.hasFocus():
            focus_ring(painter, box, tokens, RADIUS_CARD)

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


class _RecentRow(QWidget):
    """A project that was open before: name, and where it lies."""

    def __init__(self, theme: Theme, name: str, page: StartPage) -> None:
        super().__init__()
        path = Path(name)
        button = IconButton(theme, "file", path.stem, look="quiet")
        button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda: page.recent_wanted.emit(name))
        where = caption(theme, str(path.parent), wrap=False)
        self.setLayout(row(button, where, -1))
