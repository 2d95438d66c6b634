"""A view in which titles of frames and notes are written where they stand, with a map of the whole in its corner."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QKeyEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from widgets.node_canvas.chooser import ChooserView
from widgets.node_canvas.frame_painter import title_strips
from widgets.node_canvas.metrics import CAPTION_PX, FRAME_TITLE_PX
from widgets.node_canvas.minimap import Minimap
from widgets.node_canvas.scene import Scene
from widgets.tokens import DARK, Tokens

LEAST = 160.0, 28.0
LEAST_PX = 11.0
Key = Qt.Key


class WritingView(ChooserView):
    """At most one text is written at a time; it follows when the view or the scene changes below it."""

    title_written = Signal(str, str)
    """frame, new title."""
    note_written = Signal(str, str)
    """node, new text; emitted also for a note that stays empty, so that its owner can take it away."""

    def __init__(self, tokens: Tokens = DARK, parent: QWidget | None = None) -> None:
        super().__init__(tokens, parent)
        self._names = "Title", "Note"
        self._writing: InlineEditor | None = None
        self.minimap = Minimap(self.graph, tokens, self._go, self)
        self.view_changed.connect(self._follow_view)

    def set_editor_names(self, title: str, note: str) -> None:
        """Say what is written to who cannot see it."""
        self._names = title, note

    def set_scene(self, scene: Scene) -> None:
        """Show `scene`; what is written stays open if it still is about something."""
        super().set_scene(scene)
        self._follow_view()

    def set_tokens(self, tokens: Tokens) -> None:
        """Paint in the colours of another theme."""
        super().set_tokens(tokens)
        self.minimap.set_tokens(tokens)

    def toggle_minimap(self) -> None:
        """Show the whole graph in the corner, or not."""
        self.minimap.setVisible(self.minimap.isHidden())
        self._follow_view()

    def activate(self, row: int) -> None:
        """Open a node: a note is written in, every other one is the owner's affair."""
        box = self.graph.nodes.boxes[row]
        if box.note is None:
            super().activate(row)
        else:
            self.edit_note(box.id)

    def edit_title(self, frame: str) -> None:
        """Write the title of a frame."""
        found = next((box for box in self.graph.frames.boxes if box.id == frame), None)
        if found is not None:

            def done(text: str) -> None:
                if text.strip() != found.title:
                    self.title_written.emit(frame, text.strip())

            self._write(found.title, self._names[0], lambda: self._title_rect(frame), done, FRAME_TITLE_PX)

    def edit_note(self, note: str) -> None:
        """Write a note."""
        row = self.graph.nodes.index.get(note)
        old = None if row is None else self.graph.nodes.boxes[row].note
        if old is not None:

            def done(text: str) -> None:
                if text.strip() != old or not text.strip():
                    self.note_written.emit(note, text.strip())

            def place() -> QRectF | None:
                return self.node_rect(note) if note in self.graph.nodes.index else None

            self._write(old, self._names[1], place, done, CAPTION_PX, lines=True)

    def _title_rect(self, frame: str) -> QRectF | None:
        rows = [row for row, box in enumerate(self.graph.frames.boxes) if box.id == frame]
        if not rows:
            return None
        strips = title_strips(self.graph.frame_rects[rows], self.scale, self._tier())
        return self.camera.rect_to_widget(strips[0])

    def _write(
        self,
        text: str,
        name: str,
        place: Callable[[], QRectF | None],
        done: Callable[[str], None],
        pixels: float,
        *,
        lines: bool = False,
    ) -> None:
        if self._writing is not None:
            self._writing.end(keep=True)
        self._writing = InlineEditor(self, text, name, place, pixels, lines=lines)
        self._writing.finished.connect(self._written)
        self._writing.kept.connect(done)
        self._follow_view()
        self._writing.show()
        self._writing.setFocus(Qt.FocusReason.OtherFocusReason)

    def _written(self) -> None:
        self._writing = None

    def _go(self, at: QPointF) -> None:
        self.look_at(at)

    def _follow_view(self) -> None:
        """What lies above the scene goes along with it."""
        if self._writing is not None:
            self._writing.follow(self.scale)
        if not self.minimap.isHidden():
            self.minimap.follow(self.visible_box())


class InlineEditor(QPlainTextEdit):
    """Enter keeps what is written (with Ctrl where it may have several lines), Escape does not; leaving does."""

    kept = Signal(str)
    """What stands there in the end."""
    finished = Signal()

    def __init__(
        self,
        parent: QWidget,
        text: str,
        name: str,
        place: Callable[[], QRectF | None],
        pixels: float,
        *,
        lines: bool,
    ) -> None:
        super().__init__(text, parent)
        self._before = text
        self._place, self._pixels, self._lines, self._ended = place, pixels, lines, False
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.Box)
        self.setTabChangesFocus(True)
        off = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setHorizontalScrollBarPolicy(off)
        if not lines:
            self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
            self.setVerticalScrollBarPolicy(off)
        self.document().setDocumentMargin(3)
        self.selectAll()

    def follow(self, scale: float) -> None:
        """Stand where the text stands, large enough to read; end where that is gone."""
        rect = self._place()
        if rect is None:
            self.end(keep=False)
            return
        font = QFont(self.font())
        font.setPixelSize(round(max(self._pixels * scale, LEAST_PX)))
        self.setFont(font)
        line = self.fontMetrics().height() + 10.0
        rect.setWidth(max(rect.width(), LEAST[0]))
        rect.setHeight(max(rect.height(), 3 * line if self._lines else line, LEAST[1]))
        self.setGeometry(rect.toAlignedRect())

    def end(self, *, keep: bool) -> None:
        """Stop writing, once."""
        if self._ended:
            return
        self._ended = True
        canvas, focused = self.parentWidget(), self.hasFocus()
        self.hide()
        self.deleteLater()
        self.finished.emit()
        if focused and canvas is not None:
            canvas.setFocus(Qt.FocusReason.OtherFocusReason)
        text = self.toPlainText() if keep else self._before
        self.kept.emit(text if self._lines else " ".join(text.split()))

    def event(self, event: QEvent) -> bool:
        """While something is written, keys are letters and not shortcuts."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Escape end."""
        enter = event.key() in (Key.Key_Return, Key.Key_Enter)
        if event.key() == Key.Key_Escape:
            self.end(keep=False)
        elif enter and (not self._lines or event.modifiers() & Qt.KeyboardModifier.ControlModifier):
            self.end(keep=True)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Whoever goes elsewhere has written what was to be written; a menu or another window is no elsewhere."""
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self.end(keep=True)
