"""Files of arrays that others have written: Python's pickles and MATLAB's, read without running anything in them."""

import io
import pickle
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


class _ArraysOnly(pickle.Unpickler):
    """Arrays, numbers and texts; whatever else a pickle names is refused."""

    def find_class(self, module: str, name: str) -> Any:
        """What NumPy needs to put an array together again. Raises `pickle.UnpicklingError`."""
        place = module.replace("numpy.core", "numpy._core")
        if (place, name) == ("numpy._core.multiarray", "_reconstruct"):
            return np.zeros(0).__reduce__()[0]
        if module == "numpy" and name in ("ndarray", "dtype"):
            return {"ndarray": np.ndarray, "dtype": np.dtype}[name]
        if (module, name) == ("_codecs", "encode"):
            return lambda text, encoding="latin1": text.encode("latin1")
        raise pickle.UnpicklingError(f"{module}.{name}")


def unpickled(path: Path) -> dict[str, Any]:
    """A dictionary of arrays, lists, numbers and texts, as Python 2 pickled it.

    Raises:
        ValueError: it holds something else, or is damaged.
    """
    try:
        found = _ArraysOnly(io.BytesIO(path.read_bytes()), encoding="latin1").load()
    except (pickle.UnpicklingError, EOFError, AttributeError, ValueError, IndexError, KeyError, TypeError) as error:
        raise ValueError(str(error)) from None
    if not isinstance(found, dict):
        raise ValueError(type(found).__name__)
    return {str(name): value for name, value in found.items()}


MATRIX, PACKED = 14, 15
NUMBERS: dict[int, str] = {
    1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8",
}  # fmt: skip
"""MATLAB's types of data, and NumPy's."""
CLASSES: dict[int, str] = {
    6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8",
}  # fmt: skip
"""MATLAB's classes of arrays, and NumPy's types."""


def matlab(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of numbers in a MAT-file of level 5, by name (MathWorks, *MAT-File Format*, 2019).

    Raises:
        ValueError: it is none, or damaged.
    """
    content = path.read_bytes()
    if len(content) < 128 or content[126:128] != b"IM":
        raise ValueError("no MAT-file of level 5")
    found: dict[str, NDArray[Any]] = {}
    try:
        for kind, data in _elements(memoryview(content)[128:]):
            if kind == PACKED:
                kind, data = next(iter(_elements(memoryview(zlib.decompress(data)))))
            if kind == MATRIX and (array := _array(data)):
                found[array[0]] = array[1]
    except (struct.error, zlib.error, KeyError, StopIteration) as error:
        raise ValueError(str(error)) from None
    return found


def _elements(data: memoryview) -> list[tuple[int, memoryview]]:
    """Type and content of each element that follows another; small ones share eight bytes with their tag."""
    found, at = [], 0
    while at + 8 <= len(data):
        kind, size = struct.unpack_from("<II", data, at)
        if kind >> 16:
            kind, size = kind & 0xFFFF, kind >> 16
            found.append((kind, data[at + 4 : at + 4 + size]))
            at += 8
        else:
            if at + 8 + size > len(data):
                raise struct.error("it ends too early")
            found.append((kind, data[at + 8 : at + 8 + size]))
            at += 8 + (size if kind == PACKED else -(-size // 8) * 8)
    return found


def _array(data: memoryview) -> tuple[str, NDArray[Any]] | None:
    """Name and values; None for what is not an array of real numbers."""
    parts = _elements(data)
    if len(parts) < 4:
        raise struct.error("it ends too early")
    (flags,) = struct.unpack_from("<I", parts[0][1])
    if flags & 0xFF not in CLASSES:
        return None
    shape = np.frombuffer(parts[1][1], "<i4")
    values = np.frombuffer(parts[3][1], f"<{NUMBERS[parts[3][0]]}")
    array = values.reshape(shape, order="F").astype(CLASSES[flags & 0xFF])
    return bytes(parts[2][1]).decode("ascii"), array
