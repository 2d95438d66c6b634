"""Model families as functions that return a Document. A new file is added to the list below."""

from model_zoo import (
    audio,
    autoencoder,
    blocks,
    digits,
    ends,
    fused,
    gpt,
    pictures,
    resnet,
    sequences,
    shapes,
    suggesting,
    tables,
    texts,
    unet,
)
from model_zoo.registry import BLOCKS, ZOO, ZooModel, document
from model_zoo.suggesting import suggestions

__all__ = [
    "BLOCKS", "ZOO", "ZooModel", "audio", "autoencoder", "blocks", "digits", "document", "ends", "fused", "gpt",
    "pictures", "resnet", "sequences", "shapes", "suggesting", "suggestions", "tables", "texts", "unet",
]  # fmt: skip
