"""All layers. Importing this package registers them; a new file is added to the list below."""

from workbench.engine.layers import (
    activations,
    basic,
    convolution,
    normalisation,
    operations,
    padding,
    pooling,
    position,
    sequence,
)
from workbench.engine.layers.base import LAYERS

__all__ = [
    "LAYERS",
    "activations",
    "basic",
    "convolution",
    "normalisation",
    "operations",
    "padding",
    "pooling",
    "position",
    "sequence",
]
