"""The texts of nodes and wires, laid out once and drawn often."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QGlyphRun, QPainter, QTextLayout, QTextOption

from widgets.node_canvas.metrics import (
    CAPTION_PX,
    LABEL_HEIGHT,
    LABEL_PX,
    LINE_HEIGHT,
    PAD,
    SIGN,
    TEXT_LEFT,
    TEXT_RIGHT,
    TITLE_HEIGHT,
    TITLE_PX,
    node_size,
    note_lines,
    text_lines,
)
from widgets.node_canvas.scene import NodeBox

FINENESS = 2
"""Texts are laid out this many times larger and drawn smaller: sizes in pixels can then be halves."""
FAR_TITLE_PX = 20.0
"""A title that stands alone, seen from further away."""
MOST = 20_000


@dataclass(frozen=True, slots=True)
class Line:
    """A laid out text: unlike QStaticText it is not laid out again at another scale."""

    runs: tuple[QGlyphRun, ...]
    height: float


@dataclass(frozen=True, slots=True)
class Piece:
    """A text and its top left corner from the node's corner, in FINENESS-ths of the scene's unit."""

    runs: tuple[QGlyphRun, ...]
    x: float
    y: float

    def draw(self, painter: QPainter, x: float, y: float) -> None:
        """Draw it in the node whose corner is given."""
        at = QPointF(x + self.x, y + self.y)
        for run in self.runs:
            painter.drawGlyphRun(at, run)


@dataclass(frozen=True, slots=True)
class NodeTexts:
    """What is written in a node."""

    title: Piece
    lines: tuple[Piece, ...]


class Texts:
    """Laid out texts in the fonts that follow from one font."""

    def __init__(self, font: QFont) -> None:
        self.title_font = _sized(font, TITLE_PX, QFont.Weight.DemiBold)
        self.caption_font = _sized(font, CAPTION_PX, QFont.Weight.Normal)
        self.far_font = _sized(font, FAR_TITLE_PX, QFont.Weight.DemiBold)
        mono = QFont(font)
        mono.setFamilies(["JetBrains Mono", "DejaVu Sans Mono"])
        mono.setStyleHint(QFont.StyleHint.Monospace)
        mono.setFixedPitch(True)
        self.label_font = _sized(mono, LABEL_PX, QFont.Weight.Normal)
        self._nodes: dict[int, tuple[NodeBox, NodeTexts]] = {}
        self._far: dict[int, tuple[NodeBox, Piece]] = {}
        self._labels: dict[str, Piece] = {}
        self._lines: dict[tuple[str, int, float], Line] = {}

    def of_node(self, box: NodeBox) -> NodeTexts:
        """The texts of a node."""
        found = self._nodes.get(id(box))
        if found is None or found[0] is not box:
            if len(self._nodes) > MOST:
                self._nodes.clear()
            found = self._nodes[id(box)] = box, self._lay_out(box, node_size(box))
        return found[1]

    def far_title(self, box: NodeBox) -> Piece:
        """The title of a node that is seen from further away: it stands alone, and a note's is its first line."""
        found = self._far.get(id(box))
        if found is None or found[0] is not box:
            if len(self._far) > MOST:
                self._far.clear()
            found = self._far[id(box)] = box, self._lay_out_far(box, node_size(box))
        return found[1]

    def of_label(self, text: str) -> Piece:
        """The text of a wire's label, from the corner of its box."""
        found = self._labels.get(text)
        if found is None:
            if len(self._labels) > MOST:
                self._labels.clear()
            line = self._line(text, self.label_font, 1e6)
            found = self._labels[text] = _piece(line, 0.0, 0.0, LABEL_HEIGHT)
        return found

    def _lay_out(self, box: NodeBox, size: tuple[float, float]) -> NodeTexts:
        if box.note is not None:
            return self._lay_out_note(note_lines(box.note), size)
        room = size[0] - TEXT_LEFT - TEXT_RIGHT
        beside = SIGN if box.problem and not box.message else 0.0
        title = self._line(box.title, self.title_font, room - beside)
        return NodeTexts(_piece(title, TEXT_LEFT, PAD, TITLE_HEIGHT), self._below(box, room))

    def _lay_out_far(self, box: NodeBox, size: tuple[float, float]) -> Piece:
        text, left = box.title, TEXT_LEFT
        if box.note is not None:
            text, left = next(iter(note_lines(box.note)), ""), TEXT_RIGHT
        return _piece(self._line(text, self.far_font, size[0] - left - TEXT_RIGHT), left, 0, size[1])

    def _lay_out_note(self, texts: tuple[str, ...], size: tuple[float, float]) -> NodeTexts:
        room = size[0] - 2 * TEXT_RIGHT
        lines = [self._line(text, self.caption_font, room) for text in texts]
        pieces = [_piece(line, TEXT_RIGHT, PAD + row * LINE_HEIGHT, LINE_HEIGHT) for row, line in enumerate(lines)]
        return NodeTexts(Piece((), 0, 0), tuple(pieces))

    def _below(self, box: NodeBox, room: float) -> tuple[Piece, ...]:
        if not (box.problem and box.message):
            lines, left = [self._line(text, self.caption_font, room) for text in box.captions], TEXT_LEFT
        else:
            left = TEXT_LEFT + SIGN
            wrapped = _wrapped(box.message, self.caption_font, (room - SIGN) * FINENESS, min(text_lines(box), 2))
            lines = [self._line(text, self.caption_font, room - SIGN) for text in wrapped]
        top = PAD + TITLE_HEIGHT
        return tuple(_piece(line, left, top + row * LINE_HEIGHT, LINE_HEIGHT) for row, line in enumerate(lines))

    def _line(self, text: str, font: QFont, room: float) -> Line:
        key = text, id(font), room
        found = self._lines.get(key)
        if found is None:
            if len(self._lines) > MOST:
                self._lines.clear()
            found = self._lines[key] = _laid_out(text, font, room * FINENESS)
        return found


def _sized(font: QFont, pixels: float, weight: QFont.Weight) -> QFont:
    sized = QFont(font)
    sized.setPixelSize(round(pixels * FINENESS))
    sized.setWeight(weight)
    sized.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return sized


def _laid_out(text: str, font: QFont, room: float) -> Line:
    shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, room)
    layout = QTextLayout(shown, font)
    layout.beginLayout()
    line = layout.createLine()
    line.setLineWidth(1e6)
    layout.endLayout()
    return Line(tuple(layout.glyphRuns()), line.height())


def _piece(line: Line, left: float, top: float, height: float) -> Piece:
    return Piece(line.runs, left * FINENESS, (top + height / 2) * FINENESS - line.height / 2)


def _wrapped(text: str, font: QFont, width: float, most: int) -> list[str]:
    """`text` broken into at most `most` lines; the last one takes the rest."""
    layout = QTextLayout(text, font)
    layout.setTextOption(QTextOption(Qt.AlignmentFlag.AlignLeft))
    layout.beginLayout()
    starts: list[int] = []
    while len(starts) < most and (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        starts.append(line.textStart())
    layout.endLayout()
    units = text.encode("utf-16-le")  # what Qt counts in
    stops = [*starts[1:], len(units) // 2]
    return [units[2 * a : 2 * b].decode("utf-16-le").strip() for a, b in zip(starts, stops, strict=True)]
