"""A layer of the user's own: put beside the project, found, added, trusted, trained, exported; changed, asked again."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from tests.graphs import chain
from tests.samples import IRIS
from tests.windows import boxes, click, click_node, complaints, labels_on_wires, notices, retype, seen, words
from workbench.core import project, settings
from workbench.core.document import Data, Training
from workbench.core.runs import RunFolder
from workbench.ui.panels.export_dialog import ExportDialog
from workbench.ui.panels.trust_dialog import TrustDialog

TEXT = """
from pathlib import Path

import torch
from torch import Tensor, nn

Path({marker!r}).touch()


class Gate(nn.Module):
    \"\"\"Let through a part of each feature.\"\"\"

    def __init__(self, in_features: int, hidden: int = 6):
        super().__init__()
        self.way = nn.Linear(in_features, hidden)
        self.share = nn.Linear(in_features, hidden)

    def forward(self, x: Tensor) -> Tensor:
        return self.way(x) * torch.sigmoid(self.share(x))
"""


@pytest.fixture
def opened(bench, tmp_path: Path):
    """A classifier of flowers, in a folder of its own."""
    document = chain(
        ("features", "input"),
        ("linear", "linear", {"out_features": 3}),
        ("species", "output"),
        data=Data("csv", {"path": str(IRIS)}),
        training=Training(epochs=1),
        title="Flowers",
    )
    path = tmp_path / "project" / "flowers.workbench"
    path.parent.mkdir()
    project.save(path, document)
    bench.app.open(str(path))
    bench.analysed()
    assert bench.state.analysis.ok
    return bench


def groups(bench) -> set[str]:
    return {info.group for info in bench.app.editor.catalogue.layers.values()}


def problems(bench) -> list[str]:
    return [problem.code for problem in bench.state.analysis.problems]


def test_from_a_file_to_an_exported_model_and_a_file_that_changed(opened, tmp_path: Path) -> None:
    bench, marker = opened, tmp_path / "was run"
    file = tmp_path / "project" / "mine.py"

    # a file beside the project is offered, its settings and ports known, and nothing of it run
    assert "Your layers" not in groups(bench)
    file.write_text(TEXT.format(marker=str(marker)))
    bench.wait(lambda: "Your layers" in groups(bench))
    click_node(bench.canvas, "features")
    node = bench.add_by_typing("gate")
    assert node == "gate_1"
    assert bench.document.graph.nodes[node].type == "file:mine.py:Gate"
    bench.analysed()
    form = seen(bench.window, QWidget, "settings")
    assert set(form.values()) == {"in_features", "hidden"}
    assert problems(bench) == ["custom.untrusted"]
    assert boxes(bench.canvas)[node].problem == "error"
    assert not bench.app.trainer.start(), "a network with a layer that may not be run is not trained"
    bench.window.clear_complaints()

    # the question shows all that is trusted; no is no
    section = seen(bench.window, QWidget, "problems")
    click(seen(section, QPushButton, text="Trust this file …"))
    dialog = seen(bench.window, TrustDialog)
    assert dialog.view.toPlainText() == file.read_text().removesuffix("\n")
    sha256 = bench.state.analysis.problems[0].args["sha256"]
    assert sha256 in words(dialog)
    assert "mine.py" in words(dialog)
    click(dialog.refuse_button)
    bench.front()
    assert problems(bench) == ["custom.untrusted"]
    assert not marker.exists()

    # trusted, it has shapes
    click(seen(section, QPushButton, text="Trust this file …"))
    click(seen(bench.window, TrustDialog).accept_button)
    bench.front()
    bench.wait(lambda: bench.state.analysis.ok)
    assert marker.exists()
    assert labels_on_wires(bench.canvas)[node, "linear"] == "6"
    retype(seen(bench.window, QWidget, "settings").input("hidden"), "5")
    bench.wait(lambda: labels_on_wires(bench.canvas)[node, "linear"] == "5")

    # trained, and exported when the file has changed
    assert bench.app.trainer.start()
    run = bench.app.trainer.run
    bench.wait(lambda: bench.app.trainer.status.state == "done")
    assert RunFolder(bench.app.jobs.store.root / run).info().code == {"mine.py": sha256}
    file.write_text(TEXT.format(marker=str(marker)) + "\n# another text\n")
    bench.wait(lambda: problems(bench) == ["custom.untrusted"])
    assert bench.state.analysis.problems[0].args["sha256"] != sha256
    bench.app.export(run)
    export = seen(bench.window, ExportDialog)
    retype(seen(export, QLineEdit, accessible="File"), str(tmp_path / "gate.onnx"), enter=False)
    click(export.button)
    bench.wait(lambda: export.report is not None or notices(export))
    assert export.report is not None, notices(export)
    assert export.report.ok
    export.reject()
    bench.front()

    # trusted no more, the first text asks again too, and so does the run that was made with it
    file.write_text(TEXT.format(marker=str(marker)))
    bench.wait(lambda: not problems(bench))
    bench.app.actions.by_id["file.distrust"].trigger()
    bench.wait(lambda: problems(bench) == ["custom.untrusted"])
    assert bench.app.settings.trusted == {}
    elsewhere = replace(bench.app.settings, trusted={"0" * 64: "of another window.py"})
    settings.save(elsewhere)
    bench.app.change_settings(bench.app.settings.with_recent(file))
    assert settings.load().trusted == elsewhere.trusted
    file.write_text("# nothing any more\n")
    evaluate = bench.go("evaluate")
    click(evaluate.button)
    bench.wait(lambda: notices(evaluate))
    click(seen(evaluate, QPushButton, text="Trust this file …"))
    dialog = seen(bench.window, TrustDialog)
    assert sha256 in words(dialog)
    click(dialog.accept_button)
    bench.front()
    click(evaluate.button)
    bench.wait(lambda: evaluate.evaluation is not None)
    bench.go("design")

    # a file that is gone
    file.unlink()
    bench.wait(lambda: problems(bench) == ["custom.missing"])
    assert "Your layers" not in groups(bench)

    # and a new one to begin with
    bench.desk.will(tmp_path / "project" / "more")
    bench.app.actions.by_id["file.new_layer"].trigger()
    bench.wait(lambda: "file:more.py:MyLayer" in bench.app.editor.catalogue.layers)


@pytest.mark.slow
def test_a_file_that_never_ends_takes_no_window_along(alone, tmp_path: Path) -> None:
    """It waits where it cannot be interrupted: the engine ends, says why, and the file is not trusted any more."""
    bench = alone
    document = chain(("x", "input", {"shape": (4,)}), ("gate", "file:mine.py:Gate"), ("y", "output"))
    path = tmp_path / "gate.workbench"
    project.save(path, document)
    (tmp_path / "mine.py").write_text("import time\ntime.sleep(1000)\n" + TEXT.format(marker=str(tmp_path / "ran")))
    bench.app.open(str(path))
    bench.analysed()
    bench.wait(lambda: problems(bench) == ["custom.untrusted"])
    first = bench.app.engine.pid
    bench.app.actions.by_id["file.trust"].trigger()
    click(seen(bench.window, TrustDialog).accept_button)
    bench.front()
    bench.wait(lambda: any("did not come to an end" in said for said in complaints(bench.app)))
    bench.wait(lambda: problems(bench) == ["custom.untrusted"])
    assert bench.app.settings.trusted == {}
    assert bench.app.engine.pid not in (0, first)
    assert any("did not come to an end" in said for said in complaints(bench.app))
