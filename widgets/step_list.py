"""Steps that are done one after the other, as a list to arrange: drag them or Ctrl+Up and Ctrl+Down, Space switches
one off, Del takes it out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QToolTip, QWidget

from widgets import typography
from widgets.icons import Icons
from widgets.painting import faded, focus_ring, rounded
from widgets.tokens import RADIUS_INPUT, Tokens

Index = QModelIndex | QPersistentModelIndex

ROW, GAP = 52, 4
MIME = "application/x-step-row"
HANDLE, BOX, CROSS = 18, 16, 16
"""Widths of the grip, the box that switches, and the cross that takes out."""


@dataclass(frozen=True)
class StepItem:
    """One step as it is shown."""

    title: str
    caption: str = ""
    on: bool = True
    mark: str = ""
    """A word at the right: that it is random."""
    wrong: str = ""
    """Why it cannot be done."""


class _Model(QAbstractListModel):
    ITEM = Qt.ItemDataRole.UserRole
    dropped = Signal(int, int)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.items: tuple[StepItem, ...] = ()

    def show(self, items: Sequence[StepItem]) -> None:
        self.beginResetModel()
        self.items = tuple(items)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not 0 <= index.row() < len(self.items):
            return None
        item = self.items[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return item.title
        if role == Qt.ItemDataRole.CheckStateRole:
            return Qt.CheckState.Checked if item.on else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(filter(None, (item.title, item.caption, item.wrong)))
        return item if role == self.ITEM else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        data.setData(MIME, str(indexes[0].row()).encode())
        return data

    def dropMimeData(self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        """Never True: Qt would then take the dragged row out itself."""
        start = int(bytes(data.data(MIME).data()).decode())
        end = row if row >= 0 else parent.row() if parent.isValid() else len(self.items)
        self.dropped.emit(start, end - 1 if end > start else end)
        return False


class _Painter(QStyledItemDelegate):
    def __init__(self, tokens: Tokens, icons: Icons, parent: "StepList") -> None:
        super().__init__(parent)
        self.tokens, self._icons, self._list = tokens, icons, parent

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, ROW + GAP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        item: StepItem = index.data(_Model.ITEM)
        tokens = self.tokens
        card = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -GAP - 0.5)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        line = tokens.bad if item.wrong else tokens.accent if selected else tokens.line
        rounded(painter, card, RADIUS_INPUT, tokens.accent_soft if selected else tokens.raised, line)
        self._grip(painter, card)
        self._box(painter, self._list.box_of(card), item.on)
        cross = self._list.cross_of(card)
        painter.drawPixmap(cross.topLeft(), self._icons.pixmap("x", tokens.dim, CROSS, _ratio(painter)))
        room = card.adjusted(HANDLE + BOX + 16, 0, -CROSS - 16, 0)
        ink = QColor(tokens.text) if item.on else faded(tokens.dim, 0.8)
        mark = typography.caption()
        wide = QFontMetrics(mark).horizontalAdvance(item.mark) + 8 if item.mark else 0
        title = typography.body(QFont.Weight.DemiBold)
        title.setStrikeOut(not item.on)
        self._words(painter, room.adjusted(0, 8, -wide, 0), item.title, title, ink)
        if item.mark:
            painter.setFont(mark)
            painter.setPen(QColor(tokens.faint))
            painter.drawText(
                room.adjusted(0, 9, 0, 0), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, item.mark
            )
        under = QColor(tokens.bad if item.wrong else tokens.dim)
        self._words(painter, room.adjusted(0, 28, 0, 0), item.wrong or item.caption, typography.caption(), under)
        if selected and self._list.hasFocus():
            focus_ring(painter, card, tokens, RADIUS_INPUT)
        painter.restore()

    def _words(self, painter: QPainter, room: QRectF, text: str, font: QFont, ink: QColor) -> None:
        painter.setFont(font)
        painter.setPen(ink)
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, shown)

    def _grip(self, painter: QPainter, card: QRectF) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.tokens.faint))
        for down in (-5, 0, 5):
            for across in (0, 5):
                painter.drawEllipse(QRectF(card.left() + 8 + across, card.center().y() + down - 1, 2, 2))

    def _box(self, painter: QPainter, box: QRectF, on: bool) -> None:
        tokens = self.tokens
        rounded(painter, box, 4, tokens.accent if on else tokens.panel, tokens.accent if on else tokens.faint)
        if on:
            mark = self._icons.pixmap("check", tokens.on_accent, 12, _ratio(painter))
            painter.drawPixmap(
                box.topLeft() + (box.bottomRight() - box.topLeft()) * 0.5 - QRectF(0, 0, 12, 12).center(), mark
            )


def _ratio(painter: QPainter) -> float:
    return float(painter.device().devicePixelRatioF())


class StepList(QListView):
    """Tells what the user wants; whoever owns the steps makes it so and shows them anew."""

    selected = Signal(int)
    moved = Signal(int, int)
    """From a place to a place, counted after it was taken out."""
    switched = Signal(int, bool)
    removed = Signal(int)

    def __init__(
        self, tokens: Tokens, icons: Icons, *, name: str = "", remove_text: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._steps = _Model(self)
        self._remove_text = remove_text
        self._painter = _Painter(tokens, icons, self)
        self.setModel(self._steps)
        self.setItemDelegate(self._painter)
        self.setAccessibleName(name)
        self.setDragDropMode(QListView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setDropIndicatorShown(True)
        self.setSelectionMode(QListView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setMouseTracking(True)
        self._steps.dropped.connect(self._move)
        self.selectionModel().currentChanged.connect(self._tell)

    def set_steps(self, items: Sequence[StepItem], current: int | None = None) -> None:
        """Show steps; the selection stays at its place unless another is named, and nobody is told."""
        row = self.current() if current is None else current
        self.selectionModel().currentChanged.disconnect(self._tell)
        self._steps.show(items)
        if items:
            self.setCurrentIndex(self._steps.index(max(0, min(row, len(items) - 1)), 0))
        self.selectionModel().currentChanged.connect(self._tell)
        self.setFixedHeight(max(1, len(items)) * (ROW + GAP) + 2 * self.frameWidth())

    def steps(self) -> tuple[StepItem, ...]:
        """What is shown."""
        return self._steps.items

    def current(self) -> int:
        """The place of the selected step, or -1."""
        return self.currentIndex().row()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._painter.tokens = tokens
        self.viewport().update()

    def box_of(self, card: QRectF) -> QRectF:
        """Where the box that switches a step lies in its card."""
        return QRectF(card.left() + HANDLE + 6, card.center().y() - BOX / 2, BOX, BOX)

    def cross_of(self, card: QRectF) -> QRectF:
        """Where the cross that takes a step out lies in its card."""
        return QRectF(card.right() - CROSS - 10, card.center().y() - CROSS / 2, CROSS, CROSS)

    def card(self, row: int) -> QRectF:
        """Where a step lies in the viewport."""
        return QRectF(self.visualRect(self._steps.index(row, 0))).adjusted(0, 0, 0, -GAP)

    def _move(self, start: int, end: int) -> None:
        if 0 <= start < len(self.steps()) and 0 <= end < len(self.steps()) and start != end:
            self.moved.emit(start, end)

    def _tell(self, index: QModelIndex) -> None:
        if index.isValid():
            self.selected.emit(index.row())

    def _switch(self, row: int) -> None:
        self.switched.emit(row, not self.steps()[row].on)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row, key = self.current(), event.key()
        by = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(key))
        if row >= 0 and by and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._move(row, row + by)
        elif row >= 0 and key == Qt.Key.Key_Space:
            self._switch(row)
        elif row >= 0 and key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit(row)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            card = self.card(index.row())
            if self.box_of(card).adjusted(-4, -4, 4, 4).contains(event.position()):
                self._switch(index.row())
                return
            if self.cross_of(card).adjusted(-4, -4, 4, 4).contains(event.position()):
                self.removed.emit(index.row())
                return
        super().mousePressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            index = self.indexAt(event.pos())
            over = index.isValid() and self.cross_of(self.card(index.row())).contains(event.pos().toPointF())
            if over:
                QToolTip.showText(event.globalPos(), self._remove_text, self)
                return True
        return super().viewportEvent(event)
