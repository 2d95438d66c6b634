"""Networks that tell what is on a picture of any size."""

from model_zoo.blocks import projection_block, residual_block
from model_zoo.ends import ended, input_of
from model_zoo.sketch import Row, Sketch, with_parts
from workbench.core.analysis import ColumnSummary
from workbench.core.document import Data, Document, Training


def conv_unit(number: int, channels: int, stride: int = 1) -> list[Row]:
    """A 3 × 3 convolution that keeps the size, normalised, with ReLU."""
    conv = {"out_channels": channels, "kernel_size": 3, "stride": stride, "padding": 1, "bias": False}
    return [
        (f"conv2d_{number}", "conv2d", conv),
        (f"batch_norm2d_{number}", "batch_norm2d", {}),
        (f"relu_{number}", "relu", {}),
    ]


def halvings(image: ColumnSummary, least: int = 4) -> int:
    """How often a picture's sides can be halved before the shorter one is under `least` pixels."""
    side = min(axis for axis in image.shape[1:] if isinstance(axis, int))
    return max(1, (side // least).bit_length() - 1)


def picture_cnn(title: str, data: Data, image: ColumnSummary, *targets: ColumnSummary) -> Document:
    """Convolutions and poolings until little of the picture's size is left, then the mean over what is left."""
    sketch = Sketch()
    end = sketch.layer(input_of(image))
    for number in range(1, min(4, halvings(image)) + 1):
        unit = conv_unit(number, 16 * 2**number)
        end = sketch.layers([*unit, (f"max_pool2d_{number}", "max_pool2d", {"kernel_size": 2})], end)
    last = [("global_avg_pool_1", "global_avg_pool", {}), ("dropout_1", "dropout", {"p": 0.25})]
    end = sketch.layers(last, end)
    for target in targets:
        ended(sketch, end, target)
    training = Training(optimizer="adamw", epochs=15, batch_size=64, weight_decay=0.01, schedule="one_cycle")
    return sketch.document(title, data, training)


def picture_resnet(title: str, data: Data, image: ColumnSummary, *targets: ColumnSummary) -> Document:
    """A residual network (He et al., 2015) of 8 layers with a stem for small pictures, or for large ones."""
    sketch = Sketch()
    large = min(int(axis) for axis in image.shape[1:]) >= 96
    end = sketch.layers(conv_unit(1, 32, 2 if large else 1), sketch.layer(input_of(image)))
    if large:
        end = sketch.layer(("max_pool2d_1", "max_pool2d", {"kernel_size": 3, "stride": 2, "padding": 1}), end)
    rows: list[Row] = [("stage_1", "block", {"definition": "residual_block", "arguments": {"channels": 32}})]
    for number, channels in enumerate((64, 128), 2):
        arguments = {"channels": channels}
        rows.append((f"stage_{number}", "block", {"definition": "projection_block", "arguments": arguments}))
    rows += [("global_avg_pool_1", "global_avg_pool", {})]
    end = sketch.layers(rows, end)
    for target in targets:
        ended(sketch, end, target)
    training = Training(optimizer="adamw", epochs=15, batch_size=128, weight_decay=0.05, schedule="one_cycle")
    return with_parts(sketch.document(title, data, training), residual_block(), projection_block())
