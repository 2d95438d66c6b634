"""The heading of a list or of a group of cards."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from widgets import typography
from widgets.elided import ElidedLabel
from widgets.tokens import Tokens


class SectionLabel(ElidedLabel):
    """A heading in small wide capitals; the text itself keeps its case, for screen readers and searches."""

    def __init__(self, text: str, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(text, tokens, role="faint", parent=parent)
        self.setFont(typography.heading())
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
