"""A document's data in memory, shared out, and bound to the inputs and outputs of its network."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from workbench.core.document import Document
from workbench.core.files import write_atomically
from workbench.core.problems import ProblemError
from workbench.engine.analyse import Study, study
from workbench.engine.columns.base import Loaded
from workbench.engine.compile import Network, input_columns
from workbench.engine.loading import load
from workbench.engine.raw import Report, quiet
from workbench.engine.splitting import NAMES, Splits


@dataclass(frozen=True)
class Bound:
    """Data, splits, and the document that uses them."""

    study: Study
    loaded: Loaded
    splits: Splits
    fingerprint: str

    def input_names(self, network: Network) -> list[str]:
        """The column that each input of the network reads."""
        return [column.name for column in input_columns(self.study, network)]

    def described(self) -> dict[str, Any]:
        """How each column is prepared, and its classes, as JSON-ready values: what exported models must know."""
        return {
            name: {
                "kind": column.kind,
                "classes": list(column.classes),
                "preprocessing": msgspec.to_builtins(column.preprocessing),
            }
            for name, column in self.loaded.columns.items()
        }


def bound(
    document: Document, folder: Path, stored: Path | None = None, report: Report = quiet, code: Path | None = None
) -> Bound:
    """Load a document's data and share it out.

    Args:
        document: must have data.
        folder: where relative paths to the data start.
        stored: a file that holds the split, or will: a run keeps the one it was started with.
        report: told how far it is.
        code: where the files of the user's own layers are; where the data start unless it is given.

    Raises:
        ProblemError: there is no data, or it cannot be read.
    """
    if document.data is None:
        raise ProblemError("train.no_data")
    if stored and stored.exists():
        loaded = load(document.data, folder, report, _stored(stored))
    else:
        loaded = load(document.data, folder, report)
        if stored:
            _store(stored, loaded.splits)
    return Bound(study(document, folder, code=code), loaded, loaded.splits, loaded.fingerprint)


def _stored(path: Path) -> Splits:
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in NAMES}
    except (OSError, ValueError, KeyError) as error:
        raise ProblemError("run.damaged", where=path.parent.name, file=path.name, detail=str(error)) from None


def _store(path: Path, splits: Splits) -> None:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **splits)
    write_atomically(path, buffer.getvalue())
