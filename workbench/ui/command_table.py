"""All commands of the window in one table; see `core.commands`."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from workbench.core.arranging import arranging
from workbench.core.block_commands import block_commands
from workbench.core.commands import Command
from workbench.core.editing import editing
from workbench.core.i18n import tr
from workbench.core.runs import LIVE
from workbench.core.session import State
from workbench.ui.actions import only_open
from workbench.ui.around import WindowAround
from workbench.ui.design_commands import design_commands
from workbench.ui.window import PLACES, place_title

if TYPE_CHECKING:
    from workbench.ui.app import Workbench


def commands(app: "Workbench") -> list[Command]:
    """Every command, menu by menu."""
    around = WindowAround(app.places, app.complain)
    blocks = block_commands(app.session, around, lambda: app.editor.catalogue)
    graph = [*editing(app.session, around), *design_commands(app), *arranging(app.session, around), *blocks]
    return [*_file(app), *graph, *_own_layers(app), *_view(app), *_preview(app), *_run(app), *_help(app)]


def _file(app: "Workbench") -> list[Command]:
    files = app.files

    def save() -> None:
        files.save()

    def save_as() -> None:
        files.save_as()

    def leave() -> None:
        app.window.close()

    from_data = ("Ctrl+Alt+N",)
    return [
        Command("file.new", tr("New project"), "file", files.new, ("Ctrl+N",), icon="file-plus"),
        Command("file.from_data", tr("New from data …"), "file", app.start_from_data, from_data, icon="database"),
        Command("file.open", tr("Open …"), "file", files.ask_and_open, ("Ctrl+O",), icon="folder-open"),
        Command("file.save", tr("Save"), "file", save, ("Ctrl+S",), only_open, "save"),
        Command("file.save_as", tr("Save as …"), "file", save_as, ("Ctrl+Shift+S",), only_open),
        Command("file.close", tr("Close the project"), "file", files.close, ("Ctrl+W",), only_open, "x"),
        Command("file.quit", tr("Quit"), "file", leave, ("Ctrl+Q",)),
    ]


def _own_layers(app: "Workbench") -> list[Command]:
    def trust() -> None:
        problem = app.own.untrusted_of(app.session.state)
        if problem is not None:
            app.ask_trust(problem)

    def can_trust(state: State) -> bool:
        return app.own.untrusted_of(state) is not None

    def can_distrust(state: State) -> bool:
        return bool(app.settings.trusted)

    def has_folder(state: State) -> bool:
        return state.path is not None

    distrust = tr("Trust no file any more")
    new = tr("New layer in Python …")
    return [
        Command("file.new_layer", new, "file", app.files.new_layer, when=has_folder, icon="code"),
        Command("file.trust", tr("Trust the file of a layer …"), "file", trust, when=can_trust, icon="shield-check"),
        Command("file.distrust", distrust, "file", app.own.distrust, when=can_distrust),
    ]


def _view(app: "Workbench") -> list[Command]:
    def go(place: str) -> Callable[[], None]:
        return lambda: app.window.show_place(place)

    def in_design(state: State) -> bool:
        return state.is_open and app.window.shown == "design"

    def canvas(key: str, title: str, method: str, keys: tuple[str, ...], icon: str, scope: str = "graph") -> Command:
        return Command(key, title, "view", app.places.on_canvas(method), keys, in_design, icon, scope)

    code = ("Ctrl+Shift+K",)
    return [
        *(
            Command(f"view.{name}", place_title(name), "view", go(name), (f"Ctrl+{number}",), only_open)
            for number, name in enumerate(PLACES, 1)
        ),
        canvas("view.fit", tr("Fit all"), "fit", ("Home", "F"), "maximize"),
        canvas("view.fit_selection", tr("Fit the selection"), "fit_selection", (".",), "scan"),
        canvas("view.minimap", tr("Minimap"), "toggle_minimap", ("M",), "map"),
        canvas("view.zoom_in", tr("Zoom in"), "zoom_in", ("Ctrl++", "Ctrl+="), "zoom-in", "window"),
        canvas("view.zoom_out", tr("Zoom out"), "zoom_out", ("Ctrl+-",), "zoom-out", "window"),
        Command("view.zoom_100", tr("Zoom to 100 %"), "view", app.places.zoom_100, ("Ctrl+0",), in_design),
        Command("view.code", tr("Code beside the canvas"), "view", app.places.toggle_code, code, in_design, "code"),
        Command("view.theme", tr("Light or dark"), "view", app.toggle_theme, ("Ctrl+Shift+L",), icon="sun"),
        Command("view.reset", tr("Reset the layout"), "view", app.places.reset_layout, icon="layout-grid"),
    ]


def _preview(app: "Workbench") -> list[Command]:
    previewer = app.previewer

    def step(by: int) -> Callable[[], None]:
        return lambda: previewer.step(by)

    def can_preview(state: State) -> bool:
        return state.is_open and app.window.shown == "design"

    def is_on(state: State) -> bool:
        return can_preview(state) and previewer.is_on

    def shown(state: State) -> str:
        return tr("Show no sample on the wires") if previewer.is_on else show

    show, fresh = tr("Preview a sample on the wires"), previewer.use_fresh_weights
    return [
        Command("view.preview", show, "view", previewer.toggle, ("V",), can_preview, "eye", "graph", shown),
        Command("view.next_sample", tr("Next sample"), "view", step(1), ("]",), is_on, scope="graph"),
        Command("view.previous_sample", tr("Previous sample"), "view", step(-1), ("[",), is_on, scope="graph"),
        Command("view.fresh_weights", tr("Fresh weights"), "view", fresh, when=is_on),
    ]


def _run(app: "Workbench") -> list[Command]:
    trainer = app.trainer

    def can_train(state: State) -> bool:
        return state.is_open and not trainer.is_live

    def can_pause(state: State) -> bool:
        return trainer.can_resume or (trainer.status is not None and trainer.status.state in LIVE)

    def can_stop(state: State) -> bool:
        return trainer.is_live

    def can_export(state: State) -> bool:
        return bool(trainer.usable)

    return [
        Command("run.train", tr("Train"), "run", app.train, ("F5",), can_train, "play"),
        Command("run.pause", tr("Pause or resume"), "run", trainer.pause_or_go_on, ("F6",), can_pause, "pause"),
        Command("run.stop", tr("Stop and keep everything"), "run", trainer.stop, ("Shift+F5",), can_stop, "square"),
        Command("run.export", tr("Export ONNX …"), "run", app.export, ("Ctrl+E",), can_export, "download"),
    ]


def _help(app: "Workbench") -> list[Command]:
    places = app.places
    return [
        Command("help.search", tr("Search commands"), "help", places.search_commands, ("Ctrl+Shift+P",), icon="search"),
        Command("help.keys", tr("Keyboard shortcuts"), "help", places.show_keys, ("Ctrl+/",), icon="keyboard"),
        Command("help.about", tr("About"), "help", app.about, icon="info"),
    ]
