"""Blocks apart from a project: taken along with what they need, and kept in files of which some are damaged."""

from pathlib import Path

import pytest

import model_zoo
from tests.core.test_blocks import meaning, ports, residual
from workbench.core import blocks, edits, library
from workbench.core.document import BLOCK, Document, Wire
from workbench.core.problems import ProblemError


def nested() -> tuple[Document, str, str]:
    return blocks.group(residual(), ["use_1", "use_2"], "Pair", ports(residual()))


def test_a_block_is_taken_along_with_what_it_needs() -> None:
    document, outer, use = nested()
    part = library.part_of(document, outer)
    assert set(part.blocks) == {outer, "residual"}
    assert library.block_in(part) == outer
    fresh, name = library.inserted(Document(), part)
    fresh, start = edits.add_node(fresh, "input", id="start")
    fresh, _ = edits.add_node(fresh, BLOCK, {"definition": name}, id=use)
    assert meaning(edits.connect(fresh, Wire(start, "out", use, "in"))) == meaning(document)

    again, same = library.inserted(fresh, part)
    assert (again, same) == (fresh, name), "the same definition is used"
    other = edits.set_setting(fresh, "linear", "bias", False, scope="residual")
    both, new = library.inserted(other, part)
    assert new == f"{outer}_1"
    assert set(both.blocks) == {outer, "residual", f"{outer}_1", "residual_1"}
    assert both.blocks[outer] == other.blocks[outer]
    assert library.using(both, "residual_1") == {"residual_1", new}


def test_a_library_of_files(tmp_path: Path) -> None:
    document, outer, _ = nested()
    entry = library.save(tmp_path, library.part_of(document, outer))
    assert entry.path == tmp_path / "pair.block"
    second = library.save(tmp_path, library.part_of(document, outer))
    assert second.path.name == "pair_1.block"
    small = library.save(tmp_path, library.part_of(document, "residual"))
    (tmp_path / "torn.block").write_text('{"format": "model-workbench project", "ver')
    (tmp_path / "empty.block").write_text('{"format": "model-workbench project", "version": 1}')
    (tmp_path / "other.txt").write_text("")
    found, problems = library.contents(tmp_path)
    assert found == [entry, second, small]
    assert [(problem.code, Path(problem.node).name, problem.severity) for problem in problems] == [
        ("library.no_block", "empty.block", "warning"),
        ("project.not_json", "torn.block", "warning"),
    ]
    called = library.renamed(second, "Two of them")
    assert called.path == second.path
    assert library.read(second.path).part.blocks[outer].title == "Two of them"
    library.deleted(called)
    library.deleted(called)
    assert [item.title for item in library.contents(tmp_path)[0]] == ["Pair", "Residual"]
    with pytest.raises(ProblemError):
        library.save(tmp_path / "gone", entry.part)


@pytest.mark.parametrize("name", list(model_zoo.BLOCKS))
def test_blocks_that_ship_are_whole(name: str) -> None:
    part = model_zoo.BLOCKS[name].make()
    block = part.blocks[library.block_in(part)]
    assert block.title == part.title == model_zoo.BLOCKS[name].title
    assert part.layout[name].positions.keys() == block.graph.nodes.keys()
    assert library.part_of(part, name) == part
