"""Layers of the user's own in the engine: nothing runs before it is trusted, and what runs is what was looked at."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from msgspec.structs import replace

from tests.engine.test_source import assert_the_same
from tests.graphs import chain
from tests.samples import IRIS
from workbench.core import custom, edits, new_layer, project
from workbench.core.analysis import Analysis, Spec
from workbench.core.document import Data, Document, Graph, Training, Wire
from workbench.core.messages import PreviewSample, Train
from workbench.core.problems import ProblemError
from workbench.core.runs import RunFolder, Status, write_json
from workbench.engine import checkpoint, foreign, limits, permission
from workbench.engine.analyse import analyse, study
from workbench.engine.beginning import begin
from workbench.engine.compile import compiled
from workbench.engine.export import export
from workbench.engine.flowing import previewed
from workbench.engine.neighbours import neighbours
from workbench.engine.preparation import prepare
from workbench.engine.raw import quiet
from workbench.engine.source import source_of
from workbench.engine.train import fit
from workbench.engine.trained import load

FILE = '''
from __future__ import annotations

import enum
import math
import torch.nn.functional as F
import torch
from torch import Tensor, nn
from pathlib import Path
{first}

GAIN = math.sqrt(2)  # what keeps the spread


class Way(enum.Enum):
    up = 1
    down = -1


def bent(x):
    return F.gelu(x) * GAIN


# Mixes and splits.
class Mix(nn.Module):
    """Mix features, and split them in two."""

    def __init__(self, in_features: int, hidden: int = 8, way: Way = Way.up):
        super().__init__()
        self.linear = nn.Linear(in_features, 2 * hidden)
        self.way = way.value

    def forward(self, x: Tensor, other: Tensor | None = None) -> tuple[Tensor, Tensor]:
        left, right = bent(self.linear(x)).chunk(2, -1)
        return self.way * left, right if other is None else right + other


class Sum(nn.Module):
    def forward(self, *parts):
        return sum(parts)


if __name__ == "__main__":
    print(Mix(3))
'''


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "mine.py").write_text(FILE.format(first=""))
    permission.give([custom.read(tmp_path, "mine.py").sha256])
    yield tmp_path
    permission.give([])


def network(**settings: Any) -> Document:
    """Input, a layer with two outputs, their sum, output."""
    document, _ = edits.add_node(Document(title="Mix"), "input", {"shape": (5,)}, id="start")
    document, _ = edits.add_node(document, "file:mine.py:Mix", settings, id="mix")
    document, _ = edits.add_node(document, "file:mine.py:Sum", id="sum")
    document, _ = edits.add_node(document, "output", id="end")
    for ends in (
        ("start", "out", "mix", "x"),
        ("mix", "out_1", "sum", "parts_1"),
        ("mix", "out_2", "sum", "parts_2"),
        ("sum", "out", "end", "in"),
    ):
        document = edits.connect(document, Wire(*ends))
    return document


def single(folder: Path, body: str, *, trusted: bool = True, **settings: Any) -> Analysis:
    """The analysis of a network whose one layer has this body."""
    text = f"from torch import nn\nimport torch\n\nclass One(nn.Module):\n{body}\n"
    (folder / "one.py").write_text(text)
    permission.give([custom.read(folder, "one.py").sha256] if trusted else [])
    document, _ = edits.add_node(Document(), "input", {"shape": (5,)}, id="start")
    document, _ = edits.add_node(document, "file:one.py:One", settings, id="one")
    document, _ = edits.add_node(document, "output", id="end")
    document = edits.connect(document, Wire("start", "out", "one", "x"))
    return analyse(edits.connect(document, Wire("one", "out", "end", "in")), folder)


def test_shapes_figures_and_settings(folder: Path) -> None:
    found = analyse(network(hidden=6, way="down"), folder)
    assert found.problems == ()
    assert [spec.shape for spec in found.nodes["mix"].outputs.values()] == [(6,), (6,)]
    assert found.parameters == 5 * 12 + 12
    up, down = (compiled(study(network(way=way), folder)).eval() for way in ("up", "down"))
    down.load_state_dict(up.state_dict())
    x = torch.randn(2, 5)
    assert torch.equal(up.get_submodule("mix")(x)[0], -down.get_submodule("mix")(x)[0])


def test_nothing_runs_before_it_is_trusted_nor_after_it_changed(folder: Path) -> None:
    marker, hostile = folder / "marker", "Path({marker!r}).touch()"
    text = FILE.format(first=hostile.format(marker=str(marker)))
    (folder / "mine.py").write_text(text)
    found = analyse(network(), folder)
    assert {problem.code for problem in found.problems} == {"custom.untrusted"}
    sha256 = custom.read(folder, "mine.py").sha256
    assert found.problems[0].args == {"file": "mine.py", "sha256": sha256}
    with pytest.raises(ProblemError):
        compiled(study(network(), folder))
    assert not marker.exists()
    permission.give([sha256])
    assert analyse(network(), folder).ok
    assert marker.exists(), "the test would have noticed"


def test_the_source_brings_what_the_layers_need(folder: Path) -> None:
    source = assert_the_same(network(way="down", hidden=3), folder)
    assert "Mix(5, hidden=3, way=Way.down)" in source.text
    assert "# Mixes and splits." in source.text
    assert "__name__" in source.text
    assert "print(Mix(3))" not in source.text
    assert "Path" not in source.text
    assert "workbench" not in source.text


def test_two_files_that_mean_different_things_by_one_name(folder: Path) -> None:
    (folder / "other.py").write_text(
        "from torch import nn\nGAIN = 1\nclass Odd(nn.Module):\n def forward(self, x): return x * GAIN\n"
    )
    permission.give([custom.read(folder, name).sha256 for name in ("mine.py", "other.py")])
    document, _ = edits.insert_on_wire(network(), Wire("sum", "out", "end", "in"), "file:other.py:Odd", in_port="x")
    with pytest.raises(ProblemError) as caught:
        source_of(study(document, folder))
    assert caught.value.problem.args == {"name": "GAIN", "files": ["mine.py", "other.py"]}


@pytest.mark.parametrize(
    ("body", "settings", "code", "detail"),
    [
        (" def forward(self, x): return undefined", {}, "custom.raised", "NameError: name 'undefined' is not defined"),
        (" def __init__(self, n: int): nope()\n def forward(self, x): ...", {"n": 1}, "custom.raised", "NameError"),
        (" def __init__(self, n: int): ...\n def forward(self, x): ...", {}, "custom.required", ""),
        (" def forward(self, x): return [x]", {}, "layer.result", ""),
        (" def forward(self, x): return x, x", {}, "layer.outputs", ""),
        (" def forward(self, x): return x.sum()", {}, "layer.batch_axis", ""),
        (" raise SystemExit(3)\n def forward(self, x): ...", {}, "custom.raised", "SystemExit"),
        (" def other(self): ...", {}, "custom.no_forward", ""),
        (" def __init__(self, n: tuple[int, int]): ...\n def forward(self, x): ...", {"n": (1,)}, "custom.length", ""),
    ],
)  # fmt: skip
def test_mistakes_are_problems_at_the_node(
    tmp_path: Path, body: str, settings: dict[str, Any], code: str, detail: str
) -> None:
    found = single(tmp_path, body, **settings)
    (problem,) = found.problems
    assert (problem.code, problem.node) == (code, "one")
    assert detail in problem.args.get("detail", "")
    if code == "custom.raised":
        assert problem.args["line"] == 5


def test_what_looks_at_its_numbers_is_tried_with_some(tmp_path: Path) -> None:
    made = " def __init__(self, n: int = 3):\n  super().__init__()\n  self.rates = torch.linspace(0, 1, n).tolist()\n"
    found = single(tmp_path, made + " def forward(self, x): return x * self.rates[int(x.sum().item()) % 3]")
    assert found.problems == ()
    assert found.nodes["one"].outputs["out"].shape == (5,)


def test_what_does_not_end_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign, "SECONDS", 0.2)
    forever = " def forward(self, x):\n  while True:\n   try: pass\n   except Exception: pass"
    assert [problem.code for problem in single(tmp_path, forever).problems] == ["custom.stuck"]
    assert [problem.code for problem in single(tmp_path, " while True: pass\n def forward(self, x): ...").problems] == [
        "custom.stuck"
    ]


def test_what_cannot_be_interrupted_ends_its_process() -> None:
    script = (
        "import time\nfrom workbench.engine.limits import within\n"
        "with within(0.05, lambda: print('stuck', flush=True), grace=0.05):\n time.sleep(60)"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=30)
    assert (said.returncode, said.stdout) == (limits.STUCK, "stuck\n")


def test_the_file_to_begin_with_works(folder: Path) -> None:
    (folder / "new.py").write_text(new_layer.TEXT)
    permission.give([custom.read(folder, "new.py").sha256])
    document = chain(("x", "input", {"shape": (5,)}), ("new", "file:new.py:MyLayer", {"dropout": 0.1}), ("y", "output"))
    wires = frozenset({Wire("x", "out", "new", "x"), Wire("new", "out", "y", "in")})
    found = analyse(replace(document, graph=Graph(document.graph.nodes, wires)), folder)
    assert found.problems == ()
    assert found.nodes["new"].outputs["out"].shape == (5,)


def test_they_are_offered_where_they_fit(folder: Path) -> None:
    own = ["file:mine.py:Mix", "file:mine.py:Sum", "file:gone.py:Gone"]
    fitting = neighbours(Spec((5,)), own, folder).fitting
    assert (fitting[own[0]], fitting[own[1]]) == (Spec((8,)), Spec((5,)))
    assert own[2] not in fitting
    permission.give([])
    assert not neighbours(Spec((5,)), own, folder).fitting.keys() & set(own)


def test_unknown_files_and_classes_are_problems(folder: Path) -> None:
    document, _ = edits.add_node(network(), "file:gone.py:Gone")
    document, _ = edits.add_node(document, "file:mine.py:Gone")
    assert {problem.code for problem in analyse(document, folder).problems} == {"custom.missing", "custom.no_class"}


def hash_of(run: RunFolder) -> str:
    return custom.read(run.code, "mine.py").sha256


def test_a_run_keeps_the_file_that_it_was_made_with(folder: Path) -> None:
    """It is exported when the file has changed; not when the kept text is not trusted, or is another one."""
    document = chain(
        ("x", "input"),
        ("mix", "file:mine.py:Mix", {"hidden": 3}),
        ("species", "output"),
        data=Data("csv", {"path": str(IRIS)}),
        training=Training(epochs=1),
    )
    wires = frozenset({Wire("x", "out", "mix", "x"), Wire("mix", "out_1", "species", "in")})
    document = replace(document, graph=Graph(document.graph.nodes, wires))
    run = RunFolder(folder / "run")
    run.path.mkdir()
    beginning = begin(run, Train(str(run.path), project.to_raw(document), str(folder)), Status("preparing"))
    kept = hash_of(run)
    assert run.info().code == {"mine.py": kept}
    ready = prepare(beginning, quiet)
    list(fit(ready.loop, ready.plan))
    checkpoint.save(run.checkpoints, ready.loop, {"seconds": 0.0})
    write_json(run.path / "run.json", ready.info)
    (folder / "mine.py").write_text("raise SystemExit")
    assert export(run.path, folder / "model.onnx").ok
    permission.give([])
    with pytest.raises(ProblemError) as caught:
        load(run.path, "best")
    assert caught.value.problem.code == "custom.untrusted"
    (run.code / "mine.py").write_text("raise SystemExit")
    permission.give([kept, hash_of(run)])
    with pytest.raises(ProblemError) as caught:
        load(run.path, "best")
    assert caught.value.problem.code == "custom.not_kept"


def test_a_preview_asks_again_whether_a_file_may_be_run(folder: Path) -> None:
    question = PreviewSample(project.to_raw(network()), 1, str(folder), 0, 0)

    def seen() -> set[str]:
        return {item.node for item in previewed(question, quiet)[0].ports}

    trusted = seen()
    assert {"mix", "sum"} < trusted
    permission.give([])
    assert seen() == {"start"}
    permission.give([custom.read(folder, "mine.py").sha256])
    assert seen() == trusted
    (folder / "mine.py").write_text("# another text\n")
    assert seen() == {"start"}
