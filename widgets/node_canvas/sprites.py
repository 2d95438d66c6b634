"""The bodies of nodes as pixmaps, shared by all nodes that look alike, drawn for exactly one size of device pixels."""

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap

from widgets.node_canvas.metrics import (
    LINE_HEIGHT,
    PAD,
    PORT_DOT,
    TEXT_LEFT,
    TEXT_RIGHT,
    TITLE_HEIGHT,
    Floats,
)
from widgets.tokens import RADIUS_CARD, Tokens

MARGIN = 12.0
"""Room around a node for its shadow and its glow, in units of the scene."""
MOST_BYTES = 64_000_000
BAR = QRectF(12, PAD + 2, 4, TITLE_HEIGHT - 4)
SIGN_SIZE = 11.0


class Tier(IntEnum):
    """How much of a graph is painted."""

    FAR = 0
    MIDDLE = 1
    NEAR = 2


class Card(NamedTuple):
    """What makes the surface of one node look different from another's."""

    width: float
    height: float
    problem: int
    selected: bool
    hovered: bool
    tint: str = ""
    """The family whose colour fills the card: from afar it stands for all that is left out."""
    note: bool = False


@dataclass(frozen=True, slots=True)
class Sprite:
    """A pixmap and how far it reaches beyond what it stands for, in device pixels."""

    pixmap: QPixmap
    margin: int


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars of all families in one pixmap."""

    pixmap: QPixmap
    cells: Floats
    """x, y, width, height in the pixmap by [height of the node, family]."""
    corners: Floats
    """Where the bar lies in the node, by height of the node."""


class Sprites:
    """Pixmaps for one theme; another scale drops them, as zooming rarely comes back at once."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._factor = 0.0
        self._bytes = 0
        self._cards: dict[Card, Sprite] = {}
        self._bars: dict[tuple[tuple[str, ...], tuple[float, ...], Tier], Bars] = {}
        self._parts: dict[tuple[str, str], QPixmap] = {}

    def at(self, factor: float) -> None:
        """Draw from now on for `factor` device pixels to a unit of the scene."""
        if factor != self._factor or self._bytes > MOST_BYTES:
            self._factor, self._bytes = factor, 0
            self._cards.clear()
            self._bars.clear()
            self._parts.clear()

    def card(self, card: Card) -> Sprite:
        """The surface of a node."""
        found = self._cards.get(card)
        if found is None:
            found = self._cards[card] = self._draw_card(card)
            self._bytes += found.pixmap.width() * found.pixmap.height() * 4
        return found

    def bars(self, families: tuple[str, ...], heights: tuple[float, ...], tier: Tier) -> Bars:
        """The bars of all families in nodes of these heights."""
        key = families, heights, tier
        if key not in self._bars:
            self._bars[key] = self._draw_bars(families, [bar_of(height, tier) for height in heights])
        return self._bars[key]

    def port(self, look: str) -> QPixmap:
        """The dot of a port: lit (it may receive the wire being drawn) or aimed (at)."""
        key = "port", look
        if key not in self._parts:
            size = PORT_DOT + 2 if look == "lit" else PORT_DOT + 6
            self._parts[key] = _blank(self._dot_side(size + 2), self._dot_side(size + 2))
            with QPainter(self._parts[key]) as painter:
                lines = self._tokens.panel, self._tokens.accent
                fill, line = lines if look == "lit" else lines[::-1]
                self._put_dot(painter, 0, fill, line, size, 2.0)
        return self._parts[key]

    def ports(self) -> QPixmap:
        """Two square cells: the dot of an open port, and that of a wired one."""
        key = "port", "both"
        if key not in self._parts:
            side = self._dot_side(PORT_DOT + 2.5)
            self._parts[key] = _blank(2 * side, side)
            with QPainter(self._parts[key]) as painter:
                tokens = self._tokens
                self._put_dot(painter, 0, tokens.panel, tokens.wire, PORT_DOT - 1, 1.25)
                self._put_dot(painter, side, tokens.wire, tokens.panel, PORT_DOT + 1, 1.5)
        return self._parts[key]

    def badge(self, problem: int, size: float) -> QPixmap:
        """The sign of a problem by itself, `size` device pixels wide."""
        key = "badge", f"{problem} {size}"
        if key not in self._parts:
            self._parts[key] = _blank(math.ceil(size) + 2, math.ceil(size) + 2)
            with QPainter(self._parts[key]) as painter:
                paint_sign(painter, QRectF(1, 1, size, size), problem, self._tokens)
        return self._parts[key]

    def _dot_side(self, size: float) -> int:
        return 2 * math.ceil(size * self._factor / 2) + 1

    def _put_dot(self, painter: QPainter, left: int, fill: str, line: str, size: float, width: float) -> None:
        k, side = self._factor, painter.device().height()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(line), width * k))
        painter.setBrush(QColor(fill))
        painter.drawEllipse(QPointF(left + side / 2, side / 2), size * k / 2, size * k / 2)

    def _draw_bars(self, families: tuple[str, ...], bars: list[QRectF]) -> Bars:
        sizes = [(max(self._px(bar.width()), 1), max(self._px(bar.height()), 1)) for bar in bars]
        kinds = {size: row for row, size in enumerate(dict.fromkeys(sizes))}
        tall, wide = max(height for _, height in kinds), max(width for width, _ in kinds) + 1
        cells = np.zeros((len(bars), len(families), 4))
        for row, size in enumerate(sizes):
            cells[row, :, 0] = np.arange(len(families)) * wide
            cells[row, :, 1] = kinds[size] * tall
            cells[row, :, 2:] = size
        pixmap = _blank(wide * len(families), tall * len(kinds))
        with QPainter(pixmap) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            for column, family in enumerate(families):
                painter.setBrush(QColor(self._tokens.family(family)))
                for (width, height), row in kinds.items():
                    place = QRectF(column * wide, row * tall, width, height)
                    painter.drawRoundedRect(place, width / 2, width / 2)
        return Bars(pixmap, cells, np.array([(self._px(bar.x()), self._px(bar.y())) for bar in bars]))

    def _px(self, units: float) -> int:
        return round(units * self._factor)

    def _draw_card(self, card: Card) -> Sprite:
        k = self._factor
        bare = self._tokens.dark and not card.selected
        margin = 0 if bare else math.ceil(MARGIN * k)
        size = max(self._px(card.width), 1), max(self._px(card.height), 1)
        pixmap = _blank(size[0] + 2 * margin, size[1] + 2 * margin)
        with QPainter(pixmap) as painter:
            paint_card(painter, QRectF(margin, margin, *size), card, self._tokens, k)
        return Sprite(pixmap, margin)


