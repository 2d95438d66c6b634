"""The ResNet-18 of the zoo is torchvision's, made of blocks."""

import re
from pathlib import Path

import torch
from torch import nn
from torchvision.models import resnet18

import model_zoo
from workbench.engine.analyse import analyse, study
from workbench.engine.compile import compiled

torch.set_num_threads(1)

OURS = (
    (r"^layer1\.", "stage_1."),
    (r"^layer(\d)\.0", r"down_\1"),
    (r"^layer(\d)\.1", r"stage_\1"),
    (r"^conv1\.", "conv2d_1."),
    (r"^bn1\.", "batch_norm2d_1."),
    (r"^fc\.", "linear_1."),
    (r"\.(conv)(\d)\.", r".\1_\2."),
    (r"\.bn(\d)\.", r".norm_\1."),
    (r"\.downsample\.0\.", ".projection."),
    (r"\.downsample\.1\.", ".norm_3."),
)
"""What in torchvision's names is what in ours."""


def test_with_torchvisions_weights_it_answers_as_torchvision_does() -> None:
    torch.manual_seed(0)
    document = model_zoo.document("cifar10_resnet18")
    theirs, ours = resnet18(num_classes=10), compiled(study(document, Path()))
    pictures = torch.randn(4, 3, 32, 32)
    for module in theirs.modules():
        if isinstance(module, nn.BatchNorm2d):  # a fresh one leaves everything as it is, wherever it stands
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)
    theirs(pictures)  # and learns means and variances from this
    ours.load_state_dict({_ours(name): tensor for name, tensor in theirs.state_dict().items()})
    with torch.no_grad():
        torch.testing.assert_close(ours.eval()(pictures)[0], theirs.eval()(pictures), rtol=1e-5, atol=1e-5)
    learned = sum(weight.numel() for weight in theirs.parameters())
    assert analyse(document, Path()).parameters == sum(weight.numel() for weight in ours.parameters()) == learned


def _ours(name: str) -> str:
    for theirs, ours in OURS:
        name = re.sub(theirs, ours, name)
    return name


def test_pictures_are_normalised_by_a_step_that_can_be_seen() -> None:
    data = model_zoo.document("cifar10_resnet18").data
    assert data is not None
    assert [step.op for step in data.columns["image"].steps or ()] == ["normalise"]
