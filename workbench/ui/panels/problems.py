"""The list of problems: what is wrong, where, and what can be done about it at one click."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QMenu, QPushButton, QVBoxLayout, QWidget

from widgets.notice import Notice
from widgets.stylesheet import set_look
from workbench.core import wording
from workbench.core.i18n import tr
from workbench.core.problems import Problem
from workbench.core.session import State
from workbench.ui.editor import Editor
from workbench.ui.panels.remedies import add_remedies
from workbench.ui.parts import Text, clear, column, heading
from workbench.ui.scene import title_of
from workbench.ui.theme import Theme
from workbench.ui.ways_out import way_out


class ProblemsSection(QWidget):
    """All problems; each can be jumped to, and remedied where there is a remedy."""

    wanted = Signal(object)
    mend_wanted = Signal(object)
    """The user wants the remedy of a problem."""

    def __init__(self, theme: Theme, editor: Editor) -> None:
        super().__init__()
        self.setObjectName("problems")
        self._theme, self._editor = theme, editor
        self._heading = heading(theme, tr("Problems"))
        self._fine = Text(theme, tr("No problems."), role="dim")
        self._list = QVBoxLayout()
        self._list.setSpacing(6)
        self._shown: tuple[Problem, ...] | None = None
        self.setLayout(column(self._heading, self._fine, self._list))

    def show_problems(self, state: State) -> None:
        """List the problems of a state, errors first."""
        found = state.analysis.problems if state.analysis else ()
        rank = {"error": 0, "warning": 1, "info": 2}
        problems = tuple(sorted(found, key=lambda problem: rank[problem.severity]))
        if problems == self._shown:
            return
        self._shown = problems
        count = len(problems)
        self._heading.setText(tr("Problems · {n}", n=count) if count else tr("Problems"))
        self._fine.setVisible(not count)
        clear(self._list)
        for problem in problems[:20]:
            self._list.addWidget(self._card(problem, state))

    def _card(self, problem: Problem, state: State) -> Notice:
        card = ProblemCard(self._theme, self)
        self._theme.follow(card)
        node = state.document.graph.nodes.get(problem.node.partition("/")[0])
        name = title_of(node, self._editor.catalogue, state.document) if node else ""
        look = {"error": "bad", "warning": "warn", "info": "info"}[problem.severity]
        advice = wording.remedy(problem, state.document)
        action = advice if problem.fix else way_out(problem)
        text = wording.what(problem) + ("" if action or not advice else f" {advice}")
        card.show_notice(look, text, title=f"{name}:" if name else "", action=action)
        card.action_triggered.connect(lambda: self.mend_wanted.emit(problem))
        if problem.more:
            card.offer_more(partial(add_remedies, self._editor, problem, problem.more, state.document))
        card.clicked.connect(lambda: self.wanted.emit(problem))
        return card


class ProblemCard(Notice):
    """A problem; a click anywhere but on the remedy shows where it is."""

    clicked = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme.tokens, theme.icons, parent=parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def offer_more(self, fill: Callable[[QMenu], None]) -> None:
        """Other remedies, in a menu beside the best one."""
        more = QPushButton(tr("Other ways …"), self)
        set_look(more, "link")
        menu = QMenu(more)
        fill(menu)
        more.setMenu(menu)
        self.add_below(more)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click."""
        if self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space do what a click does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)
