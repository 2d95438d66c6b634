"""The queue: runs at work, and those that wait for their turn, in an order that is changed by drag or by keys."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QSizePolicy, QTreeWidget, QTreeWidgetItem, QWidget

from widgets import typography
from widgets.progress_row import ThinBar
from widgets.tokens import Tokens
from workbench.core import wording
from workbench.core.i18n import tr
from workbench.core.queue import Entry
from workbench.core.runs import RunRecord, Status
from workbench.core.session import Session
from workbench.ui.jobs import Jobs
from workbench.ui.panels.monitor import LOOKS
from workbench.ui.panels.runs import COLOURS, RUN
from workbench.ui.parts import RIGHT, IconButton, caption, column, heading, row
from workbench.ui.theme import Theme
from workbench.ui.trainer import Trainer

PLACE, NAME, STATE, DONE = range(4)
BAR = 56
"""The width of a bar that shows how far a run is."""
ROWS = 6
"""So many are shown without scrolling."""


class QueueList(QTreeWidget):
    """Rows that can be dragged to another place; those at work stay on top."""

    moved = Signal(str, int)
    """A run is to wait at this place, the first of which is 1."""

    def __init__(self) -> None:
        super().__init__()
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)

    def order(self) -> list[str]:
        """The runs that wait, as the rows stand."""
        rows = (self.topLevelItem(place) for place in range(self.topLevelItemCount()))
        return [item.data(PLACE, RUN) for item in rows if item is not None and waits(item)]

    def dropEvent(self, event: QDropEvent) -> None:
        """A row was let go: what it is now is told, and the list is filled anew by whoever hears it."""
        item = self.currentItem()
        super().dropEvent(event)
        if item is not None and waits(item):
            run = item.data(PLACE, RUN)
            self.moved.emit(run, self.order().index(run) + 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Alt with an arrow moves a run that waits up or down."""
        by = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if by is not None and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.move_current(by)
            return
        super().keyPressEvent(event)

    def move_current(self, by: int) -> None:
        """Let the current run wait so many places later."""
        item = self.currentItem()
        if item is not None and waits(item):
            run = item.data(PLACE, RUN)
            self.moved.emit(run, self.order().index(run) + 1 + by)


def waits(item: QTreeWidgetItem) -> bool:
    """A row is of a run that waits."""
    return bool(item.flags() & Qt.ItemFlag.ItemIsDragEnabled)


