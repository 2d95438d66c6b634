"""The blocks of the project and those of the user's library: renamed, looked into, deleted."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from widgets.notice import Notice
from workbench.core import blocks, wording
from workbench.core.i18n import tr, trn
from workbench.core.library import Entry
from workbench.core.session import Session, State
from workbench.ui.block_shelf import BlockShelf
from workbench.ui.panels.block_section import NameField
from workbench.ui.parts import IconButton, caption, clear, column, heading, row, scrolled, title
from workbench.ui.theme import Theme

WIDTH, HEIGHT = 520, 560


class BlocksDialog(QDialog):
    """Both libraries, one below the other, and the files that could not be read."""

    def __init__(self, theme: Theme, session: Session, shelf: BlockShelf, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("blocks")
        self.setWindowTitle(tr("Blocks"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(WIDTH, HEIGHT)
        self._theme, self._session, self._shelf = theme, session, shelf
        self._rows = QVBoxLayout()
        content = QWidget()
        content.setLayout(column(self._rows, -1))
        close = IconButton(theme, "x", tr("Close"))
        close.clicked.connect(self.accept)
        hint = caption(theme, tr("All of them stand in the list of layers, below the layers."))
        self.setLayout(column(title(theme, tr("Blocks")), hint, scrolled(content), row(-1, close), margin=20))
        shelf.changed.connect(self._fill)
        unsubscribe = session.subscribe(self._changed)
        self.destroyed.connect(unsubscribe)
        shelf.look_again()

    def _changed(self, old: State, new: State) -> None:
        if old.document.blocks is not new.document.blocks or old.document.graph is not new.document.graph:
            self._fill()

    def _fill(self) -> None:
        clear(self._rows)
        document = self._session.state.document
        self._rows.addWidget(heading(self._theme, tr("Blocks of this project")))
        for name in document.blocks:
            self._rows.addWidget(self._project_row(name))
        if not document.blocks:
            self._rows.addWidget(caption(self._theme, tr("None yet: select layers and press Ctrl+G.")))
        self._rows.addWidget(heading(self._theme, tr("Your blocks")))
        for entry in self._shelf.own:
            self._rows.addWidget(self._own_row(entry))
        if not self._shelf.own:
            self._rows.addWidget(caption(self._theme, tr("None yet: save one from a project.")))
        for problem in self._shelf.damaged:
            notice = Notice(self._theme.tokens, self._theme.icons, parent=self)
            self._theme.follow(notice)
            notice.show_notice("warn", f"{wording.what(problem)} {wording.remedy(problem)}".strip())
            self._rows.addWidget(notice)

    def _project_row(self, name: str) -> QWidget:
        document = self._session.state.document
        called = document.blocks[name].title or name
        count = sum(1 for _ in blocks.uses(document, name))
        field = NameField(called, tr("Name of the block {block}", block=called))
        field.named.connect(lambda text: self._retitle(name, text))
        used = caption(self._theme, trn("{n} use", "{n} uses", count), wrap=False)
        look = self._button("scan", tr("Open the block {block}", block=called), lambda: self._look(name))
        keep = self._button("archive", tr("Save {block} to your blocks", block=called), lambda: self._shelf.save(name))
        gone = self._button("trash-2", tr("Delete the block {block}", block=called), lambda: self._forget(name))
        gone.setEnabled(not count)
        return _line(field, used, look, keep, gone)

    def _own_row(self, entry: Entry) -> QWidget:
        field = NameField(entry.title, tr("Name of the block {block}", block=entry.title))
        field.named.connect(lambda text: self._shelf.rename(entry, text))
        gone = self._button(
            "trash-2", tr("Delete the block {block}", block=entry.title), lambda: self._shelf.delete(entry)
        )
        return _line(field, gone)

    def _button(self, icon: str, text: str, run: Callable[[], object]) -> IconButton:
        button = IconButton(self._theme, icon, tooltip=text, look="quiet")
        button.clicked.connect(lambda: run())
        return button

    def _retitle(self, name: str, text: str) -> None:
        self._session.edit(tr("Rename the block"), blocks.titled(self._session.state.document, name, text))

    def _forget(self, name: str) -> None:
        self._session.edit(tr("Delete the block"), blocks.forget(self._session.state.document, name))

    def _look(self, name: str) -> None:
        self.accept()
        self._session.look_at(name)


def _line(*widgets: QWidget) -> QWidget:
    whole = QWidget()
    whole.setLayout(row(*widgets, spacing=4))
    return whole
