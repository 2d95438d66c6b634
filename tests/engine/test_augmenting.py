"""Random steps on real pictures: the same from the same seed, masks follow, targets are mixed with their pictures."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torchvision import tv_tensors
from torchvision.transforms.v2 import functional as v2

from tests.real import pictures as real_pictures
from tests.samples import digit_pictures, digits, masked_digits, real
from workbench.core import wording
from workbench.core.document import ColumnUse, Data, Step
from workbench.core.problems import ProblemError
from workbench.engine.columns.base import Loaded
from workbench.engine.columns.values import NO_CLASS
from workbench.engine.feed import Feed
from workbench.engine.loading import forget, load
from workbench.engine.steps import STEPS
from workbench.engine.steps.changing import RandomStep, Taken
from workbench.engine.steps.colours import Blur, ColourJitter
from workbench.engine.steps.geometry import Affine, HorizontalFlip, Perspective, RandomCrop, Rotation
from workbench.engine.steps.mixing import CutMix, MixUp, probabilities

FOR_PICTURES = {key: cls for key, cls in STEPS.items() if cls.info.random and "image" in cls.info.kinds}
MIXING = {"mixup", "cutmix"}
MOVING = sorted(FOR_PICTURES.keys() - MIXING - {"colour_jitter", "blur", "erasing", "rand_augment", "trivial_augment"})

every_step = pytest.mark.parametrize("key", FOR_PICTURES)


@pytest.fixture(autouse=True)
def _own_home(home: Path) -> None:
    """What is decoded goes into the test's own cache."""


def scenes(channels: int = 3) -> Taken:
    """Forty pictures of digits with their masks, and labels."""
    images, _ = digits()
    pixels = torch.from_numpy(images[:40])
    masks = torch.where(pixels > 127, 1, 0).to(torch.int16)
    pictures = pixels[:, None].repeat(1, channels, 1, 1)
    return Taken(pictures, {"mask": masks}, {}, {"mask": 2})


def labelled() -> Taken:
    images, labels = digits()
    pictures = torch.from_numpy(images[:40])[:, None]
    return Taken(pictures, {}, {"label": torch.from_numpy(labels[:40].astype(np.int64))}, {"label": 10})


def random_step(key: str) -> RandomStep:
    step = FOR_PICTURES[key]()
    assert isinstance(step, RandomStep)
    return step


def changed(key: str, seed: int, channels: int = 3) -> Taken:
    taken = labelled() if key in MIXING else scenes(channels)
    random_step(key).change(taken, np.random.default_rng(seed))
    return taken


@every_step
@pytest.mark.parametrize("channels", [1, 3])
def test_one_seed_gives_one_batch_and_nothing_else_is_touched(key: str, channels: int) -> None:
    before = labelled() if key in MIXING else scenes(channels)
    state = torch.get_rng_state()
    one, same, other = (changed(key, seed, channels) for seed in (3, 3, 4))
    assert torch.equal(torch.get_rng_state(), state)  # the training draws from it meanwhile
    assert (one.values.shape, one.values.dtype) == (before.values.shape, torch.uint8)
    assert torch.equal(one.values, same.values)
    assert not torch.equal(one.values, other.values)
    for name, mask in one.masks.items():
        assert mask.dtype == torch.int16
        assert torch.equal(mask, same.masks[name])
        assert set(mask.unique().tolist()) <= {NO_CLASS, 0, 1}
    held = before.values.clone()
    random_step(key).change(before, np.random.default_rng(3))
    assert torch.equal(held, (labelled() if key in MIXING else scenes(channels)).values)


@pytest.mark.parametrize("key", [*MOVING, "rand_augment", "trivial_augment"])
def test_masks_follow_their_pictures(key: str) -> None:
    """A picture that is its mask stays it, but for what lies between two pixels and what is changed in colour."""
    masks = scenes().masks["mask"]
    taken = Taken((masks * 255).to(torch.uint8)[:, None].repeat(1, 3, 1, 1), {"mask": masks}, {}, {"mask": 2})
    random_step(key).change(taken, np.random.default_rng(5))
    inside = taken.masks["mask"] != NO_CLASS
    assert not torch.equal(taken.masks["mask"], masks)
    if key in MOVING:
        ink = taken.values[:, 0] > 127
        assert (ink == (taken.masks["mask"] == 1))[inside].float().mean() > 0.985
    else:
        alike = ((taken.values[:, 0] > 127) == (taken.masks["mask"] == 1)).float().mean((1, 2))
        assert (alike > 0.97).sum() > 28  # the others were inverted, solarised ...


