"""A card of facts: what is measured at the left, the number at the right."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from widgets import typography
from widgets.elided import ElidedLabel
from widgets.painting import rounded, tint
from widgets.tokens import RADIUS_CARD, Tokens


class StatsCard(QWidget):
    """Rows of label and value; values line up at the right, can be selected with the mouse and copied."""

    def __init__(
        self,
        tokens: Tokens,
        rows: Sequence[tuple[str, str]] = (),
        *,
        framed: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._tokens = tokens
        self._framed = framed
        self._labels: list[tuple[ElidedLabel, QLabel]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(12, 9, 12, 9) if framed else self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnStretch(0, 1)
        self.set_rows(rows)

    def set_rows(self, rows: Sequence[tuple[str, str]]) -> None:
        """Show other facts; rows that stay keep their selection."""
        while len(self._labels) < len(rows):
            self._append()
        while len(self._labels) > len(rows):
            self._drop_last()
        for (label, value), (name, number) in zip(self._labels, rows, strict=True):
            label.setText(name)
            if value.text() != number:
                value.setText(number)
            value.setAccessibleName(f"{name} {number}")

    def text(self) -> str:
        """All rows, ready for the clipboard: a tab between label and value."""
        return "\n".join(f"{label.text()}\t{value.text()}" for label, value in self._labels)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        for label, value in self._labels:
            label.set_tokens(tokens)
            tint(value, tokens.text)
        self.update()

    def _append(self) -> None:
        label = ElidedLabel("", self._tokens, role="dim", parent=self)
        value = QLabel(self)
        value.setTextFormat(Qt.TextFormat.PlainText)
        value.setFont(typography.tabular(typography.body(QFont.Weight.DemiBold)))
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        value.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        value.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # Tab would stop at every number
        tint(value, self._tokens.text)
        row = len(self._labels)
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(value, row, 1)
        self._labels.append((label, value))

    def _drop_last(self) -> None:
        for widget in self._labels.pop():
            self._grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._framed:
            rounded(QPainter(self), QRectF(self.rect()), RADIUS_CARD, self._tokens.raised)
