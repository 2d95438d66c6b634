"""The look of Qt's own controls: a style sheet and a palette for the Fusion style, made from the tokens."""

from dataclasses import asdict
from hashlib import sha256
from string import Template

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QAbstractSpinBox, QLineEdit, QWidget

from widgets.painting import mixed
from widgets.resources import add_files
from widgets.stylesheet_rules import RULES
from widgets.tokens import RADIUS_INPUT, Tokens

_CHEVRON_DOWN = '<path d="M4 6.2 8 10 12 6.2"/>'
_CHEVRON_UP = '<path d="M4 9.8 8 6 12 9.8"/>'
_CHEVRON_RIGHT = '<path d="M6.2 4 10 8 6.2 12"/>'
_CHECK = '<path d="M3.6 8.4 6.6 11.4 12.4 4.9"/>'
_DASH = '<path d="M4 8H12"/>'
_CROSS = '<path d="M4.5 4.5 11.5 11.5M11.5 4.5 4.5 11.5"/>'
_DOCK_CLOSE = '<path d="M2.5 2.5 13.5 13.5M13.5 2.5 2.5 13.5"/>'
_DOCK_FLOAT = '<rect x="1.5" y="5" width="9.5" height="9.5" rx="1.5"/><path d="M5 5V1.5H14.5V11H11"/>'
_DOT = '<circle cx="8" cy="8" r="2.2" fill="{colour}"/>'


def stylesheet(tokens: Tokens) -> str:
    """Rules for every standard control. Buttons look as their property `look` says; see `set_look`."""
    images = _images(tokens)
    key = sha256(repr(sorted(images.items())).encode()).hexdigest()[:12]
    folder = add_files(f"theme-{key}", images)
    colours = {name: value for name, value in asdict(_plain(tokens)).items() if isinstance(value, str)}
    return Template(RULES).substitute(
        colours,
        images=folder,
        radius=f"{RADIUS_INPUT}px",
        accent_hover=_shifted(tokens, tokens.accent, 0.1).name(),
        accent_press=_shifted(tokens, tokens.accent, 0.2).name(),
        press=mixed(tokens.hover, tokens.text, 0.08).name(),
        off=mixed(tokens.panel, tokens.faint, 0.72).name(),
        edge=mixed(tokens.line, tokens.text, 0.22).name(),
        handle=mixed(tokens.panel, tokens.text, 0.2).name(),
        handle_hover=mixed(tokens.panel, tokens.text, 0.36).name(),
    )


def palette(tokens: Tokens) -> QPalette:
    """The same colours for everything that the style paints without a rule."""
    role = QPalette.ColorRole
    colours = {
        role.Window: tokens.panel,
        role.WindowText: tokens.text,
        role.Base: tokens.panel,
        role.AlternateBase: mixed(tokens.panel, tokens.raised, 0.6),
        role.Text: tokens.text,
        role.Button: tokens.raised,
        role.ButtonText: tokens.text,
        role.BrightText: tokens.bad,
        role.ToolTipBase: tokens.raised,
        role.ToolTipText: tokens.text,
        role.PlaceholderText: tokens.faint,
        role.Highlight: tokens.accent,
        role.HighlightedText: tokens.on_accent,
        role.Accent: tokens.accent,
        role.Link: tokens.accent,
        role.LinkVisited: tokens.accent,
        role.Light: tokens.hover,
        role.Midlight: tokens.raised,
        role.Mid: tokens.line,
        role.Dark: tokens.line,
        role.Shadow: tokens.background,
    }
    result = QPalette()
    for key, colour in colours.items():
        result.setColor(key, QColor(colour))
    for key in (role.WindowText, role.Text, role.ButtonText, role.ToolTipText):
        result.setColor(QPalette.ColorGroup.Disabled, key, mixed(tokens.panel, tokens.faint, 0.72))
    result.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(tokens.line))
    return result


def set_look(button: QWidget, look: str) -> None:
    """Make a button primary (one per place), normal, small, quiet (no frame) or a link."""
    set_state(button, "look", look)


def set_state(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the rules ask for, and have them asked again."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
        widget.update()


def tidy_spin_box(box: QAbstractSpinBox) -> None:
    """Indent the number of a spin box as other inputs do theirs; style sheets do not reach it."""
    for field in box.findChildren(QLineEdit):
        field.setTextMargins(8, 0, 0, 0)


def _plain(tokens: Tokens) -> Tokens:
    """`asdict` copies deeply, which a read-only mapping refuses."""
    return Tokens(**{**vars(tokens), "families": {}})


def _shifted(tokens: Tokens, colour: str, share: float) -> QColor:
    return mixed(colour, "#ffffff" if tokens.dark else "#000000", share)


def _images(tokens: Tokens) -> dict[str, bytes]:
    off = mixed(tokens.panel, tokens.faint, 0.72).name()
    marks = {
        "down": (_CHEVRON_DOWN, tokens.dim),
        "down-off": (_CHEVRON_DOWN, off),
        "up": (_CHEVRON_UP, tokens.dim),
        "up-off": (_CHEVRON_UP, off),
        "right": (_CHEVRON_RIGHT, tokens.dim),
        "check": (_CHECK, tokens.on_accent),
        "check-menu": (_CHECK, tokens.text),
        "check-off": (_CHECK, off),
        "dash": (_DASH, tokens.on_accent),
        "dot": (_DOT, tokens.on_accent),
        "cross": (_CROSS, tokens.dim),
        "dock-close": (_DOCK_CLOSE, tokens.dim),
        "dock-float": (_DOCK_FLOAT, tokens.dim),
    }
    return {f"{name}.svg": _svg(drawing, colour) for name, (drawing, colour) in marks.items()}


def _svg(drawing: str, colour: str) -> bytes:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 16 16" fill="none" '
        f'stroke="{colour}" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round">'
        f"{drawing.replace('{colour}', colour)}</svg>"
    ).encode()
