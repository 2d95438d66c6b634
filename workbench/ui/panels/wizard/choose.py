"""The first page: a file or folder of the user's, or a source that ships or is fetched."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from widgets.tokens import RADIUS_CARD
from workbench.core.catalogue import Catalogue, DatasetInfo
from workbench.core.i18n import tr
from workbench.ui.panels.data.cards import Cards
from workbench.ui.parts import IconButton, Text, caption, column, heading, row, scrolled, title
from workbench.ui.theme import Theme

OWN = "Your files"
"""The group of sources that read what the user has."""


class ChoosePage(QWidget):
    """Says what was chosen: a path to find out about, or the key of a source."""

    file_wanted = Signal()
    folder_wanted = Signal()
    source_wanted = Signal(str)

    def __init__(self, theme: Theme, catalogue: Catalogue) -> None:
        super().__init__()
        self._theme = theme
        self.file = IconButton(theme, "file", tr("Choose a file …"), look="primary")
        self.file.clicked.connect(self.file_wanted)
        self.folder = IconButton(theme, "folder", tr("Choose a folder …"))
        self.folder.clicked.connect(self.folder_wanted)
        about = Text(
            theme,
            tr(
                "A folder of pictures or sounds, a table, texts: what it is, and what its columns are for, is found "
                "out. Nothing of yours is changed, and nothing leaves this machine."
            ),
            role="dim",
            wrap=True,
        )
        infos = list(catalogue.datasets.values())
        ready = [info for info in infos if info.group != OWN and not info.download]
        fetched = [info for info in infos if info.download]
        own = [info for info in infos if info.group == OWN]
        page = QWidget()
        page.setLayout(
            column(
                title(theme, tr("What do you have?")),
                about,
                4,
                row(self.file, self.folder, -1),
                caption(theme, tr("Or drop a file or folder anywhere here.")),
                20,
                *self._group(tr("Samples that ship with the program"), ready),
                *self._group(tr("Fetched when you choose them"), fetched),
                *self._group(tr("Or say yourself what your files are"), own),
                -1,
            )
        )
        self.setLayout(column(scrolled(page)))

    def _group(self, name: str, infos: Sequence[DatasetInfo]) -> list[QWidget | QVBoxLayout | int]:
        if not infos:
            return []
        cards = Cards(240)
        cards.set_cards([self._entry(info) for info in infos])
        return [heading(self._theme, name), cards, 12]

    def _entry(self, info: DatasetInfo) -> QWidget:
        button = IconButton(self._theme, "download" if info.download else "database", tr(info.title), look="quiet")
        button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        button.setToolTip(tr(info.summary))
        button.clicked.connect(lambda checked=False, key=info.key: self.source_wanted.emit(key))
        under = caption(self._theme, " · ".join(filter(None, (info.download, tr(info.summary)))))
        under.setContentsMargins(RADIUS_CARD, 0, 0, 0)
        entry = QWidget()
        entry.setLayout(column(button, under, -1, spacing=2))
        return entry
