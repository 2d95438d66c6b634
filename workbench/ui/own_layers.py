"""The layers in the Python files beside the project: found, watched, offered like others, and trusted by the user."""

from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace
from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from workbench.core import custom
from workbench.core.catalogue import Catalogue, LayerInfo
from workbench.core.custom import Code
from workbench.core.problems import Problem, ProblemError
from workbench.core.session import Session, State
from workbench.core.settings import Settings
from workbench.core.signatures import signatures
from workbench.core.trust import with_trust, without_trust

SOON_MS = 120
"""Editors write a file in several steps: it is looked at when they are done."""


class OwnLayers(QObject):
    """Knows the files of the open project. Nothing of them is run in here."""

    changed = Signal()
    """There are other layers, or a file holds something else, or is trusted now."""

    stopped = Signal(object)
    """A file took the engine along, and is not trusted any more: the problem that says so."""

    def __init__(
        self,
        session: Session,
        settings: Callable[[], Settings],
        change_settings: Callable[[Settings], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._settings, self._change_settings = settings, change_settings
        self.layers: dict[str, LayerInfo] = {}
        """By type of node."""
        self._hashes: dict[str, str] = {}
        self._watcher = QFileSystemWatcher(self)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOON_MS)
        self._soon.timeout.connect(self.look)
        self._watcher.directoryChanged.connect(lambda path: self._soon.start())
        self._watcher.fileChanged.connect(lambda path: self._soon.start())
        session.subscribe(self._state_changed)

    def close(self) -> None:
        """Look no more."""
        self._soon.stop()
        self._watch([])

    @property
    def folder(self) -> Path | None:
        """Where the files are; None while the project has no place of its own."""
        path = self._session.state.path
        return path.parent if path else None

    def together(self, catalogue: Catalogue) -> Catalogue:
        """A catalogue with these layers, which stand first."""
        return replace(catalogue, layers={**self.layers, **catalogue.layers}) if self.layers else catalogue

    def look(self) -> None:
        """Read the files again."""
        folder = self.folder
        codes = self._read(folder) if folder else []
        self._watch([folder, *(folder / code.name for code in codes)] if folder else [])
        layers = {key: info for code in codes for key, info in _layers(code)}
        hashes = {code.name: code.sha256 for code in codes}
        if (layers, hashes) != (self.layers, self._hashes):
            self.layers, self._hashes = layers, hashes
            self.changed.emit()

    def _read(self, folder: Path) -> list[Code]:
        """All files that may hold layers; those that the document names too, whatever they hold."""
        named = custom.files(self._session.state.document)
        found = []
        for name in dict.fromkeys((*custom.beside(folder), *named)):
            try:
                code = custom.read(folder, name)
            except ProblemError:
                continue  # the engine says so at the nodes that need it
            if name in named or b"Module" in code.content:
                found.append(code)
        return found

    def _watch(self, paths: list[Path]) -> None:
        wanted = {str(path) for path in paths}
        watched = {*self._watcher.files(), *self._watcher.directories()}
        if gone := watched - wanted:
            self._watcher.removePaths(sorted(gone))
        if new := wanted - watched:
            self._watcher.addPaths(sorted(new))

    def _state_changed(self, old: State, new: State) -> None:
        if (old.path, old.opened) != (new.path, new.opened):
            self.look()
        if old.analysis is not new.analysis and new.analysis is not None:
            for problem in new.analysis.problems:
                if problem.code == "custom.stuck" and not problem.node:  # it took its process along: never again
                    self.distrust([str(problem.args["sha256"])])
                    self.stopped.emit(problem)

    # Trust

    def code(self, file: str, sha256: str, *others: Path) -> tuple[Code, Path]:
        """A file as it was when it was spoken of, beside the project or in one of `others`; as it is now, otherwise.

        Returns the file, and the folder that it is in.

        Raises:
            ProblemError: it cannot be read.
        """
        folders = [folder for folder in (self.folder, *others) if folder is not None]
        failed: ProblemError | None = None
        found: tuple[Code, Path] | None = None
        for folder in folders:
            try:
                code = custom.read(folder, file)
                code.text  # noqa: B018 - what is no text cannot be looked at
            except ProblemError as error:
                failed = failed or error
                continue
            if code.sha256 == sha256:
                return code, folder
            found = found or (code, folder)
        if found is None:
            raise failed or ProblemError("custom.missing", file=file)
        return found

    def trust(self, code: Code) -> None:
        """Let exactly this text be run, from now on."""
        settings = self._settings()
        self._change_settings(replace(settings, trusted=with_trust(settings.trusted, code)))
        self.changed.emit()

    def distrust(self, hashes: list[str] | None = None) -> None:
        """Let these not be run any more; all of them unless some are named."""
        settings = self._settings()
        gone = list(settings.trusted) if hashes is None else hashes
        self._change_settings(replace(settings, trusted=without_trust(settings.trusted, gone)))
        self.changed.emit()

    def untrusted_of(self, state: State) -> Problem | None:
        """What stands in the way of running the selected layer, where that is trust."""
        chosen = {(state.prefix or "") + node for node in state.selection}
        problems = state.analysis.problems if state.analysis else ()
        found = [problem for problem in problems if problem.code == "custom.untrusted"]
        return next((problem for problem in found if problem.node in chosen), None) or next(iter(found), None)


def _layers(code: Code) -> list[tuple[str, LayerInfo]]:
    """The layers of a file; none of one that makes no sense, which is said at its nodes."""
    try:
        found = signatures(code)
    except ProblemError:
        return []
    return [(signature.info.key, signature.info) for name, signature in found.items() if not name.startswith("_")]
