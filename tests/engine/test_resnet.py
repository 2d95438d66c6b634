"""The ResNet-18 of the zoo is torchvision's, made of blocks."""

from pathlib import Path

from torchvision.models import resnet18

import model_zoo
from workbench.engine.analyse import study
from workbench.engine.compile import compiled


def test_it_has_torchvisions_weights() -> None:
    theirs, ours = resnet18(num_classes=10), compiled(study(model_zoo.document("cifar10_resnet18"), Path()))
    shapes = [sorted(tuple(tensor.shape) for tensor in network.state_dict().values()) for network in (theirs, ours)]
    assert shapes[0] == shapes[1]
