"""Remedies for numbers that must agree: heads and width, groups and channels, the last layer and the classes."""

from collections.abc import Iterator
from math import gcd, prod

from workbench.core.edits import Fix
from workbench.engine.mending.spot import Piece, Spot, remedies, several

DIVISORS_UP_TO = 4096
KEEPING_SHAPE = frozenset(
    {"relu", "leaky_relu", "gelu", "silu", "sigmoid", "tanh", "softmax", "dropout", "batch_norm1d", "layer_norm"}
)
"""Layers that give as many features as they get."""


def divisors_near(number: int, wanted: int) -> list[int]:
    """The divisors of a number next to another one, the nearest first, and the smaller of two that are as near."""
    found = [one for one in range(1, min(number, DIVISORS_UP_TO) + 1) if number % one == 0]
    below, above = [one for one in found if one <= wanted][-1:], [one for one in found if one >= wanted][:1]
    return sorted({*below, *above}, key=lambda one: (abs(one - wanted), one))


@remedies("attention.heads")
def heads(spot: Spot) -> Iterator[Fix]:
    """The nearest number of heads; or a width that has room for as many."""
    width, wanted = spot.problem.args["width"], spot.problem.args["heads"]
    name = next(name for name in ("num_heads", "nhead") if spot.has(name))
    yield from (spot.set(name, number) for number in divisors_near(width, wanted))
    for node in spot.back(spot.first):
        for setting in ("embedding_dim", "out_features"):
            if spot.has(setting, node) and wanted <= 4 * width:
                yield spot.set(setting, -(-width // wanted) * wanted, node)
                return


@remedies("conv.groups")
def groups(spot: Spot) -> Iterator[Fix]:
    """Groups that both share; or as many filters as the groups need."""
    channels, filters, wanted = (spot.problem.args[name] for name in ("channels", "out_channels", "groups"))
    yield from (spot.set("groups", number) for number in divisors_near(gcd(channels, filters), wanted))
    if channels % wanted == 0:
        yield spot.set("out_channels", -(-filters // wanted) * wanted)


@remedies("group_norm.groups", "group_norm.single")
def norm_groups(spot: Spot) -> Iterator[Fix]:
    """Groups that share the channels."""
    channels, wanted = spot.known(spot.first).shape[0], spot.problem.args["groups"]
    yield from (spot.set("num_groups", number) for number in divisors_near(channels, wanted))


@remedies("classification.width", "regression.width")
def as_wide_as_the_target(spot: Spot) -> Iterator[Fix]:
    """The last layer with weights becomes as wide as the target; where that cannot be, another one is put in."""
    shape = spot.known(spot.first).shape
    wanted = spot.problem.args["classes"] if "classes" in spot.problem.args else prod(spot.problem.args["wanted"])
    if prod(shape) == wanted:
        yield from spot.insert(spot.first, ("flatten", {}))
    if len(shape) == 1:
        for node in spot.back(spot.first):
            if node.node.type == "linear":
                yield spot.set("out_features", wanted, node)
            if node.node.type not in KEEPING_SHAPE:
                break
    last: Piece = ("linear", {"out_features": wanted})
    if len(shape) == 1:
        yield from spot.insert(spot.first, last)
    if len(shape) == 3:
        yield from spot.insert(spot.first, ("flatten", {}), last)
        yield from spot.insert(spot.first, ("global_avg_pool", {}), last)
    if len(shape) == 2:
        yield from spot.insert(spot.first, ("mean", {"dim": (1,)}), last)
        yield from spot.insert(spot.first, ("flatten", {}), last)
    if shape == ():
        yield from (several(fix) for fix in spot.insert(spot.first, ("reshape", {"shape": (1,)}), last))


@remedies("shuffle.channels", "glu.odd")
def a_multiple(spot: Spot) -> Iterator[Fix]:
    """The nearest layer before it that chooses its width has a multiple of what is needed."""
    told = spot.problem.args
    channels, step = int(told.get("channels") or told.get("size") or 1), int(told.get("wanted") or 2)
    wanted = -(-channels // step) * step
    for node in spot.back(spot.first):
        name = next((name for name in ("out_channels", "out_features", "embedding_dim") if spot.has(name, node)), "")
        if name:
            yield spot.set(name, wanted, node)
            break
    yield from spot.insert(spot.first, ("conv2d", {"out_channels": wanted, "kernel_size": 1}))
    yield from spot.insert(spot.first, ("linear", {"out_features": wanted}))


@remedies("attention.lengths")
def one_source(spot: Spot) -> Iterator[Fix]:
    """What is asked and what is answered come from one place."""
    for port, other in (("value", "key"), ("key", "value")):
        wire = spot.flat.wires.get((spot.node.path, other))
        if wire is not None:
            yield spot.wire(wire.src, wire.src_port, port)
