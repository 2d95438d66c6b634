"""Remedies where a problem is: in menus, and as a button beside the node."""

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtWidgets import QFrame, QMenu, QToolButton

from widgets.node_canvas.canvas import NodeCanvas
from widgets.tokens import Tokens
from workbench.core import wording
from workbench.core.document import Document
from workbench.core.edits import Fix
from workbench.core.i18n import tr
from workbench.core.problems import Problem
from workbench.core.session import Session, State
from workbench.ui.editor import Editor
from workbench.ui.parts import IconButton, row
from workbench.ui.scene import problems_by_node
from workbench.ui.theme import Theme

BESIDE, BELOW, EDGE = 10, 8, 6
LEGIBLE = 0.45
"""From this zoom on a node is large enough to have a button beside it."""


def add_remedies(editor: Editor, problem: Problem, fixes: Iterable[Fix], document: Document, menu: QMenu) -> None:
    """One entry of a menu for each remedy."""
    for fix in fixes:
        menu.addAction(wording.fix(fix, document), partial(editor.apply, problem, fix))


class RemedyBubble(QFrame):
    """The remedy of a problem at its node: of the one selected node, else of the first that has a remedy.

    The keyboard finds the same in the list of problems.
    """

    def __init__(self, theme: Theme, session: Session, editor: Editor, canvas: NodeCanvas) -> None:
        super().__init__(canvas)
        self.setObjectName("remedy-bubble")
        self._session, self._editor, self._canvas = session, editor, canvas
        self._node, self._problem = "", None
        self._best = IconButton(theme, "lightbulb", tr("Remedy"), look="normal")
        self._best.setObjectName("remedy")
        self._best.clicked.connect(self._apply)
        self._others = QToolButton()
        self._others.setObjectName("other-remedies")
        self._others.setAccessibleName(tr("Other ways"))
        self._others.setToolTip(tr("Other ways"))
        self._others.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self._others)
        self._others.setMenu(self._menu)
        for button in (self._best, self._others):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setLayout(row(self._best, self._others, spacing=2))
        self._icons = theme.icons
        self.set_tokens(theme.tokens)
        theme.follow(self)
        self.hide()
        canvas.view_changed.connect(self.place)
        canvas.installEventFilter(self)

    _problem: Problem | None

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._others.setIcon(self._icons.icon("chevron-down", tokens.text))

    def show_state(self, state: State) -> None:
        """Find the problem that is in question."""
        found = {node: item for node, item in problems_by_node(state).items() if item.fix is not None}
        if len(state.selection) == 1:
            chosen = next(iter(state.selection))
            self._node = chosen if chosen in found else ""
        else:
            errors = [node for node in state.graph.nodes if node in found and found[node].severity == "error"]
            self._node = errors[0] if errors and not state.selection else ""
        problem = found.get(self._node)
        if problem is not None and problem.fix is not None and problem != self._problem:
            self._best.setText(wording.fix(problem.fix, state.document))
            self._best.setToolTip(wording.what(problem))
            self._menu.clear()
            add_remedies(self._editor, problem, problem.more, state.document, self._menu)
            self._others.setVisible(bool(problem.more))
        self._problem = problem
        self.place()

    def place(self) -> None:
        """Beside the node, or below it where there is no room; nowhere while it cannot be seen."""
        canvas = self._canvas
        box = (
            canvas.node_rect(self._node)
            if self._problem is not None and self._node in canvas.graph.nodes.index
            else None
        )
        if box is None or canvas.scale < LEGIBLE or not canvas.rect().intersects(box.toAlignedRect()):
            self.hide()
            return
        self.adjustSize()
        at = QPoint(round(box.right()) + BESIDE, round(box.center().y() - self.height() / 2))
        if at.x() + self.width() > canvas.width() - EDGE:
            at = QPoint(round(box.center().x() - self.width() / 2), round(box.bottom()) + BELOW)
        at.setX(max(EDGE, min(at.x(), canvas.width() - self.width() - EDGE)))
        self.move(at)
        self.show()
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The canvas has another size."""
        if event.type() == QEvent.Type.Resize:
            self.place()
        return False

    def _apply(self) -> None:
        if self._problem is not None:
            self._editor.apply(self._problem)
            self._canvas.setFocus()


def add_remedies_of(editor: Editor, state: State, node: str, menu: QMenu) -> bool:
    """The remedies of a node, in a menu; whether there are any."""
    problem = problems_by_node(state).get(node)
    if problem is None or problem.fix is None:
        return False
    add_remedies(editor, problem, problem.fixes, state.document, menu)
    return True
