"""Files of the user's own on the command line: refused until their hash is named, and run for that one command."""

from pathlib import Path

from tests.cli.shell import workbench
from workbench.core import custom, edits, project
from workbench.core.document import Document, Wire

TEXT = """
from pathlib import Path
from torch import nn

Path({marker!r}).touch()


class Twice(nn.Module):
    def forward(self, x):
        return x + x
"""


def test_a_file_is_run_only_where_its_hash_is_named(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    (tmp_path / "mine.py").write_text(TEXT.format(marker=str(marker)))
    document, _ = edits.add_node(Document(title="Twice it"), "input", {"shape": (3,)}, id="x")
    document, name = edits.add_node(document, "file:mine.py:Twice")
    assert name == "twice_1"
    document, _ = edits.add_node(document, "output", id="y")
    document = edits.connect(document, Wire("x", "out", name, "x"))
    document = edits.connect(document, Wire(name, "out", "y", "in"))
    path = tmp_path / "twice.workbench"
    project.save(path, document)

    said = workbench("check", path, "--json")
    assert said.status == 1
    sha256 = custom.read(tmp_path, "mine.py").sha256
    (problem,) = said.document["problems"]
    assert problem["node"] == "twice_1"
    assert f"--trust-code {sha256}" in problem["fix"]
    assert not marker.exists()

    said = workbench("code", path, "--trust-code", sha256)
    assert said.status == 0
    assert marker.exists()
    assert "class Twice(nn.Module):" in said.output
    assert "self.twice_1 = Twice()" in said.output

    assert workbench("check", path, "--trust-code", "abc").status == 2
