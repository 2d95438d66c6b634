"""With a language that brackets texts and makes them a third longer: nothing forgotten, nothing clipped."""

import calendar
import re
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QMenu, QPushButton, QTreeWidget, QWidget

from tests.ui.texts import Said, of_menu, outside_brackets, texts
from tests.windows import choose, click, click_node, retype, rows, seen
from widgets.elided import ElidedLabel
from workbench.core import journal, settings
from workbench.core.edits import set_setting
from workbench.core.problems import Problem
from workbench.ui.add_search import AddSearch
from workbench.ui.command_search import CommandSearch
from workbench.ui.connect_search import ConnectSearch
from workbench.ui.keys_page import KeysPage
from workbench.ui.panels.evaluate import EvaluatePlace
from workbench.ui.panels.export_dialog import ExportDialog

import model_zoo  # isort: skip

DATA = re.compile(
    r"""
    \b[0-9a-f]{64}\b                              # a hash
  | \d[\d.,:e+-]*\s*(B|KiB|MiB|GiB|%)?            # numbers with units
  | \b(Ctrl|Shift|Alt|Esc|Del|Backspace|Return|Enter|Home|PgUp|F\d+|F)\b   # keys, as the system writes them
  | \b(CPU|CUDA|SHA-256|ONNX|F1|R²|px|Hz|linear_\d+|conv2d_\d+|batch_norm2d_\d+)\b           # names
    """,
    re.VERBOSE,
)
"""What needs no translation wherever it stands."""
NAMES = (
    "Digits, MLP",  # the project's name
    "image", "label", "label_1", "digits",  # columns and nodes of the data
    *calendar.month_abbr[1:],
)  # fmt: skip


def forgotten(said: Said, data: tuple[str, ...]) -> str:
    """The part of a text that looks like words nobody translated."""
    rest = outside_brackets(said.text)
    for name in sorted(data, key=len, reverse=True):
        rest = rest.replace(name, "")
    rest = DATA.sub("", rest)
    return rest if re.search(r"[^\W\d_]{2,}", rest) else ""


@pytest.fixture
def pseudo(home: Path) -> None:
    settings.save(replace(settings.load(), language="pseudo"))


def all_translated(root: QWidget | QMenu, *data: str) -> None:
    """Nothing that can be read in a window was forgotten; `data` are names of things, not words."""
    QApplication.processEvents()
    found = list(of_menu(root) if isinstance(root, QMenu) else texts(root))
    assert found
    left = {(said.role, said.where, rest) for said in found if (rest := forgotten(said, (*NAMES, *data)))}
    assert not left, "\n".join(map(str, sorted(left)))


def nothing_clipped(root: QWidget) -> None:
    """Buttons, labels and lists have the room that their texts need."""
    QApplication.processEvents()
    bad = []
    for widget in root.findChildren(QWidget):
        if not widget.isVisible() or isinstance(widget, ElidedLabel):
            continue
        if not isinstance(widget, QLabel | QAbstractButton) or not widget.text():
            continue
        if isinstance(widget, QLabel) and widget.wordWrap():
            clipped = widget.heightForWidth(widget.width()) > widget.height() + 1
        else:
            clipped = widget.sizeHint().width() > widget.width() + 1 or widget.fontMetrics().height() > widget.height()
        if clipped:
            bad.append((type(widget).__name__, widget.text(), widget.sizeHint(), widget.size()))
    assert not bad, "\n".join(map(str, bad))


SIZES = pytest.mark.parametrize("size", [(1440, 900), (1100, 700)], ids=["usual", "small"])


@SIZES
def test_the_start_page(pseudo, make_bench, tmp_path: Path, size):
    left = journal.Journal()
    left.write(set_setting(model_zoo.document("mnist_mlp"), "linear_1", "out_features", 7), tmp_path / "mine.workbench")
    left._lock.release()
    bench = make_bench(size=size)
    bench.app.change_settings(bench.app.settings.with_recent(tmp_path / "recent.workbench"))
    bench.wait(lambda: any("mine.workbench" in said.text for said in texts(bench.window)))
    all_translated(bench.window, str(tmp_path), "recent", "mine.workbench")
    nothing_clipped(bench.window)
    all_translated(bench.window.header.menu_button.menu())
    bench.app.complain(Problem("file.unreadable", {"detail": "⟦⟧"}, "x"))
    all_translated(bench.window, str(tmp_path), "recent", "mine.workbench")


