"""A list of things to pick or to drag out, found by typing a few letters: the palette of layers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
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
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from widgets import typography
from widgets.fuzzy import search
from widgets.icons import Icons
from widgets.painting import rounded
from widgets.tokens import RADIUS_INPUT, Tokens
from widgets.undo_keys import UndoKeys

Index = QModelIndex | QPersistentModelIndex

_ROW = 27
_HEADING = 30
_FIRST_HEADING = 22


@dataclass(frozen=True)
class Item:
    """One thing: `family` gives its dot a colour, `trailing` stands dimmed at the right (×4)."""

    key: str
    title: str
    group: str
    family: str
    synonyms: tuple[str, ...] = ()
    tooltip: str = ""
    trailing: str = ""


def matching(query: str, items: Sequence[Item]) -> list[Item]:
    """The items that answer `query`, best group first, best item first, each thing once; all without a query."""
    if not query.strip():
        return list(items)
    once = {item.key: item for item in reversed(items)}
    unique = [item for item in items if once[item.key] is item]
    found = search(query, unique, lambda item: (item.title, *item.synonyms))
    groups: dict[str, list[Item]] = {}
    for _, item in found:
        groups.setdefault(item.group, []).append(item)
    return [item for group in groups.values() for item in group]


class _Model(QAbstractListModel):
    """Rows are items and, as plain texts, the headings between them."""

    def __init__(self, mime_type: str, parent: QObject) -> None:
        super().__init__(parent)
        self._mime_type = mime_type
        self.rows: list[Item | str] = []

    def show_items(self, items: Sequence[Item]) -> None:
        self.beginResetModel()
        self.rows = []
        for group, members in groupby(items, key=lambda item: item.group):
            if group:
                self.rows.append(group)
            self.rows.extend(members)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not 0 <= index.row() < len(self.rows):
            return None
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row if isinstance(row, str) else row.title
        if role == Qt.ItemDataRole.ToolTipRole and isinstance(row, Item):
            return row.tooltip
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or isinstance(self.rows[index.row()], str):
            return Qt.ItemFlag.NoItemFlags
        enabled = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return enabled | Qt.ItemFlag.ItemIsDragEnabled if self._mime_type else enabled

    def mimeTypes(self) -> list[str]:
        return [self._mime_type]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        row = self.rows[indexes[0].row()]
        if isinstance(row, Item):
            data.setData(self._mime_type, row.key.encode())
            data.setText(row.title)
        return data


class _Painter(QStyledItemDelegate):
    def __init__(self, tokens: Tokens, parent: QObject) -> None:
        super().__init__(parent)
        self.tokens = tokens

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        if isinstance(index.data(Qt.ItemDataRole.UserRole), Item):
            return QSize(80, _ROW)
        return QSize(80, _HEADING if index.row() else _FIRST_HEADING)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        rect = QRectF(option.rect)
        row = index.data(Qt.ItemDataRole.UserRole)
        if isinstance(row, Item):
            self._paint_item(painter, rect, option.state, row)
        else:
            self._paint_heading(painter, rect, row)
        painter.restore()

    def _paint_heading(self, painter: QPainter, rect: QRectF, text: str) -> None:
        painter.setFont(typography.heading())
        painter.setPen(QColor(self.tokens.faint))
        area = rect.adjusted(2, 0, -2, -5)
        # The metrics know the capitals of the font, the text keeps its case.
        shown = QFontMetrics(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, int(area.width()))
        painter.drawText(area, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, shown)

    def _paint_item(self, painter: QPainter, rect: QRectF, state: QStyle.StateFlag, item: Item) -> None:
        tokens = self.tokens
        ground = rect.adjusted(0, 0.5, 0, -0.5)
        if state & QStyle.StateFlag.State_Selected:
            rounded(painter, ground, RADIUS_INPUT, tokens.accent_soft)
        elif state & QStyle.StateFlag.State_MouseOver:
            rounded(painter, ground, RADIUS_INPUT, tokens.hover)
        rounded(painter, QRectF(rect.left() + 8, rect.center().y() - 4, 8, 8), 2.5, tokens.family(item.family))
        text = rect.adjusted(26, 0, -8, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        if item.trailing:
            painter.setFont(typography.tabular(typography.caption()))
            painter.setPen(QColor(tokens.faint))
            painter.drawText(text, middle | Qt.AlignmentFlag.AlignRight, item.trailing)
            text.setRight(text.right() - QFontMetrics(painter.font()).horizontalAdvance(item.trailing) - 8)
        painter.setFont(typography.body())
        painter.setPen(QColor(tokens.text))
        width = int(text.width())
        shown = QFontMetrics(painter.font()).elidedText(item.title, Qt.TextElideMode.ElideRight, width)
        painter.drawText(text, middle | Qt.AlignmentFlag.AlignLeft, shown)


class _View(QListView):
    """The list; where it is empty it says so."""

    def __init__(self, tokens: Tokens, parent: QWidget) -> None:
        super().__init__(parent)
        self.tokens = tokens
        self.empty_text = ""
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setDragDropMode(QListView.DragDropMode.DragOnly)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.empty_text and self.model().rowCount() == 0:
            painter = QPainter(self.viewport())
            painter.setFont(typography.body())
            painter.setPen(QColor(self.tokens.dim))
            area = QRectF(self.viewport().rect()).adjusted(8, 12, -8, -8)
            flags = Qt.AlignmentFlag.AlignTop.value | Qt.TextFlag.TextWordWrap.value
            painter.drawText(area, flags, self.empty_text)


class SearchableList(QWidget):
    """Search field and list. Enter, or a double click, chooses; `choose_on_click` makes one click enough.

    With Shift, Enter and the click choose in another way (`chosen_apart`), where `apart` says that there is one.
    """

    chosen = Signal(str)
    chosen_apart = Signal(str)

    def __init__(
        self,
        tokens: Tokens,
        icons: Icons,
        *,
        placeholder: str,
        mime_type: str = "",
        empty_text: Callable[[str], str] = lambda query: "",
        choose_on_click: bool = False,
        apart: bool = False,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icons = icons
        self._items: tuple[Item, ...] = ()
        self._empty_text = empty_text
        self._apart = apart
        self._field = QLineEdit(self)
        self._field.setPlaceholderText(placeholder)
        self._field.setAccessibleName(name or placeholder)
        self._field.textChanged.connect(self._filter)
        self._field.installEventFilter(self)
        UndoKeys(self._field)
        self._glass = self._field.addAction(icons.icon("search", tokens.faint), _LEADING)
        self._model = _Model(mime_type, self)
        self._view = _View(tokens, self)
        self._view.setAccessibleName(name or placeholder)
        self._painter = _Painter(tokens, self._view)
        self._view.setItemDelegate(self._painter)
        self._view.setModel(self._model)
        self._view.setDragEnabled(bool(mime_type))
        (self._view.clicked if choose_on_click else self._view.doubleClicked).connect(self._choose)
        self._view.installEventFilter(self)
        self.setFocusProxy(self._field)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._field)
        column.addWidget(self._view, 1)

    def set_items(self, items: Sequence[Item]) -> None:
        """Show other things; the search, and the place in an unchanged list, stay."""
        if tuple(items) != self._items:
            self._items = tuple(items)
            self._filter()

    def set_query(self, text: str) -> None:
        """Search for something, as if it were typed."""
        self._field.setText(text)

    def query(self) -> str:
        """What is searched for."""
        return self._field.text()

    def shown(self) -> tuple[Item, ...]:
        """The things in sight, from top to bottom."""
        return tuple(row for row in self._model.rows if isinstance(row, Item))

    def current(self) -> str:
        """The key of the marked thing, or nothing."""
        row = self._view.currentIndex().data(Qt.ItemDataRole.UserRole)
        return row.key if isinstance(row, Item) else ""

    def mark_first(self) -> None:
        """Mark the first thing, for Enter to choose."""
        self._view.scrollToTop()
        self._view.setCurrentIndex(QModelIndex())
        self._step(1)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._painter.tokens = self._view.tokens = tokens
        self._glass.setIcon(self._icons.icon("search", tokens.faint))
        self._view.viewport().update()

    def _filter(self) -> None:
        query = self.query()
        scrolled = self._view.verticalScrollBar().value()
        self._model.show_items(matching(query, self._items))
        self._view.empty_text = self._empty_text(query)
        if query.strip():
            self.mark_first()
        else:
            self._view.verticalScrollBar().setValue(scrolled)

    def _step(self, by: int) -> None:
        """Mark the next thing in a direction; headings are passed over."""
        row = self._view.currentIndex().row() + by
        while 0 <= row < len(self._model.rows):
            if isinstance(self._model.rows[row], Item):
                self._view.setCurrentIndex(self._model.index(row, 0))
                return
            row += by

    def _choose(self, index: QModelIndex) -> None:
        row = index.data(Qt.ItemDataRole.UserRole)
        if isinstance(row, Item):
            shift = bool(QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier)
            (self.chosen_apart if self._apart and shift else self.chosen).emit(row.key)

    def _pressed(self, key: int, from_field: bool) -> bool:
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self._view.currentIndex())
        elif from_field and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._step(1 if key == Qt.Key.Key_Down else -1)
        elif key == Qt.Key.Key_Escape and self.query():
            self._field.clear()
        else:
            return False
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._pressed(event.key(), watched is self._field)
        return super().eventFilter(watched, event)


_LEADING = QLineEdit.ActionPosition.LeadingPosition
