"""Plots as files: pictures of the widget, and the numbers behind it."""

import csv
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, QPoint, QRect, QSize
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from widgets.curve_math import Curve


def curve_table(curves: Sequence[Curve], x_label: str) -> list[list[str]]:
    """A row per x that any curve has, a column per curve, the raw numbers in full.

    A curve that has an x twice, as after going back to an earlier state, gets a second row for it.
    """
    rows: dict[tuple[float, int], list[str]] = {}
    for column, curve in enumerate(curves):
        seen: dict[float, int] = {}
        for x, y in zip(curve.x.tolist(), curve.y.tolist(), strict=True):
            seen[x] = seen.get(x, -1) + 1
            row = rows.setdefault((x, seen[x]), [""] * len(curves))
            row[column] = repr(y)
    header = [x_label or "x", *(curve.name for curve in curves)]
    return [header, *([f"{x:.17g}", *rows[x, again]] for x, again in sorted(rows))]


def write_csv(path: Path, curves: Sequence[Curve], x_label: str) -> None:
    """Write the numbers; the mark at the start tells spreadsheets that it is UTF-8."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(curve_table(curves, x_label))


def write_png(path: Path, widget: QWidget, ratio: float) -> None:
    """Write a picture of `ratio` pixels to each of the widget's. Raises OSError."""
    image = QImage(widget.size() * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(0)
    widget.render(image)
    if not QImageWriter(str(path), QByteArray(b"png")).write(image):
        raise OSError(f"cannot write {path}")


def write_svg(path: Path, widget: QWidget) -> None:
    """Write a drawing that can be scaled. Raises OSError."""
    generator = QSvgGenerator()
    generator.setFileName(str(path))
    size = QSize(widget.size())
    generator.setSize(size)
    generator.setViewBox(QRect(QPoint(0, 0), size))
    painter = QPainter()
    if not painter.begin(generator):
        raise OSError(f"cannot write {path}")
    widget.render(painter, QPoint())
    painter.end()