def bar_of(height: float, tier: Tier) -> QRectF:
    """The bar of the family in a node of this height: beside the title, or all along where that stands alone."""
    return BAR if tier == Tier.NEAR else QRectF(10, 9, 5, height - 18)


def sign_place(width: float, message: bool) -> tuple[float, float]:
    """The corner of the sign in a node with a problem."""
    if message:
        return TEXT_LEFT, PAD + TITLE_HEIGHT + (LINE_HEIGHT - SIGN_SIZE) / 2
    return width - TEXT_RIGHT - SIGN_SIZE, PAD + (TITLE_HEIGHT - SIGN_SIZE) / 2


def paint_card(painter: QPainter, rect: QRectF, card: Card, tokens: Tokens, k: float) -> None:
    """Paint a node's surface with its shadow, line and glow."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    radius = RADIUS_CARD * k
    if not tokens.dark:
        _shadow(painter, rect, radius, k)
    if card.selected:
        _glow(painter, rect, radius, k, tokens)
    line, width = _outline(card, tokens, k)
    painter.setBrush(_surface(card, tokens))
    painter.setPen(QPen(line, width))
    inset = width / 2
    painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), radius - inset, radius - inset)
    if card.selected and card.problem:
        ring = 2.25 * k
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(tokens.accent), max(1.5 * k, 1)))
        painter.drawRoundedRect(rect.adjusted(-ring, -ring, ring, ring), radius + ring, radius + ring)


def paint_sign(painter: QPainter, rect: QRectF, problem: int, tokens: Tokens) -> None:
    """Paint an exclamation mark on a disc for an error, on a triangle for a warning."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(tokens.bad if problem == 2 else tokens.warn))
    centre, size = rect.center(), rect.width()
    if problem == 2:
        painter.drawEllipse(rect)
        top, bottom = centre.y() - 0.27 * size, centre.y() + 0.08 * size
    else:
        shape = QPainterPath(QPointF(centre.x(), rect.top() + 0.02 * size))
        shape.lineTo(rect.right() + 0.02 * size, rect.bottom() - 0.04 * size)
        shape.lineTo(rect.left() - 0.02 * size, rect.bottom() - 0.04 * size)
        shape.closeSubpath()
        painter.drawPath(shape)
        top, bottom = centre.y() - 0.14 * size, centre.y() + 0.16 * size
    mark = QPen(QColor(tokens.panel), 0.14 * size)
    mark.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(mark)
    painter.drawLine(QPointF(centre.x(), top), QPointF(centre.x(), bottom))
    painter.drawPoint(QPointF(centre.x(), bottom + 0.2 * size))


