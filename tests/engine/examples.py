"""What each layer is tried with: settings and inputs. A layer that is not listed gets one input of 6 × 8."""

from dataclasses import dataclass, field
from typing import Any

from workbench.core.document import Settings
from workbench.engine.layers import LAYERS
from workbench.engine.layers.base import Known, Layer, layer_of


@dataclass(frozen=True)
class Example:
    """One way to use a layer."""

    key: str
    settings: Settings = field(default_factory=dict)
    inputs: tuple[Known | None, ...] = ()

    @property
    def layer(self) -> Layer:
        return layer_of(self.key, self.settings)

    def __str__(self) -> str:
        words = [f"{name}={value}" for name, value in self.settings.items()]
        return "-".join([self.key, *words, *("x".join(map(str, x.shape)) for x in self.inputs if x)]).replace(" ", "")


def known(*shape: int, dtype: str = "float32") -> Known:
    return Known(shape, dtype)


IMAGE, STRIP, SEQUENCE = known(4, 9, 7), known(4, 12), known(6, 8)
TOKENS = known(5, dtype="int64")

WAYS: dict[str, list[tuple[Settings, tuple[Known | None, ...]]]] = {
    "linear": [({}, (known(6),)), ({"bias": False, "out_features": 3}, (SEQUENCE,))],
    "flatten": [({}, (IMAGE,)), ({"start_dim": 2}, (IMAGE,)), ({"end_dim": 2}, (IMAGE,))],
    "reshape": [({"shape": (-1, 3)}, (SEQUENCE,)), ({"shape": (2, 4, 6)}, (SEQUENCE,))],
    "permute": [({}, (SEQUENCE,)), ({"dims": (3, 1, 2)}, (IMAGE,))],
    "embedding": [({"num_embeddings": 11, "embedding_dim": 3}, (TOKENS,))],
    "batch_norm1d": [({}, (known(6),)), ({"affine": False}, (STRIP,))],
    "batch_norm2d": [({}, (IMAGE,))],
    "layer_norm": [({}, (SEQUENCE,)), ({"axes": 2, "elementwise_affine": False}, (SEQUENCE,))],
    "group_norm": [({"num_groups": 2}, (IMAGE,)), ({"num_groups": 2}, (known(4),))],
    "conv1d": [({"out_channels": 3}, (STRIP,)), ({"padding": "same", "kernel_size": 4}, (STRIP,))],
    "conv2d": [
        ({"out_channels": 3}, (IMAGE,)),
        ({"padding": "same", "kernel_size": (4, 3), "dilation": 2}, (IMAGE,)),
        ({"stride": (2, 1), "padding": (1, 2), "groups": 4, "out_channels": 8, "bias": False}, (IMAGE,)),
        ({"padding": "valid"}, (IMAGE,)),
    ],
    "conv_transpose2d": [
        ({"out_channels": 3}, (IMAGE,)),
        ({"stride": 3, "output_padding": (2, 1), "padding": 0, "groups": 2, "out_channels": 4}, (IMAGE,)),
    ],
    "max_pool1d": [({}, (STRIP,)), ({"kernel_size": 4, "stride": 1}, (STRIP,))],
    "max_pool2d": [({}, (IMAGE,)), ({"kernel_size": (3, 2), "stride": (1, 2), "padding": 1}, (IMAGE,))],
    "avg_pool2d": [({}, (IMAGE,)), ({"kernel_size": 3, "stride": 2, "padding": 1}, (IMAGE,))],
    "adaptive_avg_pool2d": [({"output_size": (3, 2)}, (IMAGE,)), ({"output_size": 1}, (IMAGE,))],
    "global_avg_pool": [({}, (IMAGE,)), ({}, (STRIP,))],
    "global_max_pool": [({}, (IMAGE,)), ({}, (STRIP,))],
    "gelu": [({}, (SEQUENCE,)), ({"approximate": "tanh"}, (SEQUENCE,))],
    "softmax": [({}, (SEQUENCE,)), ({"dim": 1}, (SEQUENCE,)), ({"dim": -2}, (SEQUENCE,))],
    "add": [({}, (SEQUENCE, SEQUENCE)), ({"num_inputs": 3}, (SEQUENCE, known(1, 8), known(6, 1)))],
    "multiply": [({}, (SEQUENCE, SEQUENCE)), ({"num_inputs": 3}, (IMAGE, known(4, 1, 1), IMAGE))],
    "concat": [({}, (SEQUENCE, known(2, 8))), ({"dim": -1, "num_inputs": 3}, (SEQUENCE, SEQUENCE, known(6, 1)))],
    "matmul": [({}, (SEQUENCE, known(8, 3))), ({"transpose_b": True}, (known(2, 6, 8), known(2, 5, 8)))],
    "multihead_attention": [
        ({"num_heads": 2}, (SEQUENCE, None, None)),
        ({"num_heads": 2, "causal": True, "bias": False}, (SEQUENCE, None, None)),
        ({"num_heads": 2}, (SEQUENCE, known(5, 3), None)),
        ({"num_heads": 2}, (SEQUENCE, known(5, 3), known(5, 7))),
    ],
    "transformer_encoder_layer": [
        ({"nhead": 2, "dim_feedforward": 12}, (SEQUENCE,)),
        ({"nhead": 2, "dim_feedforward": 12, "causal": True, "norm_first": True, "activation": "gelu"}, (SEQUENCE,)),
    ],
}
RECURRENT = [
    ({"hidden_size": 5, "num_layers": layers, "bidirectional": both, "bias": bias}, (SEQUENCE,))
    for layers, both, bias in ((1, False, True), (2, False, False), (1, True, True), (2, True, True))
]
WAYS |= {"lstm": RECURRENT, "gru": RECURRENT}

SHAPELESS = {"input", "output"}
"""The ends of a network compute nothing."""

EXAMPLES = [
    Example(key, settings, inputs)
    for key in LAYERS
    if key not in SHAPELESS
    for settings, inputs in WAYS.get(key, [({}, (SEQUENCE,))])
]


def ids(value: Any) -> str | None:
    return str(value) if isinstance(value, Example) else None
