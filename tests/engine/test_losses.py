"""Losses are torch's own where it has them, and what does not count never changes one."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from workbench.engine import losses
from workbench.engine.losses import IGNORED, Loss, weighted_mean
from workbench.engine.tasks import TASKS

CLASSES = 3

PICTURES = (losses.picture_cross_entropy, losses.picture_focal, losses.dice, losses.cross_entropy_dice)
ALL: tuple[Loss, ...] = (
    losses.cross_entropy, losses.focal, *PICTURES, losses.bce, losses.binary_focal, losses.mse, losses.l1, losses.huber,
)  # fmt: skip
every_loss = pytest.mark.parametrize("loss", ALL)
SEQUENCES = pytest.mark.parametrize("loss", [losses.cross_entropy, losses.focal])


def batch_for(loss: Loss) -> tuple[Tensor, Tensor]:
    torch.manual_seed(0)
    if loss in PICTURES:
        return torch.randn(4, CLASSES, 5, 6), torch.randint(0, CLASSES, (4, 5, 6))
    if loss in (losses.cross_entropy, losses.focal):
        return torch.randn(4, 7, CLASSES), torch.randint(0, CLASSES, (4, 7))
    return torch.randn(4, CLASSES), torch.randint(0, 2, (4, CLASSES)).float()


def test_every_name_is_a_choice_of_the_output_and_belongs_to_a_task() -> None:
    assert {name for task in TASKS.values() for name in task.losses} == set(losses.NAMES)
    assert {loss for task in TASKS.values() for loss in task.losses.values()} <= set(ALL)


@every_loss
def test_the_loss_of_each_sample_has_the_mean_as_its_mean(loss: Loss) -> None:
    outputs, targets = batch_for(loss)
    each = loss(outputs, targets, reduction="none")
    assert each.shape == (4,)
    assert torch.isclose(each.mean(), loss(outputs, targets))
    for row in range(4):
        assert torch.isclose(each[row], loss(outputs[row : row + 1], targets[row : row + 1]))


@every_loss
def test_weights_of_classes_and_smoothing_are_understood_and_gradients_are_finite(loss: Loss) -> None:
    outputs, targets = batch_for(loss)
    outputs.requires_grad_()
    found = loss(outputs, targets, weight=torch.tensor([1.0, 2.0, 0.5]), label_smoothing=0.1)
    found.backward()
    assert found.isfinite()
    assert outputs.grad is not None
    assert outputs.grad.isfinite().all()
    assert outputs.grad.any()


def test_weighted_mean() -> None:
    each = torch.tensor([1.0, 3.0, 5.0])
    assert weighted_mean(each, torch.tensor([1.0, 1.0, 0.0])) == 2
    assert weighted_mean(each, torch.zeros(3)) == 0


@pytest.mark.parametrize("weight", [None, torch.tensor([1.0, 2.0, 0.5])])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_cross_entropy_is_that_of_torch(weight: Tensor | None, smoothing: float) -> None:
    outputs, targets = batch_for(losses.cross_entropy)
    targets[0, 4:] = IGNORED
    expected = functional.cross_entropy(outputs.flatten(0, 1), targets.flatten(), weight, label_smoothing=smoothing)
    assert torch.isclose(losses.cross_entropy(outputs, targets, weight=weight, label_smoothing=smoothing), expected)
    pictures = outputs.movedim(-1, 1)[:, :, None], targets[:, None]
    assert torch.isclose(losses.picture_cross_entropy(*pictures, weight=weight, label_smoothing=smoothing), expected)


@SEQUENCES
def test_shares_of_classes_are_as_good_as_classes(loss: Loss) -> None:
    outputs, targets = torch.randn(5, CLASSES), torch.tensor([0, 1, 2, 1, 0])
    shares = functional.one_hot(targets, CLASSES).float()
    for reduction in ("mean", "none"):
        assert torch.allclose(
            loss(outputs, shares, reduction=reduction), loss(outputs, targets, reduction=reduction), atol=1e-6
        )
    mixed = 0.3 * shares + 0.7 * shares.flip(0)
    expected = 0.3 * losses.cross_entropy(outputs, targets) + 0.7 * losses.cross_entropy(outputs, targets.flip(0))
    assert torch.isclose(losses.cross_entropy(outputs, mixed), expected)


@pytest.mark.parametrize("loss", PICTURES)
def test_shares_of_classes_in_pictures(loss: Loss) -> None:
    outputs, targets = batch_for(loss)
    shares = functional.one_hot(targets, CLASSES).float().movedim(-1, 1)
    assert torch.isclose(loss(outputs, shares), loss(outputs, targets), atol=1e-6)


@SEQUENCES
def test_padding_changes_no_loss(loss: Loss) -> None:
    outputs, targets = batch_for(loss)
    longer = torch.cat([outputs, torch.full((4, 3, CLASSES), 9.0)], 1)
    padded = torch.cat([targets, torch.full((4, 3), IGNORED)], 1)
    for reduction in ("mean", "none"):
        assert torch.allclose(
            loss(longer, padded, reduction=reduction), loss(outputs, targets, reduction=reduction), atol=1e-6
        )


@pytest.mark.parametrize("loss", PICTURES)
def test_pixels_without_a_class_change_no_loss(loss: Loss) -> None:
    outputs, targets = batch_for(loss)
    longer = torch.cat([outputs, torch.full((4, CLASSES, 2, 6), 9.0)], 2)
    padded = torch.cat([targets, torch.full((4, 2, 6), IGNORED)], 1)
    for reduction in ("mean", "none"):
        assert torch.allclose(
            loss(longer, padded, reduction=reduction), loss(outputs, targets, reduction=reduction), atol=1e-6
        )


@pytest.mark.parametrize("loss", [losses.cross_entropy, losses.focal, *PICTURES])
def test_where_nothing_counts_the_loss_is_nothing(loss: Loss) -> None:
    outputs, targets = batch_for(loss)
    targets.fill_(IGNORED)
    assert loss(outputs, targets).abs() < 1e-6


def test_a_focal_loss_without_focus_is_cross_entropy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(losses, "GAMMA", 0.0)
    outputs, targets = batch_for(losses.focal)
    assert torch.isclose(losses.focal(outputs, targets), losses.cross_entropy(outputs, targets))
    outputs, targets = batch_for(losses.binary_focal)
    assert torch.isclose(losses.binary_focal(outputs, targets), losses.bce(outputs, targets))


def test_dice_is_nothing_for_a_perfect_answer_and_one_for_the_opposite() -> None:
    targets = torch.zeros(1, 20, 20, dtype=torch.int64)
    targets[:, 10:] = 1
    sure = 50 * functional.one_hot(targets, 2).float().movedim(-1, 1)
    assert losses.dice(sure, targets) < 1e-4
    assert losses.dice(-sure, targets) > 0.99
