"""One output of a trained run in detail: what it confuses, how it does on each class, and samples with answers."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QComboBox, QHeaderView, QStackedWidget, QTreeWidget, QTreeWidgetItem, QWidget

from widgets.confusion import ConfusionMatrix
from widgets.image_grid import ImageGrid
from widgets.segmented import Segmented
from workbench.core.i18n import tr
from workbench.core.messages import Confusion, Evaluation, OutputEvaluation
from workbench.ui.parts import align_right, caption, column, row
from workbench.ui.theme import Theme

GAP = 2
"""Pixels between the pictures of one sample."""
SIDE = 240


class EvaluationView(QWidget):
    """A choice of the output, where there are several, and of what is looked at."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._evaluation: Evaluation | None = None
        self._pictures: list[bytes] = []
        self._outputs = QComboBox()
        self._outputs.setAccessibleName(tr("Output"))
        self._outputs.currentIndexChanged.connect(self._show_output)
        self.views = Segmented(
            [("matrix", tr("Confusion matrix")), ("classes", tr("Classes")), ("samples", tr("Samples"))],
            theme.tokens,
            name=tr("What is shown"),
        )
        self.views.chosen.connect(self._show_view)
        self.matrix = ConfusionMatrix(
            theme.tokens,
            self._cell,
            true_label=tr("true class"),
            predicted_label=tr("answer"),
            name=tr("Confusion matrix"),
        )
        self.classes = _table(tr("Classes"))
        self.samples = _table(tr("Samples"))
        self.samples.setWordWrap(True)
        self.pictures = ImageGrid(theme.tokens, side=SIDE, name=tr("Samples"))
        self._order = caption(theme)
        looked_at = QWidget()
        layout = column(self._order, self.pictures)
        layout.setStretchFactor(self.pictures, 1)
        looked_at.setLayout(layout)
        self._stack = QStackedWidget()
        self._pages = {"matrix": self.matrix, "classes": self.classes, "samples": self.samples, "pictures": looked_at}
        for page in self._pages.values():
            self._stack.addWidget(page)
        theme.follow(self.views, self.matrix, self.pictures)
        whole = column(row(self._outputs, self.views, -1), self._stack)
        whole.setStretchFactor(self._stack, 1)
        self.setLayout(whole)

    def show_evaluation(self, found: Evaluation, pictures: Sequence[bytes]) -> None:
        """Show another evaluation; pictures are those of its outputs that have some, in their order."""
        self._evaluation, self._pictures = found, list(pictures)
        self._outputs.blockSignals(True)
        self._outputs.clear()
        self._outputs.addItems([output.column for output in found.outputs])
        self._outputs.blockSignals(False)
        self._outputs.setVisible(len(found.outputs) > 1)
        self._show_output()

    @property
    def output(self) -> OutputEvaluation | None:
        """The output that is looked at."""
        at = self._outputs.currentIndex()
        return self._evaluation.outputs[at] if self._evaluation and 0 <= at < len(self._evaluation.outputs) else None

    @property
    def confusion(self) -> Confusion | None:
        """Of that output."""
        return self.output.confusion if self.output else None

    def _show_output(self) -> None:
        output = self.output
        if output is None:
            return
        if output.confusion:
            self.matrix.set_matrix(np.array(output.confusion.counts), output.confusion.classes)
        self._fill_classes(output)
        _filled(self.samples, (tr("Input"), tr("Right"), tr("Answer")), [
            (sample.input, sample.target, sample.answer) for sample in output.shown
        ])  # fmt: skip
        pixels = self._pixels(output)
        if pixels is not None:
            self.pictures.set_images(_sheets(pixels))
            three = tr("In each row: the input, what is right, and the answer.")
            self._order.setText(
                three if pixels.shape[1] == 3 else tr("Side by side: the input, and what was rebuilt of it.")
            )
        there = {
            "matrix": output.confusion is not None,
            "classes": bool(output.classes),
            "samples": bool(output.shown) or pixels is not None,
        }
        for key, known in there.items():
            self.views.set_enabled_item(key, known)
        if not there.get(self.views.current(), False):
            self.views.set_current(next((key for key, known in there.items() if known), "samples"))
        self.setVisible(any(there.values()))
        self._show_view()

    def _show_view(self) -> None:
        output, key = self.output, self.views.current()
        wanted = "pictures" if key == "samples" and output is not None and output.pictures else key
        self._stack.setCurrentWidget(self._pages[wanted])

    def _fill_classes(self, output: OutputEvaluation) -> None:
        overlap = any(figures.iou is not None for figures in output.classes)
        header = [tr("Class"), tr("Precision"), tr("Recall"), "F1", *(["IoU"] if overlap else []), tr("Count")]
        rows = [
            (
                figures.name,
                *(_share(value) for value in (figures.precision, figures.recall, figures.f1)),
                *([_share(figures.iou)] if overlap else []),
                f"{figures.support:,}",
            )
            for figures in output.classes
        ]
        _filled(self.classes, header, rows)
        for place in range(1, len(header)):
            align_right(self.classes, place)

    def _pixels(self, output: OutputEvaluation) -> NDArray[np.uint8] | None:
        if not output.pictures or self._evaluation is None:
            return None
        with_some = [other for other in self._evaluation.outputs if other.pictures]
        return np.frombuffer(self._pictures[with_some.index(output)], np.uint8).reshape(output.pictures)

    def _cell(self, true: int, predicted: int) -> str:
        """What a cell of the matrix says."""
        confusion = self.confusion
        if confusion is None:
            return ""
        return tr(
            "{count} of {total} “{true}” were taken for “{answer}”",
            count=confusion.counts[true][predicted],
            total=sum(confusion.counts[true]),
            true=confusion.classes[true],
            answer=confusion.classes[predicted],
        )


