"""What an edit of a definition comes to at each of its uses."""

from tests.core.test_blocks import ports, residual
from workbench.core import blocks, edits
from workbench.core.analysis import Analysis, NodeAnalysis, Spec
from workbench.core.problems import Problem
from workbench.core.uses import effects


def test_every_use_is_found_with_what_it_comes_to() -> None:
    document, outer, use = blocks.group(residual(), ["use_1"], "Outer", ports(residual()))
    document = edits.set_setting(document, use, "repeat", 2)
    inner = next(iter(document.blocks))
    assert inner == "residual"
    known = {
        use: NodeAnalysis({"y": Spec((8,))}, 144),
        f"{use}/0/use_1": NodeAnalysis({"y": Spec((8,))}, 72),
        f"{use}/0/use_1/linear": NodeAnalysis({"out": Spec((8,))}, 72),
        f"{use}/1/use_1": NodeAnalysis({"y": Spec((8,))}, 72),
        "use_2": NodeAnalysis(),
    }
    warning = Problem("x", node=f"{use}/1/use_1/sum", severity="warning")
    wrong = Problem("operation.broadcast", node="use_2/sum", scope="residual")
    analysis = Analysis(nodes=known, problems=(warning, wrong))
    found = effects(document, analysis, "residual")
    assert [(effect.path, effect.outputs, effect.parameters, effect.problem) for effect in found] == [
        (f"{use}/0/use_1", (Spec((8,)),), 72, None),
        (f"{use}/1/use_1", (Spec((8,)),), 72, warning),
        ("use_2", (), None, wrong),
    ]
    assert [effect.path for effect in effects(document, analysis, outer)] == [use]
