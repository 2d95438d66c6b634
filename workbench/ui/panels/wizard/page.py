"""From a file or folder to a project in a few pages; each can be gone back to, and Escape leaves them all."""

from pathlib import Path

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QWidget

import model_zoo
from widgets.drop_area import DropArea
from widgets.step_rail import StepRail
from workbench.core.catalogue import Catalogue
from workbench.core.document import Data, Document
from workbench.core.i18n import tr
from workbench.core.session import Session, State
from workbench.ui.desk import Desk
from workbench.ui.engine_client import EngineClient
from workbench.ui.panels.data.columns import ColumnsPanel
from workbench.ui.panels.data.distributions import DistributionsPanel
from workbench.ui.panels.data.reader import DataReader
from workbench.ui.panels.data.samples import SamplesPanel
from workbench.ui.panels.data.source import Browse, SourceSection
from workbench.ui.panels.data.split import SplitPanel
from workbench.ui.panels.data.status import DataStatus
from workbench.ui.panels.wizard.blank import bound_inputs
from workbench.ui.panels.wizard.choose import ChoosePage
from workbench.ui.panels.wizard.found import FoundCard
from workbench.ui.panels.wizard.look import LookPage
from workbench.ui.panels.wizard.model import ModelPage
from workbench.ui.parts import IconButton, caption, column, row, title
from workbench.ui.theme import Theme

RAIL = 220
WIDEST = 1100


