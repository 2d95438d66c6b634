"""The inspector: settings and figures of what is selected, the problems, and the model as a whole."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from shiboken6 import isValid

from widgets import typography
from widgets.form import Form
from widgets.form_values import Field
from widgets.stats import StatsCard
from widgets.undo_keys import UndoKeys
from workbench.core.block_commands import definition
from workbench.core.block_ports import is_port
from workbench.core.catalogue import LayerInfo
from workbench.core.document import BLOCK_INPUT, BLOCK_OUTPUT, Node
from workbench.core.i18n import tr, trn
from workbench.core.session import Session, State
from workbench.ui.block_editor import BlockEditor
from workbench.ui.editor import Editor
from workbench.ui.files import project_name
from workbench.ui.panels.block_section import DefinitionSection, UseSection
from workbench.ui.panels.effects_section import EffectsSection
from workbench.ui.panels.figures import Formula, figures
from workbench.ui.panels.model_section import ModelSection
from workbench.ui.panels.parameter_menu import ParameterMenu
from workbench.ui.panels.preview_section import PreviewSection
from workbench.ui.panels.problems import ProblemsSection
from workbench.ui.parts import caption, clear, column, explain, scrolled, title
from workbench.ui.previewer import Previewer
from workbench.ui.scene import name_of
from workbench.ui.setting_fields import fields_of, values_of, wrong_settings
from workbench.ui.theme import Theme


class Inspector(QWidget):
    """Three sections below one another: the selection, the problems, the model."""

    problem_wanted = Signal(object)
    """The user wants to see where a problem is."""

    mend_wanted = Signal(object)
    """The user wants the remedy of a problem."""

    done = Signal()
    """What was asked for has been typed: the keyboard may go back to the canvas."""

    def __init__(
        self, theme: Theme, session: Session, editor: Editor, blocks: BlockEditor, previewer: Previewer
    ) -> None:
        super().__init__()
        self.setObjectName("inspector")
        self._session = session
        self._selection = SelectionSection(theme, session, editor, blocks)
        self._selection.use.done.connect(self.done)
        self._definition = DefinitionSection(theme, editor, blocks)
        self._preview = PreviewSection(theme, session, previewer)
        self._effects = EffectsSection(theme, session, editor)
        self._problems = ProblemsSection(theme, editor)
        self._problems.wanted.connect(self.problem_wanted)
        self._problems.mend_wanted.connect(self.mend_wanted)
        self._model = ModelSection(theme, lambda: editor.catalogue)
        content = QWidget()
        sections = (
            self._selection,
            8,
            self._preview,
            8,
            self._effects,
            8,
            self._definition,
            8,
            self._problems,
            8,
            self._model,
        )
        content.setLayout(column(*sections, -1, margin=14))
        self.setLayout(column(scrolled(content)))
        session.subscribe(self._changed)
        self._show(session.state)

    def _changed(self, old: State, new: State) -> None:
        if old.analysis is not new.analysis or old.is_open != new.is_open:
            self._show(new)
        elif old.document is not new.document or (old.scope, old.inside) != (new.scope, new.inside):
            self._definition.show_state(new)
            if (old.scope, old.inside) != (new.scope, new.inside):
                self._effects.show_state(new)
        if old.selection != new.selection:
            self._model.show_state(new)

    def name_block(self) -> None:
        """Let the block of the selected use be named."""
        self._selection.use.ask()

    def _show(self, state: State) -> None:
        self._definition.show_state(state)
        self._effects.show_state(state)
        self._problems.show_problems(state)
        self._model.show_state(state)

    def name_layer(self) -> None:
        """Let the selected layer be named."""
        self._selection.ask_name()


class SelectionSection(QWidget):
    """Name, help, settings and figures of the selected node."""

    def __init__(self, theme: Theme, session: Session, editor: Editor, blocks: BlockEditor) -> None:
        super().__init__()
        self._theme, self._session, self._editor, self._blocks = theme, session, editor, blocks
        self._shown: object = None
        self._form: Form | None = None
        self._name = QLineEdit()
        self._name.setObjectName("node-name")
        self._name.setAccessibleName(tr("Name of the layer"))
        self._name.setFont(typography.title())
        self._name.editingFinished.connect(self._rename)
        self._name.returnPressed.connect(self._go_back)
        escape = QShortcut(QKeySequence("Esc"), self._name, context=Qt.ShortcutContext.WidgetShortcut)
        escape.activated.connect(self._give_up_name)
        self._came_from: QWidget | None = None
        UndoKeys(self._name)
        self._title = title(theme)
        self._summary = caption(theme)
        self._formula = Formula(theme)
        self._help = caption(theme)
        self._holder = QVBoxLayout()
        self._figures = StatsCard(theme.tokens)
        theme.follow(self._figures)
        self.use = UseSection(theme, session, blocks)
        self._parameter = ParameterMenu(theme, session, editor, blocks)
        form = column(self._holder, self._parameter)
        about = self._title, self._name, self._summary, self._formula, self._help
        self.setLayout(column(*about, self.use, 4, form, 4, self._figures))
        session.subscribe(self._changed)
        self._show(session.state)

    @property
    def form(self) -> Form | None:
        """The settings of the selected node."""
        return self._form

    def _changed(self, old: State, new: State) -> None:
        if (
            old.selection != new.selection
            or old.document is not new.document
            or old.analysis is not new.analysis
            or (old.is_open, old.path, old.scope) != (new.is_open, new.path, new.scope)
        ):
            self._show(new)

    def _show(self, state: State) -> None:
        node = state.graph.nodes[next(iter(state.selection))] if len(state.selection) == 1 else None
        self._name.setVisible(node is not None)
        self._figures.setVisible(node is not None and node.type != "output")
        self._title.setVisible(node is None)
        info = self._editor.catalogue.layers.get(node.type) if node else None
        self._formula.show_formula(tr(info.formula) if info and info.formula else "")
        self._help.setText(_flowing(tr(info.help)) if info and info.help else "")
        self._help.setVisible(bool(info and info.help))
        self._parameter.show_node(state, node)
        if node is None:
            self.use.setVisible(False)
            self._show_none(state)
            return
        name = name_of(node, self._editor.catalogue, state.document)
        if self._name.text() != name and not (self._name.hasFocus() and self._name.isModified()):
            self._name.setText(name)
            self._name.setCursorPosition(0)  # of a long name the beginning
        self._summary.setText(_summary(state, node, info))
        self.use.show_use(state, node)
        self._show_form(state, node)
        self._figures.set_rows(figures(state, node.id, self._editor.catalogue))

    def _show_none(self, state: State) -> None:
        self._drop_form()
        count = len(state.selection)
        if count:
            self._title.setText(trn("{n} layer", "{n} layers", count))
            self._summary.setText(tr("Delete, duplicate or move them together."))
        else:
            self._title.setText(project_name(state))
            self._summary.setText(tr("Select a layer to see its settings, or add one from the list on the left."))

    def _drop_form(self) -> None:
        clear(self._holder)
        self._form, self._shown = None, None

    def _show_form(self, state: State, node: Node) -> None:
        columns = tuple(column.name for column in state.analysis.columns) if state.analysis else ()
        fields = fields_of(state, node, self._editor.catalogue, columns)
        key = (state.scope, node.id, fields)
        if key != self._shown:
            self._drop_form()
            self._shown = key
            if fields:
                self._form = self._made_form(node.id, fields)
                self._holder.addWidget(self._form)
        if self._form is not None:
            self._form.set_values(values_of(state, node, self._editor.catalogue))
            wrong = wrong_settings(state, node)
            for name in self._form.values():
                self._form.set_problem(name, wrong.get(name, ""))

    def _made_form(self, node: str, fields: list[Field]) -> Form:
        form = Form(fields, self._theme.tokens, explain=explain, reset_text=tr("Back to the default"))
        form.setObjectName("settings")
        form.changed.connect(lambda name, value: self._editor.set_setting(node, name, value, form.merge_key(name)))
        self._theme.follow(form)
        return form

    def ask_name(self) -> None:
        """Let the name be typed; Enter and Escape lead back to where the keyboard is now."""
        self._came_from = QApplication.focusWidget()
        self._name.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._name.selectAll()

    def _give_up_name(self) -> None:
        self._name.setModified(False)
        self._show(self._session.state)
        self._go_back()

    def _go_back(self) -> None:
        before, self._came_from = self._came_from, None
        if before is not None and isValid(before):
            before.setFocus()

    def _rename(self) -> None:
        state = self._session.state
        if self._name.isModified() and len(state.selection) == 1:
            self._name.setModified(False)
            node = next(iter(state.selection))
            if is_port(state.graph, node):
                self._blocks.rename_port(node, self._name.text())
            else:
                self._editor.rename(node, self._name.text())


def _flowing(text: str) -> str:
    """Paragraphs without the ends of lines and the marks of names that they have in a source file."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.replace("`", "").split("\n\n"))


def _summary(state: State, node: Node, info: LayerInfo | None) -> str:
    """What a node is for, in a sentence."""
    if info is not None:
        return tr(info.summary)
    if node.type == BLOCK_INPUT:
        return tr("What feeds this block, at each use of it.")
    if node.type == BLOCK_OUTPUT:
        return tr("What this block gives, at each use of it.")
    if definition(state, node):
        return tr("A part of the network that is defined once and can be used many times.")
    return tr("This type of layer is not known here.")
