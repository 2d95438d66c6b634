"""ResNet-18 and a GPT of twelve blocks, built from nothing by the window's own commands, trained, exported, saved."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QComboBox, QLineEdit, QPushButton, QWidget

from tests.engine.test_source import assert_the_same
from tests.journeys.test_blocks import choose_parameter, settings
from tests.samples import digit_pictures
from tests.windows import CONTROL, NONE, SHIFT, Key, choose, click, click_node, draw_wire, retype, seen
from workbench.core import project
from workbench.core.problems import ProblemError
from workbench.core.runs import RunFolder
from workbench.engine.predict import predict
from workbench.engine.vocabulary import RESERVED
from workbench.ui.panels.export_dialog import ExportDialog
from workbench.ui.panels.try_it import TryIt


def begin(bench, source: str, options: dict[str, Any]) -> None:
    """A new project on data of one's own."""
    click(seen(bench.window, QPushButton, text="New project"))
    data = bench.go("data")
    choose(seen(data, QComboBox, "data-source"), source)
    for name, value in options.items():
        field = seen(data, QWidget, "data-options").input(name)
        if isinstance(value, bool):
            field.setFocus()
            if field.isChecked() is not value:
                bench.key(Key.Key_Space)
        else:
            retype(field, str(value))
    train = bench.go("train")
    retype(train.findChild(QWidget, "training").input("epochs"), "1")
    bench.go("design")


def add(bench, name: str, **values: Any) -> str:
    """A layer or a block behind the selected one, found by typing, with its settings."""
    node = bench.add_by_typing(name)
    for setting, value in values.items():
        field = settings(bench).input(setting)
        if isinstance(value, bool):
            field.setFocus()
            bench.key(Key.Key_Space)
            assert field.isChecked() is value
        else:
            retype(field, str(value))
    return node


def wire(bench, src: str, dst: str, port: str) -> None:
    """One more wire, drawn by hand."""
    bench.canvas.setFocus()
    bench.key(Key.Key_Home)
    draw_wire(bench.canvas, (src, "out"), (dst, port))
    assert any((found.src, found.dst, found.dst_port) == (src, dst, port) for found in bench.state.graph.wires)


def make_block(bench, nodes: list[str], title: str) -> str:
    """These become a block with a name; returns its use, which is selected."""
    bench.canvas.setFocus()
    bench.key(Key.Key_Home)
    for number, node in enumerate(nodes):
        click_node(bench.canvas, node, SHIFT if number else NONE)
    bench.key(Key.Key_G, CONTROL)
    retype(seen(bench.window, QLineEdit, "block-name"), title)
    (use,) = bench.state.selection
    return use


def finish(bench, folder: Path, parameters: int) -> None:
    """Train a step, export with proof, save and read again, and run the generated code."""
    bench.analysed()
    assert bench.state.analysis.problems == ()
    assert bench.state.analysis.parameters == parameters
    bench.key(Key.Key_F5)
    bench.wait(lambda: bench.app.trainer.status is not None and not bench.app.trainer.is_live)
    run: RunFolder = bench.app.trainer.folder()
    assert run.status().state == "done", run.status().reason
    assert run.status().step == 1
    bench.key(Key.Key_E, CONTROL)
    dialog = seen(bench.window, ExportDialog)
    retype(seen(dialog, QLineEdit, accessible="File"), str(folder / "model.onnx"), enter=False)
    click(dialog.button)
    bench.wait(lambda: dialog.report is not None)
    assert dialog.report.ok
    dialog.close()
    path = folder / "deep.workbench"
    bench.desk.will(path)
    bench.key(Key.Key_S, CONTROL)
    assert project.load(path) == bench.document
    source = assert_the_same(bench.document, folder)
    assert "for part in" in source.text


