"""The user's own layers: files are found and read without being run, and trusted by what they hold."""

import os
import sys
from pathlib import Path

import pytest

from workbench.core import custom, project
from workbench.core.catalogue import PortInfo, misfit
from workbench.core.custom import Code
from workbench.core.document import Block, Document, Graph, Node
from workbench.core.hints import meant
from workbench.core.problems import ProblemError
from workbench.core.signatures import Signature, signature_of, signatures
from workbench.core.trust import MOST, hash_of, with_trust, without_trust

FILE = '''
"""Layers that we use everywhere."""

import enum
from typing import Literal, NamedTuple, Optional

import torch
from torch import Tensor, nn
import torch.nn as layers

open("marker", "w")  # nothing of this is run


class Mode(enum.Enum):
    soft = 1
    hard = 2


class Both(NamedTuple):
    mean: Tensor
    spread: Tensor


class Base(nn.Module):
    def __init__(self, in_features: int, hidden: int = 8, *, scale: float = 0.5, bias=True, name="x"):
        super().__init__()

    def forward(self, query, key: Tensor | None = None, mask=None, flag: bool = False, late=None) -> Both:
        ...


class Rich(Base):
    """Many kinds of parameters.

    And a longer text.
    """

    def __init__(
        self,
        size: tuple[int, int],
        kernel: "int | tuple[int, int]" = 3,
        steps: tuple[int, ...] = (1, 2),
        mode: Mode = Mode.hard,
        kind: Literal["a", "b"] = "b",
        order: Literal[1, 2] = 2,
        rate: Optional[float] = None,
        dtype: torch.dtype = torch.float32,
        activation: nn.Module = nn.GELU(),
    ):
        super().__init__(3)


class Many(layers.Module):
    def forward(self, *parts) -> tuple[Tensor, Tensor]:
        ...


class Deaf(nn.Module):
    pass


class Dense(nn.Linear):
    pass


class Given(nn.Module):
    def __init__(self, network: nn.Module):
        super().__init__()

    def forward(self, x):
        return x


class Bare(nn.Module):
    def __init__(self, d_model, heads, rate=0.1):
        super().__init__()

    def forward(self, x):
        return x


class NotOne:
    def forward(self, x):
        ...
'''


def read(name: str) -> Signature:
    return signature_of(Code("mine.py", FILE.encode()), name)


def test_classes_become_layers() -> None:
    assert list(signatures(Code("mine.py", FILE.encode()))) == [
        "Base",
        "Rich",
        "Many",
        "Deaf",
        "Dense",
        "Given",
        "Bare",
    ]
    base = read("Base").info
    assert [(item.name, item.kind, item.default, item.optional) for item in base.fields] == [
        ("in_features", "int", None, True),
        ("hidden", "int", 8, False),
        ("scale", "float", 0.5, False),
        ("bias", "bool", True, False),
        ("name", "text", "x", False),
    ]
    assert base.key == "file:mine.py:Base"
    assert base.inputs == (PortInfo("query"), PortInfo("key", optional=True), PortInfo("mask", optional=True))
    assert base.outputs == (PortInfo("mean"), PortInfo("spread"))
    assert read("Many").info.inputs == (PortInfo("parts", repeat="num_inputs"),)
    assert read("Many").info.outputs == (PortInfo("out_1"), PortInfo("out_2"))
    assert read("Dense").problem is None, "it inherits what it does"


def test_kinds_of_parameters() -> None:
    info = read("Rich").info
    assert info.summary == "Many kinds of parameters."
    assert {item.name: item.kind for item in info.fields} == {
        "size": "ints",
        "kernel": "pair",
        "steps": "ints",
        "mode": "choice",
        "kind": "choice",
        "order": "choice",
        "rate": "float",
    }
    fields = {item.name: item for item in info.fields}
    assert (fields["mode"].choices, fields["mode"].default) == (("soft", "hard"), "hard")
    assert (fields["order"].choices, fields["order"].default) == (("1", "2"), "2")
    assert fields["rate"].optional
    assert "dtype, activation" in info.help
    assert misfit(fields["size"], None) == "setting.missing"


