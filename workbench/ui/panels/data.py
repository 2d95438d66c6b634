"""The Data place: where the data comes from, how it is shared out, how it is balanced, what it looks like."""

import dataclasses
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHeaderView, QSplitter, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from widgets.bars import BarList
from widgets.empty_state import EmptyState
from widgets.form import Form
from widgets.form_values import Field
from widgets.image_grid import ImageGrid
from widgets.notice import Notice
from widgets.progress_row import ProgressRow
from widgets.segmented import Segmented
from workbench.core import wording
from workbench.core.catalogue import Catalogue
from workbench.core.data_messages import DataSummary, DescribeData, GetSamples, SamplePage
from workbench.core.document import Data, Split
from workbench.core.edits import set_field
from workbench.core.i18n import tr
from workbench.core.messages import Progress
from workbench.core.problems import Problem
from workbench.core.session import Session, State
from workbench.ui.engine_client import EngineClient, Request
from workbench.ui.parts import (
    IconButton,
    Text,
    align_right,
    caption,
    clear,
    column,
    explain,
    form_fields,
    heading,
    row,
    scrolled,
    title,
)
from workbench.ui.scene import setting_title
from workbench.ui.theme import Theme

PAGE = 60
SPLITS = ("train", "validation", "test")
TARGET = "target"
"""The option of a source that names the column to predict."""

Browse = Callable[[Field, str], str | None]


class DataPlace(QWidget):
    """Source at the left, what it holds at the right."""

    def __init__(
        self, theme: Theme, session: Session, engine: EngineClient, catalogue: Catalogue, browse: Browse
    ) -> None:
        super().__init__()
        self._session = session
        self._asked: object = None
        self.source = SourceSection(theme, session, catalogue, browse)
        self.view = DataView(theme, engine)
        self.view.path_wanted.connect(self.source.ask_path)
        self.view.columns_known.connect(self.source.offer_columns)
        left = QWidget()
        left.setLayout(column(self.source, -1, margin=14))
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
        session.subscribe(self._changed)

    def showEvent(self, event: Any) -> None:
        """Data is read when somebody looks at it, not before."""
        super().showEvent(event)
        self._look(self._session.state)

    def _changed(self, old: State, new: State) -> None:
        if self.isVisible() and (old.document.data is not new.document.data or old.path != new.path):
            self._look(new)

    def _look(self, state: State) -> None:
        key = (state.document.data, state.path)
        if key != self._asked:
            self._asked = key
            self.view.look(state.document.data, str(state.path.parent) if state.path else "")


