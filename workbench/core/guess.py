"""What kind of data a name, a file or a folder stands for, and why: by names and a look at the first rows."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from workbench.core.catalogue import Catalogue
from workbench.core.document import Data
from workbench.core.problems import Problem, ProblemError
from workbench.core.sniff import TableLook, looked_at

FILES = 4000
"""So many files of a folder are looked at, by their names."""

KINDS = {
    "image": ("png", "jpg", "jpeg", "jpe", "jfif", "gif", "bmp", "tif", "tiff", "webp", "pgm", "ppm", "pbm", "avif"),
    "audio": ("wav", "wave", "ogg", "oga", "flac", "mp3", "opus", "aif", "aiff", "au"),
    "text": ("txt", "text", "md"),
    "table": ("csv", "tsv", "json", "jsonl", "ndjson", "parquet"),
    "words": ("conll", "conllu", "bio", "iob", "iob2"),
}
KIND_OF = {ending: kind for kind, endings in KINDS.items() for ending in endings}
MASKS = ("masks", "mask", "annotations", "segmentationclass", "trimaps")
PARTS = ("train", "training", "test", "testing", "val", "valid", "validation", "dev")
PREFIX = {"image": "image", "audio": "sound"}
TABLES = {"image": "guess.image_table", "audio": "guess.sound_table"}
FOLDERS = {"image": "guess.image_folder", "audio": "guess.sound_folder"}


@dataclass(frozen=True)
class Guess:
    """A source with its options, and why it was taken."""

    data: Data
    why: Problem


def guess(source: str, folder: Path, catalogue: Catalogue) -> Guess:
    """What a person means by a word.

    Args:
        source: the key of a source, a toy table, or a path.
        folder: where a relative path starts.
        catalogue: which sources there are.

    Raises:
        ProblemError: there is no such thing, or nothing that could be read in it.
    """
    named = {
        key: info for key, info in catalogue.datasets.items() if all(field.kind != "path" for field in info.fields)
    }
    toys = next((field.choices for field in catalogue.datasets["toy"].fields if field.name == "name"), ())
    path = folder / source
    if source in named:
        return _said(Data(source), "guess.name", name=named[source].title)
    if source in toys and not path.exists():
        return _said(Data("toy", {"name": source}), "guess.name", name=source)
    if path.is_dir():
        return _of_folder(path.resolve())
    if path.is_file():
        return _of_file(path.resolve())
    raise ProblemError("data.no_source", where=source, known=[*named, *toys])


def _said(data: Data, code: str, **args: object) -> Guess:
    return Guess(data, Problem(code, args, severity="info"))


# ---- files


def _of_file(path: Path) -> Guess:
    ending = path.name.lower().removesuffix(".gz").removesuffix(".bz2").rpartition(".")[2]
    where = {"path": str(path)}
    if ending in ("npz", "npy"):
        return _said(Data("numpy", where), "guess.numpy")
    if ending in ("parquet", "pq"):
        return _said(Data("parquet", where), "guess.parquet")
    if ending in KINDS["words"]:
        return _said(Data("tagged_words", where), "guess.tagged_words")
    if ending in ("csv", "tsv", "json", "jsonl", "ndjson") or (ending == "txt" and looked_at(path)):
        return _of_table(path, ending)
    if KIND_OF.get(ending) in ("image", "audio"):
        raise ProblemError("data.single_file", where=str(path), folder=str(path.parent))
    return _said(Data("text_file", where), "guess.text_file")


def _of_table(path: Path, ending: str) -> Guess:
    look = looked_at(path)
    where = {"path": str(path)}
    if look is not None:
        if (kind := _named_files(look, path.parent)) is not None:
            return _said(Data(f"{PREFIX[kind]}_table", where), TABLES[kind], folder=path.parent.name)
        texts = look.texts
        classes = [column.name for column in look.columns if column.few]
        if len(texts) >= 2 and not classes:
            return _said(Data("text_pairs", where), "guess.text_pairs", source=texts[0], target=texts[1])
        others = [column for column in look.columns if column.number or column.few]
        if texts and len(others) <= 3:
            return _said(Data("text_table", where), "guess.text_table", columns=list(texts))
    if ending in ("json", "jsonl", "ndjson"):
        return _said(Data("json_lines", where), "guess.json_lines")
    return _said(Data("csv", where), "guess.csv")


def _named_files(look: TableLook, folder: Path) -> str | None:
    """What kind of files the values of a column name, where they do."""
    for column in look.columns:
        values = [row.get(column.name, "") for row in look.rows[:20]]
        kinds = {KIND_OF.get(Path(value).suffix.lower()[1:]) for value in values if value}
        if len(kinds) == 1 and (kind := kinds.pop()) in ("image", "audio"):
            if any((folder / value).is_file() for value in values):
                return kind
            if any(next(folder.glob(f"*/{Path(value).name}"), None) for value in values[:3] if value):
                return kind
    return None


# ---- folders


def _of_folder(path: Path) -> Guess:
    where = {"path": str(path)}
    found = list(islice(_files(path), FILES))
    counts = Counter(KIND_OF.get(file.suffix.lower()[1:], "") for file in found)
    counts.pop("", None)
    if not found:
        raise ProblemError("data.empty_folder", where=str(path))
    if not counts:
        raise ProblemError("data.nothing_known", where=str(path), found=sorted({file.suffix for file in found})[:8])
    tables = [file for file in found if file.parent == path and KIND_OF.get(file.suffix.lower()[1:]) == "table"]
    media = max(("image", "audio"), key=counts.__getitem__)
    if counts[media] and counts[media] * 2 >= counts["text"]:
        return _of_media(path, media, found, tables)
    if counts["words"]:
        return _said(Data("tagged_words", where), "guess.tagged_words")
    if counts["text"]:
        if _has_classes(path, "text") or _is_split_into_classes(path, found):
            return _said(Data("text_folder", where), "guess.text_folder")
        return _said(Data("text_file", where), "guess.text_files")
    if len(tables) == 1:
        return _of_file(tables[0])
    raise ProblemError("data.several_tables", where=str(path), found=[file.name for file in tables[:5]])


def _of_media(path: Path, kind: str, found: list[Path], tables: list[Path]) -> Guess:
    where = {"path": str(path)}
    folders = {part.lower() for file in found for part in file.relative_to(path).parts[:-1]}
    if kind == "image" and folders & set(MASKS):
        return _said(Data("image_masks", _with_classes(path)), "guess.image_masks")
    for table in tables:
        look = looked_at(table)
        if look is not None and _named_files(look, path) == kind:
            options = {"path": str(table), **({"folder": str(path)} if table.parent != path else {})}
            return _said(Data(f"{PREFIX[kind]}_table", options), TABLES[kind], folder=path.name)
    return _said(Data(f"{PREFIX[kind]}_folder", where), FOLDERS[kind])


def _with_classes(path: Path) -> dict[str, str]:
    """Names of the masks' classes may lie beside them."""
    named = (path / "classes.txt").is_file()
    return {"path": str(path), **({"classes": "classes.txt"} if named else {})}