def test_what_nothing_is_said_of_is_a_literal() -> None:
    assert [(item.name, item.kind) for item in read("Bare").info.fields] == [
        ("d_model", "int"),
        ("heads", "text"),
        ("rate", "float"),
    ]
    said = ["8", " 0.5", "True", "(1, 2)", "[1, 2]", "relu", "'relu'", "f(x)", "1 +", ""]
    assert [meant(text) for text in said] == [8, 0.5, True, (1, 2), (1, 2), "relu", "relu", "f(x)", "1 +", ""]


@pytest.mark.parametrize(("name", "code"), [("Deaf", "custom.no_forward"), ("Given", "custom.parameter")])
def test_classes_that_cannot_be_layers_say_why(name: str, code: str) -> None:
    problem = read(name).problem
    assert problem is not None
    assert problem.code == code


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"x = 1\nclass :\n", "custom.syntax", 2),
        (b"x = 1\n# caf\xe9\n", "custom.encoding", 2),
        (b"x = 1\x00", "custom.syntax", None),
        (b"(" * 10000, "custom.syntax", None),
        (b"class Mine(" + b"a." * 3000 + b"Module):\n def forward(self, x): ...", "custom.syntax", None),
        (b"class Other: pass", "custom.no_class", None),
    ],
)
def test_texts_that_make_no_sense(content: bytes, code: str, line: int | None) -> None:
    with pytest.raises(ProblemError) as caught:
        signature_of(Code("bad.py", content), "Mine")
    assert caught.value.problem.code == code
    if line is not None:
        assert caught.value.problem.args["line"] == line


def test_files_are_found_and_read_only_beside_the_project(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (tmp_path / "outside.py").write_text("x = 1")
    for name in ("plain.py", "odd name:ü.py", ".hidden.py", "notes.txt"):
        (folder / name).write_text("y = 1")
    (folder / "folder.py").mkdir()
    (folder / "large.py").write_bytes(b"#" * (custom.LARGEST + 1))
    found = list(custom.beside(folder))
    assert found == ["folder.py", "large.py", "odd name:ü.py", "plain.py"]
    assert custom.parts(custom.type_of("odd name:ü.py", "Große")) == ("odd name:ü.py", "Große")
    assert custom.read(folder, "plain.py").text == "y = 1"
    codes = {"folder.py": "custom.no_file", "large.py": "custom.too_large", "gone.py": "custom.missing"}
    if sys.platform != "win32":
        (folder / "link.py").symlink_to(tmp_path / "outside.py")
        os.mkfifo(folder / "pipe.py")
        (folder / os.fsdecode(b"\xff.py")).write_text("")
        assert "link.py" in set(custom.beside(folder))
        assert not any("\udcff" in name for name in custom.beside(folder))
        codes |= {"link.py": "custom.outside", "pipe.py": "custom.no_file"}
    for name, code in codes.items():
        with pytest.raises(ProblemError) as caught:
            custom.read(folder, name)
        assert caught.value.problem.code == code, name
    assert list(custom.beside(tmp_path / "nowhere")) == []


@pytest.mark.parametrize("type", ["file:../up.py:A", "file:/etc/x.py:A", "file:a.txt:A", "file:a.py:A B", "linear"])
def test_what_is_no_type_of_the_users_own(type: str) -> None:
    assert custom.parts(type) is None


def test_documents_name_their_files_and_survive_saving() -> None:
    inner = Graph({"a": Node("a", "file:inner.py:A"), "b": Node("b", "relu")})
    outer = Graph({"c": Node("c", "file:outer.py:C", {"width": (1, 2), "unheard_of": "kept"})})
    document = Document(outer, {"block": Block(inner)})
    assert custom.files(document) == ("inner.py", "outer.py")
    assert project.loads(project.dumps(document)) == document


def test_trust_is_in_what_a_file_holds() -> None:
    one, other = Code("a.py", b"1"), Code("a.py", b"2")
    trusted = with_trust({}, one)
    assert one.sha256 in trusted
    assert other.sha256 not in trusted
    assert without_trust(trusted, [one.sha256]) == {}
    for number in range(MOST):
        trusted = with_trust(trusted, Code("b.py", str(number).encode() * 2))
    assert len(trusted) == MOST
    assert one.sha256 not in trusted
    assert hash_of(f" SHA256:{one.sha256.upper()}") == one.sha256
    with pytest.raises(ValueError, match="abc"):
        hash_of("abc")
