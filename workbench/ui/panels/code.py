"""The network as PyTorch source beside the canvas: what is selected there is marked here, and the other way round."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from widgets.code_view import CodeView
from widgets.notice import Notice
from workbench.core import wording
from workbench.core.files import unwritable, write_atomically
from workbench.core.i18n import tr, trn
from workbench.core.messages import Source
from workbench.core.problems import Problem
from workbench.core.session import Session, State
from workbench.ui.desk import Desk
from workbench.ui.files import project_name
from workbench.ui.parts import IconButton, caption, column, row
from workbench.ui.source_asker import SourceAsker
from workbench.ui.theme import Theme

KINDS = "Python (*.py)"


class CodePanel(QWidget):
    """Reads what the engine writes; the last source stays, greyed, while the network has a fault."""

    def __init__(
        self, theme: Theme, session: Session, asker: SourceAsker, desk: Desk, complain: Callable[[Problem], None]
    ) -> None:
        super().__init__()
        self.setObjectName("code")
        self._session, self._asker, self._desk, self._complain = session, asker, desk, complain
        self._nodes: dict[int, str] = {}
        """What each line is of, as `scope/id`."""
        self._about = caption(theme, wrap=False)
        self.copy_button = IconButton(theme, "copy", tooltip=tr("Copy the code"))
        self.copy_button.clicked.connect(self.copy)
        self.save_button = IconButton(theme, "save", tooltip=tr("Save the code as …"))
        self.save_button.clicked.connect(self.save)
        self._notice = Notice(theme.tokens, theme.icons)
        self.view = CodeView(theme.tokens, tr("Code of the network"))
        self.view.line_chosen.connect(self._choose)
        self.setFocusProxy(self.view)
        theme.follow(self.view, self._notice)
        top = row(self._about, -1, self.copy_button, self.save_button)
        top.setContentsMargins(14, 0, 12, 0)
        below = column(self._notice)
        below.setContentsMargins(12, 0, 12, 0)
        layout = column(top, below, self.view)
        layout.setStretchFactor(self.view, 1)
        self.setLayout(layout)
        asker.changed.connect(self._show)
        session.subscribe(self._changed)
        self._show()

    @property
    def source(self) -> Source | None:
        """What is shown."""
        return self._asker.source

    def copy(self) -> None:
        """Put the code on the clipboard."""
        if self.source is not None:
            QGuiApplication.clipboard().setText(self.source.text)

    def save(self) -> None:
        """Write the code to a file that the user chooses."""
        if self.source is None:
            return
        state = self._session.state
        folder = state.path.parent if state.path else Path.home()
        chosen = self._desk.ask_save(tr("Save the code"), KINDS, folder / f"{project_name(state)}.py")
        if chosen is None:
            return
        path = chosen if chosen.suffix else chosen.with_suffix(".py")
        try:
            write_atomically(path, self.source.text.encode())
        except OSError as error:
            self._complain(unwritable(path, error).problem)

    def _changed(self, old: State, new: State) -> None:
        if old.scope != new.scope and self.source is not None and not new.selection:
            self.view.reveal(self.source.classes.get(new.scope, ()))
        if (old.scope, old.selection) != (new.scope, new.selection):
            self._mark(new)

    def _show(self) -> None:
        source, problem = self.source, self._asker.problem
        self.view.set_code(source.text if source else "")
        self.view.set_stale(problem is not None)
        lines = source.lines if source else {}
        self._nodes = {number: node for node, numbers in lines.items() for number in numbers}
        count = source.text.count("\n") if source else 0
        self._about.setText(trn("PyTorch, {n} line", "PyTorch, {n} lines", count) if count else "PyTorch")
        for button in (self.copy_button, self.save_button):
            button.setEnabled(source is not None)
        self._notice.setVisible(problem is not None)
        if problem is not None:
            lead = tr("The code of the last network without a fault.") if source else tr("There is no code yet.")
            at = problem.node.rpartition("/")[2]
            text = wording.what(problem)
            self._notice.show_notice("warn", f"{at}: {text}" if at else text, title=lead)
        self._mark(self._session.state)

    def _mark(self, state: State) -> None:
        lines = self.source.lines if self.source else {}
        marked = sorted(number for node in state.selection for number in lines.get(f"{state.scope}/{node}", ()))
        self.view.mark(marked, show=self.isVisible())

    def _choose(self, line: int) -> None:
        """Select the node that a line is of; inside its block, where it is in one."""
        place = self._nodes.get(line)
        if place is None or self.source is None:
            return
        scope, _, node = place.rpartition("/")
        state = self._session.state
        if scope == state.scope and node in state.graph.nodes:
            self._session.select([node])
        else:
            self._session.reveal(self.source.paths[place])

    def showEvent(self, event: QShowEvent) -> None:
        """Somebody looks: follow the network."""
        super().showEvent(event)
        self._asker.want(True)
        self._mark(self._session.state)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks any more."""
        super().hideEvent(event)
        self._asker.want(False)
