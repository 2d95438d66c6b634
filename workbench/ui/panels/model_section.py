"""Figures of the whole network, or of the inside of the block that is selected: in all, and by types of layers."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from widgets.stats import StatsCard
from workbench.core import wording
from workbench.core.analysis import Analysis, Memory
from workbench.core.catalogue import Catalogue
from workbench.core.expand import BLOCK, without_notes
from workbench.core.i18n import tr
from workbench.core.session import State
from workbench.core.summary import Share, by_type, layer_count
from workbench.ui.parts import column, heading
from workbench.ui.scene import title_of
from workbench.ui.theme import Theme

UNKNOWN = "–"
MOST_TYPES = 6
Rows = list[tuple[str, str]]


class ModelSection(QWidget):
    """Three cards: the sums; what fills the memory; and what each type of layer has of the parameters."""

    def __init__(self, theme: Theme, catalogue: Callable[[], Catalogue]) -> None:
        super().__init__()
        self.setObjectName("model")
        self._catalogue = catalogue
        self._heading = heading(theme, tr("Model"))
        self._card, self._parts, self._types = (StatsCard(theme.tokens) for _ in range(3))
        self._card.setObjectName("sums")
        self._parts.setObjectName("memory-parts")
        self._types.setObjectName("types")
        self._at_peak = heading(theme, tr("Memory in training, at its peak"))
        self._by_type = heading(theme, tr("By type of layer"))
        for card in (self._card, self._parts, self._types):
            theme.follow(card)
        self.setLayout(column(self._heading, self._card, self._at_peak, self._parts, self._by_type, self._types))

    def show_state(self, state: State) -> None:
        """Show the figures of a state."""
        use = _selected_use(state)
        known = state.analysis or Analysis()
        if use and state.prefix is not None:
            node = state.graph.nodes[use]
            self._heading.setText(title_of(node, self._catalogue(), state.document))
            shares = by_type(state.document, known, f"{state.prefix}{use}/")
            self._card.set_rows(_block_rows(shares, state.document.training.batch_size))
        else:
            self._heading.setText(tr("Model"))
            shares = by_type(state.document, known)
            self._card.set_rows(_model_rows(state, known))
        types, parts = self._type_rows(shares), _memory_rows(known.memory)
        self._types.set_rows(types)
        self._parts.set_rows(parts)
        for widget in (self._by_type, self._types):
            widget.setVisible(bool(types) and (use is not None or not state.selection))
        for widget in (self._at_peak, self._parts):
            widget.setVisible(bool(parts) and not state.selection)

    def _type_rows(self, shares: list[Share]) -> Rows:
        layers = self._catalogue().layers
        total = sum(share.parameters for share in shares)
        learned = [share for share in shares if share.parameters]
        rows = [
            (
                f"{tr(layers[share.type].title) if share.type in layers else share.type} × {share.count}",
                f"{wording.count(share.parameters)} · {_percent(share.parameters / total)}",
            )
            for share in learned[:MOST_TYPES]
        ]
        rest = sum(share.parameters for share in learned[MOST_TYPES:])
        if rest:
            rows.append((tr("Others"), f"{wording.count(rest)} · {_percent(rest / total)}"))
        others = sum(share.count for share in shares if not share.parameters)
        return [*rows, (tr("Without parameters"), f"× {others}")] if rows and others else rows


def _percent(share: float) -> str:
    return "< 1 %" if share < 0.01 else f"{100 * share:.0f} %"


def _selected_use(state: State) -> str | None:
    """The one selected node, where it is the use of a block."""
    chosen = next(iter(state.selection)) if len(state.selection) == 1 else None
    return chosen if chosen is not None and state.graph.nodes[chosen].type == BLOCK else None


def _block_rows(shares: list[Share], batch: int) -> Rows:
    flops = [share.flops for share in shares]
    kept = [share.activation_bytes for share in shares]
    return [
        (tr("Layers"), wording.count(sum(share.count for share in shares))),
        (tr("Parameters"), wording.count(sum(share.parameters for share in shares))),
        (tr("Multiply-adds"), UNKNOWN if None in flops else wording.count(sum(filter(None, flops)) // 2)),
        (
            tr("Activations, batch {n}", n=batch),
            UNKNOWN if None in kept else wording.size(sum(filter(None, kept)) * batch),
        ),
    ]


def _model_rows(state: State, known: Analysis) -> Rows:
    nodes, memory = without_notes(state.document.graph), known.memory
    all_known = known.nodes.keys() >= set(nodes)
    batch = state.document.training.batch_size

    def total(number: int | None, written: Callable[[int], str]) -> str:
        """What is known: of a network with a fault only a part, or nothing."""
        if number is None and memory.unfinished:
            return tr("…")
        if number is None or not (number or all_known):
            return UNKNOWN
        return written(number) if all_known else tr("at least {n}", n=written(number))

    return [
        (tr("Layers"), wording.count(layer_count(state.document, known))),
        (tr("Parameters"), total(known.parameters, wording.count)),
        (tr("Multiply-adds"), total(None if known.flops is None else known.flops // 2, wording.count)),
        (tr("Activations, batch {n}", n=batch), total(memory.activations_bytes, wording.size)),
        (tr("Memory, training"), total(memory.training_bytes, wording.size)),
        (tr("Memory, inference"), total(memory.inference_bytes, wording.size)),
        *(_largest(memory) if all_known else []),  # of "at least" so much memory nothing follows
    ]


def _largest(memory: Memory) -> Rows:
    """The largest batch that fits, where somebody has looked how much room there is."""
    if memory.largest_batch is None:
        return []
    most = wording.count(memory.largest_batch) if memory.largest_batch else tr("none fits")
    return [(tr("Largest batch on {device}", device=(memory.device or "cpu").upper()), most)]


def _memory_rows(memory: Memory) -> Rows:
    """What lies in memory at the moment when training needs most; nothing of a network that needs none."""
    if not memory.training_bytes:
        return []
    parts = [
        (tr("Weights"), memory.weights_bytes),
        (tr("Gradients"), memory.gradients_bytes),
        (tr("Optimiser"), memory.optimizer_bytes),
        (tr("Activations and batch"), memory.activations_bytes),
        (tr("Only for a moment"), memory.workspace_bytes),
    ]
    return [(label, wording.size(size)) for label, size in parts if size is not None]