class SourceSection(QWidget):
    """Which data, with which options, and how it is shared out."""

    def __init__(self, theme: Theme, session: Session, catalogue: Catalogue, browse: Browse) -> None:
        super().__init__()
        self._theme, self._session, self._catalogue, self._browse = theme, session, catalogue, browse
        self._source = QComboBox()
        self._source.setObjectName("data-source")
        self._source.setAccessibleName(tr("Kind of data"))
        self._source.addItem(tr("No data"), "")
        for info in catalogue.datasets.values():
            self._source.addItem(tr(info.title), info.key)
        self._source.activated.connect(self._choose)
        self._summary = caption(theme)
        self._holder = QVBoxLayout()
        self.form: Form | None = None
        self._form_for = ""
        self._columns: tuple[str, ...] = ()
        self._target = ""
        self._split = Form(_split_fields(), theme.tokens, explain=explain, reset_text=tr("Back to the default"))
        self._split.setObjectName("split")
        self._split.changed.connect(self._edit_split)
        theme.follow(self._split)
        self._split_heading = heading(theme, tr("Split"))
        words = caption(theme, tr("One seed gives one split. A source with a test set of its own keeps it."))
        self._split_words = words
        self.setLayout(
            column(
                title(theme, tr("Data")),
                self._source,
                self._summary,
                4,
                self._holder,
                8,
                self._split_heading,
                self._split,
                words,
            )
        )
        session.subscribe(self._changed)
        self._show(session.state)

    def _changed(self, old: State, new: State) -> None:
        if old.document.data is not new.document.data:
            self._show(new)

    def choose(self, key: str) -> None:
        """Take another kind of data, as a choice from the list does."""
        self._source.setCurrentIndex(self._source.findData(key))
        self._choose()

    def _choose(self) -> None:
        key = str(self._source.currentData())
        document = self._session.state.document
        if key == (document.data.source if document.data else ""):
            return
        split = document.data.split if document.data else Split()
        data = Data(key, {}, split) if key else None
        self._session.edit(tr("Choose data"), replace(document, data=data))

    def _show(self, state: State) -> None:
        data = state.document.data
        key = data.source if data else ""
        self._source.setCurrentIndex(max(0, self._source.findData(key)))
        info = self._catalogue.datasets.get(key)
        self._summary.setText(tr(info.summary) if info else tr("Inputs then declare their own shape."))
        for widget in (self._split_heading, self._split, self._split_words):
            widget.setVisible(data is not None)
        if key != self._form_for:
            self._form_for, self._columns, self._target = key, (), ""
            self._make_form()
        if data is not None:
            self._split.set_values(msgspec.to_builtins(data.split))
            self._show_options(data)

    def _show_options(self, data: Data) -> None:
        if self.form is not None:
            info = self._catalogue.datasets[data.source]
            self.form.set_values({**{item.name: item.default for item in info.fields}, **data.options})

    def ask_path(self) -> None:
        """Let the user choose the file or folder of the data."""
        data, form = self._session.state.document.data, self.form
        path = next((field for field in self._fields() if field.kind == "path"), None)
        if data is None or form is None or path is None:
            return
        chosen = self._browse(path, str(data.options.get(path.name, "")))
        if chosen:
            form.input(path.name).put(chosen)

    def offer_columns(self, columns: tuple[str, ...], target: str) -> None:
        """Let the target be chosen from the columns of the data; `target` is the one that is used now."""
        data = self._session.state.document.data
        if data is None or (columns, target) == (self._columns, self._target):
            return
        self._columns, self._target = columns, target
        if not any(field.name == TARGET for field in self._fields()):
            return
        form = self.form
        focused = next((field.name for field in self._fields() if form and form.input(field.name).hasFocus()), "")
        self._make_form()
        self._show_options(data)
        if self.form is not None and focused:
            self.form.focus_field(focused)

    def _fields(self) -> list[Field]:
        """The options of the source; a target among them is one of the columns, once those are known."""
        info = self._catalogue.datasets.get(self._form_for)
        fields = form_fields(info.fields) if info else []
        if not self._columns:
            return fields
        automatic = ("", tr("{column} (automatic)", column=self._target))
        choices = (automatic, *((name, name) for name in self._columns))
        return [
            dataclasses.replace(field, kind="choice", choices=choices) if field.name == TARGET else field
            for field in fields
        ]

    def _make_form(self) -> None:
        clear(self._holder)
        self.form = None
        fields = self._fields()
        if not fields:
            return
        words = tr("Back to the default")
        form = Form(fields, self._theme.tokens, columns=1, explain=explain, browse=self._browse, reset_text=words)
        form.setObjectName("data-options")
        form.changed.connect(self._edit_option)
        self._theme.follow(form)
        self.form = form
        self._holder.addWidget(form)

    def _edit_option(self, name: str, value: object) -> None:
        document = self._session.state.document
        if document.data is None or self.form is None:
            return
        data = replace(document.data, options={**document.data.options, name: value})
        merge = ("data", self.form.merge_key(name))
        info = self._catalogue.datasets.get(document.data.source)
        label = tr("Change {name}", name=setting_title(info.fields if info else (), name))
        self._session.edit(label, replace(document, data=data), merge=merge)

    def _edit_split(self, name: str, value: object) -> None:
        document = self._session.state.document
        if document.data is None:
            return
        data = replace(document.data, split=set_field(document.data.split, name, value))
        merge = ("split", self._split.merge_key(name))
        self._session.edit(tr("Change the split"), replace(document, data=data), merge=merge)


def _split_fields() -> list[Field]:
    return [
        Field("validation", tr("Validation"), "float", 0.125, 0.0, 0.9, help=tr("Share of the samples for validation")),
        Field("test", tr("Test"), "float", 0.2, 0.0, 0.9, help=tr("Share of the samples for the test")),
        Field("seed", tr("Seed"), "int", 0, 0),
    ]


