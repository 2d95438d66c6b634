"""Small pieces that panels are put together from, dressed by the theme."""

import time
from collections.abc import Sequence
from typing import TypeVar

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QTreeWidget,
    QVBoxLayout,
    QWidget,
)

from widgets import typography
from widgets.elided import ElidedLabel
from widgets.form_values import Field
from widgets.painting import tint
from widgets.section import SectionLabel
from widgets.stylesheet import set_look
from widgets.tokens import Tokens
from workbench.core import wording
from workbench.core.catalogue import FieldInfo
from workbench.core.i18n import tr
from workbench.core.problems import Problem
from workbench.ui.theme import Theme

ICON, GAP = 16, 5
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Text(QLabel):
    """Words in one of the tokens' colours that wrap where they must."""

    def __init__(
        self, theme: Theme, text: str = "", *, role: str = "text", font: QFont | None = None, wrap: bool = False
    ) -> None:
        super().__init__(text)
        self._role = role
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        if font is not None:
            self.setFont(font)
        self.set_tokens(theme.tokens)
        theme.follow(self)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        tint(self, getattr(tokens, self._role))


class IconButton(QPushButton):
    """A button with an icon of the theme, and a text or a tooltip."""

    def __init__(self, theme: Theme, icon: str, text: str = "", *, look: str = "normal", tooltip: str = "") -> None:
        super().__init__(text)
        self._theme, self._icon, self._look = theme, icon, look
        self._text = text
        self._short = False
        set_look(self, look)
        self.setIconSize(QSize(ICON + (GAP if text else 0), ICON))
        if tooltip:
            self.setToolTip(tooltip)
        self.setAccessibleName(text or tooltip)
        self.set_tokens(theme.tokens)
        theme.follow(self)

    def setText(self, text: str) -> None:
        """Say something else, to those who hear it too."""
        self._text = text
        self.setAccessibleName(text)
        super().setText("" if self._short else text)

    def set_short(self, short: bool) -> None:
        """Show the icon alone, where there is little room."""
        if short != self._short:
            self._short = short
            super().setText("" if short else self._text)
            self.setIconSize(QSize(ICON + (0 if short else GAP), ICON))
            self.set_tokens(self._theme.tokens)

    def set_icon(self, icon: str) -> None:
        """Show another icon."""
        if icon != self._icon:
            self._icon = icon
            self.set_tokens(self._theme.tokens)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        colour = tokens.on_accent if self._look == "primary" else tokens.text
        self.setIcon(_with_gap(self._theme.icons.icon(self._icon, colour, tokens.faint), self.iconSize()))


def _with_gap(icon: QIcon, size: QSize) -> QIcon:
    """The icon with room at its right, since Qt sets icon and text close together."""
    if size.width() == size.height():
        return icon
    spaced = QIcon()
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Disabled):
        for ratio in (1.0, 2.0, 3.0):
            pixmap = QPixmap(size * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            painter.drawPixmap(0, 0, icon.pixmap(QSize(ICON, ICON), ratio, mode))
            painter.end()
            spaced.addPixmap(pixmap, mode)
    return spaced


def heading(theme: Theme, text: str) -> SectionLabel:
    """The heading of a list or a group."""
    label = SectionLabel(text, theme.tokens)
    theme.follow(label)
    return label


def elided(theme: Theme, text: str = "", *, role: str = "text", font: QFont | None = None) -> ElidedLabel:
    """One line that is cut short where there is no room."""
    label = ElidedLabel(text, theme.tokens, role=role)
    if font is not None:
        label.setFont(font)
    theme.follow(label)
    return label


def title(theme: Theme, text: str = "") -> Text:
    """The title of a panel or a card."""
    return Text(theme, text, font=typography.title())


def caption(theme: Theme, text: str = "", *, wrap: bool = True) -> Text:
    """A dim line that explains."""
    return Text(theme, text, role="dim", font=typography.caption(), wrap=wrap)


def column(*items: QWidget | QLayout | int, margin: int = 0, spacing: int = 8) -> QVBoxLayout:
    """Things below one another; a number is an extra gap, -1 takes all that is left."""
    return _filled(QVBoxLayout(), items, margin, spacing)


def row(*items: QWidget | QLayout | int, margin: int = 0, spacing: int = 8) -> QHBoxLayout:
    """Things beside one another; a number is an extra gap, -1 takes all that is left."""
    return _filled(QHBoxLayout(), items, margin, spacing)


L = TypeVar("L", bound=QBoxLayout)


def _filled(layout: L, items: Sequence[QWidget | QLayout | int], margin: int, spacing: int) -> L:
    layout.setContentsMargins(margin, margin, margin, margin)
    layout.setSpacing(spacing)
    for item in items:
        if isinstance(item, int):
            layout.addStretch(1) if item < 0 else layout.addSpacing(item)
        elif isinstance(item, QLayout):
            layout.addLayout(item)
        else:
            layout.addWidget(item)
    return layout


def align_right(table: QTreeWidget, place: int) -> None:
    """Let a column of numbers stand so that they can be compared."""
    header = table.headerItem()
    header.setTextAlignment(place, RIGHT)
    for row in range(table.topLevelItemCount()):
        item = table.topLevelItem(row)
        if item is not None:
            item.setTextAlignment(place, RIGHT)
            item.setFont(place, typography.tabular())


def moment(seconds: float) -> str:
    """A time (seconds since 1970) as people here read it; to the second, so that two runs differ."""
    return time.strftime("%d %b %H:%M:%S", time.localtime(seconds))


def scrolled(content: QWidget) -> QScrollArea:
    """Content that scrolls down when it is higher than its room."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(content)
    return area


def clear(layout: QBoxLayout) -> None:
    """Take everything out of a layout and destroy it."""
    while item := layout.takeAt(0):
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()


def form_fields(infos: Sequence[FieldInfo], columns: Sequence[str] = ()) -> list[Field]:
    """Settings of the catalogue as fields of a form, translated. `columns` are those of the data."""
    return [_field(info, columns) for info in infos]


def _field(info: FieldInfo, columns: Sequence[str]) -> Field:
    kind: str = info.kind
    choices = tuple((choice, tr(choice)) for choice in info.choices)
    if info.kind == "column":
        kind, choices = "choice", tuple((name, name) for name in columns)
    help_text = tr(info.help)
    if info.kind == "ints" and info.names:
        kind = "shape"
    if choices and kind in ("int", "pair", "triple"):
        words = ", ".join(shown for _, shown in choices)
        help_text = tr("{help}; a number, or: {words}", help=help_text, words=words)
    return Field(
        name=info.name,
        label=tr(info.label),
        kind=kind,
        default=info.default,
        minimum=info.minimum,
        maximum=info.maximum,
        choices=choices,
        unit=tr(info.unit),
        help=help_text,
        optional=info.optional,
        placeholder=tr("automatic") if info.optional else "",
    )


def explain(field: Field, text: str) -> str:
    """What is wrong with a typed text, and what would be right."""
    raw = {
        "label": field.label,
        "kind": field.kind,
        "minimum": field.minimum,
        "maximum": field.maximum,
        "choices": [choice for choice, _ in field.choices],
    }
    problem = Problem("setting.range", {"name": field.name, "found": text, "field": raw})
    return wording.what(problem)