class QueuePanel(QWidget):
    """A row for each run at work and each that waits; below, what can be done with the current one."""

    def __init__(self, theme: Theme, session: Session, jobs: Jobs, trainer: Trainer) -> None:
        super().__init__()
        self.setObjectName("queue")
        self._theme, self._jobs, self._trainer = theme, jobs, trainer
        self._tokens = theme.tokens
        self._bars: dict[str, ThinBar] = {}
        self._empty = caption(
            theme,
            tr("Nothing waits. “Add to the queue” lets the network as it is now wait for its turn behind other runs."),
        )
        self.list = self._made_list()
        self.up = IconButton(theme, "chevron-up", tooltip=tr("Earlier (Alt+Up)"))
        self.down = IconButton(theme, "chevron-down", tooltip=tr("Later (Alt+Down)"))
        self.pause = IconButton(theme, "pause", tooltip=tr("Pause or go on"))
        self.stop = IconButton(theme, "square", tooltip=tr("Stop and keep everything"))
        self.remove = IconButton(theme, "x", tooltip=tr("Take out of the queue (Del)"))
        self.up.clicked.connect(lambda: self.list.move_current(-1))
        self.down.clicked.connect(lambda: self.list.move_current(1))
        self.pause.clicked.connect(self._pause)
        self.stop.clicked.connect(lambda: self._trainer.tell(self.current, "stop"))
        self.remove.clicked.connect(lambda: self._trainer.take_out(self.current))
        self._tools = QWidget()
        self._tools.setLayout(row(self.up, self.down, self.remove, -1, self.pause, self.stop, spacing=6))
        add = IconButton(theme, "plus", tr("Add to the queue"))
        add.clicked.connect(trainer.enqueue)
        self.apply = IconButton(theme, "sliders-horizontal", tr("Apply to the run at work"))
        self.apply.clicked.connect(self._apply)
        self._changes = caption(theme)
        head = row(heading(theme, tr("Queue")), -1, add)
        self.setLayout(column(head, self._empty, self.list, self._tools, self._changes, self.apply, margin=12))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        session.subscribe(lambda old, new: self._show_changes())
        trainer.shown_changed.connect(self._show_changes)
        jobs.listed.connect(self.fill)
        jobs.queue_changed.connect(self.fill)
        jobs.changed.connect(self._one_changed)
        theme.follow(self)
        self.fill()

    def _made_list(self) -> QueueList:
        found = QueueList()
        found.setAccessibleName(tr("Queue"))
        found.setHeaderLabels(["", tr("Run"), tr("State"), tr("Done")])
        found.headerItem().setTextAlignment(PLACE, RIGHT)
        header = found.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(24)
        for place in (PLACE, STATE):
            header.setSectionResizeMode(place, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(DONE, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(DONE, BAR + 16)
        found.moved.connect(self._trainer.move)
        found.currentItemChanged.connect(self._chosen)
        found.itemSelectionChanged.connect(self._show_tools)
        return found

    @property
    def current(self) -> str:
        """The run of the current row; empty where there is none."""
        item = self.list.currentItem()
        return str(item.data(PLACE, RUN)) if item is not None else ""

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self.fill()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Del takes the current run out, when it waits."""
        if event.key() == Qt.Key.Key_Delete and self.remove.isEnabled():
            self.remove.click()
            return
        super().keyPressEvent(event)

    def fill(self) -> None:
        """List everything anew; the current run stays the current one."""
        current, had_focus = self.current, self.list.hasFocus()
        waiting = self._jobs.waiting()
        records = {record.run: record for record in self._jobs.records}
        self.list.blockSignals(True)
        self.list.clear()
        self._bars.clear()
        for item in self._jobs.live():
            self._add(0, item.folder.name, item.status, records.get(item.folder.name))
        for place, entry in enumerate(waiting, 1):
            record = records.get(entry.run)
            self._add(place, entry.run, record.status if record else Status("queued"), record, entry)
        self.list.blockSignals(False)
        self._select(current)
        count = self.list.topLevelItemCount()
        self._empty.setVisible(not count)
        self.list.setVisible(bool(count))
        self._tools.setVisible(bool(count))
        height = self.list.sizeHintForRow(count - 1) if count else 0
        self.list.setFixedHeight(self.list.header().sizeHint().height() + min(count, ROWS) * height + 6)
        if had_focus:
            self.list.setFocus()
        self._show_tools()
        self._show_changes()

    def _add(self, place: int, run: str, status: Status, record: RunRecord | None, entry: Entry | None = None) -> None:
        item = QTreeWidgetItem()
        item.setData(PLACE, RUN, run)
        item.setText(PLACE, str(place) if place else "")
        item.setTextAlignment(PLACE, RIGHT)
        item.setFont(PLACE, typography.tabular())
        item.setText(NAME, (record.project if record else "") or self._jobs.project_of(run))
        need = tr("{bytes} are forecast", bytes=wording.size(entry.memory)) if entry and entry.memory else ""
        item.setToolTip(NAME, f"{run}\n{need}".strip())
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        item.setFlags(flags | Qt.ItemFlag.ItemIsDragEnabled if place else flags)
        self.list.addTopLevelItem(item)
        if not place:
            bar = ThinBar(self._tokens)
            bar.setAccessibleName(tr("Progress of training"))
            self._bars[run] = bar
            holder = QWidget()
            holder.setLayout(column(-1, bar, -1, spacing=0))
            self.list.setItemWidget(item, DONE, holder)
        self._write(item, status)

    def _write(self, item: QTreeWidgetItem, status: Status) -> None:
        item.setText(STATE, wording.state(status.state))
        item.setForeground(STATE, QColor(getattr(self._tokens, COLOURS[LOOKS[status.state]])))
        item.setToolTip(STATE, wording.what(status.reason) if status.reason and status.state == "paused" else "")
        bar = self._bars.get(item.data(PLACE, RUN))
        if bar is not None:
            bar.set_fraction(status.step / status.steps if status.steps else None)

    def _one_changed(self, run: str) -> None:
        watched = self._jobs.watched(run)
        item = next((item for item in self._items() if item.data(PLACE, RUN) == run), None)
        if watched is None or item is None or waits(item):
            self.fill()
            return
        self._write(item, watched.status)
        self._show_tools()
        if self.apply.isVisible():  # until the run has taken the changes
            self._show_changes()

    def _items(self) -> list[QTreeWidgetItem]:
        found = (self.list.topLevelItem(place) for place in range(self.list.topLevelItemCount()))
        return [item for item in found if item is not None]

    def _select(self, run: str) -> None:
        item = next((item for item in self._items() if item.data(PLACE, RUN) == run), None)
        if item is not None:
            self.list.blockSignals(True)
            self.list.setCurrentItem(item)
            self.list.blockSignals(False)

    def _chosen(self, item: QTreeWidgetItem | None) -> None:
        if item is not None and not waits(item):
            self._trainer.show(item.data(PLACE, RUN))

    def _show_tools(self) -> None:
        item = self.list.currentItem()
        waiting = item is not None and waits(item)
        order = self.list.order()
        place = order.index(self.current) if waiting else -1
        self.up.setEnabled(place > 0)
        self.down.setEnabled(waiting and place < len(order) - 1)
        self.remove.setEnabled(waiting)
        watched = self._jobs.watched(self.current) if item is not None and not waiting else None
        paused = watched is not None and watched.status.state == "paused"
        self.pause.setEnabled(watched is not None)
        self.pause.set_icon("play" if paused else "pause")
        self.stop.setEnabled(watched is not None)

    def _show_changes(self) -> None:
        """What the form has otherwise than the run at work, so far as that can change under way."""
        changes = self._trainer.live_changes()
        told = (
            tr(
                "{name}: {old} → {new}",
                name=wording.training_title(name),
                old=wording.readable(old),
                new=wording.readable(new),
            )
            for name, old, new in changes
        )
        self._changes.setText(tr("Changed for the run at work: {changes}", changes=", ".join(told)))
        for widget in (self._changes, self.apply):
            widget.setVisible(bool(changes))

    def _apply(self) -> None:
        self._trainer.apply_changes()
        for widget in (self._changes, self.apply):
            widget.hide()

    def _pause(self) -> None:
        watched = self._jobs.watched(self.current)
        if watched is not None:
            self._trainer.tell(self.current, "run" if watched.status.state == "paused" else "pause")
