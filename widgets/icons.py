"""Icons from SVG files, tinted from the theme and sharp at every pixel ratio."""

import re
from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

SIZES = (16, 20)
PICTURE_SIZES = (16, 24, 32, 48, 64, 128, 256)
STROKE = 1.5
"""Width of the line in pixels at every size; the files hold it in their own units of 24 to the icon."""


class Icons:
    """The icons of one folder by the name of their file. Unknown names raise FileNotFoundError."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._icons: dict[tuple[str, str, str], QIcon] = {}
        self._source = lru_cache(maxsize=None)(self._read)

    def names(self) -> tuple[str, ...]:
        """Every icon there is."""
        return tuple(sorted(path.stem for path in self._directory.glob("*.svg")))

    def icon(self, name: str, colour: str, disabled: str = "") -> QIcon:
        """The icon in one colour, and in `disabled` on controls that are off (else the style fades it)."""
        key = (name, colour, disabled)
        if key not in self._icons:
            icon = QIcon()
            for size in SIZES:
                for ratio in _ratios():
                    icon.addPixmap(self.pixmap(name, colour, size, ratio))
                    if disabled:
                        icon.addPixmap(self.pixmap(name, disabled, size, ratio), QIcon.Mode.Disabled)
            self._icons[key] = icon
        return self._icons[key]

    def pixmap(self, name: str, colour: str, size: int = 16, ratio: float = 1.0) -> QPixmap:
        """The icon as one pixmap of `size` logical pixels."""
        text = self._source(name).replace("currentColor", colour)
        text = re.sub(r'stroke-width="2"', f'stroke-width="{STROKE * 24 / size:.3f}"', text)
        return _rendered(text, size, ratio)

    def picture(self, name: str) -> QIcon:
        """A coloured file as it is, in the sizes that a window's icon needs."""
        icon = QIcon()
        for size in PICTURE_SIZES:
            icon.addPixmap(_rendered(self._source(name), size, 1.0))
        return icon

    def svg(self, name: str, colour: str) -> bytes:
        """The tinted file itself."""
        return self._source(name).replace("currentColor", colour).encode()

    def _read(self, name: str) -> str:
        return (self._directory / f"{name}.svg").read_text(encoding="utf-8")


def _ratios() -> list[float]:
    return sorted({screen.devicePixelRatio() for screen in QGuiApplication.screens()} or {1.0})


def _rendered(svg: str, size: int, ratio: float) -> QPixmap:
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    image = QImage(QSize(round(size * ratio), round(size * ratio)), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter, QRectF(image.rect()))
    painter.end()
    image.setDevicePixelRatio(ratio)
    return QPixmap.fromImage(image)
