"""The commands of the Design place that need its panels: adding, connecting, renaming, the way through problems."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from workbench.core.commands import Command
from workbench.core.i18n import tr
from workbench.core.ports import ports_of
from workbench.core.problems import Problem
from workbench.core.session import State
from workbench.core.troubles import after, next_remedy, ranked

if TYPE_CHECKING:
    from workbench.ui.app import Workbench


def design_commands(app: "Workbench") -> list[Command]:
    """All of them."""
    return [*_adding(app), *_finding(app), *_problems(app)]


def _in_design(app: "Workbench") -> Callable[[State], bool]:
    return lambda state: state.is_open and app.window.shown == "design"


def _adding(app: "Workbench") -> list[Command]:
    errands, in_design = app.places.errands, _in_design(app)

    def one_chosen(state: State) -> bool:
        return in_design(state) and len(state.selection) == 1

    def can_connect(state: State) -> bool:
        nodes = [state.graph.nodes[node] for node in state.selection]
        return one_chosen(state) and any(map(any, (ports_of(node, app.catalogue, state.document) for node in nodes)))

    def row(key: str, title: str, run: Callable[[], None], keys: str, when: Callable[[State], bool], icon: str = "") \
            -> Command:  # fmt: skip
        return Command(f"edit.{key}", title, "edit", run, (keys,), when, icon, "graph")

    return [
        row("add", tr("Add a layer …"), errands.add_layer, "Shift+A", in_design, "plus"),
        row("connect", tr("Connect to …"), errands.connect_layer, "Alt+C", can_connect, "spline"),
        row("rename", tr("Rename"), errands.rename, "F2", one_chosen, "pencil"),
    ]


def _finding(app: "Workbench") -> list[Command]:
    errands, in_design = app.places.errands, _in_design(app)
    forth, back = tr("Find the next"), tr("Find the previous")

    def row(key: str, title: str, run: Callable[[], None], keys: str, icon: str = "") -> Command:
        return Command(f"edit.{key}", title, "edit", run, (keys,), in_design, icon)

    return [
        row("find", tr("Find …"), errands.find, "Ctrl+F", "search"),
        row("find_next", forth, lambda: errands.find_next(1), "F3"),
        row("find_back", back, lambda: errands.find_next(-1), "Shift+F3"),
        row("history", tr("History of steps"), errands.show_history, "Ctrl+H", "history"),
    ]


def _problems(app: "Workbench") -> list[Command]:
    session = app.session
    last: Problem | None = None

    def go(backwards: bool) -> Callable[[], None]:
        def run() -> None:
            nonlocal last
            last = after(ranked(session.state), last, backwards=backwards)
            if last is not None:
                app.show_problem(last)

        return run

    def remedy() -> None:
        problem = next_remedy(session.state)
        if problem is not None:
            app.editor.apply(problem)

    def has_problems(state: State) -> bool:
        return bool(ranked(state))

    def has_remedy(state: State) -> bool:
        return next_remedy(state) is not None

    forth, back = tr("Next problem"), tr("Previous problem")
    return [
        Command("view.problem", forth, "view", go(False), ("F8",), has_problems, "triangle-alert"),
        Command("view.problem_back", back, "view", go(True), ("Shift+F8",), has_problems),
        Command("edit.remedy", tr("Apply the next remedy"), "edit", remedy, ("Ctrl+.",), has_remedy, "lightbulb"),
    ]
