"""Steps that say what a network reads of a picture: its size, its channels, the range of its values."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Annotated

from msgspec.structs import replace

from workbench.engine.preprocess import ImageInput
from workbench.engine.preprocess.pictures import Fit
from workbench.engine.registry import Setting
from workbench.engine.steps.base import StepKind, step

PREPARE = "Prepare"
USUAL = {
    "imagenet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "cifar10": ((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)),
}
"""Mean and deviation of each channel of known data; pretrained networks of torchvision expect those of ImageNet."""


class PicturePreparation(StepKind):
    """A step that changes how pictures are prepared, for training and for answers alike."""

    @abstractmethod
    def prepare(self, spec: ImageInput) -> ImageInput:
        """What it makes of a description."""


@step("resize", "Resize", PREPARE, kinds=("image",))
@dataclass(frozen=True)
class Resize(PicturePreparation):
    """Bring all pictures to one size, antialiased; masks follow, to the nearest pixel.

    Of other proportions, a picture is stretched, or shown whole with a black border, or its middle is cut out.
    """

    height: Annotated[int, Setting(1, 4096, unit="px")] = 64
    width: Annotated[int, Setting(1, 4096, unit="px")] = 64
    fit: Annotated[Fit, Setting(choices=("stretch", "pad", "crop"), kind="choice", help="Of other proportions")] = (
        "stretch"
    )

    def prepare(self, spec: ImageInput) -> ImageInput:
        """Another size."""
        return replace(spec, height=self.height, width=self.width, fit=self.fit)


@step("channels", "Colour or grey", PREPARE, kinds=("image",))
@dataclass(frozen=True)
class Channels(PicturePreparation):
    """Three channels (red, green, blue), or one: how bright each pixel is (ITU-R 601: 0.299 R + 0.587 G + 0.114 B)."""

    colour: Annotated[bool, Setting(help="Three channels instead of one")] = False

    def prepare(self, spec: ImageInput) -> ImageInput:
        """Another number of channels."""
        return replace(spec, channels=3 if self.colour else 1, mean=(), std=())


@step("normalise", "Normalise", PREPARE, kinds=("image", "audio"))
@dataclass(frozen=True)
class Normalise(PicturePreparation):
    """Subtract a mean and divide by a deviation: (value - mean) / deviation, where values are from 0 to 1.

    They are fitted to the training split, each channel for itself, and stored with the run; or those of ImageNet,
    which pretrained networks expect; or those of CIFAR-10; or given.
    """

    by: Annotated[str, Setting(choices=("fitted", *USUAL, "given"), label="Mean and deviation")] = "fitted"
    mean: Annotated[float, Setting(help="Where it is given")] = 0.5
    std: Annotated[float, Setting(1e-6, label="Deviation", help="Where it is given")] = 0.5

    def prepare(self, spec: ImageInput) -> ImageInput:
        """Another range of values; what is fitted is not known yet."""
        if self.by == "fitted":
            return replace(spec, mean=(), std=())
        if self.by in USUAL and spec.channels == 3:
            mean, std = USUAL[self.by]
            return replace(spec, mean=mean, std=std)
        if self.by in USUAL:
            grey = [sum(values) / 3 for values in USUAL[self.by]]
            return replace(spec, mean=(grey[0],), std=(grey[1],))
        return replace(spec, mean=(self.mean,) * spec.channels, std=(self.std,) * spec.channels)