@pytest.mark.slow
def test_resnet18(bench, tmp_path: Path):
    pictures = digit_pictures(tmp_path / "digits", 10, (3, 5, 8))
    begin(bench, "Folder of images", {"path": pictures, "height": 28, "width": 28, "colour": False})
    add(bench, "Input")
    add(bench, "Conv2d", out_channels=64, kernel_size=3, stride=2, padding=1, bias=False)
    add(bench, "BatchNorm2d")
    add(bench, "ReLU")
    skip = add(bench, "MaxPool2d", kernel_size=3, stride=2, padding=1)

    # the basic block by hand, with a parameter
    inside = []
    for _ in range(2):
        inside += [add(bench, "Conv2d", out_channels=64, padding=1, bias=False), add(bench, "BatchNorm2d")]
        inside.append(add(bench, "ReLU" if len(inside) < 3 else "Add"))
    inside.append(add(bench, "ReLU"))
    wire(bench, skip, inside[5], "in_2")
    use = make_block(bench, inside, "Basic block")
    bench.key(Key.Key_Return, CONTROL)
    bench.key(Key.Key_Home)
    click_node(bench.canvas, inside[0])
    choose_parameter(bench, "Filters")
    click_node(bench.canvas, inside[3])
    choose_parameter(bench, "Filters", "out_channels")
    bench.key(Key.Key_Return, CONTROL | SHIFT)
    assert bench.state.selection == {use}
    retype(settings(bench).input("repeat"), "2")

    # the rest: blocks that are there
    for channels in (128, 256, 512):
        add(bench, "with projection", channels=channels)
        add(bench, "Basic block", out_channels=channels)
    add(bench, "GlobalAvgPool")
    add(bench, "Linear", out_features=3)
    add(bench, "Output")
    assert len(bench.document.blocks) == 2
    finish(bench, tmp_path, 11_169_219)


@pytest.mark.parametrize("blocks", [2, pytest.param(12, marks=pytest.mark.slow)])  # exporting twelve takes a minute
def test_a_gpt(bench, tmp_path: Path, blocks: int):
    (tmp_path / "song.txt").write_text("la li lu, la li lo, " * 24)
    begin(bench, "Text file", {"path": tmp_path / "song.txt", "length": 16})
    add(bench, "Input")
    add(bench, "Embedding", num_embeddings=11, embedding_dim=64)
    start = add(bench, "PositionEmbedding", num_positions=16)
    norm = add(bench, "LayerNorm")
    attention = add(bench, "MultiheadAttention", causal=True)
    first = add(bench, "Add")
    middle = [add(bench, "LayerNorm"), add(bench, "Linear", out_features=256), add(bench, "GELU")]
    middle.append(add(bench, "Linear", out_features=64))
    last = add(bench, "Add")
    for src, dst, port in (
        (norm, attention, "key"),
        (norm, attention, "value"),
        (start, first, "in_2"),
        (first, last, "in_2"),
    ):
        wire(bench, src, dst, port)
    make_block(bench, [norm, attention, first, *middle, last], "Transformer")
    retype(settings(bench).input("repeat"), str(blocks))
    add(bench, "LayerNorm")
    add(bench, "Linear", out_features=11, bias=False)
    add(bench, "Output")
    finish(bench, tmp_path, blocks * 49_984 + 11 * 64 + 16 * 64 + 128 + 64 * 11)

    # what comes behind a text
    place = bench.go("deploy")
    attempt = seen(place, TryIt)
    assert not attempt.pad.isVisible(), "it reads no drawings"
    bench.desk.will(tmp_path / "song.txt")
    click(seen(attempt, QPushButton, text="Open a file …"))
    bench.wait(lambda: attempt.answers is not None)
    assert set(attempt.answers.answers[0].scores) == {*RESERVED, *"la iu,o "}
    (tmp_path / "short.txt").write_text("la")
    with pytest.raises(ProblemError, match="short_text"):
        predict(tmp_path / "model.onnx", (str(tmp_path / "short.txt"),))