class Wizard(DropArea):
    """Holds a draft of its own; only at the end there is a project."""

    created = Signal(object)
    """A `Document`, with data and inputs and outputs bound."""
    left = Signal()
    """The user thought better of it."""

    def __init__(self, theme: Theme, engine: EngineClient, catalogue: Catalogue, desk: Desk, browse: Browse) -> None:
        super().__init__(theme.tokens, tr("Let go: what it holds is found out"))
        self.setObjectName("wizard")
        self._desk, self._catalogue = desk, catalogue
        self._asked: Data | None = None
        self._guessing = False
        self.draft = Session()
        self.draft.open(Document())
        self.reader = DataReader(engine, self)
        self.reader.changed.connect(self._seen)
        self.choose = ChoosePage(theme, catalogue)
        self.choose.file_wanted.connect(self._choose_file)
        self.choose.folder_wanted.connect(self._choose_folder)
        self.choose.source_wanted.connect(self.take_source)
        self.status = DataStatus(theme, self.reader)
        self.source = SourceSection(theme, self.draft, catalogue, browse, tr("Understood as"))
        self.columns = ColumnsPanel(theme, self.draft, self.reader)
        self.samples = SamplesPanel(theme, self.draft, self.reader)
        self.split = SplitPanel(theme, self.draft, self.reader)
        self.model = ModelPage(theme, catalogue)
        self._pages = self._made_pages(theme)
        stops = [(key, text) for key, (text, _) in self._pages.items()]
        self.rail = StepRail(stops, theme.tokens, theme.icons, name=tr("Pages"))
        self.rail.setFixedWidth(RAIL)
        self.rail.chosen.connect(self.go)
        self._stack = QStackedWidget()
        for _, page in self._pages.values():
            self._stack.addWidget(page)
        self.back = IconButton(theme, "chevron-left", tr("Back"), tooltip=tr("Back ({key})", key="Alt+Left"))
        self.back.clicked.connect(lambda: self._turn(-1))
        self.on = IconButton(
            theme, "arrow-right", tr("Next"), look="primary", tooltip=tr("Next ({key})", key="Alt+Right")
        )
        self.on.setObjectName("wizard-next")
        self.on.clicked.connect(lambda: self._turn(1))
        self.cancel = IconButton(theme, "x", tr("Cancel"), tooltip=tr("Leave without a project ({key})", key="Esc"))
        self.cancel.clicked.connect(self.leave)
        self._lay_out(theme)
        for keys, act in (("Alt+Left", self.back.click), ("Alt+Right", self.on.click)):
            shortcut = QShortcut(QKeySequence(keys), self, act)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        theme.follow(self, self.rail)
        self.dropped.connect(self.take)
        self.draft.subscribe(self._changed)
        self.go("choose")

    def _made_pages(self, theme: Theme) -> dict[str, tuple[str, QWidget]]:
        understood, guessed = QWidget(), QWidget()
        words = tr("Change it where the guess is wrong; everything that was found is said above.")
        guessed.setLayout(column(self.source, caption(theme, words), -1))
        guessed.setMaximumWidth(420)
        beside = row(guessed, FoundCard(theme, self.reader), spacing=32)
        beside.setStretch(0, 1)
        beside.setStretch(1, 1)
        understood.setLayout(beside)
        words = tr("Each column has a kind and a role. Those of the guess can be changed, and taken back.")
        roles = _titled(theme, tr("What are the columns for?"), words, self.columns)
        words = tr("Training teaches, validation checks each epoch, and the test is kept for the end.")
        shared = _titled(theme, tr("How are the samples shared out?"), words, self.split)
        look = LookPage(theme, self.samples, DistributionsPanel(theme, self.reader))
        return {
            "choose": (tr("Your data"), self.choose),
            "kind": (tr("What it is"), understood),
            "columns": (tr("Columns"), roles),
            "look": (tr("What it looks like"), look),
            "split": (tr("Split"), shared),
            "model": (tr("Network"), self.model),
        }

    def _lay_out(self, theme: Theme) -> None:
        rail = QWidget()
        rail.setLayout(column(title(theme, tr("From data to a network")), 8, self.rail))
        main = QWidget()
        main.setMaximumWidth(WIDEST)
        foot = row(self.cancel, -1, self.back, self.on)
        content = column(self.status, self._stack, foot, spacing=12)
        content.setStretchFactor(self._stack, 1)
        main.setLayout(content)
        whole = row(rail, main, -1, margin=24, spacing=32)
        whole.setStretchFactor(main, 1000)
        self.setLayout(column(whole))

    # What the user does

    def begin(self, path: str = "") -> None:
        """Begin anew, with a file or folder where one was dropped."""
        self.draft.open(Document())
        self._asked, self._guessing = None, False
        self.reader.look(None, "")
        self.go("choose")
        if path:
            self.take(path)

    def take(self, path: str) -> None:
        """Find out what a file or folder holds."""
        self._guessing = True
        self.go("choose")
        self.reader.guess(path)

    def take_source(self, key: str) -> None:
        """Take a source by its key; for one that reads files, ask which."""
        takes_path = any(field.kind == "path" for field in self._catalogue.datasets[key].fields)
        self._guessing = not takes_path
        data = Data(key)
        self.draft.edit(tr("Choose data"), replace(self.draft.state.document, data=data))
        if takes_path:
            self.go("kind")
            self.source.ask_path()

    def leave(self) -> None:
        """Away, without a project."""
        if self.reader.seen.stage == "reading":
            self.reader.cancel()
        self.left.emit()

    def go(self, key: str) -> None:
        """Show a page, where it can be gone to."""
        if key != "choose" and not self._may_go_on():
            key = "choose"
        if key == "model":
            self._suggest()
        self._stack.setCurrentWidget(self._pages[key][1])
        self._show_ways()
        (self.on if self.on.isEnabled() else self.choose.file).setFocus()

    @property
    def page(self) -> str:
        """The key of the page that is shown."""
        current = self._stack.currentWidget()
        return next(key for key, (_, page) in self._pages.items() if page is current)

    def _turn(self, by: int) -> None:
        keys = list(self._pages)
        at = keys.index(self.page) + by
        if at == len(keys):
            self._create()
        elif at >= 0:
            self.go(keys[at])

    def _choose_file(self) -> None:
        if chosen := self._desk.ask_open(tr("Choose a file"), tr("All files (*)"), None):
            self.take(str(chosen))

    def _choose_folder(self) -> None:
        if chosen := self._desk.ask_folder(tr("Choose a folder"), None):
            self.take(str(chosen))

    # What is found out

    def _changed(self, old: State, new: State) -> None:
        data = new.document.data
        if data is not old.document.data and data != self._asked:
            self._asked = data
            self.reader.look(data, "", begin=self._guessing)

    def _seen(self) -> None:
        seen = self.reader.seen
        if seen.inspection is not None and seen.stage == "known" and self._guessing:
            self._guessing = False
            self._asked = msgspec.convert(seen.inspection.data, Data)
            self.draft.edit(tr("Choose data"), replace(self.draft.state.document, data=self._asked))
            self.go("kind")
        elif seen.stage == "failed" and self._guessing:
            self._guessing = False
        self._show_ways()

    def _may_go_on(self) -> bool:
        return self.draft.state.document.data is not None

    def _is_sound(self) -> bool:
        """What is known lets a network learn from it."""
        seen = self.reader.seen
        if seen.inspection is None or seen.stage not in ("known", "reading"):
            return False
        return not any(problem.severity == "error" for problem in seen.inspection.problems)

    def _show_ways(self) -> None:
        keys, here, sound = list(self._pages), self.page, self._is_sound()
        states = []
        for key in keys:
            open_ = key == "choose" or (key == "kind" and self._may_go_on()) or sound
            before = keys.index(key) < keys.index(here)
            states.append("here" if key == here else "shut" if not open_ else "done" if before else "ahead")
        said = {"here": tr("shown"), "done": tr("done"), "ahead": tr("to come"), "shut": tr("not yet")}
        self.rail.set_states(states, [said[state] for state in states])
        self.status.setVisible(self.reader.seen.stage != "none")
        self.status.set_brief(here not in ("choose", "kind"))
        self.back.setEnabled(here != "choose")
        self.on.setEnabled(sound and (here != "choose" or self._may_go_on()))
        last = here == keys[-1]
        self.on.setText(tr("Create the project") if last else tr("Next"))
        self.on.set_icon("check" if last else "arrow-right")

    def _suggest(self) -> None:
        inspection = self.reader.seen.inspection
        data = self.draft.state.document.data
        if inspection is not None and data is not None:
            name = inspection.title or Path(str(data.options.get("path", ""))).stem
            self.model.show_suggestions(model_zoo.suggestions(inspection), name, bound_inputs(inspection))

    def _create(self) -> None:
        data = self.draft.state.document.data
        if data is not None and self._is_sound():
            name = self.model.name.text().strip() or tr("Untitled")
            self.created.emit(replace(self.model.document(), data=data, title=name))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leaves; Enter on a button presses it."""
        focused = self.focusWidget()
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(focused, IconButton):
            focused.click()
        else:
            super().keyPressEvent(event)


def _titled(theme: Theme, question: str, words: str, panel: QWidget) -> QWidget:
    page = QWidget()
    layout = column(title(theme, question), caption(theme, words), 4, panel)
    layout.setStretchFactor(panel, 1)
    page.setLayout(layout)
    return page
