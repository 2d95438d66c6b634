"""Model families as functions that return a Document. A new file is added to the list below."""

from model_zoo import blocks, digits, gpt, resnet, shapes
from model_zoo.registry import BLOCKS, ZOO, ZooModel, document

__all__ = ["BLOCKS", "ZOO", "ZooModel", "blocks", "digits", "document", "gpt", "resnet", "shapes"]
