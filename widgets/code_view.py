"""Source to read: numbered lines, coloured words, lines that are marked, and a line that is clicked."""

from collections.abc import Iterable, Iterator, Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
    QTextLayout,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QTextEdit, QWidget

from widgets import typography
from widgets.python_words import Kind, PythonWords
from widgets.tokens import Tokens

MARGIN = 10
_MARK = 3


class CodeView(QPlainTextEdit):
    """Shows Python source. Only lines that are seen are coloured, so long files cost no more than short ones."""

    line_chosen = Signal(int)
    """A line (from 1) was clicked, or Enter was pressed on it."""

    def __init__(self, tokens: Tokens, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens = tokens
        self._words = PythonWords("")
        self._lines = [""]
        self._coloured: set[int] = set()
        self._marked: tuple[int, ...] = ()
        self._are_marked: frozenset[int] = frozenset()
        self._is_stale = False
        self._numbers = _Numbers(self)
        self.setReadOnly(True)
        self.setAccessibleName(name)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setUndoRedoEnabled(False)
        self.setFont(typography.mono())
        self.document().setDocumentMargin(6)
        self.blockCountChanged.connect(self._make_room)
        self.updateRequest.connect(self._follow)
        self.verticalScrollBar().valueChanged.connect(self._dress)
        self.set_tokens(tokens)
        self._make_room()

    def set_code(self, text: str) -> None:
        """Show a text. What is seen stays where it is; only lines that differ are touched."""
        text = text.removesuffix("\n")
        old, new = self._lines, text.split("\n")
        if old == new:
            return
        self._lines = new
        before = _alike(old, new)
        after = min(_alike(old[::-1], new[::-1]), len(old) - before, len(new) - before)
        across, down = self.horizontalScrollBar().value(), self.verticalScrollBar().value()
        if before == after == 0:
            self.setPlainText(text)
        else:
            self._replace(before, len(old) - after, new[before : len(new) - after], at_end=not after)
        self.horizontalScrollBar().setValue(across)
        self.verticalScrollBar().setValue(down)
        self._words = PythonWords(text)
        self._coloured.clear()
        self._dress()

    def _replace(self, first: int, stop: int, lines: list[str], *, at_end: bool) -> None:
        """Put lines in the place of those from `first` (from 0) up to `stop`."""
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        if at_end:  # the last line has no end of its own: take the one before
            cursor.setPosition(self._block(first - 1).position() + self._block(first - 1).length() - 1)
            cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
            cursor.insertText("".join(f"\n{line}" for line in lines))
        else:
            cursor.setPosition(self._block(first).position())
            cursor.setPosition(self._block(stop).position(), QTextCursor.MoveMode.KeepAnchor)
            cursor.insertText("".join(f"{line}\n" for line in lines))
        cursor.endEditBlock()

    def _block(self, place: int) -> QTextBlock:
        return self.document().findBlockByNumber(place)

    @property
    def marked(self) -> tuple[int, ...]:
        """The lines (from 1) that are marked."""
        return self._marked

    def mark(self, lines: Iterable[int], *, show: bool = True) -> None:
        """Mark lines (from 1), and bring the first into view unless one of them is."""
        self._marked = tuple(lines)
        self._are_marked = frozenset(self._marked)
        self._dress()
        if show:
            self.reveal(self._marked)
        self._numbers.update()

    def reveal(self, lines: Sequence[int]) -> None:
        """Bring the first of these lines into view, unless one of them is."""
        if lines and not self._sees_any(lines):
            self.setTextCursor(QTextCursor(self._block(lines[0] - 1)))
            self.centerCursor()

    def set_stale(self, is_stale: bool) -> None:
        """Show the text greyed: it is not what it should be any more."""
        if is_stale != self._is_stale:
            self._is_stale = is_stale
            self.set_tokens(self._tokens)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        colours = self.palette()
        colours.setColor(colours.ColorRole.Base, QColor(tokens.panel))
        colours.setColor(colours.ColorRole.Text, QColor(tokens.faint if self._is_stale else tokens.text))
        self.setPalette(colours)
        role = "faint" if self._is_stale else "text"
        self.setStyleSheet(
            f"QPlainTextEdit, QPlainTextEdit:focus {{ background: {tokens.panel}; color: {getattr(tokens, role)};"
            " border: none; padding: 0; }"
        )
        self._coloured.clear()
        self._dress()
        self._numbers.update()

    def _sees_any(self, lines: Iterable[int]) -> bool:
        first = self.firstVisibleBlock().blockNumber()
        last = first + self.viewport().height() // max(1, self.fontMetrics().lineSpacing()) - 1
        return any(first <= line - 1 <= last for line in lines)

    def _seen_blocks(self) -> Iterator[QTextBlock]:
        block = self.firstVisibleBlock()
        left = self.viewport().height() // max(1, self.fontMetrics().lineSpacing()) + 2
        while block.isValid() and left > 0:
            yield block
            block, left = block.next(), left - 1

    def _dress(self) -> None:
        """Mark the lines that are seen, and colour those that were not yet."""
        selections = []
        for block in self._seen_blocks():
            number = block.blockNumber() + 1
            if number in self._are_marked:
                selection = QTextEdit.ExtraSelection()
                selection.cursor = QTextCursor(block)
                selection.format.setBackground(QColor(self._tokens.accent_soft))
                selection.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
                selections.append(selection)
            if number not in self._coloured:
                self._coloured.add(number)
                block.layout().setFormats(self._formats(block))
        self.setExtraSelections(selections)
        self.viewport().update()

    def _formats(self, block: QTextBlock) -> list[QTextLayout.FormatRange]:
        found = []
        for start, length, kind in () if self._is_stale else self._words.words(block.text(), block.position()):
            part = QTextLayout.FormatRange()
            look = QTextCharFormat()
            look.setForeground(QColor(colour_of(kind, self._tokens)))
            part.start, part.length, part.format = start, length, look
            found.append(part)
        return found

    # The margin

    def margin_width(self) -> int:
        """How wide the numbers of the lines are."""
        digits = max(2, len(str(self.blockCount())))
        return 2 * MARGIN + digits * self.fontMetrics().horizontalAdvance("9")

    def _make_room(self) -> None:
        self.setViewportMargins(self.margin_width(), 0, 0, 0)

    def _follow(self, rect: object, scrolled: int) -> None:
        if scrolled:
            self._numbers.scroll(0, scrolled)
        else:
            self._numbers.update()

    def paint_numbers(self, painter: QPainter, height: int) -> None:
        """Draw the margin."""
        painter.fillRect(0, 0, self.margin_width(), height, QColor(self._tokens.panel))
        painter.setFont(self.font())
        block, offset = self.firstVisibleBlock(), self.contentOffset()
        right = self.margin_width() - MARGIN
        while block.isValid():
            rect = self.blockBoundingGeometry(block).translated(offset)
            if rect.top() > height:
                break
            number = block.blockNumber() + 1
            if number in self._are_marked:
                painter.fillRect(QRectF(0, rect.top(), _MARK, rect.height()), QColor(self._tokens.accent))
            painter.setPen(QColor(self._tokens.text if number in self._are_marked else self._tokens.faint))
            painter.drawText(QRectF(0, rect.top(), right, rect.height()), Qt.AlignmentFlag.AlignRight, str(number))
            block = block.next()

    # Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take the margin along, and colour what came into view."""
        super().resizeEvent(event)
        room = self.contentsRect()
        self._numbers.setGeometry(room.left(), room.top(), self.margin_width(), room.height())
        self._dress()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click that selects no text chooses its line."""
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and not self.textCursor().hasSelection():
            self.line_chosen.emit(self.cursorForPosition(event.position().toPoint()).blockNumber() + 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter chooses the line of the cursor."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.line_chosen.emit(self.textCursor().blockNumber() + 1)
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """A larger font needs a wider margin."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_numbers"):
            self._make_room()


class _Numbers(QWidget):
    """The margin with the numbers of the lines."""

    def __init__(self, view: CodeView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self) -> QSize:
        """As wide as the largest number."""
        return QSize(self._view.margin_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The view knows its lines."""
        painter = QPainter(self)
        self._view.paint_numbers(painter, self.height())


def colour_of(kind: Kind, tokens: Tokens) -> str:
    """The colour of a kind of word."""
    match kind:
        case "keyword":
            return tokens.family("convolution")
        case "text":
            return tokens.ok
        case "number":
            return tokens.family("activation")
        case "comment":
            return tokens.faint
        case "name":
            return tokens.accent
        case "builtin":
            return tokens.family("normalisation")


def _alike(one: list[str], other: list[str]) -> int:
    """How many lines are the same from the beginning on."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count
