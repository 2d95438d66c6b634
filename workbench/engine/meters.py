"""How answers compare with targets over a whole split, counted batch by batch (torchmetrics does the counting)."""

import re
from collections.abc import Sequence
from math import log10

from torch import Tensor
from torchmetrics import MaxMetric, MeanAbsoluteError, MeanSquaredError, MetricCollection, MinMetric, R2Score
from torchmetrics.classification import (
    MulticlassAccuracy,
    MulticlassConfusionMatrix,
    MultilabelExactMatch,
    MultilabelStatScores,
)
from torchmetrics.text import Perplexity

from workbench.core.messages import ClassFigures, Confusion
from workbench.engine.entities import entities, is_bio
from workbench.engine.losses import IGNORED
from workbench.engine.tasks.base import Meter

MOST_CLASSES = 1000
"""With more, nobody reads a matrix of who was taken for whom."""


TINY = 1e-9
"""Smaller errors are rounding."""


class ClassMeter(Meter):
    """Of one class each, for samples, positions or pixels.

    Args:
        classes: their names.
        axis: of the classes in outputs.
        overlap: for pictures: the overlap of what was found with what is there is measured too (IoU).
    """

    def __init__(self, classes: Sequence[str], axis: int = -1, overlap: bool = False) -> None:
        self._names, self._axis, self._overlap = tuple(classes), axis, overlap
        self._counts = MulticlassConfusionMatrix(len(classes), ignore_index=IGNORED, validate_args=False)

    def add(self, outputs: Tensor, targets: Tensor) -> None:
        """(batch, ..., classes) and (batch, ...)."""
        self._counts.update(outputs.argmax(self._axis), targets)

    def metrics(self) -> dict[str, float]:
        """The share of right answers, and F1 or IoU as means over the classes that there are."""
        counts = self._counts.compute().double()
        there = [row for row, used in zip(self._rows(), (counts.sum(0) + counts.sum(1)).tolist(), strict=True) if used]
        found = {"accuracy": float(counts.diagonal().sum() / counts.sum().clamp_min(1))}
        name = "iou" if self._overlap else "f1"
        values = [row.iou or 0.0 if self._overlap else row.f1 for row in there]
        return {**found, name: sum(values) / max(1, len(values))}

    def confusion(self) -> Confusion | None:
        """Rows are the true classes, columns the answers."""
        if len(self._names) > MOST_CLASSES:
            return None
        return Confusion(self._names, tuple(tuple(row) for row in self._counts.compute().tolist()))

    def classes(self) -> tuple[ClassFigures, ...]:
        """One row for each class."""
        return self._rows()

    def _rows(self) -> tuple[ClassFigures, ...]:
        counts = self._counts.compute()
        right, wanted, given = counts.diagonal(), counts.sum(1), counts.sum(0)
        triples = zip(self._names, right.tolist(), wanted.tolist(), given.tolist(), strict=True)
        return tuple(_figures(*row, overlap=self._overlap) for row in triples)


def _figures(name: str, right: int, wanted: int, given: int, *, overlap: bool = False) -> ClassFigures:
    """From how often a class was answered rightly, was there, and was answered."""
    return ClassFigures(
        name,
        precision=right / given if given else 0.0,
        recall=right / wanted if wanted else 0.0,
        f1=2 * right / (wanted + given) if wanted + given else 0.0,
        support=wanted,
        iou=right / (wanted + given - right) if overlap and wanted + given else None,
    )


class EntityMeter(ClassMeter):
    """Of classes of tokens which mark the beginning and inside of things (B-, I-, O): things count as a whole."""

    def __init__(self, classes: Sequence[str]) -> None:
        super().__init__(classes)
        self._kinds = sorted({name[2:] for name in classes if name[1:2] == "-"}) if is_bio(classes) else []
        self._tallies: dict[str, list[int]] = {kind: [0, 0, 0] for kind in self._kinds}
        """By kind, how often it was found rightly, is there, and was found."""

    def add(self, outputs: Tensor, targets: Tensor) -> None:
        """(batch, length, classes) and (batch, length)."""
        super().add(outputs, targets)
        if not self._kinds:
            return
        for answer, wanted in zip(outputs.argmax(-1).tolist(), targets.tolist(), strict=True):
            kept = [(self._names[a], self._names[w]) for a, w in zip(answer, wanted, strict=True) if w != IGNORED]
            found, there = (entities([pair[side] for pair in kept]) for side in (0, 1))
            for place, some in enumerate((found & there, there, found)):
                for kind, _, _ in some:
                    self._tallies[kind][place] += 1

    def metrics(self) -> dict[str, float]:
        """The share of right tokens and, where things are marked, F1 over whole things (as CoNLL counts)."""
        found = super().metrics()
        if not self._kinds:
            return found
        totals = [sum(tally[place] for tally in self._tallies.values()) for place in range(3)]
        right, wanted, given = totals
        return {"accuracy": found["accuracy"], "entity_f1": _figures("", right, wanted, given).f1}

    def classes(self) -> tuple[ClassFigures, ...]:
        """One row for each kind of thing, or for each class of tokens."""
        if not self._kinds:
            return super().classes()
        return tuple(_figures(kind, right, wanted, given) for kind, (right, wanted, given) in self._tallies.items())


