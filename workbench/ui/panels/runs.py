"""The list of runs: what was trained, how it ended, how well it did."""

import time
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QAction, QColor, QDesktopServices, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTreeWidget, QTreeWidgetItem, QWidget

from widgets import typography
from widgets.tokens import Tokens
from workbench.core import wording
from workbench.core.i18n import tr
from workbench.core.runs import LIVE, RESUMABLE, RunRecord, Status
from workbench.ui.desk import Desk
from workbench.ui.jobs import Jobs
from workbench.ui.panels.monitor import LOOKS, best_text, measure, metric_text
from workbench.ui.parts import RIGHT, caption, column, heading, moment
from workbench.ui.theme import Theme
from workbench.ui.trainer import Trainer

RUN = Qt.ItemDataRole.UserRole
COLOURS = {"ok": "ok", "warn": "warn", "bad": "bad", "accent": "accent", "neutral": "dim"}
"""The token of each look."""
NAME, STARTED, STATE, VALIDATION, TEST = range(5)
ROOMY, ROOMIER = 350, 440
"""From these widths on there is room for the test too; the second where runs of several projects are listed."""


class RunsPanel(QWidget):
    """A row a run, the latest on top. A click shows its curves."""

    export_wanted = Signal(str)
    evaluate_wanted = Signal(str)
    branch_wanted = Signal(str)

    def __init__(self, theme: Theme, jobs: Jobs, trainer: Trainer, desk: Desk) -> None:
        super().__init__()
        self.setObjectName("runs")
        self._jobs, self._trainer, self._desk, self._tokens = jobs, trainer, desk, theme.tokens
        self._empty = caption(theme, tr("Runs are listed here, with their curves, settings and weights."))
        self.tree = QTreeWidget()
        self.tree.setAccessibleName(tr("Runs"))
        self.tree.setHeaderLabels([tr("Run"), tr("Started"), tr("State"), tr("Validation"), tr("Test")])
        self.tree.setRootIsDecorated(False)
        self.tree.setUniformRowHeights(True)
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(self._menu)
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(56)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        for place in (VALIDATION, TEST):
            self.tree.headerItem().setTextAlignment(place, RIGHT)
        self.tree.currentItemChanged.connect(self._chosen)
        self._silent = False
        layout = column(heading(theme, tr("Runs")), self._empty, self.tree, -1, margin=12)
        layout.setStretchFactor(self.tree, 1000)
        self.setLayout(layout)
        jobs.listed.connect(self.fill)
        jobs.changed.connect(self._one_changed)
        trainer.shown_changed.connect(self._show_current)
        trainer.shown_changed.connect(self._arrange)
        theme.follow(self)
        self.fill()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, the test is left to Evaluate."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """What is the same in all rows takes no room."""
        several = not all(self._trainer.is_ours(item.data(NAME, RUN)) for item in self._items())
        self.tree.setColumnHidden(NAME, not several)
        self.tree.setColumnHidden(TEST, self.width() < (ROOMIER if several else ROOMY))
        header, modes = self.tree.header(), QHeaderView.ResizeMode
        header.setSectionResizeMode(NAME, modes.Stretch)
        header.setSectionResizeMode(STARTED, modes.ResizeToContents if several else modes.Stretch)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self.fill()

    def fill(self) -> None:
        """List all runs anew."""
        self._silent = True
        self.tree.clear()
        records = {record.run: record for record in self._jobs.records}
        for live in self._jobs.live():
            if live.folder.name not in records:  # its job has not made the folder yet
                records[live.folder.name] = RunRecord(live.folder.name, "", time.time(), live.status)
        for record in sorted(records.values(), key=lambda record: record.started, reverse=True):
            item = QTreeWidgetItem()
            item.setData(0, RUN, record.run)
            self._write(item, record)
            self.tree.addTopLevelItem(item)
        self._empty.setVisible(not records)
        self.tree.setVisible(bool(records))
        self._silent = False
        self._arrange()
        self._show_current()

    def _write(self, item: QTreeWidgetItem, record: RunRecord) -> None:
        item.setText(NAME, record.project or self._jobs.project_of(record.run))
        item.setToolTip(NAME, record.run)
        item.setText(STARTED, moment(record.started))
        self._write_status(item, self._status(record))

    def _status(self, record: RunRecord) -> Status:
        live = next((item for item in self._jobs.live() if item.folder.name == record.run), None)
        return live.status if live else record.status

    def _write_status(self, item: QTreeWidgetItem, status: Status) -> None:
        item.setText(STATE, wording.state(status.state))
        item.setForeground(STATE, QColor(getattr(self._tokens, COLOURS[LOOKS[status.state]])))
        for place, split in ((VALIDATION, "val"), (TEST, "test")):
            name = measure(status, split)
            item.setText(place, metric_text(name, status.best[name]) if name else "")
            item.setToolTip(place, best_text(status))
            item.setTextAlignment(place, RIGHT)
        for place in (STARTED, VALIDATION, TEST):
            item.setFont(place, typography.tabular())

    def _one_changed(self, run: str) -> None:
        shown = self._jobs.watched(run)
        item = self._item(run)
        if item is None:
            self.fill()
        elif shown is not None:
            self._write_status(item, shown.status)

    def _item(self, run: str) -> QTreeWidgetItem | None:
        return next((item for item in self._items() if item.data(NAME, RUN) == run), None)

    def _items(self) -> list[QTreeWidgetItem]:
        found = (self.tree.topLevelItem(place) for place in range(self.tree.topLevelItemCount()))
        return [item for item in found if item is not None]

    def _show_current(self) -> None:
        self._silent = True
        item = self._item(self._trainer.run)
        if item is not None:
            self.tree.setCurrentItem(item)
        else:
            self.tree.clearSelection()
        self._silent = False

    def _chosen(self, item: QTreeWidgetItem | None) -> None:
        if item is not None and not self._silent:
            self._trainer.show(item.data(0, RUN))

    def _menu(self, at: QPoint) -> None:
        item = self.tree.itemAt(at)
        if item is not None:
            self.menu(item.data(0, RUN)).popup(self.tree.viewport().mapToGlobal(at))

    def menu(self, run: str) -> QMenu:
        """What can be done with a run."""
        shown = self._jobs.watched(run)
        state = shown.status.state if shown else "failed"
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        trained = self._jobs.has_weights(run)
        rows = (
            (tr("Resume"), state in RESUMABLE and trained, lambda: self._jobs.resume(run)),
            (tr("Branch from here …"), trained, lambda: self.branch_wanted.emit(run)),
            (tr("Evaluate"), trained, lambda: self.evaluate_wanted.emit(run)),
            (tr("Export ONNX …"), trained, lambda: self.export_wanted.emit(run)),
            (tr("Open the folder"), shown is not None, lambda: self._open_folder(run)),
            (tr("Delete …"), state not in LIVE, lambda: self._delete(run)),
        )
        for text, possible, act in rows:
            action = QAction(text, menu)
            action.setEnabled(possible)
            action.triggered.connect(act)
            menu.addAction(action)
        return menu

    def _open_folder(self, run: str) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(self._jobs.store.root) / run)))

    def _delete(self, run: str) -> None:
        answer = self._desk.choose(
            tr("Delete this run?"),
            tr("Its curves, weights and log are removed from the disk: {run}", run=run),
            [("delete", tr("Delete"))],
        )
        if answer == "delete":
            self._trainer.delete(run)
