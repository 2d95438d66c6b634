"""What kinds of columns, roles, splits and ways to share out are called."""

from workbench.core import wording
from workbench.core.i18n import tr, trn
from workbench.core.inspection import Inspection, Spread

SPLITS = ("train", "validation", "test")


def split_title(key: str) -> str:
    """A part of the samples."""
    return {"train": tr("Training"), "validation": tr("Validation"), "test": tr("Test")}[key]


def role_title(key: str) -> str:
    """What a column is for."""
    return {
        "auto": tr("Automatic"),
        "input": tr("Input"),
        "target": tr("Target"),
        "weight": tr("Weight"),
        "group": tr("Group"),
        "time": tr("Time"),
        "split": tr("Split"),
        "ignore": tr("Ignore"),
    }[key]


def kind_title(key: str) -> str:
    """What a column holds."""
    return {
        "number": tr("Number"),
        "category": tr("Category"),
        "date": tr("Date"),
        "text": tr("Text"),
        "tags": tr("Tags"),
        "image": tr("Image"),
        "mask": tr("Mask"),
        "audio": tr("Sound"),
        "array": tr("Array"),
        "tokens": tr("Tokens"),
        "labels": tr("Labels"),
        "corpus": tr("Running text"),
        "words": tr("Words"),
        "word_tags": tr("Tags of words"),
        "id": tr("Id"),
    }.get(key, key)


READ_AS: dict[str, tuple[str, ...]] = {
    "number": ("number", "category", "id"),
    "category": ("category", "text", "tags", "id"),
    "date": ("date", "category", "text"),
    "text": ("text", "category", "tags", "id"),
    "tags": ("tags", "text", "category"),
    "id": ("id", "category", "text", "number"),
    "image": ("image", "mask"),
    "mask": ("mask", "image"),
}
"""As what a column of a kind can be read instead."""


def method_title(key: str) -> str:
    """How samples are shared out."""
    return {
        "auto": tr("Automatic"),
        "random": tr("At random"),
        "stratified": tr("Each class in the same proportion"),
        "group": tr("By group: what belongs together stays together"),
        "time": tr("By time: the latest are for the test"),
        "given": tr("As the data say"),
    }.get(key, key)


def counted(number: int) -> str:
    """So many samples."""
    return trn("{n} sample", "{n} samples", number)


def facts(inspection: Inspection) -> str:
    """The first line about a data set: how many samples, in which parts."""
    total = wording.count(inspection.rows)
    parts = ", ".join(
        f"{wording.count(number)} {split_title(key).lower()}" for key, number in inspection.splits.items()
    )
    return tr("{total} samples: {parts}.", total=total, parts=parts) if parts else tr("{total} samples.", total=total)


def figure(value: float) -> str:
    """A number of any size in a few characters: 5,000, 0.0213, 1.2e-9."""
    return f"{value:,.0f}" if value == round(value) and abs(value) < 1e9 else f"{value:,.4g}"


def with_unit(value: float, unit: str) -> str:
    """A size with what it is counted in."""
    shown = {"px": tr("px"), "characters": tr("characters"), "s": tr("s")}.get(unit, unit)
    return f"{figure(value)} {shown}".strip()


def ends(spread: Spread) -> tuple[str, str]:
    """The least and the largest, with their unit."""
    return with_unit(spread.least, spread.unit), with_unit(spread.most, spread.unit)
