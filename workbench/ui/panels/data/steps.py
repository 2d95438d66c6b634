"""How a column is prepared and augmented: its steps as a list to arrange, and what they make of real samples."""

from collections.abc import Callable

from msgspec.structs import replace
from PySide6.QtWidgets import QComboBox, QMenu, QPushButton, QVBoxLayout, QWidget

from widgets.form import Form
from widgets.step_list import StepItem, StepList
from workbench.core import data_edits
from workbench.core.catalogue import Catalogue, StepInfo
from workbench.core.data_edits import Steps
from workbench.core.document import Step
from workbench.core.i18n import tr
from workbench.core.inspection import ColumnFacts
from workbench.core.session import Session, State
from workbench.ui.panels.data.reader import DataReader
from workbench.ui.panels.data.steps_preview import StepsPreviewPanel
from workbench.ui.panels.data.words import kind_title
from workbench.ui.parts import IconButton, Text, caption, clear, column, explain, form_fields, heading, row, scrolled
from workbench.ui.scene import setting_title
from workbench.ui.theme import Theme

LIST_WIDTH = 340
PREPARED = ("input", "target")


class StepsPanel(QWidget):
    """Column, list and settings at the left, samples before and after at the right."""

    def __init__(self, theme: Theme, session: Session, reader: DataReader, catalogue: Catalogue) -> None:
        super().__init__()
        self._theme, self._session, self._reader, self._catalogue = theme, session, reader, catalogue
        self._form_for: tuple[str, str, int] | None = None
        self.form: Form | None = None
        self.columns = QComboBox()
        self.columns.setAccessibleName(tr("Column"))
        self.columns.activated.connect(lambda: self._column_chosen())
        self.list = StepList(theme.tokens, theme.icons, name=tr("Steps"), remove_text=tr("Take this step out (Del)"))
        self.list.selected.connect(lambda row: self._show_form())
        self.list.moved.connect(self._move)
        self.list.switched.connect(self._switch)
        self.list.removed.connect(self._remove)
        self.add = IconButton(theme, "plus", tr("Add a step"))
        self.usual = QPushButton(tr("Back to the usual steps"))
        self.usual.clicked.connect(self._back_to_usual)
        self.add.clicked.connect(self._offer)
        self._none = caption(theme)
        self._holder = QVBoxLayout()
        self._about = Text(theme, role="dim", wrap=True)
        self.preview = StepsPreviewPanel(theme, session, reader)
        self.menu: QMenu | None = None
        hint = caption(theme, tr("Drag a step, or Ctrl+Up and Ctrl+Down; Space switches it off, Del takes it out."))
        left = QWidget()
        left.setLayout(
            column(
                self.columns,
                4,
                heading(theme, tr("Steps")),
                self._none,
                self.list,
                row(self.add, self.usual, -1),
                hint,
                12,
                self._about,
                self._holder,
                -1,
            )
        )
        area = scrolled(left)
        area.setFixedWidth(LIST_WIDTH)
        theme.follow(self.list)
        beside = row(area, self.preview, spacing=24)
        beside.setStretch(1, 1)
        self.setLayout(column(beside))
        session.subscribe(self._changed)
        reader.changed.connect(self.refresh)
        self.refresh()

    def show_column(self, name: str) -> None:
        """Look at the steps of a column, where it has any."""
        at = self.columns.findData(name)
        if at >= 0 and at != self.columns.currentIndex():
            self.columns.setCurrentIndex(at)
            self._column_chosen()

    def _changed(self, old: State, new: State) -> None:
        if old.document.data is not new.document.data:
            self._show_steps()

    def refresh(self) -> None:
        """Show what is known now."""
        inspection = self._reader.seen.inspection
        facts = [item for item in inspection.columns if item.role in PREPARED] if inspection else []
        shown = [(item.name, f"{item.name}   {kind_title(item.kind)}") for item in facts]
        if shown != [(self.columns.itemData(at), self.columns.itemText(at)) for at in range(self.columns.count())]:
            current = self.columns.currentData()
            self.columns.clear()
            for name, text in shown:
                self.columns.addItem(text, name)
            self.columns.setCurrentIndex(max(0, self.columns.findData(current)) if shown else -1)
        self._column_chosen()

    def _column_chosen(self) -> None:
        self.preview.show_column(self._column)
        self._show_steps()

    @property
    def _column(self) -> str:
        return str(self.columns.currentData() or "")

    @property
    def _facts(self) -> ColumnFacts | None:
        inspection = self._reader.seen.inspection
        found = inspection.columns if inspection else ()
        return next((facts for facts in found if facts.name == self._column), None)

    @property
    def steps(self) -> Steps:
        """The steps of the chosen column: the document's, or those that are usual."""
        data, facts = self._session.state.document.data, self._facts
        use = data.columns.get(self._column) if data else None
        if use is not None and use.steps is not None:
            return use.steps
        return facts.steps if facts else ()

    def offered(self) -> list[StepInfo]:
        """What can be done with the chosen column."""
        facts = self._facts
        return [info for info in self._catalogue.steps.values() if facts and facts.kind in info.kinds]

    def _show_steps(self, current: int | None = None) -> None:
        steps = self.steps
        self.list.set_steps([self._item(step) for step in steps], current)
        self.list.setVisible(bool(steps))
        self._none.setVisible(not steps)
        self._none.setText(
            tr("It is read as it is.") if self.offered() else tr("There are no steps for columns of this kind.")
        )
        self.add.setEnabled(bool(self.offered()))
        data = self._session.state.document.data
        use = data.columns.get(self._column) if data else None
        self.usual.setEnabled(use is not None and use.steps is not None)
        self._show_form()

    def _item(self, step: Step) -> StepItem:
        info, facts = self._catalogue.steps.get(step.op), self._facts
        if info is None:
            return StepItem(step.op, on=not step.off, wrong=tr("This step is not known here."))
        fits = facts is None or facts.kind in info.kinds
        wrong = "" if fits else tr("It is not for columns of this kind.")
        return StepItem(
            tr(info.title), _settings_said(info, step), not step.off, tr("random") if info.random else "", wrong
        )

    def _show_form(self) -> None:
        at, steps = self.list.current(), self.steps
        step = steps[at] if 0 <= at < len(steps) else None
        info = self._catalogue.steps.get(step.op) if step else None
        self._about.setText(tr(info.summary) if info else "")
        self._about.setVisible(info is not None)
        key = (self._column, step.op, at) if step else None
        if key != self._form_for:
            self._form_for = key
            clear(self._holder)
            self.form = self._make_form(info) if info and info.fields else None
        if self.form is not None and info is not None and step is not None:
            self.form.set_values({**{item.name: item.default for item in info.fields}, **step.settings})

    def _make_form(self, info: StepInfo) -> Form:
        fields = form_fields(info.fields)
        form = Form(fields, self._theme.tokens, explain=explain, reset_text=tr("Back to the default"))
        form.setObjectName("step-settings")
        form.changed.connect(self._edit_setting)
        self._theme.follow(form)
        self._holder.addWidget(form)
        return form

    # Gestures

    def _offer(self) -> None:
        menu = QMenu(self)
        group = ""
        for info in sorted(self.offered(), key=lambda info: info.group):
            if info.group != group:
                group = info.group
                menu.addSection(tr(group))
            action = menu.addAction(tr(info.title))
            action.setToolTip(tr(info.summary))
            action.triggered.connect(lambda checked=False, op=info.key: self.add_step(op))
        menu.setToolTipsVisible(True)
        self.menu = menu
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.add.mapToGlobal(self.add.rect().bottomLeft()))

    def add_step(self, op: str) -> None:
        """Add a step after the selected one."""
        at = self.list.current() + 1 if self.list.current() >= 0 else len(self.steps)
        title = tr(self._catalogue.steps[op].title)
        self._edit(tr("Add {step}", step=title), lambda steps: data_edits.added(steps, Step(op), at), at)

    def _move(self, start: int, end: int) -> None:
        label = tr("Move {step}", step=self.list.steps()[start].title)
        self._edit(label, lambda steps: data_edits.moved(steps, start, end), end)

    def _switch(self, at: int, on: bool) -> None:
        title = self.list.steps()[at].title
        label = tr("Switch {step} on", step=title) if on else tr("Switch {step} off", step=title)
        self._edit(label, lambda steps: data_edits.switched(steps, at, on), at)

    def _remove(self, at: int) -> None:
        label = tr("Take {step} out", step=self.list.steps()[at].title)
        self._edit(label, lambda steps: data_edits.removed(steps, at), at)

    def _edit_setting(self, name: str, value: object) -> None:
        at, steps = self.list.current(), self.steps
        if not 0 <= at < len(steps) or self.form is None:
            return
        info = self._catalogue.steps[steps[at].op]
        label = tr("Change {name}", name=setting_title(info.fields, name))
        merge = ("step", self._column, at, self.form.merge_key(name))
        self._edit(label, lambda steps: data_edits.with_setting(steps, at, name, value), at, merge)

    def _back_to_usual(self) -> None:
        document = self._session.state.document
        if document.data is not None:
            data = data_edits.with_steps(document.data, self._column, None)
            self._session.edit(tr("Back to the usual steps"), replace(document, data=data))

    def _edit(self, label: str, change: Callable[[Steps], Steps], current: int, merge: object = None) -> None:
        document = self._session.state.document
        if document.data is None:
            return
        data = data_edits.with_steps(document.data, self._column, change(self.steps))
        self._session.edit(label, replace(document, data=data), merge=merge)
        self._show_steps(current)


def _settings_said(info: StepInfo, step: Step) -> str:
    """The settings of a step in one line."""
    values = {item.name: item.default for item in info.fields} | step.settings
    parts = []
    for item in info.fields:
        value = values[item.name]
        if isinstance(value, bool):
            parts += [tr(item.label)] if value else []
        elif value not in (None, ""):
            said = tr(str(value)) if value in item.choices else _value_said(value)
            parts.append(f"{tr(item.label)} {said} {tr(item.unit)}".strip())
    return " · ".join(parts)


def _value_said(value: object) -> str:
    if isinstance(value, tuple):
        return " × ".join(map(_value_said, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
