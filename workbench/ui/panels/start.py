"""The start page: what there is to begin with, what was open before, and work that a crash left behind."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

import model_zoo
from widgets import typography
from widgets.drop_area import DropArea
from widgets.notice import Notice
from workbench.core.catalogue import Catalogue
from workbench.core.i18n import tr
from workbench.core.journal import Recovered
from workbench.ui.panels.model_card import ModelCard
from workbench.ui.parts import IconButton, Text, caption, clear, column, heading, moment, row, scrolled
from workbench.ui.theme import Theme

WIDTH = 820


class StartPage(DropArea):
    """Says what the user wants to begin with: a file or folder may be dropped anywhere on it."""

    new_wanted = Signal()
    data_wanted = Signal()
    open_wanted = Signal()
    zoo_wanted = Signal(str)
    recent_wanted = Signal(str)
    restore_wanted = Signal(object)
    discard_wanted = Signal(object)

    def __init__(self, theme: Theme, catalogue: Catalogue) -> None:
        super().__init__(theme.tokens, tr("Let go: a project is opened, anything else becomes the data of a new one"))
        self._theme = theme
        theme.follow(self)
        self.setObjectName("start")
        self._left_behind = QVBoxLayout()
        self._recent = QVBoxLayout()
        self._recent.setSpacing(2)
        self._cards = [ZooCard(theme, model, catalogue) for model in model_zoo.ZOO.values()]
        content = QWidget()
        content.setMaximumWidth(WIDTH)
        content.setLayout(self._laid_out())
        page = QWidget()
        page.setLayout(row(-1, content, -1, margin=24))
        area = scrolled(page)
        self.setLayout(column(area))

    def _laid_out(self) -> QVBoxLayout:
        theme = self._theme
        name = Text(theme, tr("Model Workbench"), font=_display())
        claim = Text(theme, tr("Design a network, watch it learn, take it with you."), role="dim")
        data = IconButton(theme, "database", tr("Start from your data"), look="primary")
        data.clicked.connect(self.data_wanted)
        fresh = IconButton(theme, "file-plus", tr("New project"))
        fresh.clicked.connect(self.new_wanted)
        opened = IconButton(theme, "folder-open", tr("Open a project …"))
        opened.clicked.connect(self.open_wanted)
        grid = QGridLayout()
        grid.setSpacing(16)
        for place, card in enumerate(self._cards):
            card.clicked.connect(lambda _=False, name=card.model.name: self.zoo_wanted.emit(name))
            grid.addWidget(card, place // 3, place % 3)
        grid.setColumnStretch(3, 1)
        self._recent_heading = heading(theme, tr("Recent projects"))
        return column(
            24,
            name,
            claim,
            12,
            row(data, fresh, opened, -1),
            12,
            self._left_behind,
            heading(theme, tr("Start from a model")),
            4,
            grid,
            20,
            self._recent_heading,
            self._recent,
            -1,
        )

    def show_recent(self, paths: Sequence[str]) -> None:
        """List projects that were open before, the latest first."""
        clear(self._recent)
        self._recent_heading.setVisible(bool(paths))
        for name in paths[:6]:
            self._recent.addWidget(_RecentRow(self._theme, name, self))

    def show_left_behind(self, found: Sequence[Recovered]) -> None:
        """Offer work that a window left behind."""
        clear(self._left_behind)
        for item in found:
            self._left_behind.addWidget(self._offer(item))

    def _offer(self, item: Recovered) -> Notice:
        notice = Notice(self._theme.tokens, self._theme.icons, dismiss_text=tr("Discard this work"), parent=self)
        self._theme.follow(notice)
        when = moment(item.time)
        where = item.path.name if item.path else tr("a project that was never saved")
        notice.show_notice(
            "warn",
            tr("It was not saved when the program ended: {where}, {when}.", where=where, when=when),
            title=tr("Unsaved work: “{title}”.", title=item.document.title or where),
            action=tr("Restore"),
        )
        notice.setObjectName("left-behind")
        notice.action_triggered.connect(lambda: self.restore_wanted.emit(item))
        notice.dismissed.connect(lambda: self.discard_wanted.emit(item))
        return notice


def _display() -> QFont:
    font = typography.title()
    font.setPixelSize(26)
    return font


class ZooCard(ModelCard):
    """A model of the zoo."""

    def __init__(self, theme: Theme, model: model_zoo.ZooModel, catalogue: Catalogue) -> None:
        super().__init__(theme, tr(model.title), tr(model.summary), model.make(), catalogue)
        self.model = model


class _RecentRow(QWidget):
    """A project that was open before: name, and where it lies."""

    def __init__(self, theme: Theme, name: str, page: StartPage) -> None:
        super().__init__()
        path = Path(name)
        button = IconButton(theme, "file", path.stem, look="quiet")
        button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda: page.recent_wanted.emit(name))
        where = caption(theme, str(path.parent), wrap=False)
        self.setLayout(row(button, where, -1))
