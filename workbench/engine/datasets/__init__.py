"""All sources of data. Importing this package registers them; a new file is added to the list below."""

from workbench.engine.datasets import (
    arrays,
    csv_table,
    digits,
    hub,
    image_folder,
    image_masks,
    image_table,
    json_lines,
    parquet_files,
    published,
    sounds,
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
    "arrays",
    "csv_table",
    "digits",
    "hub",
    "image_folder",
    "image_masks",
    "image_table",
    "json_lines",
    "parquet_files",
    "published",
    "sounds",
    "sums",
    "tagged_words",
    "text_file",
    "text_folder",
    "text_table",
    "toy",
]
