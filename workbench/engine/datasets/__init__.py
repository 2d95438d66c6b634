"""All sources of data. Importing this package registers them; a new file is added to the list below."""

from workbench.engine.datasets import (
    csv_table,
    digits,
    image_folder,
    image_masks,
    image_table,
    sums,
    tagged_words,
    text_file,
    text_folder,
    text_table,
    toy,
)
from workbench.engine.datasets.base import DATASETS

__all__ = [
    "DATASETS",
    "csv_table",
    "digits",
    "image_folder",
    "image_masks",
    "image_table",
    "sums",
    "tagged_words",
    "text_file",
    "text_folder",
    "text_table",
    "toy",
]
