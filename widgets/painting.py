"""What every painted widget needs: mixed colours, focus rings, tinted labels, and whether things may move."""

from functools import lru_cache

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QFocusEvent,
    QPainter,
    QPalette,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QStyle, QWidget

from widgets.tokens import Tokens

KEYBOARD_REASONS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


def mixed(ground: str | QColor, colour: str | QColor, share: float) -> QColor:
    """`colour` laid over `ground`, covering it by `share` (0 to 1)."""
    a, b = QColor(ground), QColor(colour)
    return QColor.fromRgbF(
        a.redF() + (b.redF() - a.redF()) * share,
        a.greenF() + (b.greenF() - a.greenF()) * share,
        a.blueF() + (b.blueF() - a.blueF()) * share,
    )


def faded(colour: str | QColor, alpha: float) -> QColor:
    """`colour` with an opacity of `alpha` (0 to 1)."""
    result = QColor(colour)
    result.setAlphaF(alpha)
    return result


def luminance(colour: str | QColor) -> float:
    """Relative luminance as WCAG 2 defines it."""

    def linear(c: float) -> float:
        return c / 12.92 if c <= 0.04045 else float(((c + 0.055) / 1.055) ** 2.4)

    c = QColor(colour)
    return 0.2126 * linear(c.redF()) + 0.7152 * linear(c.greenF()) + 0.0722 * linear(c.blueF())


def contrast(one: str | QColor, other: str | QColor) -> float:
    """Contrast ratio as WCAG 2 defines it, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def readable_on(ground: str | QColor) -> QColor:
    """Black or white, whichever reads better on `ground`."""
    black, white = QColor("#000000"), QColor("#ffffff")
    return black if contrast(ground, black) >= contrast(ground, white) else white


@lru_cache(maxsize=256)
def legible(colour: str, ground: str) -> str:
    """`colour`, moved towards black or white as far as text on `ground` needs it."""
    end = readable_on(ground)
    shares = (step / 20 for step in range(21))
    return next(shade for share in shares if contrast(shade := mixed(colour, end, share).name(), ground) >= 4.5)


def state_colours(tokens: Tokens, state: str) -> tuple[str, str]:
    """The mark and the soft surface of a state: ok, warn, bad, accent (or info), anything else is neutral."""
    pairs = {
        "ok": (tokens.ok, tokens.ok_soft),
        "warn": (tokens.warn, tokens.warn_soft),
        "bad": (tokens.bad, tokens.bad_soft),
        "accent": (tokens.accent, tokens.accent_soft),
        "info": (tokens.accent, tokens.accent_soft),
    }
    mark, soft = pairs.get(state, (tokens.dim, tokens.raised))
    return legible(mark, soft), soft


def rounded(
    painter: QPainter, rect: QRectF, radius: float, fill: str | QColor | None, line: str | QColor | None = None
) -> None:
    """Paint a rounded rectangle whose one pixel wide line lies inside `rect`."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor(fill) if fill is not None else Qt.BrushStyle.NoBrush)
    if line is None:
        painter.setPen(Qt.PenStyle.NoPen)
    else:
        painter.setPen(QPen(QColor(line), 1))
        rect = rect.adjusted(0.5, 0.5, -0.5, -0.5)
    painter.drawRoundedRect(rect, radius, radius)


def focus_ring(painter: QPainter, rect: QRectF, tokens: Tokens, radius: float) -> None:
    """Paint the ring that says where the keyboard is; it lies inside `rect`."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(tokens.accent), 2))
    painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), radius, radius)


def chevron(painter: QPainter, centre: QPointF, width: float, colour: str | QColor, *, up: bool) -> None:
    """Paint the small angle that opens a list or steps a value."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    pen = QPen(QColor(colour), 1.4)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    half, rise = width / 2, width / 4 * (-1 if up else 1)
    painter.drawPolyline(
        QPolygonF([centre + QPointF(-half, -rise), centre + QPointF(0, rise), centre + QPointF(half, -rise)])
    )


def tint(widget: QWidget, colour: str, *, link: str = "") -> None:
    """Give a label's text a colour through its palette, which leaves the style sheet alone.

    It lasts: a style sheet that polishes the widget, first or anew, takes back what it finds in the palette.
    """
    kept = widget.findChild(_Tint, options=Qt.FindChildOption.FindDirectChildrenOnly) or _Tint(widget)
    kept.colours = dict.fromkeys(_TEXT_ROLES, QColor(colour))
    if link:
        kept.colours[QPalette.ColorRole.Link] = QColor(link)
    kept.apply()


_TEXT_ROLES = (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText)


class _Tint(QObject):
    """Colours of its parent's palette, set again whenever the palette has lost them."""

    _EVENTS = frozenset({QEvent.Type.Polish, QEvent.Type.StyleChange, QEvent.Type.PaletteChange})

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        self.colours: dict[QPalette.ColorRole, QColor] = {}
        widget.installEventFilter(self)

    def apply(self) -> None:
        palette = self._widget.palette()
        if any(palette.color(role) != colour for role, colour in self.colours.items()):
            for role, colour in self.colours.items():
                palette.setColor(role, colour)
            self._widget.setPalette(palette)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in self._EVENTS:
            self.apply()
        return False


def by_keyboard(event: QFocusEvent) -> bool:
    """Whether focus came from the keyboard, so that its ring must be seen."""
    return event.type() == QEvent.Type.FocusIn and event.reason() in KEYBOARD_REASONS


def motion_allowed(widget: QWidget) -> bool:
    """Whether the system wants animations at all."""
    hint = QStyle.StyleHint.SH_Widget_Animation_Duration
    return widget.style().styleHint(hint, None, widget) > 0


def announce(widget: QWidget, text: str) -> None:
    """Tell a screen reader what a painted widget now points at."""
    widget.setAccessibleDescription(text)
    if text and QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))