def worst(confusion: Confusion | None) -> str:
    """The most frequent confusion, in words."""
    if confusion is None:
        return ""
    counts = np.array(confusion.counts)
    np.fill_diagonal(counts, 0)
    if not counts.any():
        return tr("No sample was taken for another class.")
    true, answer = np.unravel_index(counts.argmax(), counts.shape)
    return tr(
        "Most often confused: “{true}” taken for “{answer}”, {n} times.",
        true=confusion.classes[true],
        answer=confusion.classes[answer],
        n=int(counts[true, answer]),
    )


def _table(name: str) -> QTreeWidget:
    table = QTreeWidget()
    table.setAccessibleName(name)
    table.setRootIsDecorated(False)
    table.setAlternatingRowColors(True)
    return table


def _filled(table: QTreeWidget, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table.clear()
    table.setColumnCount(len(header))
    table.setHeaderLabels(list(header))
    for cells in rows:
        item = QTreeWidgetItem([" ".join(cell.split()) for cell in cells])
        for place, cell in enumerate(cells):
            item.setToolTip(place, cell)
        table.addTopLevelItem(item)
    table.header().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)


def _share(value: float | None) -> str:
    return "" if value is None else f"{value * 100:.1f} %"


def _sheets(pixels_NKHWC: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """The pictures of a sample side by side, and as many samples below one another: as wide as they are high."""
    parts = pixels_NKHWC.shape[1]
    rows = [_joined(list(sample), 1) for sample in pixels_NKHWC]
    return [_joined(rows[at : at + parts], 0) for at in range(0, len(rows), parts)]


def _joined(pictures: Sequence[NDArray[np.uint8]], axis: int) -> NDArray[np.uint8]:
    height, width = pictures[0].shape[:2]
    gap = np.full((height, GAP, 3) if axis else (GAP, width, 3), 128, np.uint8)
    pieces = [piece for picture in pictures for piece in (picture, gap)][:-1]
    return np.concatenate(pieces, axis)
