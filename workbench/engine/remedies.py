"""What does not fit, as a problem of the document: with an edit that remedies it, where the layer knows a remedy."""

from workbench.core.edits import Fix, InsertNode, SetSetting
from workbench.core.expand import Flat, FlatNode
from workbench.core.problems import Problem, Severity
from workbench.engine.layers.base import Change, InsertBefore, Misfit

OF_SETTINGS = frozenset({"conv.same_stride", "conv.output_padding", "pool.padding"})
"""Problems of a layer by itself, whatever it gets."""


def as_problem(misfit: Misfit, node: FlatNode, flat: Flat, severity: Severity = "error") -> Problem:
    """The problem that a misfit is at this node."""
    fix: Fix | None = None
    port = _port(misfit, node, flat)
    match misfit.remedy:
        case Change(name, value):
            fix = SetSetting(node.node.id, name, value, node.scope)
        case InsertBefore() as remedy:
            fix, port = _insertion(remedy, node, flat)
    return Problem(misfit.code, misfit.args_, node.path, severity, node.scope, port, fix)


def _insertion(remedy: InsertBefore, node: FlatNode, flat: Flat) -> tuple[Fix | None, str]:
    """A layer of the wanted kind that is there already is changed instead. With the port whose wire is meant."""
    given = flat.inputs[node.path]
    port = remedy.port or next(iter(given), "")
    wire = flat.wires.get((node.path, port))
    if wire is None:
        return None, port
    feeding = flat.nodes[given[port][0]]
    if feeding.node.type == remedy.type and len(remedy.settings) == 1 and feeding.scope == node.scope:
        name, value = remedy.settings[0]
        return SetSetting(feeding.node.id, name, value, node.scope), port
    return InsertNode(wire, remedy.type, dict(remedy.settings), node.scope), port


def _port(misfit: Misfit, node: FlatNode, flat: Flat) -> str:
    """The port whose wire is wrong: of several, that with the shape that stands alone, or the last that differs."""
    given = list(flat.inputs[node.path])
    if misfit.code in OF_SETTINGS or not given:
        return ""
    shapes = misfit.args_.get("shapes", ())
    if len(given) == 1 or len(shapes) != len(given):
        return given[0] if len(given) == 1 else ""
    return max(zip(given, shapes, strict=True), key=lambda pair: (-shapes.count(pair[1]), pair[0]))[0]
