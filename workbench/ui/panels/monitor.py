"""The training monitor: the state of a run in words, its curves, and what can be done with it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QSlider, QSplitter, QVBoxLayout, QWidget

from widgets import typography
from widgets.empty_state import EmptyState
from widgets.notice import Notice
from widgets.pill import Pill
from widgets.progress_row import ThinBar
from widgets.stylesheet import set_look
from widgets.tokens import Tokens
from workbench.core import wording
from workbench.core.i18n import tr
from workbench.core.metrics import Series
from workbench.core.runs import LIVE, Status
from workbench.ui.parts import IconButton, Text, column, elided, row
from workbench.ui.theme import Theme
from workbench.ui.trainer import Trainer

if TYPE_CHECKING:
    from widgets.curves import Curve, CurvePlot

LOOKS = {
    "queued": "neutral",
    "preparing": "accent",
    "training": "ok",
    "validating": "ok",
    "paused": "warn",
    "stopped": "neutral",
    "done": "accent",
    "failed": "bad",
    "interrupted": "bad",
}
"""The look of each state."""

ROOMY = 600
"""From this width on there is room for all figures."""
MOST = 240

"""Metrics that are shares of one."""
TELLING = ("accuracy", "mae", "loss")
"""What says best how well a run does, the best first."""


class Monitor(QWidget):
    """One run: header above, plots below. Empty, it says how to begin."""

    def __init__(self, theme: Theme, trainer: Trainer, train: QAction, *, compact: bool) -> None:
        super().__init__()
        self.setObjectName("monitor")
        self._trainer = trainer
        self._header = MonitorHeader(theme, trainer)
        self._notice = Notice(theme.tokens, theme.icons)
        self._notice.action_triggered.connect(lambda: self._go_on(train))
        self._notice.hide()
        theme.follow(self._notice)
        self._plots = Plots(theme, self._header.progress, compact=compact)
        self._empty = EmptyState(
            theme.tokens,
            theme.icons,
            "chart-line",
            tr("Nothing has been trained yet"),
            tr("Press F5 and watch loss and accuracy move here."),
            action=tr("Train"),
        )
        theme.follow(self._empty)
        self._empty.action_triggered.connect(train.trigger)
        self._full = QWidget()
        self._full.setLayout(column(self._header, self._notice, self._plots, margin=12))
        self.setLayout(column(self._empty, self._full))
        trainer.shown_changed.connect(self.refresh)
        self.refresh()

    @property
    def plots(self) -> "Plots":
        """The curves."""
        return self._plots

    def refresh(self) -> None:
        """Show the run as it stands now."""
        shown = self._trainer.shown
        self._empty.setVisible(shown is None)
        self._full.setVisible(shown is not None)
        if shown is None:
            return
        self._header.show_status(shown.status)
        self._show_reason(shown.status)
        self._plots.show_series(shown.series)

    def showEvent(self, event: QShowEvent) -> None:
        """What happened while nobody looked is shown now."""
        super().showEvent(event)
        self.refresh()

    def _go_on(self, train: QAction) -> None:
        if self._trainer.remedy is not None:
            self._trainer.mend()
        elif self._trainer.can_resume:
            self._trainer.resume()
        else:
            train.trigger()

    def _show_reason(self, status: Status) -> None:
        wrong = status.state in ("failed", "interrupted")
        if not wrong:
            self._notice.hide()
            return
        problem = status.reason
        text = wording.what(problem) if problem else tr("The training process ended in the middle of its work.")
        kept = self._trainer.can_resume
        advice = wording.remedy(problem) if problem else ""
        if kept and not problem:
            advice = tr("Everything up to the last checkpoint is kept.")
        action = tr("Resume from the last checkpoint") if kept else tr("Train again")
        if self._trainer.remedy is not None:
            action = tr("Go on with these settings") if kept else tr("Train again with these settings")
        self._notice.show_notice("bad", f"{text} {advice}".strip(), title=wording.state(status.state), action=action)


class MonitorHeader(QWidget):
    """State, epoch, best metric; pause, resume, stop. `progress` stands elsewhere: speed, time left, a bar."""

    def __init__(self, theme: Theme, trainer: Trainer) -> None:
        super().__init__()
        self._trainer = trainer
        self._pill = Pill("", "neutral", theme.tokens, dot=True)
        self._epoch = Text(theme, font=typography.tabular())
        self._best = elided(theme, font=typography.tabular())
        self._speed = elided(theme, role="dim", font=typography.tabular())
        self._left = Text(theme, role="dim", font=typography.tabular())
        self._bar = ThinBar(theme.tokens)
        self._bar.setMinimumWidth(48)
        self._bar.setAccessibleName(tr("Progress of training"))
        self.pause = IconButton(theme, "pause", tr("Pause"), tooltip=tr("Pause or go on ({key})", key="F6"))
        self.pause.clicked.connect(trainer.pause_or_go_on)
        self.stop = IconButton(theme, "square", tr("Stop"), tooltip=tr("Stop and keep everything (Shift+F5)"))
        self.stop.clicked.connect(trainer.stop)
        theme.follow(self._pill, self._bar)
        self.setLayout(row(self._pill, 4, self._epoch, 8, self._best, -1, self.pause, self.stop))
        self.progress = QWidget()
        beside = row(self._speed, self._left, self._bar)
        beside.setStretchFactor(self._bar, 1)
        self.progress.setLayout(beside)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, what can be done shrinks to icons, and the speed is left out."""
        super().resizeEvent(event)
        self.pause.set_short(self.width() < ROOMY)
        self.stop.set_short(self.width() < ROOMY)
        self._speed.setMaximumWidth(0 if self.width() < ROOMY else MOST)

    def show_status(self, status: Status) -> None:
        """Show where a run stands."""
        self._pill.set_state(wording.state(status.state), LOOKS[status.state])
        self._epoch.setText(tr("epoch {epoch} of {epochs}", epoch=status.epoch, epochs=status.epochs))
        self._best.setText(best_text(status))
        self._best.setVisible(bool(status.best))
        live, paused = status.state in LIVE, status.state == "paused"
        self._speed.setVisible(live and not paused and status.samples_per_second > 0)
        self._speed.setText(tr("{n} samples/s", n=wording.count(round(status.samples_per_second))))
        self._left.setText(_time_text(status))
        self._bar.set_fraction(status.step / status.steps if status.steps else 0.0)
        if status.state == "preparing":
            doing = status.reason  # what it is at, with how much of how much
            done, total = (doing.args.get("done", 0), doing.args.get("total", 0)) if doing else (0, 0)
            self._left.setText(wording.activity(doing.code) if doing else "")
            self._bar.set_fraction(done / total if total else None)
        self._bar.setVisible(status.state != "done")
        resumable = self._trainer.can_resume
        self.pause.setText(tr("Go on") if paused else tr("Resume") if resumable else tr("Pause"))
        self.pause.set_icon("play" if paused or resumable else "pause")
        self.pause.setVisible(live or resumable)
        self.stop.setVisible(live)
        self.setAccessibleName(f"{self._pill.text()}, {self._epoch.text()}, {self._best.text()}")


