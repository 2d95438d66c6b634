"""The Data place: where the data come from at the left, what they are at the right."""

from pathlib import Path

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QWidget

from widgets.drop_area import DropArea
from workbench.core.catalogue import Catalogue
from workbench.core.document import Data
from workbench.core.i18n import tr
from workbench.core.inspection import Inspection
from workbench.core.session import Session, State
from workbench.ui.desk import Desk
from workbench.ui.engine_client import EngineClient
from workbench.ui.panels.data.reader import DataReader
from workbench.ui.panels.data.source import Browse, SourceSection
from workbench.ui.panels.data.view import DataView
from workbench.ui.parts import IconButton, caption, column, row, scrolled
from workbench.ui.theme import Theme


class DataPlace(DropArea):
    """A file or folder that is dropped anywhere on it becomes the data of the project."""

    guide_wanted = Signal()

    def __init__(
        self,
        theme: Theme,
        session: Session,
        engine: EngineClient,
        catalogue: Catalogue,
        desk: Desk,
        browse: Browse,
    ) -> None:
        super().__init__(theme.tokens, tr("Let go: this becomes the data of the project"))
        self._session, self._desk = session, desk
        self._asked: object = None
        self._guessing = False
        self.reader = DataReader(engine, self)
        self.source = SourceSection(theme, session, catalogue, browse, tr("Data"))
        self.view = DataView(theme, session, self.reader, catalogue)
        self.view.path_wanted.connect(self.source.ask_path)
        self.view.guide_wanted.connect(self.guide_wanted)
        self.reader.changed.connect(self._take_guess)
        file = IconButton(theme, "file", tr("File …"), tooltip=tr("Take a file; what it holds is found out"))
        file.clicked.connect(self._choose_file)
        folder = IconButton(theme, "folder", tr("Folder …"), tooltip=tr("Take a folder; what it holds is found out"))
        folder.clicked.connect(self._choose_folder)
        left = QWidget()
        hint = caption(theme, tr("Or drop a file or folder anywhere here."))
        left.setLayout(column(self.source, 8, row(file, folder, -1), hint, -1, margin=14))
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setObjectName("data-split")
        area = scrolled(left)
        area.setMinimumWidth(240)
        split.addWidget(area)
        split.addWidget(self.view)
        split.setSizes([280, 1000])
        split.setStretchFactor(1, 1)
        split.setChildrenCollapsible(False)
        self.split = split
        self.setLayout(column(split))
        self.dropped.connect(self.take)
        theme.follow(self)
        session.subscribe(self._changed)

    def take(self, path: str) -> None:
        """Find out what a file or folder holds, and make it the data of the project."""
        self._guessing = True
        self.reader.guess(path)

    def _choose_file(self) -> None:
        if chosen := self._desk.ask_open(tr("Choose a file"), tr("All files (*)"), self._folder_of_data()):
            self.take(str(chosen))

    def _choose_folder(self) -> None:
        if chosen := self._desk.ask_folder(tr("Choose a folder"), self._folder_of_data()):
            self.take(str(chosen))

    def _folder_of_data(self) -> Path | None:
        data, path = self._session.state.document.data, self._session.state.path
        known = str(data.options.get("path") or "") if data else ""
        return Path(known).parent if known else path.parent if path else None

    def _take_guess(self) -> None:
        seen = self.reader.seen
        if not self._guessing or seen.stage == "reading":
            return
        self._guessing = False
        if seen.inspection is None:
            self._asked = None
            return
        document = self._session.state.document
        data = guessed(seen.inspection, self._session.state.path)
        if document.data is not None:
            data = replace(data, split=document.data.split)
        self._session.edit(tr("Choose data"), replace(document, data=data))

    def showEvent(self, event: object) -> None:
        """Data are read when somebody looks at them, not before."""
        super().showEvent(event)  # type: ignore[arg-type]
        self._look(self._session.state)

    def _changed(self, old: State, new: State) -> None:
        if self.isVisible() and (old.document.data is not new.document.data or old.path != new.path):
            self._look(new)

    def _look(self, state: State) -> None:
        key = (state.document.data, state.path)
        if key != self._asked:
            self._asked, self._guessing = key, False
            folder = str(state.path.parent) if state.path else ""
            self.view.look_in(folder)
            self.reader.look(state.document.data, folder)


def guessed(inspection: Inspection, project: Path | None) -> Data:
    """The data as a document says it: a path inside the project's folder is relative to it."""
    data = msgspec.convert(inspection.data, Data)
    path = data.options.get("path")
    if project is not None and isinstance(path, str) and Path(path).is_relative_to(project.parent):
        relative = Path(path).relative_to(project.parent).as_posix()
        data = replace(data, options={**data.options, "path": relative})
    return data