def test_a_rotation_is_that_of_torchvision() -> None:
    taken = scenes()
    pictures, masks = taken.values, taken.masks["mask"]
    Rotation(degrees=40.0).change(taken, np.random.default_rng(1))
    dice = np.random.default_rng(1)
    dice.random(len(pictures))
    for row, angle in enumerate(dice.uniform(-40, 40, len(pictures)).tolist()):
        image = v2.rotate(tv_tensors.Image(pictures[row]), angle, v2.InterpolationMode.BILINEAR)
        mask = v2.rotate(tv_tensors.Mask(masks[row]), angle, fill=NO_CLASS)
        assert (image.int() - taken.values[row].int()).abs().float().mean() < 0.5
        assert (mask == taken.masks["mask"][row]).float().mean() > 0.995


def test_shift_scale_and_perspective_keep_what_they_must() -> None:
    still = Affine(degrees=0.0, shift=0.0, smallest=1.0, largest=1.0)
    for step in (still, Rotation(degrees=0.0), Perspective(distortion=0.0, probability=1.0)):
        taken = scenes()
        step.change(taken, np.random.default_rng(0))
        assert torch.equal(taken.values, scenes().values)
        assert torch.equal(taken.masks["mask"], scenes().masks["mask"])
    taken = scenes()
    Affine(degrees=0.0, shift=0.0, smallest=0.5, largest=0.5).change(taken, np.random.default_rng(0))
    share = (taken.masks["mask"] == 1).sum() / (scenes().masks["mask"] == 1).sum()
    assert abs(float(share) - 0.25) < 0.02


def test_a_shift_by_whole_pixels_is_that_of_torch() -> None:
    for fill, mode in (("black", "constant"), ("edge", "replicate"), ("mirror", "reflect")):
        taken = scenes()
        RandomCrop(padding=4, fill=fill).change(taken, np.random.default_rng(2))
        dice = np.random.default_rng(2)
        down, across = (dice.integers(-4, 5, 40) for _ in range(2))
        padded = torch.nn.functional.pad(scenes().values.float(), (4, 4, 4, 4), mode)
        for row in range(40):
            y, x = 4 + down[row], 4 + across[row]
            assert torch.equal(taken.values[row].float(), padded[row, :, y : y + 28, x : x + 28])


def test_colours_change_as_torchvision_changes_them() -> None:
    picture = photographs()
    settings = {"brightness": 0.0, "contrast": 0.0, "saturation": 0.0, "hue": 0.0}
    for place, (name, change) in enumerate(
        [
            ("brightness", v2.adjust_brightness),
            ("contrast", v2.adjust_contrast),
            ("saturation", v2.adjust_saturation),
            ("hue", v2.adjust_hue),
        ]
    ):
        taken = Taken(picture)
        ColourJitter(**{**settings, name: 0.4}).change(taken, np.random.default_rng(6))
        dice = np.random.default_rng(6)
        dice.random(len(picture))
        limits = [0.0, 0.0, 0.0, 0.0]
        limits[place] = 0.4
        drawn = [dice.uniform(-x, x, len(picture)) for x in limits][place]
        for row, shift in enumerate(drawn.tolist()):
            expected = change(picture[row], shift if name == "hue" else 1 + shift)
            assert (expected.int() - taken.values[row].int()).abs().max() <= 2, name


def photographs() -> Tensor:
    forget()
    data = Data("image_folder", {"path": str(real(real_pictures.cutouts))})
    return load(data, Path()).columns["image"].take(torch.arange(0, 160, 20))


def test_a_blur_is_that_of_torchvision() -> None:
    picture = photographs()
    taken = Taken(picture)
    Blur(least=1.2, most=1.2, probability=1.0).change(taken, np.random.default_rng(6))
    expected = v2.gaussian_blur(picture, [9, 9], [1.2, 1.2])
    assert (expected.int() - taken.values.int()).abs().max() <= 1