def best_text(status: Status) -> str:
    """The metric that counts, of the best epoch, as it was validated; once it was tested, that too."""
    validated, tested = measure(status, "val") or measure(status, "train"), measure(status, "test")
    if not validated:
        return ""
    best = tr("{metric}, best at {epoch}", metric=named_metric(validated, status), epoch=status.best_epoch)
    return f"{best} · {named_metric(tested, status)}" if tested else best


def measure(status: Status, split: str) -> str:
    """The name of the metric that says how well the best epoch does on a split; empty where nothing is known."""
    names = [name for name in status.best if name.startswith(f"{split}/")]
    return next((name for kind in TELLING for name in names if name.endswith(f"/{kind}")), "")


def named_metric(name: str, status: Status) -> str:
    """A metric of the best epoch with its name."""
    return tr("{name} {value}", name=metric_title(name), value=metric_text(name, status.best[name]))


def metric_title(name: str) -> str:
    """A metric as people call it."""
    words = {
        "train": tr("training"),
        "val": tr("validation"),
        "test": tr("test"),
        "loss": tr("loss"),
        "accuracy": tr("accuracy"),
        "mae": tr("mean error"),
        "rmse": tr("root mean squared error"),
        "f1": "F1",
        "r2": "R²",
        "f1_macro": tr("F1, mean over tags"),
        "entity_f1": tr("F1 of whole things"),
        "exact": tr("exactly right"),
        "iou": "IoU",
        "psnr": "PSNR (dB)",
        "perplexity": tr("perplexity"),
        "bleu": "BLEU",
        "chrf": "chrF",
        "rouge_l": "ROUGE-L",
    }
    return " ".join(words.get(part, part) for part in name.split("/"))


def sentence_case(text: str) -> str:
    """With a capital first; the rest as it is."""
    return text[:1].upper() + text[1:]


def metric_text(name: str, value: float) -> str:
    """A metric as people read it: shares in per cent."""
    if name.rsplit("/", 1)[-1] in wording.SHARES:
        return f"{value * 100:.2f} %"
    return f"{value:.4g}"


def _time_text(status: Status) -> str:
    if status.state == "paused":
        return ""
    if status.state in LIVE and status.step and status.steps:
        left = status.seconds / status.step * (status.steps - status.step)
        return tr("{time} left", time=wording.duration(left))
    return tr("took {time}", time=wording.duration(status.seconds)) if status.seconds else ""


