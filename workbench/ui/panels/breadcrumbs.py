"""Where one is: the project, and the uses of blocks, one inside the other, that one has looked into."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from widgets import typography
from widgets.stylesheet import set_look
from workbench.core.document import ROOT
from workbench.core.expand import way_into
from workbench.core.i18n import tr
from workbench.core.session import Session, State
from workbench.ui.editor import Editor
from workbench.ui.files import project_name
from workbench.ui.parts import Text, clear, elided
from workbench.ui.scene import title_of
from workbench.ui.theme import Theme

WIDEST = 180


class Breadcrumbs(QWidget):
    """Each step leads back to its graph; the last one is where one is. Hidden in the top graph."""

    def __init__(self, theme: Theme, session: Session, editor: Editor) -> None:
        super().__init__()
        self.setObjectName("breadcrumbs")
        self.setAccessibleName(tr("Where you are"))
        self._theme, self._session, self._editor = theme, session, editor
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 6, 0, 6)
        self._row.setSpacing(4)
        self._shown: list[str] = []
        session.subscribe(self._changed)
        self._show(session.state)

    def _changed(self, old: State, new: State) -> None:
        if (old.scope, old.inside, old.opened) != (new.scope, new.inside, new.opened) or (
            new.scope != ROOT and old.document is not new.document
        ):
            self._show(new)

    def _show(self, state: State) -> None:
        self.setVisible(state.scope != ROOT)
        titles = [project_name(state), *self._titles(state)] if state.scope != ROOT else []
        if titles == self._shown:
            return
        self._shown = titles
        clear(self._row)
        for depth, title in enumerate(titles[:-1]):
            self._row.addWidget(self._step(title, depth))
            self._row.addWidget(Text(self._theme, "›", role="faint"))
        if titles:
            here = elided(self._theme, titles[-1], font=typography.body(QFont.Weight.DemiBold))
            self._row.addWidget(here)
        self._row.addStretch(1)

    def _titles(self, state: State) -> list[str]:
        document = state.document
        if not state.inside:
            return [document.blocks[state.scope].title or state.scope]
        titles = []
        for depth, use in enumerate(state.inside):
            way = way_into(document, state.inside[:depth])
            assert way is not None, "a session is never inside what is gone"
            titles.append(title_of(document.scope(way[0]).nodes[use], self._editor.catalogue, document))
        return titles

    def _step(self, title: str, depth: int) -> QPushButton:
        shown = self.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, WIDEST)
        step = QPushButton(shown.replace("&", "&&"))
        set_look(step, "quiet")
        step.setAccessibleName(tr("Back to {graph}", graph=title))
        step.setToolTip(tr("Back to {graph}", graph=title))
        step.clicked.connect(lambda: self._session.leave(depth))
        return step
