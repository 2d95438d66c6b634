"""Pages of samples: pictures, or rows of texts with the selected one in full."""

import msgspec
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHeaderView, QPlainTextEdit, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from widgets.image_grid import ImageGrid
from widgets.segmented import Segmented
from workbench.core import wording
from workbench.core.data_messages import GetSamples, SamplePage
from workbench.core.i18n import tr
from workbench.core.problems import Problem
from workbench.core.session import Session
from workbench.ui.engine_client import Request
from workbench.ui.panels.data.reader import DataReader
from workbench.ui.panels.data.words import SPLITS, split_title
from workbench.ui.parts import IconButton, Text, align_right, column, row
from workbench.ui.theme import Theme

PAGE = 60
LONG = 60
"""Texts of more characters are worth reading by themselves."""
WIDEST, ROOM = 420, 12


class SamplesPanel(QWidget):
    """One page of one split, of one class or of all."""

    def __init__(self, theme: Theme, session: Session, reader: DataReader) -> None:
        super().__init__()
        self._session, self._reader = session, reader
        self._request: Request | None = None
        self._start = self._total = 0
        self._folder = ""
        self._splits = Segmented([(key, split_title(key)) for key in SPLITS], theme.tokens, name=tr("Split"))
        self._splits.chosen.connect(self._turn_to_first)
        self._classes = QComboBox()
        self._classes.setAccessibleName(tr("Class"))
        self._classes.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._classes.setMaximumWidth(220)
        self._classes.activated.connect(self._turn_to_first)
        self._back = IconButton(theme, "chevron-left", look="quiet", tooltip=tr("Previous page"))
        self._on = IconButton(theme, "chevron-right", look="quiet", tooltip=tr("Next page"))
        self._back.clicked.connect(lambda: self.turn(-PAGE))
        self._on.clicked.connect(lambda: self.turn(PAGE))
        self._where = Text(theme, role="dim")
        self._complaint = Text(theme, role="warn", wrap=True)
        self.grid = ImageGrid(theme.tokens, side=88, name=tr("Samples"))
        self.table = QTreeWidget()
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.setAccessibleName(tr("Samples"))
        self.table.currentItemChanged.connect(self._read)
        self.reader_pane = QPlainTextEdit()
        self.reader_pane.setReadOnly(True)
        self.reader_pane.setAccessibleName(tr("The selected sample"))
        self.reader_pane.setFixedHeight(132)
        self.reader_pane.setTabChangesFocus(True)
        self._made_of: tuple[object, object] = (None, None)
        theme.follow(self._splits, self.grid)
        self.setLayout(self._laid_out())
        for widget in (self.table, self.reader_pane, self._complaint):
            widget.hide()
        for button in (self._back, self._on):
            button.setEnabled(False)
        reader.changed.connect(self.refresh)

    def _laid_out(self) -> QVBoxLayout:
        choice = row(self._splits, self._classes, -1)
        pages = row(self._complaint, -1, self._back, self._where, self._on)
        layout = column(choice, 4, self.grid, self.table, self.reader_pane, pages)
        layout.setStretchFactor(self.grid, 1)
        layout.setStretchFactor(self.table, 1)
        return layout

    def look_in(self, folder: str) -> None:
        """Where relative paths start."""
        self._folder = folder

    def refresh(self) -> None:
        """Ask for samples of what is known now: before somebody looks, so that they are there then."""
        inspection = self._reader.seen.inspection
        if inspection is None or self._reader.seen.stage != "known":
            return
        self._forget_others((inspection.data.get("source"), inspection.data.get("options")))
        chosen = str(self._classes.currentData() or "")
        self._classes.clear()
        self._classes.addItem(tr("All classes"), "")
        classes = inspection.classes if inspection.balance else ()  # classes of each step are no way to choose samples
        for name in classes:
            self._classes.addItem(name, name)
        self._classes.setCurrentIndex(max(0, self._classes.findData(chosen)))
        self._classes.setVisible(bool(classes))
        for key in SPLITS:
            self._splits.set_enabled_item(key, inspection.splits.get(key, 0) > 0)
        self._ask()

    def _forget_others(self, made_of: tuple[object, object]) -> None:
        """Samples of other data are not shown until those of these are there."""
        if made_of != self._made_of:
            self._made_of, self._start = made_of, 0
            self._clear()

    def _clear(self) -> None:
        self._total = 0
        self.grid.set_images(())
        self.table.clear()
        self.reader_pane.clear()
        self._where.clear()
        for button in (self._back, self._on):
            button.setEnabled(False)

    def _turn_to_first(self, *chosen: object) -> None:
        self._start = 0
        self._ask()

    def turn(self, by: int) -> None:
        """Go so many samples on, or back, where there are any."""
        if 0 <= self._start + by < self._total:
            self._start += by
            self._ask()

    def _ask(self) -> None:
        data = self._session.state.document.data
        if data is None:
            return
        question = GetSamples(
            msgspec.to_builtins(data),
            self._splits.current(),
            self._start,
            PAGE,
            str(self._classes.currentData() or ""),
            self._folder,
        )
        request = self._request = self._reader.engine.ask(
            question,
            lambda page, parts: self._paged(page, parts) if self._request is request else None,
            lambda problem: self._failed(problem) if self._request is request else None,
        )

    def _failed(self, problem: Problem) -> None:
        """What was shown is of other data; what is said of the data above is not said again."""
        self._clear()
        inspection = self._reader.seen.inspection
        self._complaint.setText(f"{wording.what(problem)} {wording.remedy(problem)}".strip())
        self._complaint.setVisible(inspection is None or problem not in inspection.problems)

    def _paged(self, page: SamplePage, parts: list[bytes]) -> None:
        if self._start >= page.total > 0:  # there are fewer than there were
            self._turn_to_first()
            return
        self._complaint.hide()
        self._total = page.total
        last, first = min(self._start + PAGE, page.total), min(self._start + 1, page.total)
        total = wording.count(page.total)
        self._where.setText(tr("{first} to {last} of {total}", first=first, last=last, total=total))
        self._back.setEnabled(self._start > 0)
        self._on.setEnabled(last < page.total)
        seen = bool(page.pictures)
        self.grid.setVisible(seen)
        self.table.setVisible(not seen)
        self.reader_pane.setVisible(not seen and any(len(text) > LONG for texts in page.rows for text in texts))
        if seen:
            self.grid.set_images(pictures(parts[0], page.pictures), page.captions)
        else:
            self._show_rows(page)

    def _show_rows(self, page: SamplePage) -> None:
        self.table.clear()
        self.table.setColumnCount(len(page.columns))
        self.table.setHeaderLabels(list(page.columns))
        lines = [QTreeWidgetItem([" ".join(text[:400].split()) for text in texts]) for texts in page.rows]
        for line, texts in zip(lines, page.rows, strict=True):
            line.setData(0, Qt.ItemDataRole.UserRole, texts)
        self.table.addTopLevelItems(lines)
        header = self.table.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        numeric = [all(_is_number(texts[place]) for texts in page.rows) for place in range(len(page.columns))]
        header.setStretchLastSection(not all(numeric[-1:]))
        for place, numbers in enumerate(numeric):
            self.table.headerItem().setTextAlignment(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            if numbers:
                align_right(self.table, place)
            self.table.resizeColumnToContents(place)
            self.table.setColumnWidth(place, min(self.table.columnWidth(place) + ROOM, WIDEST))
        if lines:
            self.table.setCurrentItem(lines[0])

    def _read(self, item: QTreeWidgetItem | None) -> None:
        texts = item.data(0, Qt.ItemDataRole.UserRole) if item else None
        heads = self.table.headerItem()
        if texts:
            self.reader_pane.setPlainText(
                "\n\n".join(f"{heads.text(place)}: {text}" for place, text in enumerate(texts))
            )


def pictures(pixels: bytes, sizes: tuple[tuple[int, int], ...]) -> list[NDArray[np.uint8]]:
    """Pictures (height, width, 3) that lie one after the other."""
    flat, found, at = np.frombuffer(pixels, np.uint8), [], 0
    for height, width in sizes:
        count = height * width * 3
        found.append(flat[at : at + count].reshape(height, width, 3))
        at += count
    return found


def _is_number(text: str) -> bool:
    """It is one, or nothing where one would be."""
    try:
        float(text or "0")
    except ValueError:
        return False
    return True