def test_targets_are_mixed_as_their_pictures_are() -> None:
    before = labelled()
    labels = probabilities(before.targets["label"], 10)
    taken = labelled()
    MixUp(alpha=1.0).change(taken, np.random.default_rng(0))
    assert torch.allclose(taken.targets["label"].sum(1), torch.ones(40))
    dice = np.random.default_rng(0)
    dice.random()
    order, shares = dice.permutation(40), torch.from_numpy(dice.beta(1.0, 1.0, 40)).float()[:, None]
    assert torch.allclose(taken.targets["label"], labels * shares + labels[order] * (1 - shares), atol=1e-6)

    taken = labelled()
    CutMix().change(taken, np.random.default_rng(1))
    other = (taken.values != before.values).float().mean((1, 2, 3))
    own = (taken.targets["label"] * labels).sum(1)
    assert (other <= 1 - own + 1e-6)[own < 1].all()
    numbers = Taken(before.values, {}, {"size": torch.arange(40.0)[:, None]})
    MixUp(alpha=1.0).change(numbers, np.random.default_rng(0))
    assert torch.allclose(numbers.targets["size"].mean(), torch.tensor(19.5), atol=4)
    assert probabilities(torch.tensor([1, NO_CLASS]), 3).tolist() == [[0, 1, 0], [0, 0, 0]]


def test_what_cannot_be_mixed_is_named() -> None:
    with pytest.raises(ProblemError) as caught:
        MixUp().change(scenes(), np.random.default_rng(0))
    assert caught.value.problem.code == "step.target"
    assert wording.what(caught.value.problem) == "MixUp mixes two samples, and the target “mask” cannot be mixed."


def augmented(path: Path, *steps: Step, source: str = "image_folder") -> Loaded:
    forget()
    return load(Data(source, {"path": str(path)}, columns={"image": ColumnUse(steps=steps)}), Path())


def test_a_resumed_epoch_goes_on_with_the_same_batches(tmp_path: Path) -> None:
    steps = (Step("rand_augment"), Step("horizontal_flip"), Step("mixup"), Step("rotation", off=True))
    loaded = augmented(digit_pictures(tmp_path / "p", 20, (1, 7)), *steps)
    columns = list(loaded.columns.values())
    rows = torch.from_numpy(loaded.splits["train"])
    feed = Feed(columns, rows, 4, torch.device("cpu"), loaded.augmentation)
    order = feed.order(1, 0)
    whole = list(feed.epoch(order, seed=9))
    rest = list(feed.epoch(order, start=3, seed=9))
    assert len(rest) == len(whole) - 3
    for one, other in zip(whole[3:], rest, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))
    assert whole[0][0].shape == (4, 3, 64, 64)
    assert whole[0][1].shape == (4, 2)
    again = list(feed.epoch(order, seed=10))
    assert not torch.equal(whole[0][0], again[0][0])


def test_masks_of_a_data_set_follow_and_are_what_a_task_reads(tmp_path: Path) -> None:
    loaded = augmented(masked_digits(tmp_path / "m", 30), Step("rotation"), source="image_masks")
    columns = list(loaded.columns.values())
    feed = Feed(columns, torch.from_numpy(loaded.splits["train"]), 8, torch.device("cpu"), loaded.augmentation)
    pictures, masks = next(feed.epoch(None, seed=1))
    assert (pictures.dtype, masks.dtype, masks.shape) == (torch.float32, torch.int64, (8, 96, 96))
    assert set(masks.unique().tolist()) == {NO_CLASS, 0, 1}


def test_only_random_steps_are_augmentation(tmp_path: Path) -> None:
    loaded = augmented(digit_pictures(tmp_path / "p", 6, (1, 7)), Step("resize"), Step("horizontal_flip", off=True))
    assert loaded.augmentation is None


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (Step("turn_round"), "step.unknown"),
        (Step("rotation", {"degrees": 400.0}), "setting.range"),
        (Step("rotation", {"colour": 1}), "setting.unknown"),
    ],
)
def test_steps_that_do_not_fit_are_named(tmp_path: Path, step: Step, code: str) -> None:
    folder = digit_pictures(tmp_path / "p", 6, (1, 7))
    with pytest.raises(ProblemError) as caught:
        augmented(folder, step)
    assert caught.value.problem.code == code
    assert "?" not in wording.what(caught.value.problem)


def test_a_flip_changes_the_share_of_samples_that_was_wanted() -> None:
    for probability, low, high in ((0.0, 0, 0), (0.5, 10, 30), (1.0, 40, 40)):
        taken = scenes()
        HorizontalFlip(probability).change(taken, np.random.default_rng(0))
        differing = (taken.values != scenes().values).flatten(1).any(1)
        assert low <= int(differing.sum()) <= high
