"""The last page: networks that fit the data, each with the reason why, and what the project is called."""

from collections.abc import Sequence

from PySide6.QtWidgets import QButtonGroup, QLineEdit, QWidget

from workbench.core import wording
from workbench.core.catalogue import Catalogue
from workbench.core.document import Document
from workbench.core.i18n import tr
from workbench.core.inspection import Suggestion
from workbench.ui.panels.data.cards import Cards
from workbench.ui.panels.model_card import CARD, ModelCard
from workbench.ui.parts import Text, caption, column, scrolled, title
from workbench.ui.theme import Theme


class ModelPage(QWidget):
    """The first suggestion is taken unless the user takes another."""

    def __init__(self, theme: Theme, catalogue: Catalogue) -> None:
        super().__init__()
        self._theme, self._catalogue = theme, catalogue
        self._suggestions: tuple[Suggestion, ...] = ()
        self._group = QButtonGroup(self)
        self._cards = Cards(CARD.width())
        self.name = QLineEdit()
        self.name.setAccessibleName(tr("Name of the project"))
        self.name.setMaximumWidth(380)
        self._none = Text(
            theme,
            tr("No model of the zoo fits these data yet: the project begins with an empty network."),
            role="dim",
            wrap=True,
        )
        page = QWidget()
        page.setLayout(
            column(
                title(theme, tr("Which network?")),
                caption(theme, tr("You can change everything about it afterwards.")),
                4,
                self._none,
                self._cards,
                16,
                caption(theme, tr("Name of the project")),
                self.name,
                -1,
            )
        )
        self.setLayout(column(scrolled(page)))

    def show_suggestions(self, suggestions: Sequence[Suggestion], name: str, empty: Document) -> None:
        """Offer these, and an empty network."""
        self._suggestions = tuple(suggestions)
        for button in self._group.buttons():
            self._group.removeButton(button)
        texts = [(tr(item.title), wording.what(item.reason), item.document) for item in suggestions]
        texts.append((tr("Empty network"), tr("You design it yourself: input and output are there."), empty))
        cards = []
        for at, (heading, why, document) in enumerate(texts):
            card = ModelCard(self._theme, heading, why, document, self._catalogue)
            card.setCheckable(True)
            self._group.addButton(card, at)
            cards.append(card)
        self._documents = [document for _, _, document in texts]
        cards[0].setChecked(True)
        self._cards.set_cards(cards)
        self._none.setVisible(not suggestions)
        self.name.setText(name)

    def document(self) -> Document:
        """What was taken."""
        return self._documents[max(0, self._group.checkedId())]

    def cards(self) -> list[QWidget]:
        """What is offered."""
        return self._cards.cards()