class Plots(QWidget):
    """Loss, accuracy and learning rate; raw faint and smoothed bold, linear or logarithmic.

    The plots are made a moment after the first paint: the library behind them takes a quarter of a second to load.
    """

    def __init__(self, theme: Theme, progress: QWidget, *, compact: bool) -> None:
        super().__init__()
        self._theme, self._compact = theme, compact
        self._plots: dict[str, CurvePlot] = {}
        self._series: dict[str, Series] = {}
        self._smoothing = QSlider(Qt.Orientation.Horizontal)
        self._smoothing.setRange(0, 99)
        self._smoothing.setValue(60)
        self._smoothing.setMinimumWidth(48)
        self._smoothing.setMaximumWidth(110)
        self._smoothing.setAccessibleName(tr("Smoothing"))
        self._smoothing.setToolTip(tr("Smoothing"))
        self._smoothing.valueChanged.connect(self._smooth)
        self._log = QCheckBox(tr("Log scale"))
        self._log.toggled.connect(self._scale)
        self._holder = QVBoxLayout()
        tools = QWidget()
        beside = row(progress, 12, elided(theme, tr("Smoothing"), role="dim"), self._smoothing, 12, self._log)
        beside.setStretchFactor(progress, 1)
        tools.setLayout(beside)
        self.setLayout(column(tools, self._holder, spacing=6))
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.setStretch(1, 1)
        theme.follow(self)
        QTimer.singleShot(0, self, self._make)

    def set_tokens(self, tokens: Tokens) -> None:
        """Draw the curves in the colours of another theme."""
        self._show()

    @property
    def loss(self) -> "CurvePlot | None":
        """The plot of the loss, once it is made."""
        return self._plots.get("loss")

    def plot(self, name: str) -> "CurvePlot | None":
        """A plot by the name of its metric (loss, metric, lr)."""
        return self._plots.get(name)

    def _make(self) -> None:
        from widgets.curves import CurvePlot

        names = {"loss": tr("Loss"), "metric": tr("Accuracy")} | ({} if self._compact else {"lr": tr("Learning rate")})
        for key, name in names.items():
            plot = CurvePlot(
                name,
                self._theme.tokens,
                empty_text=tr("No points yet"),
                reset_text=tr("Reset view"),
                x_label=tr("step"),
            )
            self._theme.follow(plot)
            self._plots[key] = plot
        self._arrange()
        self._smooth(self._smoothing.value())
        self._show()

    def _arrange(self) -> None:
        plots = self._plots
        if self._compact:
            self._holder.addLayout(row(plots["loss"], plots["metric"], spacing=12))
            return
        split = QSplitter(Qt.Orientation.Vertical)
        set_look(split, "gap")
        upper = QWidget()
        upper.setLayout(row(plots["loss"], plots["metric"], spacing=12))
        split.addWidget(upper)
        split.addWidget(plots["lr"])
        split.setSizes([420, 130])
        split.setChildrenCollapsible(False)
        self._holder.addWidget(split)

    def show_series(self, series: dict[str, Series]) -> None:
        """Show curves; arrays that did not change are recognised."""
        self._series = dict(series)
        self._show()

    def _show(self) -> None:
        if not self._plots:
            return
        tokens = self._theme.tokens
        metric = next((name.split("/")[-1] for name in self._series if _is_metric(name)), "accuracy")
        self._plots["metric"].set_title(sentence_case(metric_title(metric)))
        self._plots["loss"].set_curves(self._pair("loss", tokens))
        self._plots["metric"].set_curves(self._pair(metric, tokens))
        if "lr" in self._plots:
            self._plots["lr"].set_curves(self._curves([("lr", tr("learning rate"), tokens.accent, False)]))

    def _pair(self, metric: str, tokens: Tokens) -> "list[Curve]":
        return self._curves(
            [
                (f"train/{metric}", tr("training"), tokens.accent, False),
                (f"val/{metric}", tr("validation"), tokens.validation, True),
            ]
        )

    def _curves(self, wanted: "Sequence[tuple[str, str, str, bool]]") -> "list[Curve]":
        from widgets.curves import Curve

        found = []
        for name, label, colour, each_epoch in wanted:
            series = self._series.get(name)
            if series is not None and len(series.steps):
                found.append(
                    Curve(
                        name,
                        label,
                        series.steps,
                        series.values,
                        colour,
                        points=each_epoch and len(series.steps) <= 60,
                        smooth=not each_epoch and name != "lr",
                    )
                )
        return found

    def _smooth(self, percent: int) -> None:
        for plot in self._plots.values():
            plot.set_smoothing(percent / 100)

    def _scale(self, log: bool) -> None:
        for key in ("loss", "lr"):
            if key in self._plots:
                self._plots[key].set_log_y(log)


def _is_metric(name: str) -> bool:
    return name.startswith("train/") and not name.endswith("/loss")
