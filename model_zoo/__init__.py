"""Model families as functions that return a Document. A new file is added to the list below."""

from model_zoo import digits, shapes
from model_zoo.registry import ZOO, ZooModel, document

__all__ = ["ZOO", "ZooModel", "digits", "document", "shapes"]
