"""Networks that hear: a log-mel spectrogram is read as a picture of time and pitch."""

from model_zoo.ends import ended, input_of
from model_zoo.pictures import conv_unit
from model_zoo.sketch import Sketch
from workbench.core.analysis import ColumnSummary
from workbench.core.document import Data, Document, Training


def audio_cnn(title: str, data: Data, audio: ColumnSummary, *targets: ColumnSummary) -> Document:
    """Convolutions over mel bands and time.

    What sounds when, and how high, is kept for the last layer: a mean over all of it would make a word of what it is
    made of, in any order.
    """
    sketch = Sketch()
    end = sketch.layers([("unsqueeze_1", "unsqueeze", {"dim": 1})], sketch.layer(input_of(audio)))
    for number, channels in enumerate((16, 32, 64, 64), 1):
        pool = (f"max_pool2d_{number}", "max_pool2d", {"kernel_size": 2})
        end = sketch.layers([*conv_unit(number, channels), pool], end)
    end = sketch.layers([("flatten_1", "flatten", {}), ("dropout_1", "dropout", {"p": 0.5})], end)
    for target in targets:
        ended(sketch, end, target)
    training = Training(optimizer="adamw", epochs=30, batch_size=32, weight_decay=0.01, schedule="one_cycle")
    return sketch.document(title, data, training)
