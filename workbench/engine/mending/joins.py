"""Remedies where tensors come together and do not fit: skip connections, concatenations, products of matrices."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import takewhile

from workbench.core.edits import Fix
from workbench.core.expand import FlatNode
from workbench.engine.mending.spot import Piece, Spot, remedies, several
from workbench.engine.mending.windows import less_before, plain, unpadded

Shape = tuple[int, ...]
Pieces = tuple[Piece, ...]


@remedies("operation.broadcast")
def alike(spot: Spot) -> Iterator[Fix]:
    """Keep the edges that the other way loses; else a projection on the skip connection; else on the other side."""
    ports = _skip_first(spot)
    shapes = {port: spot.known(port).shape for port in ports}
    targets = sorted(set(shapes.values()), key=lambda shape: (-_count(shapes, shape), _first(shapes, shape)))
    edges = [fix for port in ports for fix in unpadded(spot, _own_way(spot, port))]
    if edges and len({len(shape) for shape in shapes.values()}) == 1:
        yield edges[0] if len(edges) == 1 else several(*edges)
    for target in targets:
        odd = [port for port in ports if shapes[port] != target]
        yield from _all_projected(spot, odd, shapes, target)
    for port in ports:
        yield from _other_width(spot, port, [shapes[other] for other in ports if other != port])
    for port in ports:
        yield from less_before(spot, _own_way(spot, port))
    for target in targets if edges else ():
        odd = [port for port in ports if shapes[port][:1] != target[:1]]
        for fix in _all_projected(spot, odd, shapes, (*target[:1], *shapes[odd[0]][1:])) if odd else ():
            yield several(*edges, fix)


@remedies("operation.concat")
def side_by_side(spot: Spot) -> Iterator[Fix]:
    """Along another axis, or with all other axes at one size."""
    ports = _skip_first(spot)
    shapes = {port: spot.known(port).shape for port in ports}
    if len({len(shape) for shape in shapes.values()}) > 1:
        for port in ports:
            if len(shapes[port]) > 1:
                yield from spot.insert(port, ("flatten", {}))
        return
    edges = [fix for port in ports for fix in unpadded(spot, _own_way(spot, port))]
    if edges:
        yield edges[0] if len(edges) == 1 else several(*edges)
    for target in sorted(set(shapes.values()), key=lambda shape: shape[1:]):
        odd = [port for port in ports if shapes[port][1:] != target[1:]]
        if len(odd) == 1:
            own = shapes[odd[0]]
            for pieces in _projections(own, (own[0], *target[1:])):
                yield from spot.insert(odd[0], *pieces)
    axes = len(shapes[ports[0]])
    yield from (spot.set("dim", axis) for axis in range(1, axes + 1) if axis != spot.setting("dim"))
    for port in ports:
        yield from less_before(spot, _own_way(spot, port))


@remedies("matmul.inner")
def inner(spot: Spot) -> Iterator[Fix]:
    """The other way round."""
    yield spot.set("transpose_b", not spot.setting("transpose_b"))
    for port in ("b", "a"):
        axes = len(spot.axes(port))
        yield from spot.insert(port, ("permute", {"dims": (*range(1, axes - 1), axes, axes - 1)}))
    a, b = spot.known("a").shape, spot.known("b").shape
    if a[:-2] == b[:-2]:
        wanted = b[-1] if spot.setting("transpose_b") else b[-2]
        yield from spot.insert("a", ("linear", {"out_features": wanted}))


def _skip_first(spot: Spot) -> list[str]:
    """The ports, that of the way with the fewest weights first, or the shortest: the skip connection."""
    order = list(spot.given)

    def work(port: str) -> tuple[int, int, int]:
        way = [node.path for node in _own_way(spot, port)]
        learned = sum(bool(spot.flow.measured[path].parameters) for path in way if path in spot.flow.measured)
        return learned, len(way), -order.index(port)

    return sorted(order, key=work)


def _own_way(spot: Spot, port: str) -> list[FlatNode]:
    """What leads to this port alone, the nearest first."""
    shared = {node.path for other in spot.given if other != port for node in spot.back(other)}
    return list(takewhile(lambda node: node.path not in shared, spot.back(port)))


def _count(shapes: dict[str, Shape], shape: Shape) -> int:
    return Counter(shapes.values())[shape]


def _first(shapes: dict[str, Shape], shape: Shape) -> int:
    """Of the shapes that are as frequent, that at the end of the longest way is the one to go by."""
    return -max(place for place, found in enumerate(shapes.values()) if found == shape)


def _all_projected(spot: Spot, ports: Sequence[str], shapes: dict[str, Shape], target: Shape) -> Iterator[Fix]:
    """Each of these ports brought to a shape."""
    if len(ports) == 1:
        for pieces in _projections(shapes[ports[0]], target):
            yield from spot.insert(ports[0], *pieces)
    elif ports:
        firsts = [next(_projections(shapes[port], target), ()) for port in ports]
        if all(len(pieces) == 1 for pieces in firsts):
            pairs = zip(ports, firsts, strict=True)
            yield several(*(fix for port, pieces in pairs for fix in spot.insert(port, *pieces)))


def _projections(found: Shape, target: Shape) -> Iterator[Pieces]:
    """Layers that bring a tensor to a shape: learned ones first."""
    if len(found) == len(target):
        yield from {1: _of_features, 2: _of_sequence, 3: _of_image}.get(len(found), _of_features)(found, target)
    elif len(found) == 1:
        grown = (("reshape", {"shape": (target[0], *[1] * (len(target) - 1))}),)
        if len(target) == 3:
            yield grown if found[0] == target[0] else (("linear", {"out_features": target[0]}), *grown)
        if len(target) == 2:
            spread: Pieces = (("reshape", {"shape": (1, target[1])}),)
            yield spread if found[0] == target[1] else (("linear", {"out_features": target[1]}), *spread)
    elif len(target) == 1:
        if len(found) == 3:
            pooled: Pieces = (("global_avg_pool", {}),)
            yield pooled if found[0] == target[0] else (*pooled, ("linear", {"out_features": target[0]}))
        yield ("flatten", {}), ("linear", {"out_features": target[0]})


def _of_features(found: Shape, target: Shape) -> Iterator[Pieces]:
    if found[:-1] == target[:-1]:
        yield (("linear", {"out_features": target[-1]}),)


def _of_sequence(found: Shape, target: Shape) -> Iterator[Pieces]:
    """Length × features, or channels × length: what differs tells which."""
    yield from _of_features(found, target)
    step = _stride(found[1], target[1])
    if step:
        yield (("conv1d", _with_stride(target[0], (step,))),)


def _of_image(found: Shape, target: Shape) -> Iterator[Pieces]:
    steps = tuple(_stride(size, wanted) for size, wanted in zip(found[1:], target[1:], strict=True))
    if found[0] == target[0] and found != target:
        if all(size % wanted == 0 for size, wanted in _pairs(found, target)):
            ratio = tuple(size // wanted for size, wanted in _pairs(found, target))
            yield (("max_pool2d", {"kernel_size": plain(ratio)}),)
        elif all(size >= wanted for size, wanted in _pairs(found, target)):
            yield (("adaptive_avg_pool2d", {"output_size": plain(target[1:])}),)
    if all(steps):
        yield (("conv2d", _with_stride(target[0], steps)),)
    elif found[0] != target[0] and all(size >= wanted for size, wanted in _pairs(found, target)):
        yield ("adaptive_avg_pool2d", {"output_size": plain(target[1:])}), ("conv2d", _with_stride(target[0], (1,)))
    if all(wanted == 2 * size for size, wanted in _pairs(found, target)):
        if found[0] == target[0]:
            yield (("upsample", {"scale_factor": 2.0}),)
        yield (("conv_transpose2d", {"out_channels": target[0]}),)


def _pairs(found: Shape, target: Shape) -> list[tuple[int, int]]:
    return list(zip(found[1:], target[1:], strict=True))


def _stride(size: int, wanted: int) -> int:
    """The stride that brings an axis from one size to another; 0 where none does."""
    step = -(-size // wanted)
    return step if (size - 1) // step + 1 == wanted else 0


def _with_stride(channels: int, steps: Shape) -> dict[str, object]:
    """A convolution with a window of one point."""
    settings: dict[str, object] = {"out_channels": channels, "kernel_size": 1}
    return settings if set(steps) == {1} else {**settings, "stride": plain(steps)}


def _other_width(spot: Spot, port: str, others: Sequence[Shape]) -> Iterator[Fix]:
    """The nearest layer on this way that chooses how wide it is becomes as wide as the others."""
    for node in _own_way(spot, port):
        for name, axis in (("out_channels", 0), ("out_features", -1), ("hidden_size", -1), ("embedding_dim", -1)):
            if spot.has(name, node):
                widths = {shape[axis] for shape in others if shape}
                yield from (spot.set(name, width, node) for width in widths if width != spot.setting(name, node))
                return
