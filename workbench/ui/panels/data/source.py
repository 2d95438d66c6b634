"""Which data, and with which options they are read."""

from collections.abc import Callable

from msgspec.structs import replace
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from widgets.form import Form
from widgets.form_values import Field
from workbench.core.catalogue import Catalogue
from workbench.core.document import Data, Split
from workbench.core.i18n import tr
from workbench.core.session import Session, State
from workbench.ui.parts import caption, clear, column, explain, form_fields, title
from workbench.ui.scene import setting_title
from workbench.ui.theme import Theme

Browse = Callable[[Field, str], str | None]


class SourceSection(QWidget):
    """The kind of source, and its options as a form."""

    def __init__(self, theme: Theme, session: Session, catalogue: Catalogue, browse: Browse, heading: str) -> None:
        super().__init__()
        self._theme, self._session, self._catalogue, self._browse = theme, session, catalogue, browse
        self._source = QComboBox()
        self._source.setObjectName("data-source")
        self._source.setAccessibleName(tr("Kind of data"))
        self._source.addItem(tr("No data"), "")
        for info in catalogue.datasets.values():
            self._source.addItem(tr(info.title), info.key)
        self._source.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._source.setMaxVisibleItems(24)
        self._source.activated.connect(self._choose)
        self._summary = caption(theme)
        self._holder = QVBoxLayout()
        self.form: Form | None = None
        self._form_for = ""
        self.setLayout(column(title(theme, heading), self._source, self._summary, 4, self._holder))
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
        data = Data(key, self._kept(key), split) if key else None
        self._session.edit(tr("Choose data"), replace(document, data=data))

    def _kept(self, key: str) -> dict[str, object]:
        """The path goes along when the same files are understood as something else."""
        data = self._session.state.document.data
        path = data.options.get("path") if data else None
        takes_path = any(field.name == "path" for field in self._catalogue.datasets[key].fields)
        return {"path": path} if path and takes_path else {}

    def _show(self, state: State) -> None:
        data = state.document.data
        key = data.source if data else ""
        self._source.setCurrentIndex(max(0, self._source.findData(key)))
        info = self._catalogue.datasets.get(key)
        self._summary.setText(tr(info.summary) if info else tr("Inputs then declare their own shape."))
        if key != self._form_for:
            self._form_for = key
            self._make_form()
        if data is not None and self.form is not None and info is not None:
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

    def _fields(self) -> list[Field]:
        info = self._catalogue.datasets.get(self._form_for)
        return form_fields(info.fields) if info else []

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
