"""What training makes small: functions of outputs and targets.

All are called in one way, `loss(outputs, targets, reduction=..., weight=..., label_smoothing=...)`:

- `reduction`: `mean` over all that counts in the batch, a scalar; `none` for each sample the mean over what counts
  in it, (batch,): what weights of samples multiply.
- `weight`: one number for each class; of yes-or-no losses the weight of a yes (`pos_weight`). As in torch, they
  multiply each loss, and the `mean` of a cross-entropy divides by their sum. Losses of numbers ignore them, and
  `label_smoothing` too.

A target of -100 (`IGNORED`) does not count: padding, or what nobody has labelled. Where nothing counts the loss is 0.
Targets of classes may be shares of classes instead (float, with an axis of classes like the outputs'): MixUp makes
them. Outputs have their classes on the last axis; those of pictures on the first, (batch, classes, height, width).
"""

from typing import Literal, Protocol

import torch
from torch import Tensor
from torch.nn import functional

IGNORED = -100
"""A target that does not count."""
SMOOTH = 1.0
"""Added above and below the fraction of Dice: a class that is nowhere, and was found nowhere, costs nothing."""
GAMMA = 2.0
"""How strongly a focal loss turns to what is still wrong."""
NAMES = ("cross_entropy", "focal", "cross_entropy_dice", "dice", "bce", "mse", "l1", "huber")
"""Of all losses that a task has."""

Reduction = Literal["mean", "none"]


class Loss(Protocol):
    """Outputs and targets of a batch to a scalar, or to one number for each sample."""

    def __call__(
        self,
        outputs: Tensor,
        targets: Tensor,
        *,
        reduction: Reduction = "mean",
        weight: Tensor | None = None,
        label_smoothing: float = 0.0,
    ) -> Tensor:
        """See the module."""
        ...


def weighted_mean(losses_B: Tensor, weights_B: Tensor) -> Tensor:
    """The mean of losses of samples, of which some count more than others; 0 where none counts."""
    return (losses_B * weights_B).sum() / _positive(weights_B.sum())


def _positive(amount: Tensor) -> Tensor:
    """The same, but 1 where it is 0: what it divides is 0 there too."""
    return torch.where(amount > 0, amount, torch.ones_like(amount))


def _by_sample(values_BX: Tensor) -> Tensor:
    """One row of numbers for each sample."""
    return values_BX.flatten(1) if values_BX.dim() > 1 else values_BX.unsqueeze(1)


def _reduced(losses_BX: Tensor, counts_BX: Tensor | None, reduction: Reduction) -> Tensor:
    """Means of losses, which are 0 where they do not count; None where all count."""
    if reduction == "none":
        rows = _by_sample(losses_BX)
        return rows.mean(1) if counts_BX is None else rows.sum(1) / _positive(_by_sample(counts_BX).sum(1))
    return losses_BX.mean() if counts_BX is None else losses_BX.sum() / _positive(counts_BX.sum())


def _smoothed(shares_XC: Tensor, label_smoothing: float, classes: int) -> Tensor:
    return shares_XC * (1 - label_smoothing) + label_smoothing / classes if label_smoothing else shares_XC


def cross_entropy(
    outputs: Tensor, targets: Tensor, *, reduction: Reduction = "mean", weight: Tensor | None = None,
    label_smoothing: float = 0.0,
) -> Tensor:  # fmt: skip
    """Of (batch, ..., classes) and (batch, ...): one class for a sample, or one for each of its positions."""
    if targets.dim() == 1 and reduction == "mean":  # what most networks do in every step
        return functional.cross_entropy(outputs, targets, weight, label_smoothing=label_smoothing)
    flat = outputs.flatten(0, -2)
    if targets.is_floating_point():
        losses = functional.cross_entropy(
            flat, targets.flatten(0, -2), weight, reduction="none", label_smoothing=label_smoothing
        )
        return _reduced(losses.view(targets.shape[:-1]), None, reduction)
    losses = functional.cross_entropy(
        flat, targets.flatten(), weight, reduction="none", label_smoothing=label_smoothing
    ).view(targets.shape)
    return _reduced(losses, _counts(targets, weight if reduction == "mean" else None), reduction)


def picture_cross_entropy(
    outputs: Tensor, targets: Tensor, *, reduction: Reduction = "mean", weight: Tensor | None = None,
    label_smoothing: float = 0.0,
) -> Tensor:  # fmt: skip
    """Of (batch, classes, height, width) and (batch, height, width): one class for each pixel."""
    losses = functional.cross_entropy(outputs, targets, weight, reduction="none", label_smoothing=label_smoothing)
    soft = targets.is_floating_point()
    return _reduced(losses, None if soft else _counts(targets, weight if reduction == "mean" else None), reduction)


def _counts(targets: Tensor, weight: Tensor | None) -> Tensor:
    """How much each target counts: 0 or 1, or the weight of its class."""
    counted = targets != IGNORED
    return counted.float() if weight is None else weight[targets.clamp_min(0)] * counted


