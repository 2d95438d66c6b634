"""A table in which some cells are chosen from a few values: columns of data and what they are for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from widgets import typography
from widgets.painting import chevron, focus_ring, rounded
from widgets.tokens import RADIUS_INPUT, Tokens

Index = QModelIndex | QPersistentModelIndex

ROW = 38
PADDING = 10
CHEVRON = 18
OPEN_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_F2)


@dataclass(frozen=True)
class Head:
    """A column of the table."""

    key: str
    text: str
    right: bool = False
    """Numbers, which are compared."""
    stretch: bool = False
    """It takes what room is left."""
    least: int = 60
    most: int = 280


@dataclass(frozen=True)
class Cell:
    """What stands in a cell; with options it can be chosen."""

    text: str
    options: tuple[tuple[str, str], ...] = ()
    """Keys and texts; an empty text is a line between groups."""
    current: str = ""
    tone: str = "text"
    """One of the tokens' colours: text, dim, warn, bad."""


@dataclass(frozen=True)
class Line:
    """A row of the table."""

    key: str
    cells: tuple[Cell, ...]


class _Model(QAbstractTableModel):
    CELL = Qt.ItemDataRole.UserRole

    def __init__(self, heads: Sequence[Head], parent: QObject) -> None:
        super().__init__(parent)
        self.heads = tuple(heads)
        self.lines: tuple[Line, ...] = ()

    def show(self, lines: Sequence[Line]) -> None:
        same = [line.key for line in lines] == [line.key for line in self.lines]
        if same:  # the keyboard stays where it is
            self.lines = tuple(lines)
            if lines:
                self.dataChanged.emit(self.index(0, 0), self.index(len(lines) - 1, len(self.heads) - 1))
            return
        self.beginResetModel()
        self.lines = tuple(lines)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.heads)

    def cell(self, index: Index) -> Cell:
        return self.lines[index.row()].cells[index.column()]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self.cell(index).text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self.heads[index.column()].text}: {self.cell(index).text}"
        return self.cell(index) if role == self.CELL else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        head = self.heads[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return head.text
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if head.right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None


class _Painter(QStyledItemDelegate):
    def __init__(self, tokens: Tokens, table: "ChoiceTable") -> None:
        super().__init__(table)
        self.tokens = tokens
        self._table = table

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        head = self._table.lines_model.heads[index.column()]
        cell = self._table.lines_model.cell(index)
        extra = 2 * PADDING + (CHEVRON + PADDING if cell.options else 0)
        wanted = QFontMetrics(_font(head)).horizontalAdvance(cell.text) + extra + 2
        return QSize(min(head.most, max(head.least, wanted)), ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tokens, rect = self.tokens, QRectF(option.rect)
        cell, head = self._table.lines_model.cell(index), self._table.lines_model.heads[index.column()]
        painter.save()
        if index.row() == self._table.currentIndex().row():
            painter.fillRect(rect, QColor(tokens.accent_soft))
        elif index.row() == self._table.hovered:
            painter.fillRect(rect, QColor(tokens.hover))
        room = rect.adjusted(PADDING, 0, -PADDING, 0)
        if cell.options:
            box = rect.adjusted(4, 5, -4, -5)
            rounded(painter, box, RADIUS_INPUT, tokens.raised, tokens.line)
            chevron(painter, QPointF(box.right() - 13, box.center().y()), 7, tokens.dim, up=False)
            room = box.adjusted(8, 0, -CHEVRON - 4, 0)
        painter.setFont(_font(head))
        painter.setPen(QColor(getattr(tokens, cell.tone)))
        shown = QFontMetrics(painter.font()).elidedText(cell.text, Qt.TextElideMode.ElideRight, int(room.width()))
        side = Qt.AlignmentFlag.AlignRight if head.right else Qt.AlignmentFlag.AlignLeft
        painter.drawText(room, side | Qt.AlignmentFlag.AlignVCenter, shown)
        if option.state & QStyle.StateFlag.State_HasFocus and index == self._table.currentIndex():
            focus_ring(painter, rect.adjusted(1, 1, -1, -1), tokens, RADIUS_INPUT)
        painter.restore()


def _font(head: Head) -> QFont:
    return typography.tabular() if head.right else typography.body()


class ChoiceTable(QTableView):
    """Arrow keys go through the cells; Enter, Space, F2, Alt+Down or a click opens the choices of one."""

    chosen = Signal(str, str, str)
    """The keys of the row, of the column, and of what was chosen."""
    selected = Signal(str)
    """The key of the row that the keyboard or a click came to."""

    def __init__(self, tokens: Tokens, heads: Sequence[Head], *, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines_model = _Model(heads, self)
        self.hovered = -1
        self._painter = _Painter(tokens, self)
        self.setModel(self.lines_model)
        self.setItemDelegate(self._painter)
        self.setAccessibleName(name)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.selectionModel().currentRowChanged.connect(self._tell)
        self.menu: QMenu | None = None

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Show other rows. Where they have the keys of those that are shown, the keyboard stays where it is."""
        self.lines_model.show(lines)
        self.fit()

    def lines(self) -> tuple[Line, ...]:
        """What is shown."""
        return self.lines_model.lines

    def current(self) -> str:
        """The key of the row that the keyboard is at; empty where it is at none."""
        row = self.currentIndex().row()
        return self.lines()[row].key if 0 <= row < len(self.lines()) else ""

    def set_current(self, key: str) -> None:
        """Go to a row."""
        row = next((at for at, line in enumerate(self.lines()) if line.key == key), -1)
        if row >= 0 and row != self.currentIndex().row():
            self.setCurrentIndex(self.lines_model.index(row, max(0, self.currentIndex().column())))

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._painter.tokens = tokens
        self.viewport().update()

    def fit(self) -> None:
        """Columns as wide as what is in them; those that stretch share what is left."""
        heads, header = self.lines_model.heads, self.horizontalHeader()
        shown = range(min(len(self.lines()), 200))
        metrics = QFontMetrics(header.font())
        widths = []
        for column, head in enumerate(heads):
            indexes = (self.lines_model.index(row, column) for row in shown)
            option = QStyleOptionViewItem()
            cells = (self._painter.sizeHint(option, index).width() for index in indexes)
            widths.append(max(max(cells, default=head.least), metrics.horizontalAdvance(head.text) + 2 * PADDING))
        stretching = [column for column, head in enumerate(heads) if head.stretch]
        left = self.viewport().width() - sum(widths)
        for column in stretching:
            widths[column] = max(heads[column].least, widths[column] + left // len(stretching))
        for column, width in enumerate(widths):
            self.setColumnWidth(column, width)

    def open(self, index: QModelIndex) -> None:
        """Open the choices of a cell, where it has any."""
        cell = self.lines_model.cell(index)
        if not cell.options:
            return
        line, head = self.lines()[index.row()], self.lines_model.heads[index.column()]
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.destroyed.connect(self._forget_menu)
        for key, text in cell.options:
            if not text:
                menu.addSeparator()
                continue
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(key == cell.current)
            action.setData(key)
            if key == cell.current:
                menu.setActiveAction(action)
        menu.triggered.connect(lambda action: self.chosen.emit(line.key, head.key, action.data()))
        self.menu = menu
        menu.setMinimumWidth(self.columnWidth(index.column()) - 8)
        menu.popup(self.viewport().mapToGlobal(self.visualRect(index).bottomLeft()))

    def _forget_menu(self) -> None:
        self.menu = None

    def _tell(self, index: QModelIndex, before: QModelIndex) -> None:
        self.viewport().update()
        if index.isValid():
            self.selected.emit(self.lines()[index.row()].key)

    def _hover(self, row: int) -> None:
        if row != self.hovered:
            self.hovered = row
            self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        down = event.key() == Qt.Key.Key_Down and event.modifiers() & Qt.KeyboardModifier.AltModifier
        if (event.key() in OPEN_KEYS or down) and self.currentIndex().isValid():
            self.open(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self.open(index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        index = self.indexAt(event.position().toPoint())
        self._hover(index.row())
        choosable = index.isValid() and bool(self.lines_model.cell(index).options)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if choosable else Qt.CursorShape.ArrowCursor)

    def leaveEvent(self, event: Any) -> None:
        super().leaveEvent(event)
        self._hover(-1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()