def _has_classes(path: Path, kind: str) -> bool:
    """Folders that are not for a split hold files of this kind."""
    inside = [item for item in sorted(path.iterdir()) if item.is_dir() and item.name[0] != "."]
    parts = [item for item in inside if item.name.lower() in PARTS]
    if parts:
        return any(_has_classes(part, kind) for part in parts)
    return len(inside) > 1 and all(any(_of_kind(item, kind)) for item in inside[:5])


def _is_split_into_classes(path: Path, found: list[Path]) -> bool:
    """A few small-named files with a text a line, such as pos.txt and neg.txt: of short lines, and of many."""
    texts = [file for file in found if file.parent == path and KIND_OF.get(file.suffix.lower()[1:]) == "text"]
    return 2 <= len(texts) <= 20 and all(len(file.stem) <= 12 and _is_list(file) for file in texts)


def _is_list(file: Path) -> bool:
    """Hardly a line is empty, and hardly one goes on in the next."""
    with file.open("rb") as stream:
        lines = [line.strip() for line in islice(stream, 200)]
    filled = [line for line in lines if line]
    return len(filled) > 0.9 * len(lines) and len({len(line) // 20 for line in filled}) > 1


def _of_kind(path: Path, kind: str) -> Iterator[bool]:
    for file in islice(_files(path), 50):
        if KIND_OF.get(file.suffix.lower()[1:]) == kind:
            yield True


def _files(path: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(path):
        folders[:] = sorted(name for name in folders if name[0] != ".")
        yield from (Path(folder) / name for name in sorted(files) if name[0] != ".")
