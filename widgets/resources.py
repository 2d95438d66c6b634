"""Files in memory for style sheets, which can show images only from a path.

The images of a theme are drawn from its colours when it is chosen. Temporary files would do too, but systems
clear old ones away, and a window may stay open for weeks.
"""

import struct
from collections.abc import Mapping

from PySide6.QtCore import qRegisterResourceData

_FORMAT_VERSION = 1
_DIRECTORY = 2
_ANY_LANGUAGE = 1  # QLocale.Language.C

_kept: dict[str, tuple[bytes, bytes, bytes]] = {}
"""Qt reads these buffers for as long as the program runs."""


def add_files(folder: str, files: Mapping[str, bytes]) -> str:
    """Make `files` readable as ":/folder/name" and return ":/folder"; a folder is added once."""
    if folder not in _kept:
        buffers = _compiled(folder, files)
        if not qRegisterResourceData(_FORMAT_VERSION, *buffers):
            raise RuntimeError(f"Qt refused the resource folder {folder}")
        _kept[folder] = buffers
    return f":/{folder}"


def _compiled(folder: str, files: Mapping[str, bytes]) -> tuple[bytes, bytes, bytes]:
    """What Qt's resource compiler writes for one folder of files: a tree, its names, its contents."""
    ordered = sorted(files, key=_hash)  # Qt looks a name up by bisecting the hashes
    names, contents = bytearray(), bytearray()
    offsets = {}
    for name in (folder, *ordered):
        offsets[name] = len(names)
        names += struct.pack(">HI", len(name), _hash(name)) + name.encode("utf-16-be")
    tree = struct.pack(">IHII", 0, _DIRECTORY, 1, 1)
    tree += struct.pack(">IHII", offsets[folder], _DIRECTORY, len(ordered), 2)
    for name in ordered:
        tree += struct.pack(">IHHHI", offsets[name], 0, 0, _ANY_LANGUAGE, len(contents))
        contents += struct.pack(">I", len(files[name])) + files[name]
    return tree, bytes(names), bytes(contents)


def _hash(name: str) -> int:
    """Qt's hash of a resource name (the one from the ELF format)."""
    value = 0
    for character in name:
        value = (value << 4) + ord(character)
        value ^= (value & 0xF0000000) >> 23
        value &= 0x0FFFFFFF
    return value