@SIZES
def test_design(pseudo, make_bench, size):
    bench = make_bench(size=size)
    bench.open_zoo("mnist_mlp")
    for node in bench.document.graph.nodes:
        click_node(bench.canvas, node)
        all_translated(bench.window)
        nothing_clipped(bench.window)
    click_node(bench.canvas, "linear_2")
    retype(seen(bench.window, QWidget, "settings").input("out_features"), "9")
    bench.analysed()
    all_translated(bench.window)
    nothing_clipped(bench.window)
    retype(seen(bench.window, QWidget, "settings").input("out_features"), "-9")
    all_translated(bench.window)
    bench.canvas.setFocus()
    bench.app.session.select(bench.document.graph.nodes)
    all_translated(bench.window)
    bench.app.session.select()
    all_translated(bench.window)
    for box in bench.canvas.graph.scene.nodes:
        painted = Said(" ".join((box.title, *box.captions, box.message)), box.id, "painted")
        assert not forgotten(painted, ("image", "label", "digits"))
    bench.app.places.errands.context_menu(bench.window.pos())
    bench.wait(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    menu = QApplication.activePopupWidget()
    all_translated(menu)
    menu.close()


@SIZES
def test_data(pseudo, make_bench, size):
    bench = make_bench(size=size)
    bench.app.files.new()
    place = bench.go("data")
    all_translated(place)
    nothing_clipped(place)
    box = seen(place, QComboBox, "data-source")
    data = bench.app.places.data
    for at in range(1, box.count()):
        choose(box, box.itemText(at))
        bench.wait(lambda: data.reader.seen.stage != "reading")
        for page in ("samples", "columns", "distributions", "split", "steps"):
            data.view.show_page(page)
            bench.wait(lambda: bench.app.engine.state == "ready")
            all_translated(place, *of_data(place))
            nothing_clipped(place)


def of_data(place: QWidget) -> set[str]:
    """What stands in the data itself, and needs no translation."""
    found = {"MNIST", "Fashion", "MB", "CSV"}
    inspection = place.reader.seen.inspection
    for facts in inspection.columns if inspection else ():
        found |= {facts.name, facts.example, *(name for name, _ in facts.common)}
    for table in place.findChildren(QTreeWidget):
        found |= {text for row in rows(table) for text in row if "⟦" not in text}
    pane = place.view.samples.reader_pane.toPlainText()
    return {text for text in (*found, pane) if text}


@SIZES
def test_train_evaluate_deploy(pseudo, make_bench, trained, exported, size):
    bench = make_bench(size=size)
    bench.open_zoo("mnist_mlp")
    for name in ("train", "evaluate", "deploy"):
        place = bench.go(name)
        all_translated(bench.window, trained.name)
        nothing_clipped(place)
    bench.wait(lambda: bench.app.jobs.records)
    bench.app.trainer.show(trained.name)
    place = bench.go("train")
    bench.wait(lambda: place.monitor.plots.loss is not None)
    bench.wait(lambda: "⟦validation" in place.monitor.plots.loss.accessibleDescription())
    all_translated(place, trained.name)
    nothing_clipped(place)
    all_translated(place.findChild(QWidget, "runs").menu(trained.name))
    place = bench.go("evaluate")
    assert isinstance(place, EvaluatePlace)
    place.evaluate()
    bench.wait(lambda: place.evaluation is not None)
    all_translated(place, trained.name)
    nothing_clipped(place)
    bench.app.change_settings(bench.app.settings.with_export(trained.name, exported))
    bench.app.places.deploy.refresh()
    place = bench.go("deploy")
    all_translated(place, trained.name, str(exported))
    nothing_clipped(place)


def test_export_and_its_proof(pseudo, make_bench, trained, exported, tmp_path: Path):
    bench = make_bench()
    bench.open_zoo("mnist_mlp")
    bench.app.export(trained.name)
    dialog = seen(bench.window, ExportDialog)
    all_translated(dialog)
    nothing_clipped(dialog)
    retype(dialog._path, str(tmp_path / "x.onnx"), enter=False)
    click(dialog.button)
    bench.wait(lambda: dialog.report is not None)
    all_translated(dialog, str(tmp_path))
    nothing_clipped(dialog)
    dialog.reject()


def test_command_search_and_keys(pseudo, make_bench):
    bench = make_bench()
    bench.open_zoo("mnist_mlp")
    bench.app.places.search_commands()
    search = seen(bench.window, CommandSearch)
    all_translated(search)
    search.close()
    bench.app.places.show_keys()
    page = seen(bench.window, KeysPage)
    all_translated(page)
    nothing_clipped(page)
    page.close()


def test_the_brackets_would_show_a_forgotten_text(pseudo, make_bench):
    """The test's own eyes are open."""
    bench = make_bench()
    QPushButton("Forgotten", bench.window).show()
    with pytest.raises(AssertionError, match="Forgotten"):
        all_translated(bench.window)
    bench.window.findChildren(QPushButton)[-1].setText("⟦Narrow~~⟧")
    button = bench.window.findChildren(QPushButton)[-1]
    button.setFixedWidth(20)
    with pytest.raises(AssertionError, match="Narrow"):
        nothing_clipped(bench.window)


def test_searches_steps_and_ways(pseudo, make_bench):
    bench = make_bench(size=(1100, 700))
    bench.open_zoo("mnist_mlp")
    places, session = bench.app.places, bench.app.session
    session.select(["relu_1"])
    places.errands.add_layer()
    search = seen(bench.window, AddSearch)
    all_translated(search)
    nothing_clipped(search)
    search.close()
    places.errands.connect_layer()
    search = seen(bench.window, ConnectSearch)
    all_translated(search, *bench.document.graph.nodes)
    nothing_clipped(search)
    search.close()
    bench.app.actions.by_id["blocks.make"].trigger()
    bench.app.editor.rename("linear_1", "⟦⟧")
    session.enter(next(iter(session.state.selection)))
    places.errands.find()
    places.errands.show_history()
    for text in ("⟦l", "nothing like this"):
        places.stage.find_bar.field.setText(text)
        all_translated(places.stage, text)
        nothing_clipped(places.stage)
    all_translated(places.history)
