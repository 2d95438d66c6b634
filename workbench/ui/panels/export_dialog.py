"""The export dialog: where to, which weights, and afterwards the proof that the file behaves like the network."""

from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QDialog, QLineEdit, QVBoxLayout, QWidget

from widgets import typography
from widgets.notice import Notice
from widgets.progress_row import ProgressRow
from widgets.segmented import Segmented
from widgets.stats import StatsCard
from workbench.core import wording
from workbench.core.i18n import tr
from workbench.core.messages import ExportReport, ExportRun, Progress
from workbench.core.problems import Problem
from workbench.ui.desk import Desk
from workbench.ui.engine_client import EngineClient, Request
from workbench.ui.parts import IconButton, Text, caption, column, elided, heading, row, title
from workbench.ui.theme import Theme
from workbench.ui.ways_out import way_out

KINDS = "ONNX (*.onnx)"


class ExportDialog(QDialog):
    """Exports one run. Stays open to show the proof."""

    exported = Signal(object)
    """The report of a file that was written."""
    try_wanted = Signal(str)
    mend_wanted = Signal(object)
    """The user wants the way out of a problem."""

    def __init__(
        self, theme: Theme, engine: EngineClient, desk: Desk, run: Path, project: str, suggestion: Path, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setObjectName("export")
        self.setWindowTitle(tr("Export ONNX"))
        self.setMinimumWidth(560)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._engine, self._desk, self._run = engine, desk, run
        self._request: Request | None = None
        self.report: ExportReport | None = None
        self._path = QLineEdit(str(suggestion))
        self._path.setAccessibleName(tr("File"))
        browse = IconButton(theme, "folder-open", look="normal", tooltip=tr("Choose another place"))
        browse.clicked.connect(self._browse)
        self._weights = Segmented(
            [("best", tr("Best epoch")), ("last", tr("Last epoch"))], theme.tokens, name=tr("Weights")
        )
        self.button = IconButton(theme, "download", tr("Export"), look="primary")
        self.button.setDefault(True)
        self.button.clicked.connect(self.start)
        self._close = IconButton(theme, "x", tr("Close"))
        self._close.clicked.connect(self.reject)
        self._progress = ProgressRow(theme.tokens, cancel_text=tr("Cancel"))
        self._progress.cancelled.connect(self._cancel)
        self._notice = Notice(theme.tokens, theme.icons)
        self._problem: Problem | None = None
        self._notice.action_triggered.connect(lambda: self.mend_wanted.emit(self._problem))
        self._proof = Proof(theme)
        self._proof.try_wanted.connect(self._try)
        theme.follow(self._weights, self._progress, self._notice)
        words = caption(
            theme,
            tr("The file is compared with the trained network on real samples, and says how its inputs are prepared."),
        )
        fields = column(
            Text(theme, tr("File"), role="dim", font=typography.caption()),
            row(self._path, browse),
            4,
            Text(theme, tr("Weights"), role="dim", font=typography.caption()),
            row(self._weights, -1),
            spacing=4,
        )
        self._buttons = row(-1, self._close, self.button)
        self.setLayout(
            column(
                title(theme, tr("Export “{project}” as ONNX", project=project)),
                words,
                8,
                fields,
                4,
                self._progress,
                self._notice,
                self._proof,
                8,
                self._buttons,
                margin=20,
            )
        )
        for widget in (self._progress, self._notice, self._proof):
            widget.hide()

    def set_path(self, path: str) -> None:
        """Export to this file; `~` is the user's home."""
        self._path.setText(path)

    def start(self) -> None:
        """Export now."""
        path = Path(self._path.text().strip()).expanduser()
        if self._request is not None or not path.name:
            return
        if not path.suffix:
            path = path.with_suffix(".onnx")
            self._path.setText(str(path))
        self._notice.hide()
        self._proof.hide()
        self._progress.set_progress(tr("Exporting"), None)
        self._progress.set_cancellable(True)
        self._progress.show()
        self._fit()
        self.button.setEnabled(False)
        question = ExportRun(str(self._run), str(path), self._weights.current())
        self._request = self._engine.ask(question, self._done, self._failed, self._progressed)

    def _browse(self) -> None:
        chosen = self._desk.ask_save(tr("Export ONNX"), KINDS, Path(self._path.text()))
        if chosen is not None:
            self._path.setText(str(chosen))

    def _progressed(self, step: Progress) -> None:
        self._progress.set_progress(wording.activity(step.code), step.done / step.total if step.total else None)

    def _over(self) -> None:
        self._request = None
        self._progress.hide()
        self.button.setEnabled(True)
        self._fit()

    def _cancel(self) -> None:
        if self._request is not None:
            self._request.cancel()
        self._over()
        self._say("info", tr("Cancelled; no file was written."))

    def _failed(self, problem: Problem) -> None:
        self._over()
        self._problem = problem
        action = way_out(problem)
        advice = "" if action else wording.remedy(problem)
        self._say("bad", f"{wording.what(problem)} {advice}".strip(), action)

    def _say(self, look: str, text: str, action: str = "") -> None:
        self._notice.show_notice(look, text, action=action)
        self._fit()

    def _done(self, report: ExportReport, parts: list[bytes]) -> None:
        self._over()
        self.report = report
        self._proof.show_report(report)
        self._proof.show()
        self._fit()
        self.button.setText(tr("Export again"))
        self.exported.emit(report)

    def _fit(self) -> None:
        """As high, and at least as wide, as what is shown needs."""
        layout = self.layout()
        assert layout is not None
        layout.activate()
        wide = max(self.width(), layout.minimumSize().width())
        high = layout.totalHeightForWidth(wide) if layout.hasHeightForWidth() else layout.sizeHint().height()
        self.resize(wide, high)

    def _try(self) -> None:
        if self.report is not None:
            self.try_wanted.emit(self.report.path)
            self.accept()

    def reject(self) -> None:
        """Escape and both close buttons end here: an export under way is cancelled."""
        if self._request is not None:
            self._request.cancel()
            self._request = None
        super().reject()


class Proof(QWidget):
    """The report of an export: verdict, figures, and what to do next."""

    try_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("proof")
        self._verdict = Notice(theme.tokens, theme.icons)
        self._card = StatsCard(theme.tokens)
        self._hash = elided(theme, role="dim", font=typography.mono(11))
        self._hash.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._path = ""
        folder = IconButton(theme, "folder-open", tr("Open the folder"))
        folder.clicked.connect(self._open_folder)
        copy = IconButton(theme, "copy", tr("Copy the proof"))
        copy.clicked.connect(self._copy)
        attempt = IconButton(theme, "pencil", tr("Try it"))
        attempt.clicked.connect(self.try_wanted)
        theme.follow(self._verdict, self._card)
        layout: QVBoxLayout = column(
            heading(theme, tr("Proof")), self._verdict, self._card, self._hash, row(attempt, folder, copy, -1)
        )
        self.setLayout(layout)

    def show_report(self, report: ExportReport) -> None:
        """Show what was found."""
        self._path = report.path
        self._verdict.show_notice("ok" if report.ok else "bad", _verdict(report), title=_verdict_title(report))
        self._card.set_rows(report_rows(report))
        self._hash.setText(f"SHA-256 {report.sha256}")

    def text(self) -> str:
        """All of it, for the clipboard."""
        return f"{self._path}\n{self._card.text()}\n{self._hash.text()}"

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text())

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(self._path).parent)))


