"""The canvas with what stands above it: where one is, and what is looked for."""

from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.core.session import Session
from workbench.ui.editor import Editor
from workbench.ui.panels.breadcrumbs import Breadcrumbs
from workbench.ui.panels.design import CanvasPanel
from workbench.ui.panels.find_bar import FindBar
from workbench.ui.parts import column, row
from workbench.ui.theme import Theme


class Stage(QWidget):
    """A bar, which takes no room while there is nothing in it, and the canvas."""

    def __init__(self, theme: Theme, session: Session, editor: Editor, canvas: CanvasPanel) -> None:
        super().__init__()
        self.breadcrumbs = Breadcrumbs(theme, session, editor)
        self.find_bar = FindBar(theme, session, editor)
        self.find_bar.wanted.connect(canvas.show_path)
        self.find_bar.closed.connect(canvas.setFocus)
        bar = QWidget()
        bar.setLayout(row(self.breadcrumbs, -1, self.find_bar, spacing=12))
        bar.setContentsMargins(12, 0, 12, 0)
        bar.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setLayout(column(bar, canvas, spacing=0))
        self.setFocusProxy(canvas)
