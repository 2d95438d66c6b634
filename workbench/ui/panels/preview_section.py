"""The sample that is previewed: which one, and how the numbers behind the selected layer are spread."""

from PySide6.QtWidgets import QWidget

from widgets.histogram import Histogram
from widgets.stats import StatsCard
from workbench.core import wording
from workbench.core.document import by_port
from workbench.core.i18n import tr
from workbench.core.messages import PortPreview
from workbench.core.session import Session, State
from workbench.ui.parts import IconButton, Text, column, heading, row
from workbench.ui.previewer import Previewer
from workbench.ui.seen import Port
from workbench.ui.theme import Theme


class PreviewSection(QWidget):
    """Shown while a sample is previewed."""

    def __init__(self, theme: Theme, session: Session, previewer: Previewer) -> None:
        super().__init__()
        self.setObjectName("preview")
        self._session, self._previewer = session, previewer
        self._sample = Text(theme, role="text")
        self._sample.setObjectName("preview-sample")
        self._weights = Text(theme, role="dim")
        self._weights.setObjectName("preview-weights")
        before = IconButton(theme, "chevron-left", tooltip=tr("Previous sample"), look="quiet")
        after = IconButton(theme, "chevron-right", tooltip=tr("Next sample"), look="quiet")
        fresh = IconButton(theme, "shuffle", tooltip=tr("Fresh weights"), look="quiet")
        before.clicked.connect(lambda: previewer.step(-1))
        after.clicked.connect(lambda: previewer.step(1))
        fresh.clicked.connect(previewer.use_fresh_weights)
        self._use_run = IconButton(theme, "rotate-ccw", tooltip=tr("Weights of the run"), look="quiet")
        self._use_run.clicked.connect(previewer.use_run)
        self._histogram = Histogram(theme.tokens)
        self._card = StatsCard(theme.tokens)
        self._card.setObjectName("preview-numbers")
        self._trouble = Text(theme, role="warn")
        self._trouble.setWordWrap(True)
        for widget in (self._histogram, self._card):
            theme.follow(widget)
        sample, weights = row(self._sample, -1, before, after), row(self._weights, -1, fresh)
        self.setLayout(
            column(heading(theme, tr("Preview")), sample, weights, self._trouble, self._histogram, self._card)
        )
        previewer.changed.connect(self._show)
        session.subscribe(self._changed)
        self._show()

    def _changed(self, old: State, new: State) -> None:
        if self._previewer.is_on and (old.selection, old.scope) != (new.selection, new.scope):
            self._show()

    def _show(self) -> None:
        previewer, seen = self._previewer, self._previewer.seen
        self.setVisible(previewer.is_on)
        if not previewer.is_on:
            return
        answer = seen.answer
        total = answer.total if answer else 0
        place = wording.count(previewer.sample + 1)
        if total:
            said = tr("Sample {n} of {total}", n=place, total=wording.count(total))
        else:
            said = tr("Random input {n}", n=place)
        self._sample.setText(f"{said} · {answer.caption}" if answer and answer.caption else said)
        self._use_run.setVisible(previewer.can_use_run)
        trained = answer is not None and answer.trained
        fresh = tr("Fresh weights, seed {seed}", seed=previewer.seed)
        self._weights.setText(tr("Weights of the run") if trained else fresh)
        self._trouble.setText(wording.what(seen.problem) if seen.problem else "")
        self._trouble.setVisible(seen.problem is not None)
        self._show_numbers()

    def _show_numbers(self) -> None:
        port = port_of(self._session.state)
        found = self._previewer.seen.ports.get(port) if port else None
        self._histogram.setVisible(found is not None and bool(found.counts))
        self._card.setVisible(found is not None)
        if found is None:
            return
        ends = number(found.least), number(found.most)
        span = found.most - found.least
        zero = -found.least / span if span > 0 and found.least < 0 < found.most else None
        self._histogram.set_counts(found.counts, ends, zero)
        self._histogram.setAccessibleName(tr("Histogram from {least} to {most}", least=ends[0], most=ends[1]))
        self._card.set_rows(_rows(found))


def port_of(state: State) -> Port | None:
    """The port whose numbers are shown: the first output of the selected node; of an end, what feeds it."""
    if len(state.selection) != 1:
        return None
    node = next(iter(state.selection))
    known = state.known(node)
    if known is not None and known.outputs:
        return node, next(iter(known.outputs))
    wire = min((wire for wire in state.graph.wires if wire.dst == node), key=by_port, default=None)
    return (wire.src, wire.src_port) if wire else None


def _rows(found: PortPreview) -> list[tuple[str, str]]:
    rows = [
        (tr("Mean ± deviation"), f"{number(found.mean)} ± {number(found.deviation)}"),
        (tr("Least, largest"), f"{number(found.least)}, {number(found.most)}"),
        (tr("Zeros"), f"{100 * found.zeros:.0f} %"),
    ]
    if found.wrong:
        rows.append((tr("NaN or infinite"), f"{100 * found.wrong:.1f} %"))
    return rows


def number(value: float) -> str:
    """A number of any size in a few characters."""
    return f"{value:.3g}"
