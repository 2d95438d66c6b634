"""Remedies for windows that slide: kernels, strides and padding."""

from collections.abc import Iterable, Iterator

from workbench.core.edits import Fix
from workbench.core.expand import FlatNode
from workbench.engine.layers import LAYERS
from workbench.engine.mending.spot import Spot, remedies

Sizes = tuple[int, ...]


@remedies("conv.kernel_too_large")
def room(spot: Spot) -> Iterator[Fix]:
    """A smaller window, more padding, or less pooling before it."""
    sizes = spot.known(spot.first).shape[1:]
    kernel = sizes_of(spot.setting("kernel_size"), len(sizes))
    dilation = sizes_of(spot.setting("dilation") if spot.has("dilation") else 1, len(sizes))
    padding = spot.setting("padding") if spot.has("padding") else 0
    pads = sizes_of(0 if isinstance(padding, str) else padding, len(sizes))
    pools = LAYERS[spot.type].info.group == "Pooling"
    if any(step > 1 for step in dilation):
        yield spot.set("dilation", 1)
    fits = tuple(
        min(window, (size + 2 * pad - 1) // step + 1)
        for window, size, pad, step in zip(kernel, sizes, pads, dilation, strict=True)
    )
    if not (pools and max(fits) == 1):
        yield spot.set("kernel_size", plain(fits))
    if not pools and spot.has("padding"):
        if "stride" not in spot.node.node.settings or max(sizes_of(spot.setting("stride"), len(sizes))) == 1:
            yield spot.set("padding", "same")
        needed = tuple(
            max(pad, -(-(step * (window - 1) + 1 - size) // 2))
            for window, size, pad, step in zip(kernel, sizes, pads, dilation, strict=True)
        )
        yield spot.set("padding", plain(needed))
    if pools:
        yield spot.remove()
    yield from less_before(spot, spot.back(spot.first))


@remedies("conv.same_stride")
def one_at_a_time(spot: Spot) -> Iterator[Fix]:
    """Half the window on each side, or a window that moves by one."""
    yield spot.set("stride", 1)


@remedies("pool.padding")
def larger_window(spot: Spot) -> Iterator[Fix]:
    """The padding goes, or the window grows."""
    yield spot.set("padding", 0)
    axes = len(spot.known(spot.first).shape) - 1
    pads, kernel = sizes_of(spot.setting("padding"), axes), sizes_of(spot.setting("kernel_size"), axes)
    yield spot.set("kernel_size", plain(tuple(max(k, 2 * p) for k, p in zip(kernel, pads, strict=True))))


def less_before(spot: Spot, nodes: Iterable[FlatNode]) -> Iterator[Fix]:
    """Of the layers on the way, the nearest that makes its input smaller does so no more."""
    for node in nodes:
        if node.node.type not in LAYERS:
            return
        if LAYERS[node.node.type].info.group == "Pooling":
            yield spot.remove(node)
            return
        if spot.has("stride", node) and strides(spot, node) != {1}:
            yield spot.set("stride", 1, node)
            return


def unpadded(spot: Spot, nodes: Iterable[FlatNode]) -> list[Fix]:
    """The convolutions on the way that lose their edges, each with padding that keeps them."""
    return [
        spot.set("padding", "same", node)
        for node in nodes
        if node.node.type in ("conv1d", "conv2d", "conv3d")
        and spot.setting("padding", node) in (0, "valid", (0, 0), (0, 0, 0))
        and strides(spot, node) == {1}
        and set(sizes_of(spot.setting("kernel_size", node), 1)) != {1}
    ]


def strides(spot: Spot, node: FlatNode) -> set[int]:
    """The strides of a layer, in all directions."""
    value = spot.setting("stride", node)
    return set(sizes_of(1 if value is None else value, 1))


def sizes_of(value: int | Sizes, axes: int) -> Sizes:
    """A setting for each axis, where one number stands for all."""
    if isinstance(value, int):
        return (value,) * axes
    return tuple(value) * axes if len(value) == 1 else tuple(value)


def plain(sizes: Sizes) -> int | Sizes:
    """One number where all are the same."""
    return sizes[0] if len(set(sizes)) == 1 else sizes