class TagMeter(Meter):
    """Of any number of tags for each sample."""

    def __init__(self, classes: Sequence[str], threshold: float) -> None:
        self._names = tuple(classes)
        self._stats = MultilabelStatScores(len(classes), threshold, average=None)
        self._exact = MultilabelExactMatch(len(classes), threshold)

    def add(self, outputs: Tensor, targets: Tensor) -> None:
        """(batch, tags) of raw numbers, and of 0 and 1."""
        shares, wanted = outputs.sigmoid(), targets.round().int()
        self._stats.update(shares, wanted)
        self._exact.update(shares, wanted)

    def metrics(self) -> dict[str, float]:
        """The share of right tags, F1 over all tags and as a mean over them, the share of samples wholly right."""
        right, wrong, rightly_not, missed, _ = self._stats.compute().sum(0).tolist()
        rows = self.classes()
        return {
            "accuracy": (right + rightly_not) / max(1, right + wrong + rightly_not + missed),
            "f1": _figures("", right, right + missed, right + wrong).f1,
            "f1_macro": sum(row.f1 for row in rows) / max(1, len(rows)),
            "exact": float(self._exact.compute()),
        }

    def classes(self) -> tuple[ClassFigures, ...]:
        """One row for each tag."""
        rows = self._stats.compute().tolist()
        return tuple(
            _figures(name, right, right + missed, right + wrong)
            for name, (right, wrong, _, missed, _) in zip(self._names, rows, strict=True)
        )


class NumberMeter(Meter):
    """Of numbers."""

    def __init__(self) -> None:
        errors = {"mae": MeanAbsoluteError(), "rmse": MeanSquaredError(squared=False)}
        self._all = MetricCollection({**errors, "r2": R2Score()}, compute_groups=False)
        self._count = 0

    def add(self, outputs: Tensor, targets: Tensor) -> None:
        """Two of one shape, (batch, numbers)."""
        self._count += len(targets)
        self._all.update(outputs.flatten(1), targets.flatten(1))

    def metrics(self) -> dict[str, float]:
        """Mean absolute and root mean squared error, and the share of variance explained."""
        some = self._all if self._count > 1 else self._all.clone()
        if self._count < 2:  # of a single sample there is no variance to explain
            del some["r2"]
        return {name: float(value) for name, value in some.compute().items()}


class TokenMeter(Meter):
    """Of what comes next in a text."""

    def __init__(self, size: int) -> None:
        self._accuracy = MulticlassAccuracy(size, average="micro", ignore_index=IGNORED, validate_args=False)
        self._perplexity = Perplexity(ignore_index=IGNORED)

    def add(self, outputs: Tensor, targets: Tensor) -> None:
        """(batch, length, tokens) and (batch, length)."""
        self._accuracy.update(outputs.flatten(0, -2), targets.flatten())
        self._perplexity.update(outputs, targets)

    def metrics(self) -> dict[str, float]:
        """The share of right tokens, and among how many it hesitates on average."""
        return {"accuracy": float(self._accuracy.compute()), "perplexity": float(self._perplexity.compute())}


class CopyMeter(Meter):
    """Of what is rebuilt.

    Args:
        picture: it is a picture.
        raw: outputs are numbers before a sigmoid.
    """

    def __init__(self, picture: bool, raw: bool = False) -> None:
        self._picture, self._raw = picture, raw
        self._errors = MetricCollection(
            {"mae": MeanAbsoluteError(), "rmse": MeanSquaredError(squared=False)}, compute_groups=False
        )
        self._least, self._most = MinMetric(), MaxMetric()

    def add(self, outputs: Tensor, targets: Tensor) -> None:
        """Two of one shape."""
        rebuilt = outputs.sigmoid() if self._raw else outputs
        self._errors.update(rebuilt.contiguous(), targets.contiguous())
        self._least.update(targets)
        self._most.update(targets)

    def metrics(self) -> dict[str, float]:
        """Mean absolute and root mean squared error; for pictures the ratio of signal to noise, in decibels."""
        found = {name: float(value) for name, value in self._errors.compute().items()}
        if self._picture:
            span = float(self._most.compute() - self._least.compute())
            found["psnr"] = 20 * log10(max(span, TINY) / max(found["rmse"], TINY))
        return found


WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\s\u3040-\u30ff\u3400-\u9fff]+")
"""A word; in Chinese and Japanese a character."""


def text_metrics(pairs: Sequence[tuple[str, str]]) -> dict[str, float]:
    """How near texts that were written come to those that are right.

    The share that is the same, BLEU up to four words (Papineni and others, 2002), chrF of letters (Popović, 2015) and
    ROUGE-L, the longest common words (Lin, 2004).
    """
    from torchmetrics.functional.text import bleu_score, chrf_score, rouge_score

    written, right = ([" ".join(WORD.findall(text)) for text in texts] for texts in zip(*pairs, strict=True))
    longest = rouge_score(written, right, rouge_keys="rougeL", normalizer=str.lower, tokenizer=str.split)
    letters = chrf_score([one for one, _ in pairs], [[other] for _, other in pairs])
    assert isinstance(letters, Tensor)
    return {
        "exact": sum(one == other for one, other in pairs) / len(pairs),
        "bleu": float(bleu_score(written, [[text] for text in right], smooth=True)),
        "chrf": float(letters),
        "rouge_l": float(longest["rougeL_fmeasure"]),
    }
