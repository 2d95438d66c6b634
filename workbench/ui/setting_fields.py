"""The form of a node: the fields of its type or of its block's parameters, those that a parameter gives as a choice."""

from collections.abc import Sequence
from dataclasses import replace

from widgets.form_values import Field
from workbench.core import parameters, wording
from workbench.core.block_commands import definition
from workbench.core.catalogue import Catalogue, FieldInfo
from workbench.core.document import BLOCK, ROOT, Block, Node, Param, Settings
from workbench.core.i18n import tr
from workbench.core.parameters import Place
from workbench.core.session import State
from workbench.ui.parts import form_fields


def infos_of(state: State, node: Node, catalogue: Catalogue) -> tuple[FieldInfo, ...]:
    """The settings that a node has."""
    if node.type == BLOCK:
        return parameters.of_use(state.document, catalogue, node)[0]
    info = catalogue.layers.get(node.type)
    return info.fields if info else ()


def values_of(state: State, node: Node, catalogue: Catalogue) -> Settings:
    """What they are."""
    given = parameters.of_use(state.document, catalogue, node)[1] if node.type == BLOCK else node.settings
    return {**{item.name: item.default for item in infos_of(state, node, catalogue)}, **given}


def fields_of(state: State, node: Node, catalogue: Catalogue, columns: Sequence[str]) -> list[Field]:
    """The form of a node of the graph that is being looked at."""
    infos = infos_of(state, node, catalogue)
    values = values_of(state, node, catalogue)
    return [
        _linked(field, values[field.name], parameters_for(state, info, catalogue), state)
        for field, info in zip(form_fields(infos, columns), infos, strict=True)
    ]


def parameters_for(state: State, info: FieldInfo, catalogue: Catalogue) -> list[str]:
    """The parameters of the block that is being looked at which could give such a setting."""
    if state.scope == ROOT:
        return []
    known = parameters.fields(state.document, catalogue, state.scope)
    return [item.name for item in known if item.kind == info.kind]


def wrong_settings(state: State, node: Node) -> dict[str, str]:
    """What is wrong with the settings of a node, by name; of a use, with what its parameters give inside."""
    block = definition(state, node)
    whole = state.document.blocks[block] if block else Block()
    given = {place: name for name in whole.parameters for place in parameters.places(whole, name)}
    within = f"{state.prefix or ''}{node.id}/"
    found: dict[str, str] = {}
    for problem in state.analysis.problems if state.analysis else ():
        if not problem.code.startswith("setting."):
            continue
        name = str(problem.args.get("name"))
        inner = [part for part in problem.node.removeprefix(within).split("/") if not part.isdigit()]
        if (problem.scope, problem.node.rpartition("/")[2]) == (state.scope, node.id):
            found[name] = wording.what(problem)
        elif problem.node.startswith(within) and len(inner) == 1 and Place(inner[0], name) in given:
            found[given[Place(inner[0], name)]] = wording.what(problem)
    return found


def _linked(field: Field, value: object, names: list[str], state: State) -> Field:
    """A setting that a parameter gives is a choice among the parameters, and a value of its own."""
    if not isinstance(value, Param):
        return field
    default = state.document.blocks[state.scope].parameters.get(value.param) if state.scope != ROOT else None
    named = dict.fromkeys([value.param, *names])
    own = field.default if default is None else default
    choices = (*((Param(name), name) for name in named), (own, tr("a value of its own")))
    return replace(field, kind="choice", choices=choices, optional=False)
