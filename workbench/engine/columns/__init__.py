"""Makers of what networks read, by kind of raw column. Importing this package registers them."""

from workbench.engine.columns import as_they_are, classes, masks, pictures, sounds, table, texts, weight
from workbench.engine.columns.base import INPUTS, TARGETS

__all__ = ["INPUTS", "TARGETS", "as_they_are", "classes", "masks", "pictures", "sounds", "table", "texts", "weight"]
