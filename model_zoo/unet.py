"""U-Net: a class for each pixel (Ronneberger, Fischer and Brox, 2015)."""

from model_zoo.ends import input_of, output_of
from model_zoo.pictures import halvings
from model_zoo.sketch import Row, Sketch
from workbench.core.analysis import ColumnSummary
from workbench.core.document import Data, Document, Training


def unet(title: str, data: Data, image: ColumnSummary, mask: ColumnSummary, width: int = 16) -> Document:
    """Down to small pictures of many channels and up again, with what was seen on the way down joined in.

    The sides of the picture should be multiples of 8; others are resized within, and back at the end.
    """
    sketch = Sketch()
    end = sketch.layer(input_of(image))
    depth = min(3, halvings(image, 8))
    sides = [tuple(int(axis) for axis in image.shape[1:])]
    seen: list[str] = []
    for level in range(depth):
        end = sketch.layers(_double(f"down_{level + 1}", width * 2**level), end)
        seen.append(end)
        end = sketch.layer((f"pool_{level + 1}", "max_pool2d", {"kernel_size": 2}), end)
        sides.append(tuple(side // 2 for side in sides[-1]))
    end = sketch.layers(_double("middle", width * 2**depth), end)
    for level in reversed(range(depth)):
        size = {"size": sides[level], "mode": "bilinear"}
        end = sketch.layer((f"upsample_{level + 1}", "upsample", size), end)
        end = sketch.layer((f"concat_{level + 1}", "concat", {"dim": 1}), end, seen[level])
        end = sketch.layers(_double(f"up_{level + 1}", width * 2**level), end)
    end = sketch.layer(("classes", "conv2d", {"out_channels": len(mask.classes), "kernel_size": 1}), end)
    sketch.layer(output_of(mask, "segmentation"), end)
    training = Training(optimizer="adamw", epochs=20, batch_size=16, weight_decay=0.01, schedule="one_cycle")
    return sketch.document(title, data, training)


def _double(name: str, channels: int) -> list[Row]:
    """Two convolutions that keep the size."""
    conv = {"out_channels": channels, "kernel_size": 3, "padding": 1, "bias": False}
    return [
        (f"{name}_{kind}_{number}", kind, conv if kind == "conv2d" else {})
        for number in (1, 2)
        for kind in ("conv2d", "batch_norm2d", "relu")
    ]