def _verdict_title(report: ExportReport) -> str:
    return tr("Behaves like the trained network.") if report.ok else tr("Differs from the trained network.")


def _verdict(report: ExportReport) -> str:
    if report.ok:
        return tr("The same answers on {n} real samples.", n=report.samples)
    if report.first_difference:
        return tr("The first layer that differs is {node}.", node=report.first_difference)
    return tr("The outputs differ by more than rounding.")


def report_rows(report: ExportReport) -> list[tuple[str, str]]:
    """The figures of a report, in words."""
    sizes = ", ".join(map(str, report.batch_sizes))
    rows = [
        (tr("Samples compared"), tr("{n}, in batches of {sizes}", n=report.samples, sizes=sizes)),
        (tr("Largest difference"), f"{report.max_abs_diff:.2e}"),
        (tr("Relative to the largest output"), f"{report.max_rel_diff:.2e}"),
        (tr("Same decisions"), tr("yes") if report.decisions_agree else tr("no")),
        (tr("Run by"), provider(report.provider)),
        (tr("File"), tr("{size}, opset {opset}", size=wording.size(report.bytes), opset=report.opset)),
    ]
    if report.passed_over:
        text = tr("built in, but does not work on this machine")
        rows.insert(5, (provider(report.passed_over), text))
    return rows


def provider(name: str) -> str:
    """An execution provider as people call it."""
    return name.removesuffix("ExecutionProvider")
