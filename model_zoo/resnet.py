"""Residual networks (He et al., Deep Residual Learning for Image Recognition, 2015)."""

from model_zoo.blocks import projection_block, residual_block
from model_zoo.registry import model
from model_zoo.sketch import chain, with_parts
from workbench.core.document import ColumnUse, Data, Document, Settings, Step, Training


@model("ResNet-18", "Vision")
def resnet18() -> Document:
    """Eighteen layers with skip connections, made of two kinds of blocks; its stem is cut to small pictures."""
    data, training = Data("digits"), Training(epochs=10, batch_size=64)
    return _resnet18("ResNet-18", data, training, {"kernel_size": 3, "stride": 2, "padding": 1})


@model("ResNet-18 for CIFAR-10", "Vision")
def cifar10_resnet18() -> Document:
    """Exactly torchvision's, with ten classes, for 50,000 small photos: normalised pictures, SGD with momentum."""
    training = Training(optimizer="sgd", learning_rate=1e-3, momentum=0.9, epochs=10, batch_size=4)
    stem = {"kernel_size": 7, "stride": 2, "padding": 3}
    normalised = ColumnUse(steps=(Step("normalise", {"by": "cifar10"}),))
    return _resnet18("ResNet-18 for CIFAR-10", Data("cifar10", columns={"image": normalised}), training, stem)


def _resnet18(title: str, data: Data, training: Training, stem: Settings) -> Document:
    return with_parts(
        chain(
            title,
            ("image", "input", {"column": "image"}),
            ("conv2d_1", "conv2d", {"out_channels": 64, **stem, "bias": False}),
            ("batch_norm2d_1", "batch_norm2d", {}),
            ("relu_1", "relu", {}),
            ("max_pool2d_1", "max_pool2d", {"kernel_size": 3, "stride": 2, "padding": 1}),
            ("stage_1", "block", {"definition": "residual_block", "repeat": 2}),
            *(
                layer
                for number, channels in enumerate((128, 256, 512), 2)
                for layer in (
                    (f"down_{number}", "block", _use("projection_block", channels)),
                    (f"stage_{number}", "block", _use("residual_block", channels)),
                )
            ),
            ("global_avg_pool_1", "global_avg_pool", {}),
            ("linear_1", "linear", {"out_features": 10}),
            ("label", "output", {"task": "classification", "target": "label"}),
            data=data,
            training=training,
        ),
        residual_block(),
        projection_block(),
    )


def _use(block: str, channels: int) -> Settings:
    return {"definition": block, "arguments": {"channels": channels}}
