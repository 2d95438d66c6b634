"""Which layers could stand behind an output: each is tried, as it is at first, on tensors without data."""

from collections.abc import Sequence
from pathlib import Path

from workbench.core.analysis import Spec
from workbench.core.catalogue import port_names
from workbench.core.messages import Neighbours
from workbench.core.problems import ProblemError
from workbench.engine.kinds import Kinds
from workbench.engine.layers import LAYERS
from workbench.engine.layers.base import Misfit
from workbench.engine.lengths import Lengths, Twice
from workbench.engine.measure import measure

ENDS = "Inputs and outputs"
"""The group of those that begin and end networks."""

FITS_ALWAYS = "output"
"""Whether an output fits depends on the data that it is measured against, not on a shape alone."""


def neighbours(
    spec: Spec, own: Sequence[str] = (), folder: Path = Path(), turn: tuple[int, int] = (0, 1)
) -> Neighbours:
    """The layers whose settings, as they are at first, accept a tensor of this shape at every input that they need.

    Args:
        spec: what comes in.
        own: types of the user's own layers, which are tried too; those that may not be run do not fit.
        folder: where their files are.
        turn: which of how many turns this is; each tries its share of the layers.
    """
    kinds = Kinds(folder)
    fitting: dict[str, Spec | None] = {}
    for key in (*own, *LAYERS)[turn[0] :: turn[1]]:
        if key == FITS_ALWAYS:
            fitting[key] = None
        elif (found := _tried(key, kinds, spec)) is not None:
            fitting[key] = found
    return Neighbours(fitting)


def _tried(key: str, kinds: Kinds, spec: Spec) -> Spec | None:
    """What comes out of a layer's first output; None where it does not fit."""
    try:
        cls = kinds.of(key)
    except ProblemError:
        return None
    info = cls.info
    names = port_names(info.inputs, {}, info.fields)
    optional = {port.name for port in info.inputs if port.optional}
    if optional.issuperset(names) or info.group == ENDS:
        return None  # it needs nothing from anyone, or does not pass on what it gets
    if key == "linear" and len(spec.shape) > 2:
        return None  # torch would take an image along its last axis: hardly ever what is meant
    lengths, layer = Lengths(), cls.of({})
    given, other = (
        tuple(None if name in optional else known for name in names) for known in lengths.twice(spec.shape, spec.dtype)
    )
    first = measure(layer, given)
    anew, second = (measure(layer, other), measure(layer, other, given)) if lengths.sizes else (first, first)
    if isinstance(first, Misfit) or isinstance(second, Misfit) or not first.outputs:
        return None
    if isinstance(anew, Misfit) or anew.parameters != first.parameters:
        return None  # its weights would depend on an axis of variable length
    return lengths.spec(Twice(first.outputs[0], second.outputs[0]))
