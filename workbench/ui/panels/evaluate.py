"""The Evaluate place: how a trained run does on samples it has not learned from, and what it confuses."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from widgets.empty_state import EmptyState
from widgets.notice import Notice
from widgets.progress_row import ProgressRow
from widgets.segmented import Segmented
from widgets.stats import StatsCard
from workbench.core import wording
from workbench.core.i18n import tr
from workbench.core.messages import EvaluateRun, Evaluation, Progress
from workbench.core.problems import Problem
from workbench.ui.engine_client import EngineClient, Request
from workbench.ui.jobs import Jobs
from workbench.ui.panels.evaluation_view import EvaluationView, worst
from workbench.ui.panels.monitor import metric_text, metric_title, sentence_case
from workbench.ui.panels.run_chooser import RunChooser
from workbench.ui.parts import IconButton, caption, column, heading, row
from workbench.ui.theme import Theme
from workbench.ui.trainer import Trainer
from workbench.ui.ways_out import way_out


class EvaluatePlace(QWidget):
    """A run, a split, its metrics, and each of its outputs in detail."""

    mend_wanted = Signal(object)
    """The user wants the way out of a problem."""

    def __init__(self, theme: Theme, engine: EngineClient, jobs: Jobs, trainer: Trainer) -> None:
        super().__init__()
        self.setObjectName("evaluate")
        self._engine, self._jobs = engine, jobs
        self._request: Request | None = None
        self.evaluation: Evaluation | None = None
        self.chooser = RunChooser(theme, jobs, trainer)
        self._split = Segmented(
            [("test", tr("Test")), ("validation", tr("Validation")), ("train", tr("Training"))],
            theme.tokens,
            name=tr("Split"),
        )
        self.button = IconButton(theme, "gauge", tr("Evaluate"), look="primary")
        self.button.clicked.connect(self.evaluate)
        self._progress = ProgressRow(theme.tokens, cancel_text=tr("Cancel"))
        self._progress.cancelled.connect(self._cancel)
        self._notice = Notice(theme.tokens, theme.icons)
        self._problem: Problem | None = None
        self._notice.action_triggered.connect(lambda: self.mend_wanted.emit(self._problem))
        self._card = StatsCard(theme.tokens)
        self.view = EvaluationView(theme)
        self.matrix = self.view.matrix
        self._worst = caption(theme)
        self._empty = EmptyState(
            theme.tokens,
            theme.icons,
            "gauge",
            tr("Nothing to evaluate yet"),
            tr("Train a network first. Then see here how it does on samples that it has not learned from."),
        )
        self._ready = EmptyState(
            theme.tokens,
            theme.icons,
            "gauge",
            tr("Not evaluated yet"),
            tr("Press Evaluate: it measures this run on the chosen split, and shows which classes it confuses."),
        )
        self._body = QWidget()
        self._body.setLayout(self._laid_out(theme))
        self._tools = QWidget()
        tools = row(self.chooser, self._split, self.button, -1)
        tools.setStretchFactor(self.chooser, 1000)
        self._tools.setLayout(tools)
        theme.follow(self._split, self._progress, self._notice, self._card, self._empty, self._ready)
        places = (self._empty, self._ready, self._body)
        layout = column(self._tools, self._progress, self._notice, *places, -1, margin=16)
        for place in places:
            layout.setStretchFactor(place, 1000)
        self.setLayout(layout)
        self._progress.hide()
        self._notice.hide()
        self.chooser.chosen.connect(self._chosen)
        jobs.listed.connect(self._show_what_there_is)
        self._show_what_there_is()

    def _laid_out(self, theme: Theme) -> QVBoxLayout:
        figures = QWidget()
        figures.setLayout(column(heading(theme, tr("Metrics")), self._card, self._worst, -1))
        figures.setFixedWidth(260)
        self.view.setMaximumWidth(900)
        side_by_side = row(figures, self.view, -1, spacing=24)
        side_by_side.setStretchFactor(self.view, 1000)
        return column(8, side_by_side)

    def evaluate(self) -> None:
        """Measure the chosen run."""
        run = self.chooser.run
        if not run or self._request is not None:
            return
        self._notice.hide()
        self._progress.show()
        self._progress.set_progress(tr("Evaluating"), None)
        self._progress.set_cancellable(True)
        self.button.setEnabled(False)
        question = EvaluateRun(str(self._jobs.store.root / run), self._split.current())
        request = self._request = self._engine.ask(
            question,
            lambda found, parts: self._evaluated(found, parts) if self._request is request else None,
            lambda problem: self._failed(problem) if self._request is request else None,
            lambda step: self._progressed(step) if self._request is request else None,
        )  # an answer about another run than the chosen one is not wanted
        self._show_what_there_is()

    def show_run(self, run: str) -> None:
        """Evaluate this run."""
        self.chooser.fill()
        if self.chooser.run == run:
            self.evaluate()

    def _cancel(self) -> None:
        if self._request is not None:
            self._request.cancel()
        self._over()

    def _over(self) -> None:
        self._request = None
        self._progress.hide()
        self.button.setEnabled(True)
        self._show_what_there_is()

    def _progressed(self, step: Progress) -> None:
        self._progress.set_progress(wording.activity(step.code), step.done / step.total if step.total else None)

    def _failed(self, problem: Problem) -> None:
        self._over()
        self._problem = problem
        action = way_out(problem)
        advice = "" if action else wording.remedy(problem)
        self._notice.show_notice("bad", f"{wording.what(problem)} {advice}".strip(), action=action)

    def _evaluated(self, found: Evaluation, parts: list[bytes]) -> None:
        self.evaluation = found
        self._card.set_rows(
            [(sentence_case(metric_title(name)), metric_text(name, value)) for name, value in found.metrics.items()]
        )
        self.view.show_evaluation(found, parts)
        self._worst.setText(worst(found.confusion))
        self._over()

    def _chosen(self, run: str) -> None:
        self.evaluation = None
        self._notice.hide()
        self._over()

    def _show_what_there_is(self) -> None:
        some = bool(self.chooser.run)
        self._empty.setVisible(not some)
        self._tools.setVisible(some)
        self._ready.setVisible(some and self.evaluation is None and self._request is None)
        self._body.setVisible(some and self.evaluation is not None)