class DataView(QWidget):
    """Counts, class balance and a page of samples of the data that was looked at last."""

    path_wanted = Signal()
    """The user wants to choose where the data is."""
    columns_known = Signal(tuple, str)
    """The columns of a table, and the one that is to be predicted."""

    def __init__(self, theme: Theme, engine: EngineClient) -> None:
        super().__init__()
        self.setObjectName("data-view")
        self._theme, self._engine = theme, engine
        self._data: Data | None = None
        self._folder = ""
        self._request: Request | None = None
        self._page: Request | None = None
        self._start = self._total = 0
        self.summary: DataSummary | None = None
        self._progress = ProgressRow(theme.tokens, cancel_text=tr("Cancel"))
        self._progress.cancelled.connect(self._cancel)
        self._notice = Notice(theme.tokens, theme.icons)
        self._notice.action_triggered.connect(self._download)
        self._facts = Text(theme, wrap=True)
        self._warnings = QVBoxLayout()
        self._splits = Segmented([(key, _split_title(key)) for key in SPLITS], theme.tokens, name=tr("Split"))
        self._splits.chosen.connect(self._turn_to_first)
        self._classes = QComboBox()
        self._classes.setAccessibleName(tr("Class"))
        self._classes.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._classes.activated.connect(self._turn_to_first)
        self._back = IconButton(theme, "chevron-left", look="quiet", tooltip=tr("Previous page"))
        self._on = IconButton(theme, "chevron-right", look="quiet", tooltip=tr("Next page"))
        self._back.clicked.connect(lambda: self._turn(-PAGE))
        self._on.clicked.connect(lambda: self._turn(PAGE))
        self._where = Text(theme, role="dim")
        self.balance = BarList(theme.tokens, name=tr("Samples of each class"))
        self.grid = ImageGrid(theme.tokens, side=64, name=tr("Samples"))
        self.table = QTreeWidget()
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.setAccessibleName(tr("Samples"))
        self._balance_heading = heading(theme, tr("Class balance, all splits"))
        self._empty = EmptyState(
            theme.tokens,
            theme.icons,
            "database",
            tr("No data yet"),
            tr("Choose a source on the left: the sample “Digits” ships with the program and needs no network."),
        )
        self._no_path = EmptyState(
            theme.tokens,
            theme.icons,
            "folder-open",
            tr("Where is the data?"),
            tr("Choose a file or folder of yours: its samples, columns and classes are shown here. It stays as it is."),
            action=tr("Choose …"),
        )
        self._no_path.action_triggered.connect(self.path_wanted)
        theme.follow(self._progress, self._notice, self._splits, self.balance, self.grid, self._empty, self._no_path)
        self._body = QWidget()
        self._body.setLayout(self._laid_out())
        places = (self._empty, self._no_path, self._body)
        layout = column(self._progress, self._notice, *places, -1, margin=14)
        for place in places:
            layout.setStretchFactor(place, 1000)
        self.setLayout(layout)
        for widget in (self._progress, self._notice, self._no_path, self._body):
            widget.hide()

    def _laid_out(self) -> QVBoxLayout:
        """Balance at the left, samples at the right."""
        self._side = QWidget()
        self._side.setLayout(column(self._balance_heading, self.balance, -1))
        self._side.setFixedWidth(250)
        choice = row(self._splits, self._classes, -1)
        pages = row(-1, self._back, self._where, self._on)
        samples = QWidget()
        layout = column(choice, 4, self.grid, self.table, pages)
        layout.setStretchFactor(self.grid, 1)
        layout.setStretchFactor(self.table, 1)
        samples.setLayout(layout)
        beside = row(self._side, samples, spacing=24)
        beside.setStretchFactor(samples, 1)
        whole = column(self._facts, self._warnings, 8, beside)
        whole.setStretchFactor(beside, 1)
        return whole

    def look(self, data: Data | None, folder: str, *, download: bool = False) -> None:
        """Read a data set and show it."""
        self._data, self._folder, self.summary = data, folder, None
        self._request = self._page = None
        self._notice.hide()
        self._body.hide()
        self._no_path.hide()
        self._empty.setVisible(data is None)
        self._progress.setVisible(data is not None)
        if data is None:
            return
        self._progress.set_progress(tr("Reading the data"), None)
        self._progress.set_cancellable(True)
        question = DescribeData(msgspec.to_builtins(data), folder, download)
        request = self._request = self._engine.ask(
            question,
            lambda summary, parts: self._described(summary) if self._request is request else None,
            lambda problem: self._failed(problem) if self._request is request else None,
            lambda step: self._progressed(step) if self._request is request else None,
        )  # an answer about other data than what is looked at now is not wanted; the engine may finish it

    def _cancel(self) -> None:
        if self._request is not None:
            self._request.cancel()
            self._request = None
        self._progress.hide()
        self._notice.show_notice("info", tr("Reading the data was cancelled."), action=tr("Read it again"))

    def _download(self) -> None:
        self.look(self._data, self._folder, download=True)

    def _progressed(self, step: Progress) -> None:
        self._progress.set_progress(wording.activity(step.code), step.done / step.total if step.total else None)

    def _failed(self, problem: Problem) -> None:
        self._progress.hide()
        if problem.code == "data.no_path":  # nothing went wrong: it is the next thing to do
            self._no_path.show()
            return
        text = f"{wording.what(problem)} {wording.remedy(problem)}".strip()
        self._notice.show_notice("bad", text, action=tr("Try again"))

    def _described(self, summary: DataSummary) -> None:
        self._progress.hide()
        self.summary = summary
        if summary.to_download:
            text = tr("{title} is not on this machine yet.", title=summary.title)
            self._notice.show_notice("info", text, action=tr("Download {size}", size=summary.to_download))
            return
        self._facts.setText(_facts(summary))
        self._show_warnings(summary)
        self._show_balance(summary)
        classes = next((column.classes for column in summary.columns if column.kind == "label"), ())
        self._classes.clear()
        self._classes.addItem(tr("All classes"), "")
        for name in classes:
            self._classes.addItem(name, name)
        self._classes.setVisible(bool(classes))
        self._turn_to_first()

    def _show_warnings(self, summary: DataSummary) -> None:
        clear(self._warnings)
        for problem in summary.problems:
            notice = Notice(self._theme.tokens, self._theme.icons, parent=self._body)
            self._theme.follow(notice)
            notice.show_notice("warn" if problem.severity == "warning" else "info", wording.what(problem))
            self._warnings.addWidget(notice)

    def _show_balance(self, summary: DataSummary) -> None:
        totals: dict[str, int] = {}
        for counts in summary.balance.values():
            for name, number in counts.items():
                totals[name] = totals.get(name, 0) + number
        rows = [(name, number, wording.count(number)) for name, number in totals.items()][:20]
        self.balance.set_rows(rows)
        self._side.setVisible(bool(rows))

    def _turn_to_first(self, *chosen: object) -> None:
        self._start = 0
        self._ask_page()

    def _turn(self, by: int) -> None:
        if 0 <= self._start + by < self._total:
            self._start += by
            self._ask_page()

    def _ask_page(self) -> None:
        if self._data is None:
            return
        question = GetSamples(
            msgspec.to_builtins(self._data),
            self._splits.current(),
            self._start,
            PAGE,
            str(self._classes.currentData() or ""),
            self._folder,
        )
        request = self._page = self._engine.ask(
            question,
            lambda page, parts: self._paged(page, parts) if self._page is request else None,
            lambda problem: self._failed(problem) if self._page is request else None,
        )

    def _paged(self, page: SamplePage, parts: list[bytes]) -> None:
        self._total = page.total
        last = min(self._start + PAGE, page.total)
        first = min(self._start + 1, page.total)
        total = wording.count(page.total)
        self._where.setText(tr("{first} to {last} of {total}", first=first, last=last, total=total))
        self._back.setEnabled(self._start > 0)
        self._on.setEnabled(last < page.total)
        self.grid.setVisible(bool(parts))
        self.table.setVisible(not parts)
        if parts:
            pixels = np.frombuffer(parts[0], np.uint8).reshape(page.shape)
            self.grid.set_images(pixels[..., 0] if page.shape[-1] == 1 else pixels, page.captions)
        else:
            self._show_rows(page)
        self._body.show()

    def _show_rows(self, page: SamplePage) -> None:
        self.table.clear()
        self.table.setColumnCount(len(page.columns))
        self.table.setHeaderLabels(list(page.columns))
        self.table.addTopLevelItems([QTreeWidgetItem(list(texts)) for texts in page.rows])
        self.table.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        for place in range(len(page.columns)):
            if all(_is_number(texts[place]) for texts in page.rows):
                align_right(self.table, place)
        target = (
            next((item.name for item in self.summary.columns if item.name in page.columns), "") if self.summary else ""
        )
        if target:
            self.columns_known.emit(page.columns, target)


def _is_number(text: str) -> bool:
    """It is one, or nothing where one would be."""
    try:
        float(text or "0")
    except ValueError:
        return False
    return True


def _split_title(key: str) -> str:
    return {"train": tr("Training"), "validation": tr("Validation"), "test": tr("Test")}[key]


def _facts(summary: DataSummary) -> str:
    total = wording.count(sum(summary.splits.values()))
    parts = ", ".join(f"{wording.count(number)} {_split_title(key).lower()}" for key, number in summary.splits.items())
    columns = ", ".join(
        f"{column.name} ({wording.shape(column.shape) if column.shape else tr('{n} classes', n=len(column.classes))})"
        for column in summary.columns
    )
    return tr("{total} samples: {parts}. Columns: {columns}.", total=total, parts=parts, columns=columns)
