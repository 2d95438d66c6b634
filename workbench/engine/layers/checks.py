"""What layers ask of their inputs, each with what to do where it does not fit."""

from math import gcd

from workbench.engine.layers.base import Change, InsertBefore, Known, Misfit

VOLUMES = {1: "channels_length", 2: "image", 3: "volume"}
"""What a layer with so many moving axes expects."""


def need_rank(x: Known, *ranks: int, what: str) -> None:
    """Raise `Misfit` unless the input has one of these numbers of axes (without the batch axis)."""
    if len(x.shape) not in ranks:
        raise Misfit("layer.rank", found=x.shape, expected=what)


def need_float(*inputs: Known | None) -> None:
    """Raise `Misfit` unless the inputs hold floating-point numbers."""
    for x in inputs:
        if x is not None and not x.floating:
            raise Misfit("layer.needs_float", found=x.dtype)


def need_number(*inputs: Known) -> None:
    """Raise `Misfit` for yes and no where numbers are needed."""
    for x in inputs:
        if x.dtype == "bool":
            raise Misfit("layer.needs_number", found=x.dtype, remedy=InsertBefore("cast"))


def need_int(x: Known, port: str = "") -> None:
    """Raise `Misfit` unless the input holds whole numbers."""
    if x.dtype not in ("int64", "int32"):
        raise Misfit("layer.needs_int", found=x.dtype, port=port)


def need_bool(x: Known | None, port: str) -> None:
    """Raise `Misfit` unless the input holds yes and no."""
    if x is not None and x.dtype != "bool":
        raise Misfit("layer.needs_bool", found=x.dtype, remedy=InsertBefore("compare", (("operator", "ne"),), port))


def need_axis(x: Known, dim: int, name: str = "dim", spare: int = 0) -> int:
    """The place of an axis in the shape without the batch; raise `Misfit` where there is none, or it is the batch.

    `spare` axes more may be named than there are: where one is to be made.
    """
    axes = len(x.shape) + spare
    if not (1 <= dim <= axes or -axes <= dim <= -1):
        raise Misfit("layer.no_axis", found=x.shape, axis=dim, remedy=Change(name, -1) if axes else None)
    return dim - 1 if dim > 0 else axes + dim


def need_axes(x: Known, dims: tuple[int, ...], name: str = "dim") -> tuple[int, ...]:
    """The places of some axes; raise `Misfit` where one is not there, or is named twice."""
    for dim in dims:
        if not (1 <= dim <= len(x.shape) or -len(x.shape) <= dim <= -1):
            raise Misfit("layer.no_axis", found=x.shape, axis=dim, remedy=Change(name, (-1,)) if x.shape else None)
    places = tuple(dim - 1 if dim > 0 else len(x.shape) + dim for dim in dims)
    if len(set(places)) < len(places) or not places:
        raise Misfit("layer.axes_twice", axes=dims, remedy=Change(name, tuple(dict.fromkeys(dims))) if dims else None)
    return places


def need_channels(x: Known, dims: int) -> None:
    """Raise `Misfit` unless the input is channels and this many axes along which a window moves."""
    need_float(x)
    if len(x.shape) == dims and dims == 2:
        remedy = InsertBefore("reshape", (("shape", (1, *x.shape)),))
        raise Misfit("layer.rank", found=x.shape, expected=VOLUMES[dims], remedy=remedy)
    need_rank(x, dims + 1, what=VOLUMES[dims])


def need_groups(channels: int, out_channels: int, groups: int) -> None:
    """Raise `Misfit` unless channels and filters can be shared out evenly among groups."""
    if channels % groups or out_channels % groups:
        best = largest_divisor(gcd(channels, out_channels), groups)
        raise Misfit(
            "conv.groups", channels=channels, out_channels=out_channels, groups=groups, remedy=Change("groups", best)
        )


def need_room(
    x: Known, kernel: tuple[int, ...], padding: tuple[int, ...] | None = None, dilation: tuple[int, ...] | None = None
) -> None:
    """Raise `Misfit` unless the window fits into the padded input."""
    ones = (1,) * len(kernel)
    for axis, size in enumerate(x.shape[1:]):
        padded = size + 2 * (padding or (0,) * len(kernel))[axis]
        if (dilation or ones)[axis] * (kernel[axis] - 1) + 1 > padded:
            raise Misfit("conv.kernel_too_large", found=x.shape, kernel=kernel[axis], size=padded, axis=axis + 1)


def need_broadcast(*inputs: Known) -> None:
    """Raise `Misfit` unless shapes are equal up to axes of size 1."""
    shapes = tuple(x.shape for x in inputs)
    if len({len(shape) for shape in shapes}) > 1 or any(
        len(set(sizes) - {1}) > 1 for sizes in zip(*shapes, strict=True)
    ):
        raise Misfit("operation.broadcast", shapes=shapes)


def largest_divisor(number: int, limit: int) -> int:
    """The largest number up to `limit` (and some thousands) that divides `number` evenly."""
    return next(found for found in range(max(1, min(number, limit, 4096)), 0, -1) if number % found == 0)
