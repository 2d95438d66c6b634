"""The toy tables of scikit-learn, which ship with the program: no library is needed for them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pyarrow as pa
from pyarrow import csv

from workbench.core.places import assets
from workbench.engine.datasets.base import Dataset, dataset
from workbench.engine.raw import Raw, RawColumn, Report, quiet
from workbench.engine.registry import Setting

TITLES = {
    "iris": "Iris",
    "wine": "Wine",
    "breast_cancer": "Breast cancer",
    "diabetes": "Diabetes",
    "digits": "Digits, 8 × 8",
}


@dataset("toy", "Toy tables", "Samples")
@dataclass(frozen=True)
class Toy(Dataset):
    """Small tables that everybody knows: flowers, wines, tumours and digits to tell apart, an illness to foretell."""

    name: Annotated[str, Setting(choices=tuple(TITLES), label="Table", help="Which of them")] = "iris"

    def read(self, folder: Path, report: Report = quiet) -> Raw:
        """From the program's assets; the last column is the target."""
        table = csv.read_csv(assets() / "samples" / "toy" / f"{self.name}.csv")
        target = table.column_names[-1]
        columns = {
            name: RawColumn(
                name,
                "category" if pa.types.is_string(values.type) else "number",
                values,
                "target" if name == target else "input",
            )
            for name, values in zip(table.column_names, table.columns, strict=True)
        }
        return Raw(TITLES[self.name], columns)
