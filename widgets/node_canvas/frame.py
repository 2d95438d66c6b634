"""What one frame is painted from, and what painting keeps from frame to frame."""

from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QRectF, QSizeF
from PySide6.QtGui import QFont, QPainter, QPainterPath, QPixmap, QTransform

from widgets.node_canvas.batch import Copies, Lines, Rects
from widgets.node_canvas.camera import Camera
from widgets.node_canvas.geometry import Geometry
from widgets.node_canvas.marks import Marks
from widgets.node_canvas.metrics import Floats
from widgets.node_canvas.scene import Picture
from widgets.node_canvas.sprites import Sprites, Tier
from widgets.node_canvas.texts import FINENESS, Texts
from widgets.tokens import Tokens

FAR_SCALE, MIDDLE_SCALE = 0.30, 0.70
MOST_NEAR, MOST_MIDDLE, MOST_CARDS = 200, 300, 200
MOST_CURVES, MOST_BENT, MOST_SMOOTH = 150, 400, 2000
"""Beyond so many nodes or wires in view less of each is painted, so that no frame takes long."""
PIECES = 8
BLEED = 24.0


@dataclass(frozen=True, slots=True)
class Detail:
    """How much to paint; it follows from the whole view, so that strips of it fit together."""

    tier: Tier
    cards: bool
    """From afar: rounded cards, not plain boxes."""
    pieces: int
    """Of how many straight pieces a turn of a wire is made; 0 is a true curve."""
    smooth: bool
    """Straight lines antialiased."""


class Paintbox:
    """Caches for one theme and font."""

    def __init__(self, tokens: Tokens, font: QFont) -> None:
        self.tokens = tokens
        self.sprites = Sprites(tokens)
        self.texts = Texts(font)
        self.paths: dict[int, QPainterPath] = {}
        """Courses of wires by their stamp."""
        self.pictures: dict[tuple[int, int, int], tuple[Picture, QPixmap]] = {}
        """Pictures beside wires, by identity and size in device pixels."""
        self.rects = Rects()
        self.lines = Lines()
        self.copies = Copies()


@dataclass(slots=True)
class Frame:
    """One painting: what, from where, with what."""

    painter: QPainter
    area: QRectF
    """What has to be painted, in pixels of the widget."""
    geometry: Geometry
    camera: Camera
    detail: Detail
    marks: Marks
    box: Paintbox
    view: Floats = field(init=False)
    """The box of the scene whose contents may reach into the area."""
    origin: tuple[int, int] = field(init=False)
    """Where the scene's origin lies, in device pixels."""

    def __post_init__(self) -> None:
        camera = self.camera
        bleed = bleed_at(camera.scale)
        self.view = np.array(camera.rect_to_scene(self.area.adjusted(-bleed, -bleed, bleed, bleed)))
        self.origin = round(camera.x * camera.dpr), round(camera.y * camera.dpr)

    def use_device_pixels(self) -> None:
        """Let the painter's coordinates be device pixels."""
        self.painter.setWorldTransform(QTransform.fromScale(1 / self.camera.dpr, 1 / self.camera.dpr))

    def use_scene(self, width: int) -> None:
        """Let the painter's coordinates be the scene's, moved to where lines so many device pixels wide are sharp."""
        middle = width % 2 / 2
        k, dpr = self.camera.scale, self.camera.dpr
        x, y = self.origin
        self.painter.setWorldTransform(QTransform(k, 0, 0, k, (x + middle) / dpr, (y + middle) / dpr))

    def use_text(self) -> float:
        """Let the painter's coordinates be those of laid out texts; return device pixels to one of them."""
        k = self.camera.scale / FINENESS
        self.painter.setWorldTransform(QTransform.fromScale(k, k))
        return k * self.camera.dpr


def bleed_at(scale: float) -> float:
    """How far shadows, glows, ports and badges reach beyond what they belong to, in pixels."""
    return max(BLEED, BLEED * scale)


def detail_of(geometry: Geometry, camera: Camera, size: QSizeF) -> Detail:
    """How much to paint in a widget of `size`."""
    view = np.array(camera.rect_to_scene(QRectF(0, 0, size.width(), size.height())))
    num_nodes, num_wires = len(geometry.nodes_in(view)), len(geometry.wires_in(view))
    tier = full_detail(camera.scale).tier
    if num_nodes > MOST_MIDDLE:
        tier = Tier.FAR
    elif num_nodes > MOST_NEAR:
        tier = min(tier, Tier.MIDDLE)
    return Detail(tier, num_nodes <= MOST_CARDS, _pieces(tier, num_wires), num_wires <= MOST_SMOOTH)


def full_detail(scale: float) -> Detail:
    """How much to paint at a scale when time does not matter."""
    tier = Tier.FAR if scale <= FAR_SCALE else Tier.MIDDLE if scale <= MIDDLE_SCALE else Tier.NEAR
    return Detail(tier, cards=True, pieces=0, smooth=True)


def _pieces(tier: Tier, num_wires: int) -> int:
    if num_wires <= MOST_CURVES or tier == Tier.NEAR:
        return 0
    return PIECES if num_wires <= MOST_BENT or tier == Tier.MIDDLE else 1
