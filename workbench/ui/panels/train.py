"""The Train place: settings at the left, the monitor in the middle, all runs at the right."""

from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from widgets.form import Form
from workbench.core.catalogue import Catalogue, FieldInfo
from workbench.core.edits import set_field
from workbench.core.i18n import tr
from workbench.core.session import Session, State
from workbench.core.training_fields import training_fields
from workbench.ui.panels.monitor import Monitor
from workbench.ui.panels.runs import RunsPanel
from workbench.ui.parts import IconButton, caption, clear, column, explain, form_fields, scrolled, title
from workbench.ui.scene import setting_title
from workbench.ui.theme import Theme
from workbench.ui.trainer import Trainer


class TrainPlace(QWidget):
    """Where a run is set up and watched."""

    def __init__(
        self, theme: Theme, session: Session, trainer: Trainer, catalogue: Catalogue, runs: RunsPanel, train: QAction
    ) -> None:
        super().__init__()
        self.monitor = Monitor(theme, trainer, train, compact=False)
        self.settings = TrainingForm(theme, session, catalogue)
        start = IconButton(theme, "play", tr("Train"), look="primary", tooltip=tr("Train ({key})", key="F5"))
        start.clicked.connect(train.trigger)
        start.setEnabled(train.isEnabled())  # one run at a time
        train.enabledChanged.connect(start.setEnabled)
        left = QWidget()
        words = caption(theme, tr("A run keeps these settings, the network and the seed, so that it can be repeated."))
        left.setLayout(column(title(theme, tr("Training")), words, 4, self.settings, 8, start, -1, margin=14))
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setObjectName("train-split")
        for widget, width in ((scrolled(left), 270), (self.monitor, 800), (runs, 370)):
            split.addWidget(widget)
            widget.setMinimumWidth(min(width, 230))
        split.setSizes([270, 800, 370])
        split.setStretchFactor(1, 1)
        split.setChildrenCollapsible(False)
        self.split = split
        self.setLayout(column(split))


class TrainingForm(QWidget):
    """The training settings of the document, as far as they are read."""

    def __init__(self, theme: Theme, session: Session, catalogue: Catalogue) -> None:
        super().__init__()
        self._theme, self._session, self._catalogue = theme, session, catalogue
        self._holder = QVBoxLayout()
        self._form: Form | None = None
        self._infos: tuple[FieldInfo, ...] = ()
        self.setLayout(column(self._holder))
        session.subscribe(self._changed)
        self._show(session.state)

    @property
    def form(self) -> Form:
        """The form as it is now; another one after the optimiser or the schedule was changed."""
        assert self._form is not None
        return self._form

    def _changed(self, old: State, new: State) -> None:
        if old.document.training is not new.document.training:
            self._show(new)

    def _show(self, state: State) -> None:
        training = state.document.training
        read = training_fields(self._catalogue, training)
        infos = tuple(info for info in read if info.kind not in ("nodes", "rates"))
        if infos != self._infos:
            self._infos = infos
            self._make()
        self.form.set_values({name: getattr(training, name) for name in self.form.values()})

    def _make(self) -> None:
        clear(self._holder)
        fields = form_fields(self._infos)
        form = Form(fields, self._theme.tokens, explain=explain, reset_text=tr("Back to the default"))
        form.setObjectName("training")
        form.changed.connect(self._edit)
        self._theme.follow(form)
        self._form = form
        self._holder.addWidget(form)

    def _edit(self, name: str, value: object) -> None:
        document = self._session.state.document
        changed = replace(document, training=set_field(document.training, name, value))
        label = tr("Change {name}", name=setting_title(self._infos, name))
        self._session.edit(label, changed, merge=("training", self.form.merge_key(name)))
