"""Cards beside one another, as many in a row as there is room for."""

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

NARROWEST, GAP = 250, 16


class Cards(QWidget):
    """A grid that is arranged anew when its width changes."""

    def __init__(self, narrowest: int = NARROWEST) -> None:
        super().__init__()
        self._narrowest = narrowest
        self._cards: list[QWidget] = []
        self._across = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(GAP)
        self._grid.setVerticalSpacing(GAP)

    def set_cards(self, cards: Sequence[QWidget]) -> None:
        """Show other cards; those before are destroyed."""
        for card in self._cards:
            self._grid.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards = list(cards)
        self._across = 0
        self._arrange()

    def cards(self) -> list[QWidget]:
        """What is shown."""
        return list(self._cards)

    def _arrange(self) -> None:
        across = max(1, min(4, (self.width() + GAP) // (self._narrowest + GAP)))
        if across == self._across:
            return
        for column in range(max(across, self._grid.columnCount())):
            self._grid.setColumnStretch(column, 1 if column < across else 0)
        self._across = across
        for place, card in enumerate(self._cards):
            self._grid.addWidget(card, place // across, place % across)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._narrowest, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many cards in a row as fit."""
        super().resizeEvent(event)
        self._arrange()
