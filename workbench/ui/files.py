"""Opening and saving projects, and what must be asked before work could be lost."""

import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from msgspec.structs import replace

import model_zoo
from workbench.core import journal, new_layer, project
from workbench.core.document import Document
from workbench.core.files import unwritable, write_atomically
from workbench.core.i18n import tr
from workbench.core.problems import Problem, ProblemError
from workbench.core.session import Session, State
from workbench.core.settings import Settings
from workbench.ui.desk import Desk

KINDS = "Model Workbench (*.workbench)"
LAYERS = "Python (*.py)"


def project_name(state: State) -> str:
    """What a project is called: as its file, once it has one."""
    return state.path.stem if state.path else state.document.title or tr("Untitled")


class Files:
    """The project file of a session."""

    def __init__(
        self,
        session: Session,
        desk: Desk,
        settings: Callable[[], Settings],
        change_settings: Callable[[Settings], None],
        complain: Callable[[Problem], None],
    ) -> None:
        self._session, self._desk = session, desk
        self._settings, self._change_settings = settings, change_settings
        self._complain = complain
        self._stamp = ""
        """What the file held when it was read or written last."""

    def new(self) -> None:
        """An empty project."""
        if self.may_leave():
            self._session.open(Document(title=tr("Untitled")))

    def begin(self, document: Document) -> None:
        """A project that was just made, and is in no file yet."""
        if self.may_leave():
            self._session.open(document, saved=False)

    def open_zoo(self, name: str) -> None:
        """A fresh copy of a model of the zoo."""
        if self.may_leave():
            self._session.open(model_zoo.document(name))

    def ask_and_open(self) -> None:
        """Let the user choose a file, and open it."""
        path = self._session.state.path
        chosen = self._desk.ask_open(tr("Open a project"), KINDS, path.parent if path else None)
        if chosen is not None:
            self.open(chosen)

    def open(self, path: Path) -> bool:
        """Open a file; False when it could not be, or the user would rather stay."""
        if self._load(path) is None or not self.may_leave():
            return False
        document = self._load(path)  # again: the changes that were just saved may be in it
        if document is None:
            return False
        self._stamp = _stamp(path)
        self._session.open(document, path.resolve())
        self._change_settings(self._settings().with_recent(path.resolve()))
        return True

    def restore(self, found: journal.Recovered) -> None:
        """Show work that was left behind; the user's file stays as it is until they save."""
        if self.may_leave():
            self._session.open(found.document, found.path, saved=False)
            self._stamp = _stamp(found.path) if found.path else ""
            journal.discard(found)

    def save(self) -> bool:
        """Save where it was; asks where the first time. False when it was not saved."""
        path = self._session.state.path
        if path is None:
            return self.save_as()
        answer = self._ask_about_change(path) if self._changed_outside(path) else "replace"
        if answer == "copy":
            return self.save_as()
        return answer == "replace" and self._write(path)

    def save_as(self) -> bool:
        """Save under a name that the user chooses."""
        state = self._session.state
        name = re.sub(r"[^\w-]+", " ", state.document.title).strip()
        suggestion = state.path or Path.home() / f"{name or tr('Untitled')}{project.SUFFIX}"
        chosen = self._desk.ask_save(tr("Save the project"), KINDS, suggestion)
        if chosen is None:
            return False
        path = chosen if chosen.suffix else chosen.with_suffix(project.SUFFIX)
        if path != chosen and path.exists() and not self._may_replace(path):
            return False
        return self._write(path)

    def new_layer(self) -> None:
        """Write a file with a layer to begin with, beside the project; the user chooses its name."""
        path = self._session.state.path
        if path is None:
            return
        chosen = self._desk.ask_save(tr("A new layer in Python"), LAYERS, path.parent / "my_layers.py")
        if chosen is None:
            return
        target = chosen if chosen.suffix else chosen.with_suffix(".py")
        try:
            write_atomically(target, new_layer.TEXT.encode())
        except OSError as error:
            self._complain(unwritable(target, error).problem)

    def close(self) -> None:
        """Go back to the start page."""
        if self.may_leave():
            self._session.close()

    def may_leave(self) -> bool:
        """Unsaved work was saved or given up by the user."""
        state = self._session.state
        if not state.modified:
            return True
        answer = self._desk.choose(
            tr("Save the changes to “{title}”?", title=project_name(state)),
            tr("They are lost otherwise."),
            [("save", tr("Save")), ("discard", tr("Discard"))],
        )
        return answer == "discard" or (answer == "save" and self.save())

    def _load(self, path: Path) -> Document | None:
        try:
            return project.load(path)
        except ProblemError as error:
            self._complain(error.problem)
            self._forget(path)
            return None

    def _write(self, path: Path) -> bool:
        document = self._session.state.document
        try:
            project.save(path, document)
            self._stamp = _stamp(path)
        except ProblemError as error:
            self._complain(error.problem)
            return False
        self._session.mark_saved(path.resolve(), document)
        self._change_settings(self._settings().with_recent(path.resolve()))
        return True

    def _changed_outside(self, path: Path) -> bool:
        return bool(self._stamp) and path.exists() and _stamp(path) != self._stamp

    def _ask_about_change(self, path: Path) -> str | None:
        return self._desk.choose(
            tr("“{name}” was changed by another program.", name=path.name),
            tr("Saving replaces what is there now."),
            [("copy", tr("Save a copy")), ("replace", tr("Replace"))],
        )

    def _may_replace(self, path: Path) -> bool:
        """A name that was only completed here is not one that the user agreed to replace."""
        answer = self._desk.choose(
            tr("There is a “{name}” already.", name=path.name),
            tr("Saving replaces what is there now."),
            [("replace", tr("Replace"))],
        )
        return answer == "replace"

    def _forget(self, path: Path) -> None:
        """A file that is gone does not stay among the recent ones."""
        if not path.exists():
            settings = self._settings()
            kept = tuple(name for name in settings.recent if name != str(path))
            self._change_settings(replace(settings, recent=kept))


def _stamp(path: Path | None) -> str:
    try:
        return sha256(path.read_bytes()).hexdigest() if path else ""
    except OSError:
        return ""
