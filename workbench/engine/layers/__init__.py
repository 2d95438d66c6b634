"""All layers. Importing this package registers them; a new file is added to the list below."""

from workbench.engine.layers import (
    activations,
    basic,
    convolution,
    elementwise,
    joining,
    masks,
    normalisation,
    padding,
    picking,
    pooling,
    position,
    products,
    reduction,
    resizing,
    sequence,
    shape,
    sources,
)
from workbench.engine.layers.base import LAYERS

__all__ = [
    "LAYERS",
    "activations",
    "basic",
    "convolution",
    "elementwise",
    "joining",
    "masks",
    "normalisation",
    "padding",
    "picking",
    "pooling",
    "position",
    "products",
    "reduction",
    "resizing",
    "sequence",
    "shape",
    "sources",
]
