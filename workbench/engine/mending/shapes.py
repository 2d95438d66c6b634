"""Remedies for tensors with too many or too few axes, or with the right axes in the wrong order."""

import re
from collections.abc import Iterator
from math import isqrt, prod

from workbench.core.analysis import Axis
from workbench.core.edits import Fix
from workbench.engine.layers import LAYERS
from workbench.engine.mending.spot import Piece, Spot, remedies

EXPECTED_AXES = {
    "features": 1, "image": 3, "sequence": 2, "channels": 1, "channels_length": 2, "channels_more": 2,
    "features_or_sequence": 1, "volume": 4,
}  # fmt: skip
"""By what a layer expects: how many axes that is, at least."""


@remedies("layer.rank", "layer.use_instead", "layer_norm.axes")
def other_axes(spot: Spot) -> Iterator[Fix]:
    """Its twin for as many axes; or layers before it that add, join or reorder axes."""
    port, found = _wrong(spot), len(spot.problem.args.get("found", ()))
    if not port:
        return
    yield from _twins(spot, found)
    if spot.has("axes"):
        yield spot.set("axes", 1)
    expected = str(spot.problem.args.get("expected", "features"))
    for pieces in _arrangements(expected, found, spot.axes(port)):
        yield from spot.insert(port, *pieces)
    if spot.known(port).floating is False:
        yield from spot.insert(port, ("embedding", {}))
    if _is_without_weights(spot):
        yield spot.remove()


@remedies("layer.needs_float")
def floating(spot: Spot) -> Iterator[Fix]:
    """Numbers that stand for things are looked up; others are only of the wrong kind."""
    for port in spot.given:
        if not spot.known(port).floating:
            if len(spot.axes(port)) <= 1:
                yield from spot.insert(port, ("embedding", {}))
            yield from spot.insert(port, ("embedding", {}), ("permute", {"dims": (2, 1)}))
            feeding = next(spot.back(port))
            if feeding.node.type == "input" and feeding.node.settings.get("column") is None:
                yield spot.set("dtype", "float32", feeding)
            yield from spot.insert(port, ("cast", {"dtype": "float32"}))


@remedies("layer.needs_int")
def whole(spot: Spot) -> Iterator[Fix]:
    """Positions and classes are whole numbers."""
    for port in spot.given:
        if spot.known(port).floating:
            feeding = next(spot.back(port))
            if feeding.node.type == "input" and feeding.node.settings.get("column") is None:
                yield spot.set("dtype", "int64", feeding)
            yield from spot.insert(port, ("cast", {"dtype": "int64"}))


@remedies("embedding.needs_int")
def whole_numbers(spot: Spot) -> Iterator[Fix]:
    """Whole numbers for the table; or a layer that takes numbers as they are."""
    feeding = next(spot.back(spot.first))
    if feeding.node.type == "input" and feeding.node.settings.get("column") is None:
        yield spot.set("dtype", "int64", feeding)
    yield from spot.insert(spot.first, ("cast", {"dtype": "int64"}))
    yield from spot.become("linear", out_features=spot.setting("embedding_dim"))
    yield spot.remove()


@remedies("layer.fixed_length", "layer.torch", "layer.batch_axis")
def any_length(spot: Spot) -> Iterator[Fix]:
    """Bring the axis of variable length to where it may be, or do away with it."""
    for port in spot.given:
        axes = len(spot.axes(port))
        if axes == 2:
            yield from spot.insert(port, ("permute", {"dims": (2, 1)}))
        feeding = next(spot.back(port))
        if feeding.node.type in ("flatten", "reshape"):
            yield from spot.become("global_avg_pool", feeding)
            yield from spot.become("mean", feeding, dim=(1,))
        if axes >= 2:
            yield from spot.insert(port, ("global_avg_pool", {}))
            yield from spot.insert(port, ("mean", {"dim": (1,)}))


@remedies("layer.no_axis")
def last_axis(spot: Spot) -> Iterator[Fix]:
    """The axes that there always are."""
    for axis in (1, -1):
        if spot.has("dim"):
            yield spot.set("dim", axis)


@remedies("reshape.count")
def countable(spot: Spot) -> Iterator[Fix]:
    """One axis takes what is left."""
    wanted, total = tuple(spot.problem.args["wanted"]), prod(spot.known(spot.first).shape)
    for place in range(len(wanted)):
        others = prod(size for at, size in enumerate(wanted) if at != place)
        if others > 0 and total % others == 0:
            yield spot.set("shape", (*wanted[:place], -1, *wanted[place + 1 :]))
    yield spot.set("shape", (-1,))


@remedies("permute.axes")
def every_axis(spot: Spot) -> Iterator[Fix]:
    """The same order, as far as it goes; or the last axis first."""
    count = len(spot.axes(spot.first))
    named = [axis for axis in dict.fromkeys(spot.problem.args["axes"]) if 1 <= axis <= count]
    whole = (*named, *(axis for axis in range(1, count + 1) if axis not in named))
    if whole != tuple(range(1, count + 1)):
        yield spot.set("dims", whole)
    if count > 1:
        yield spot.set("dims", (*range(2, count + 1), 1))
    yield spot.remove()


@remedies("linear.not_flat")
def flat(spot: Spot) -> Iterator[Fix]:
    """What is meant most often: all numbers of the image."""
    yield from spot.insert(spot.first, ("flatten", {}))
    yield from spot.insert(spot.first, ("global_avg_pool", {}))


def _wrong(spot: Spot) -> str:
    """The port that gets what was found."""
    found = tuple(spot.problem.args.get("found", ()))
    return next((port for port in spot.given if spot.known(port).shape == found), spot.first)


def _twins(spot: Spot, axes: int) -> Iterator[Fix]:
    """The same layer for another number of axes: Conv1d for Conv2d."""
    named = re.fullmatch(r"(.+)([123])d", spot.type)
    if named:
        for number in (axes - 1, axes):
            if str(number) != named[2]:
                yield from spot.become(f"{named[1]}{number}d")


def _arrangements(expected: str, found: int, axes: tuple[Axis, ...]) -> Iterator[tuple[Piece, ...]]:
    """Layers that bring axes to as many as are expected; -1 stands for an axis of variable length."""
    wanted = EXPECTED_AXES.get(expected, 1)
    sizes = [axis if isinstance(axis, int) else -1 for axis in axes]
    if found > wanted:
        if expected == "sequence":
            yield ("flatten", {"start_dim": 2}), ("permute", {"dims": (2, 1)})
        elif wanted > 1:
            yield (("flatten", {"start_dim": wanted}),)
        yield (("flatten", {"end_dim": 1 + found - wanted}),) if wanted > 1 else (("flatten", {}),)
    elif found < wanted:
        if found + 1 == wanted:
            yield (("unsqueeze", {"dim": 1}),)
        if sizes.count(-1) > 1:
            return
        if found == 1 and wanted == 3 and sizes[0] > 1 and isqrt(sizes[0]) ** 2 == sizes[0]:
            yield (("reshape", {"shape": (1, isqrt(sizes[0]), isqrt(sizes[0]))}),)
        added = wanted - found
        yield (("reshape", {"shape": (*[1] * added, *sizes)}),)
        yield (("reshape", {"shape": (*sizes, *[1] * added)}),)


def _is_without_weights(spot: Spot) -> bool:
    """Nothing is lost with it but what it does here."""
    return spot.type in LAYERS and LAYERS[spot.type].info.group in ("Pooling", "Shape", "Normalisation")
