"""The layers that do not learn at the rate of the run: frozen ones, and those with a share of it."""

from collections.abc import Iterator

from msgspec.structs import replace
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QSizePolicy, QVBoxLayout, QWidget

from widgets.form_text import TextInput
from widgets.form_values import Field
from workbench.core.document import Document
from workbench.core.i18n import tr
from workbench.core.session import Session, State
from workbench.ui.parts import IconButton, clear, column, elided, row
from workbench.ui.theme import Theme

FROZEN = "frozen"
SHARE = 0.1
"""Of the rate, for a layer that is to learn more slowly."""


class LearningLayers(QWidget):
    """A line for each such layer or block, and a list to choose another one from."""

    def __init__(self, theme: Theme, session: Session) -> None:
        super().__init__()
        self.setObjectName("learning-layers")
        self._theme, self._session = theme, session
        self._lines = QVBoxLayout()
        self._lines.setSpacing(4)
        self.choice = QComboBox()
        self.choice.setObjectName("freeze-choice")
        self.choice.setAccessibleName(tr("Freeze a layer, or let it learn at a share of the rate"))
        self.choice.setToolTip(self.choice.accessibleName())
        give_way(self.choice)
        self.choice.activated.connect(self._choose)
        self.setLayout(column(self._lines, self.choice))
        session.subscribe(self._changed)
        self._show(session.state)

    def lines(self) -> "list[LayerLine]":
        """What is shown, in the order of the network."""
        items = (self._lines.itemAt(at) for at in range(self._lines.count()))
        return [line for item in items if item and isinstance(line := item.widget(), LayerLine)]

    def _changed(self, old: State, new: State) -> None:
        graphs = old.document.graph is not new.document.graph or old.analysis is not new.analysis
        if graphs or old.document.training is not new.document.training:
            self._show(new)

    def _show(self, state: State) -> None:
        training = state.document.training
        set_already = {**dict.fromkeys(training.frozen, 0.0), **dict(training.rates)}
        names = list(_learning(state))
        shown = [*[name for name in names if name in set_already], *sorted(set_already.keys() - set(names))]
        if [(line.path, line.value) for line in self.lines()] != [
            (name, FROZEN if name in training.frozen else set_already[name]) for name in shown
        ]:
            clear(self._lines)
            for name in shown:
                value = FROZEN if name in training.frozen else set_already[name]
                line = LayerLine(self._theme, name, _title(state.document, name), value)
                line.changed.connect(self._set)
                self._lines.addWidget(line)
        self.choice.clear()
        self.choice.addItem(tr("Freeze or slow down a layer…"), "")
        for name in names:
            if name not in set_already:
                self.choice.addItem(_title(state.document, name), name)
        self.choice.setEnabled(self.choice.count() > 1)

    def _choose(self) -> None:
        path = str(self.choice.currentData())
        if path:
            self._set(path, FROZEN)

    def _set(self, path: str, value: object) -> None:
        """Freeze a layer, give it a share of the rate, or (None) let it learn as the others do."""
        document = self._session.state.document
        training = document.training
        frozen = tuple(name for name in training.frozen if name != path) + ((path,) if value == FROZEN else ())
        rates = tuple((name, share) for name, share in training.rates if name != path)
        if isinstance(value, float):
            rates += ((path, value),)
        changed = replace(document, training=replace(training, frozen=frozen, rates=rates))
        self._session.edit(tr("Change how {layer} learns", layer=_title(document, path)), changed)


def _learning(state: State) -> Iterator[str]:
    """The nodes of the whole network that have weights; those of a block are in it."""
    analysis = state.analysis
    for name in state.document.graph.nodes:
        known = analysis.nodes if analysis else {}
        if any(item.parameters for path, item in known.items() if path == name or path.startswith(f"{name}/")):
            yield name


def _title(document: Document, path: str) -> str:
    node = document.graph.nodes.get(path)
    return node.label or path if node else path


def give_way(choice: QComboBox) -> None:
    """Let a list be as narrow as its room, whatever is in it."""
    choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    choice.setMinimumContentsLength(4)
    choice.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)


class LayerLine(QWidget):
    """One layer: its name, whether it is frozen or at what share of the rate it learns, and a way out."""

    changed = Signal(str, object)

    def __init__(self, theme: Theme, path: str, title: str, value: object) -> None:
        super().__init__()
        self.path, self.value = path, value
        name = elided(theme, title)
        name.setMinimumWidth(40)
        self.how = QComboBox()
        self.how.setAccessibleName(tr("How {layer} learns", layer=title))
        self.how.addItem(tr("frozen"), FROZEN)
        self.how.addItem(tr("scaled"), "share")
        self.how.setCurrentIndex(0 if value == FROZEN else 1)
        give_way(self.how)
        self.how.activated.connect(self._take)
        field = Field("share", tr("Share"), "float", 0.1, 0.0, 1000.0, logarithmic=True)
        self.share = TextInput(field, theme.tokens, None)
        self.share.setAccessibleName(tr("Share of the rate for {layer}", layer=title))
        self.share.setFixedWidth(64)
        self.share.set_value(value if isinstance(value, float) else SHARE)
        self.share.committed.connect(lambda found: self.changed.emit(path, float(found)))
        theme.follow(self.share)
        away = IconButton(theme, "x", tooltip=tr("Let {layer} learn like the others", layer=title))
        away.setFixedWidth(30)
        away.clicked.connect(lambda: self.changed.emit(path, None))
        layout = row(name, self.how, self.share, away, spacing=4)
        layout.setStretch(0, 2)
        layout.setStretch(1, 3)
        self.setLayout(layout)
        self.share.setVisible(value != FROZEN)

    def _take(self) -> None:
        frozen = self.how.currentData() == FROZEN
        self.changed.emit(self.path, FROZEN if frozen else SHARE)