def focal(
    outputs: Tensor, targets: Tensor, *, reduction: Reduction = "mean", weight: Tensor | None = None,
    label_smoothing: float = 0.0,
) -> Tensor:  # fmt: skip
    """Cross-entropy that turns to what is still wrong: (1 - p)² · -log p (Lin and others, 2017). Shapes as there."""
    logs, classes = outputs.log_softmax(-1), outputs.shape[-1]
    shares, counts = _shares(targets, classes)
    losses = -(_smoothed(shares, label_smoothing, classes) * (1 - logs.exp()) ** GAMMA * logs)
    each = (losses if weight is None else losses * weight).sum(-1)
    return _reduced(each if counts is None else each * counts, counts, reduction)


def picture_focal(
    outputs: Tensor, targets: Tensor, *, reduction: Reduction = "mean", weight: Tensor | None = None,
    label_smoothing: float = 0.0,
) -> Tensor:  # fmt: skip
    """The same of pictures, (batch, classes, height, width)."""
    last = targets.movedim(1, -1) if targets.is_floating_point() else targets
    return focal(outputs.movedim(1, -1), last, reduction=reduction, weight=weight, label_smoothing=label_smoothing)


def _shares(targets: Tensor, classes: int) -> tuple[Tensor, Tensor | None]:
    """Targets as shares of classes, and how much each counts; None where they are shares already, and all count."""
    if targets.is_floating_point():
        return targets, None
    return functional.one_hot(targets.clamp_min(0), classes).float(), _counts(targets, None)


def dice(
    outputs: Tensor, targets: Tensor, *, reduction: Reduction = "mean", weight: Tensor | None = None,
    label_smoothing: float = 0.0,
) -> Tensor:  # fmt: skip
    """One minus twice the overlap of each class over its two sizes, the mean over classes (Milletari and others, 2016).

    Of (batch, classes, height, width) and (batch, height, width). Small things weigh as much as large ones.
    """
    found = outputs.softmax(1).flatten(2)
    if targets.is_floating_point():
        wanted = targets.flatten(2)
    else:
        shares, counts = _shares(targets.flatten(1), outputs.shape[1])
        assert counts is not None
        wanted, found = (shares * counts[..., None]).movedim(-1, 1), found * counts[:, None]
    overlap, sizes = (found * wanted).sum(-1), found.sum(-1) + wanted.sum(-1)
    losses_BC = 1 - (2 * overlap + SMOOTH) / (sizes + SMOOTH)
    losses_B = losses_BC.mean(1) if weight is None else losses_BC @ weight / weight.sum()
    return losses_B if reduction == "none" else losses_B.mean()


def cross_entropy_dice(
    outputs: Tensor, targets: Tensor, *, reduction: Reduction = "mean", weight: Tensor | None = None,
    label_smoothing: float = 0.0,
) -> Tensor:  # fmt: skip
    """Both: every pixel counts, and every class."""
    pixels = picture_cross_entropy(
        outputs, targets, reduction=reduction, weight=weight, label_smoothing=label_smoothing
    )
    return pixels + dice(outputs, targets, reduction=reduction, weight=weight)


def bce(
    outputs: Tensor, targets: Tensor, *, reduction: Reduction = "mean", weight: Tensor | None = None,
    label_smoothing: float = 0.0,
) -> Tensor:  # fmt: skip
    """Binary cross-entropy of raw numbers with targets from 0 to 1, of one shape."""
    losses = functional.binary_cross_entropy_with_logits(
        outputs, _smoothed(targets, label_smoothing, 2), reduction="none", pos_weight=weight
    )
    return _reduced(losses, None, reduction)


def binary_focal(
    outputs: Tensor, targets: Tensor, *, reduction: Reduction = "mean", weight: Tensor | None = None,
    label_smoothing: float = 0.0,
) -> Tensor:  # fmt: skip
    """The same, turned to what is still wrong (Lin and others, 2017)."""
    wanted, shares = _smoothed(targets, label_smoothing, 2), outputs.sigmoid()
    losses = functional.binary_cross_entropy_with_logits(outputs, wanted, reduction="none", pos_weight=weight)
    return _reduced(losses * (wanted - shares).abs() ** GAMMA, None, reduction)


def mse(
    outputs: Tensor, targets: Tensor, *, reduction: Reduction = "mean", weight: Tensor | None = None,
    label_smoothing: float = 0.0,
) -> Tensor:  # fmt: skip
    """The mean squared error, of one shape."""
    if reduction == "mean":
        return functional.mse_loss(outputs, targets)
    return _reduced(functional.mse_loss(outputs, targets, reduction="none"), None, reduction)


def l1(
    outputs: Tensor, targets: Tensor, *, reduction: Reduction = "mean", weight: Tensor | None = None,
    label_smoothing: float = 0.0,
) -> Tensor:  # fmt: skip
    """The mean absolute error, of one shape."""
    return _reduced(functional.l1_loss(outputs, targets, reduction="none"), None, reduction)


def huber(
    outputs: Tensor, targets: Tensor, *, reduction: Reduction = "mean", weight: Tensor | None = None,
    label_smoothing: float = 0.0,
) -> Tensor:  # fmt: skip
    """Squared where the error is below 1, absolute beyond (Huber, 1964), of one shape."""
    return _reduced(functional.huber_loss(outputs, targets, reduction="none"), None, reduction)
