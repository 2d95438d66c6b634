"""The training settings of the document in parts that fold: each says, closed, what of it was changed."""

import dataclasses
from collections.abc import Sequence

from msgspec.structs import replace
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from widgets.fold import Fold
from widgets.form import Form
from widgets.form_inputs import Input
from widgets.rate_curve import RateCurve
from workbench.core.catalogue import Catalogue, FieldInfo
from workbench.core.edits import set_field
from workbench.core.i18n import tr
from workbench.core.schedules import schedule_curve
from workbench.core.session import Session, State
from workbench.core.training import Training
from workbench.core.training_fields import SECTIONS, training_fields
from workbench.ui.panels.learning_layers import LearningLayers
from workbench.ui.parts import IconButton, caption, column, explain, form_fields
from workbench.ui.scene import setting_title
from workbench.ui.theme import Theme

OPEN = ("Optimiser", "Schedule", "Batch", "Stopping")
"""The parts that are open at first: what every run is made with."""
LAYERS = ("nodes", "rates")
"""Kinds of settings that name layers: they are shown as a list of layers, not as fields."""
STEPS = 100
"""Steps of an epoch where nobody knows how many there are: the curve has the right form."""


class TrainingForm(QWidget):
    """All settings that are read, part by part, with the curve of the learning rate."""

    rates_wanted = Signal()
    """The user wants to see which learning rate suits."""

    def __init__(self, theme: Theme, session: Session, catalogue: Catalogue) -> None:
        super().__init__()
        self.setObjectName("training")
        self.parts = {name: TrainingPart(theme, session, catalogue, name, is_open=name in OPEN) for name in SECTIONS}
        self.curve = RateCurve(theme.tokens, tr("epochs"))
        self.curve.setObjectName("schedule-curve")
        self.curve.setAccessibleName(tr("Learning rate over the run"))
        self._words = caption(theme)
        theme.follow(self.curve)
        self.parts["Schedule"].add(self.curve, self._words)
        self.layers = LearningLayers(theme, session)
        self.find_rate = IconButton(theme, "gauge", tr("Try learning rates…"))
        self.find_rate.clicked.connect(self.rates_wanted)
        self.parts["Optimiser"].add(self.find_rate, self.layers)
        self.setLayout(column(*self.parts.values(), spacing=12))
        session.subscribe(self._changed)
        self._draw(session.state)

    def form(self, name: str) -> Form:
        """The form that holds a setting."""
        return next(part.form for part in self.parts.values() if name in part.form.values())

    def input(self, name: str) -> Input:
        """The input of a setting that is read."""
        return self.form(name).input(name)

    def problem(self, name: str) -> str:
        """What is said below a setting."""
        return self.form(name).problem(name)

    def _changed(self, old: State, new: State) -> None:
        samples = [state.analysis.samples if state.analysis else 0 for state in (old, new)]
        if old.document.training is not new.document.training or samples[0] != samples[1]:
            self._draw(new)

    def _draw(self, state: State) -> None:
        """The rate of every step, as the run will use it."""
        training = state.document.training
        samples = state.analysis.samples if state.analysis else 0
        batches = -(-samples // training.batch_size) if samples else STEPS
        steps = max(1, -(-batches // training.accumulate))
        self.curve.set_values(schedule_curve(training, steps), training.epochs)
        self._words.setText(_words(training, steps if samples else 0))


def _words(training: Training, steps: int) -> str:
    if not steps:
        return tr("How many steps an epoch has is known once the data have been read.")
    if training.schedule == "plateau":
        return tr("The rate falls when an epoch brings no progress: when that is cannot be drawn before.")
    return tr("{steps} steps an epoch, {total} in all.", steps=f"{steps:,}", total=f"{steps * training.epochs:,}")


class TrainingPart(Fold):
    """One part of the settings."""

    def __init__(self, theme: Theme, session: Session, catalogue: Catalogue, name: str, *, is_open: bool) -> None:
        self._content = QWidget()
        super().__init__(tr(name), self._content, theme.tokens, is_open=is_open)
        self.setObjectName(f"training-{name.split()[0].lower()}")
        self._session, self._catalogue, self._name = session, catalogue, name
        self._more = QVBoxLayout()
        titles = tuple((key, tr(info.title)) for key, info in catalogue.optimizers.items())
        self._infos = [info for info in training_fields(catalogue) if info.section == name]
        fields = [
            dataclasses.replace(field, choices=titles) if field.name == "optimizer" else field
            for field in form_fields([info for info in self._infos if info.kind not in LAYERS])
        ]
        self.form = Form(fields, theme.tokens, explain=explain, reset_text=tr("Back to the default"))
        self.form.changed.connect(self._edit)
        self._content.setLayout(column(self.form, self._more))
        theme.follow(self, self.form)
        session.subscribe(self._changed)
        self._show(session.state)

    def add(self, *widgets: QWidget) -> None:
        """Put something below the fields."""
        for widget in widgets:
            self._more.addWidget(widget)

    def _changed(self, old: State, new: State) -> None:
        if old.document.training is not new.document.training:
            self._show(new)

    def _show(self, state: State) -> None:
        training = state.document.training
        read = {info.name for info in training_fields(self._catalogue, training)}
        self.form.show_fields(read)
        self.form.set_values({name: getattr(training, name) for name in self.form.shown()})
        self.header.set_note(_note([info for info in self._infos if info.name in read], training))

    def _edit(self, name: str, value: object) -> None:
        document = self._session.state.document
        changed = replace(document, training=set_field(document.training, name, value))
        label = tr("Change {name}", name=setting_title(self._infos, name))
        self._session.edit(label, changed, merge=("training", self.form.merge_key(name)))


def _note(infos: Sequence[FieldInfo], training: Training) -> str:
    """Which settings are not as they are at first, in few words."""
    changed = [info for info in infos if getattr(training, info.name) != info.default]
    return ", ".join(tr(info.label) for info in changed)