def mixed(ground: str, colour: str, share: float) -> QColor:
    """`colour` laid over `ground`, covering it by `share` (0 to 1)."""
    a, b = QColor(ground), QColor(colour)
    pairs = (a.redF(), b.redF()), (a.greenF(), b.greenF()), (a.blueF(), b.blueF())
    return QColor.fromRgbF(*(u + (v - u) * share for u, v in pairs))


def _surface(card: Card, tokens: Tokens) -> QColor:
    if card.note:
        return QColor(tokens.warn_soft)
    return mixed(tokens.panel, tokens.family(card.tint), 0.5) if card.tint else QColor(tokens.panel)


def _outline(card: Card, tokens: Tokens, k: float) -> tuple[QColor, float]:
    if card.problem:
        return QColor(tokens.bad if card.problem == 2 else tokens.warn), max(1.25 * k, 1.0)
    if card.selected:
        return QColor(tokens.accent), max(1.5 * k, 1.0)
    if card.hovered:
        return mixed(tokens.line, tokens.dim, 0.6), 1.0
    if card.note:
        return mixed(tokens.warn_soft, tokens.warn, 0.35), 1.0
    return QColor(tokens.line), 1.0


def _shadow(painter: QPainter, rect: QRectF, radius: float, k: float) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    for spread, drop, alpha in ((6, 4, 3), (4.5, 3, 4), (3, 2.2, 5), (1.5, 1.4, 7), (0.5, 0.8, 10)):
        painter.setBrush(QColor(20, 28, 48, alpha))
        grow = spread * k
        shade = rect.adjusted(-grow, -grow, grow, grow).translated(0, drop * k)
        painter.drawRoundedRect(shade, radius + grow, radius + grow)


def _glow(painter: QPainter, rect: QRectF, radius: float, k: float, tokens: Tokens) -> None:
    colour = QColor(tokens.accent)
    painter.setPen(Qt.PenStyle.NoPen)
    for spread, alpha in ((7, 10), (5.5, 14), (4, 22), (2.8, 34)):
        colour.setAlpha(alpha)
        painter.setBrush(colour)
        grow = spread * k
        painter.drawRoundedRect(rect.adjusted(-grow, -grow, grow, grow), radius + grow, radius + grow)


def _blank(width: int, height: int) -> QPixmap:
    pixmap = QPixmap(max(width, 1), max(height, 1))
    pixmap.fill(Qt.GlobalColor.transparent)
    return pixmap
