"""What is known of one layer: what goes in and comes out, with the names of the axes, and what it costs."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from widgets import typography
from widgets.painting import tint
from widgets.tokens import Tokens
from workbench.core import wording
from workbench.core.analysis import Analysis
from workbench.core.axes import Axes
from workbench.core.catalogue import Catalogue
from workbench.core.document import by_port
from workbench.core.i18n import tr
from workbench.core.ports import ports_of
from workbench.core.session import State
from workbench.ui.theme import Theme

UNKNOWN = "–"
MOST_INPUTS = 4


class Formula(QLabel):
    """What a layer computes, on one line or several; it can be copied."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("formula")
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(typography.mono())
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.set_tokens(theme.tokens)
        theme.follow(self)

    def show_formula(self, text: str) -> None:
        """Show another one; nothing where there is none."""
        self.setText(text.replace(",  ", "\n"))
        self.setAccessibleName(tr("Formula: {text}", text=text))
        self.setVisible(bool(text))

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        tint(self, tokens.text)


def figures(state: State, node: str, catalogue: Catalogue) -> list[tuple[str, str]]:
    """Rows of label and value."""
    known, batch = state.known(node), state.document.training.batch_size
    axes = _axes(state)
    outputs = known.outputs if known else {}
    rows = _inputs(state, node, catalogue)
    for port, spec in outputs.items():
        rows.append((tr("Output") if len(outputs) == 1 else tr("Output {port}", port=port), wording.shape(spec.shape)))
        names = wording.axis_names(axes.of(state.inside, node, port))
        if names and len(spec.shape) > 1:
            rows.append((names, ""))
    flops = wording.count(known.flops // 2) if known and known.flops is not None else UNKNOWN
    memory = wording.size(known.activation_bytes * batch) if known and known.activation_bytes is not None else UNKNOWN
    return [
        *rows,
        (tr("Parameters"), wording.count(known.parameters) if known else UNKNOWN),
        (tr("Multiply-adds"), flops),
        (tr("Memory, batch {n}", n=batch), memory),
    ]


def _inputs(state: State, node: str, catalogue: Catalogue) -> list[tuple[str, str]]:
    ports, _ = ports_of(state.graph.nodes[node], catalogue, state.document)
    known = {port: place for place, port in enumerate(ports)}
    wires = [wire for wire in state.graph.wires if wire.dst == node]
    wires.sort(key=lambda wire: (known.get(wire.dst_port, len(known)), by_port(wire)))
    rows = []
    for wire in wires[:MOST_INPUTS]:
        source = state.known(wire.src)
        spec = source.outputs.get(wire.src_port) if source else None
        label = tr("Input") if len(wires) == 1 else tr("Input {port}", port=wire.dst_port)
        rows.append((label, wording.shape(spec.shape) if spec else UNKNOWN))
    return rows


def described(state: State, node: str, port: str) -> str:
    """What leaves a port, in a line: its name where it has several, its axes, its kind of numbers."""
    known = state.known(node)
    spec = known.outputs.get(port) if known else None
    if known is None or spec is None:
        return ""
    names = wording.axes(spec.shape, _axes(state).of(state.inside, node, port)) or wording.shape(spec.shape)
    return f"{port if len(known.outputs) > 1 else ''} {names} · {spec.dtype}".strip()


def _axes(state: State) -> Axes:
    return Axes(state.document, state.analysis or Analysis())
