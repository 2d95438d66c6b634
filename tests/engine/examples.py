"""What each layer is tried with: settings and inputs.

A layer that is not listed gets one input of 6 × 8, or what its name (1d, 2d, 3d) asks for.
"""

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


class Positive(Known):
    """A tensor of positive numbers: what logarithms and roots want."""


IMAGE, STRIP, SEQUENCE = known(4, 9, 7), known(4, 12), known(6, 8)
VOLUME = known(4, 5, 6, 7)
SIZED = {"1d": STRIP, "2d": IMAGE, "3d": VOLUME}
"""What layers get that exist for sequences, images and volumes."""
TOKENS = known(5, dtype="int64")
MASK = known(6, dtype="bool")
TOKENS_2D = known(6, 8, dtype="int64")
IMAGE_5 = known(5, 9, 7)

Way = tuple[Settings, tuple[Known | None, ...]]

WAYS: dict[str, list[Way]] = {
    "linear": [({}, (known(6),)), ({"bias": False, "out_features": 3}, (SEQUENCE,))],
    "flatten": [({}, (IMAGE,)), ({"start_dim": 2}, (IMAGE,)), ({"end_dim": 2}, (IMAGE,))],
    "reshape": [({"shape": (-1, 3)}, (SEQUENCE,)), ({"shape": (2, 4, 6)}, (SEQUENCE,))],
    "permute": [({}, (SEQUENCE,)), ({"dims": (3, 1, 2)}, (IMAGE,))],
    "embedding": [
        ({"num_embeddings": 11, "embedding_dim": 3}, (TOKENS,)),
        ({"num_embeddings": 11, "embedding_dim": 3, "padding_idx": 2}, (known(4, 3, dtype="int64"),)),
    ],
    "batch_norm1d": [({}, (known(6),)), ({"affine": False}, (STRIP,)), ({"track_running_stats": False}, (STRIP,))],
    "batch_norm2d": [({}, (IMAGE,))],
    "instance_norm2d": [({"affine": True}, (IMAGE,)), ({"track_running_stats": True}, (IMAGE,))],
    "position_embedding": [({"num_positions": 9}, (SEQUENCE,))],
    "layer_norm": [
        ({}, (SEQUENCE,)),
        ({"axes": 2, "elementwise_affine": False}, (SEQUENCE,)),
        ({"bias": False}, (SEQUENCE,)),
    ],
    "rms_norm": [({}, (SEQUENCE,)), ({"axes": 2, "eps": 1e-6}, (IMAGE,))],
    "group_norm": [({"num_groups": 2}, (IMAGE,)), ({"num_groups": 2}, (known(4),))],
    "local_response_norm": [({"size": 3, "alpha": 0.5}, (IMAGE,))],
    "feature_alpha_dropout": [({}, (IMAGE,))],
    "conv1d": [({"out_channels": 3}, (STRIP,)), ({"padding": "same", "kernel_size": 4}, (STRIP,))],
    "conv2d": [
        ({"out_channels": 3}, (IMAGE,)),
        ({"padding": "same", "kernel_size": (4, 3), "dilation": 2}, (IMAGE,)),
        ({"stride": (2, 1), "padding": (1, 2), "groups": 4, "out_channels": 8, "bias": False}, (IMAGE,)),
        ({"padding": "valid", "dilation": (2, 1)}, (IMAGE,)),
        ({"padding": 2, "padding_mode": "reflect"}, (IMAGE,)),
        ({"padding": (1, 2), "padding_mode": "replicate"}, (IMAGE,)),
        ({"padding": "same", "padding_mode": "circular"}, (IMAGE,)),
    ],
    "conv3d": [({"kernel_size": (3, 2, 1), "padding": 1, "out_channels": 3}, (VOLUME,))],
    "conv_transpose2d": [
        ({"out_channels": 3}, (IMAGE,)),
        ({"stride": 3, "output_padding": (2, 1), "padding": 0, "groups": 2, "out_channels": 4}, (IMAGE,)),
        ({"dilation": 2, "kernel_size": 3}, (IMAGE,)),
    ],
    "unfold": [({}, (IMAGE,)), ({"kernel_size": (3, 2), "stride": 2, "padding": 1}, (IMAGE,))],
    "fold": [({"output_size": (5, 4), "kernel_size": 2}, (known(8, 12),))],
    "max_pool1d": [({}, (STRIP,)), ({"kernel_size": 4, "stride": 1}, (STRIP,)), ({"return_indices": True}, (STRIP,))],
    "max_pool2d": [
        ({"kernel_size": (3, 2), "stride": (1, 2), "padding": 1}, (IMAGE,)),
        ({"return_indices": True, "ceil_mode": True, "dilation": 2}, (IMAGE,)),
    ],
    "max_unpool2d": [({"kernel_size": 3}, (known(4, 1, 1), known(4, 1, 1, dtype="int64")))],
    "avg_pool2d": [
        ({"kernel_size": 3, "stride": 2, "padding": 1}, (IMAGE,)),
        ({"kernel_size": 2, "ceil_mode": True, "count_include_pad": False}, (IMAGE,)),
    ],
    "lp_pool2d": [({"norm_type": 4.0, "kernel_size": (2, 3)}, (IMAGE,))],
    "adaptive_avg_pool2d": [({"output_size": (3, 2)}, (IMAGE,)), ({"output_size": 1}, (IMAGE,))],
    "adaptive_max_pool2d": [({"output_size": (3, 2)}, (IMAGE,)), ({"output_size": 1}, (IMAGE,))],
    "global_avg_pool": [({}, (IMAGE,)), ({}, (STRIP,))],
    "global_max_pool": [({}, (IMAGE,)), ({}, (STRIP,))],
    "zero_pad2d": [({}, (IMAGE,)), ({"padding": (1, 0, -2, 3)}, (IMAGE,))],
    "constant_pad1d": [({"value": 2.5, "padding": (2, 1)}, (STRIP,))],
    "gelu": [({}, (SEQUENCE,)), ({"approximate": "tanh"}, (SEQUENCE,))],
    "prelu": [({}, (SEQUENCE,)), ({"per_channel": True}, (IMAGE,))],
    "softmax": [({}, (SEQUENCE,)), ({"dim": 1}, (SEQUENCE,)), ({"dim": -2}, (SEQUENCE,))],
    "add": [({}, (SEQUENCE, SEQUENCE)), ({"num_inputs": 3}, (SEQUENCE, known(1, 8), known(6, 1)))],
    "multiply": [({}, (SEQUENCE, SEQUENCE)), ({"num_inputs": 3}, (IMAGE, known(4, 1, 1), IMAGE))],
    "minimum": [({}, (SEQUENCE, SEQUENCE))],
    "maximum": [({"num_inputs": 3}, (SEQUENCE, SEQUENCE, SEQUENCE))],
    "subtract": [({}, (SEQUENCE, known(1, 8))), ({}, (SEQUENCE, TOKENS_2D))],
    "divide": [({}, (SEQUENCE, Positive((6, 8))))],
    "pow": [({}, (SEQUENCE,)), ({"exponent": 0.5}, (Positive((6, 8)),))],
    "clamp": [({}, (SEQUENCE,)), ({"min": None}, (SEQUENCE,))],
    "scale": [({"factor": 0.5, "offset": -1.0}, (SEQUENCE,))],
    "cast": [({}, (MASK,)), ({"dtype": "int64"}, (SEQUENCE,)), ({"dtype": "bool"}, (TOKENS,)), ({}, (TOKENS,))],
    "compare": [({"operator": name}, (SEQUENCE, SEQUENCE)) for name in ("lt", "ge")]
    + [({"operator": "ne"}, (TOKENS, None)), ({"operator": "gt", "value": 0.5}, (SEQUENCE, None))],
    "logical": [({"operator": name}, (MASK, MASK)) for name in ("and", "or", "xor")],
    "logical_not": [({}, (MASK,))],
    "where": [({}, (known(6, 8, dtype="bool"), SEQUENCE, SEQUENCE))],
    "masked_fill": [
        ({}, (SEQUENCE, known(6, 1, dtype="bool"))),
        ({"value": 0.5}, (IMAGE, known(1, 1, 7, dtype="bool"))),
    ],
    "causal_mask": [({}, (known(5, 5),)), ({"value": 0.0, "diagonal": 1}, (known(2, 5, 6),))],
    "mean": [({}, (SEQUENCE,)), ({"dim": (1, -1), "keepdim": True}, (IMAGE,))],
    "sum": [({"dim": (2,)}, (IMAGE,))],
    "norm": [({}, (SEQUENCE,)), ({"ord": 1.0, "dim": (1, 2)}, (IMAGE,))],
    "topk": [({"k": 3}, (SEQUENCE,)), ({"k": 2, "dim": 1, "largest": False}, (SEQUENCE,))],
    "sort": [({}, (SEQUENCE,)), ({"descending": True, "dim": 1}, (SEQUENCE,))],
    "cosine_similarity": [({}, (SEQUENCE, SEQUENCE)), ({"dim": 1}, (SEQUENCE, known(1, 8)))],
    "pairwise_distance": [({}, (SEQUENCE, SEQUENCE)), ({"p": 1.0, "keepdim": True}, (known(8), known(8)))],
    "cdist": [({}, (SEQUENCE, known(3, 8)))],
    "concat": [({}, (SEQUENCE, known(2, 8))), ({"dim": -1, "num_inputs": 3}, (SEQUENCE, SEQUENCE, known(6, 1)))],
    "stack": [({}, (SEQUENCE, SEQUENCE)), ({"dim": -1}, (SEQUENCE, SEQUENCE))],
    "chunk": [({}, (SEQUENCE,)), ({"num_outputs": 3, "dim": 1}, (SEQUENCE,))],
    "split": [({}, (SEQUENCE,)), ({"num_outputs": 3, "split_sizes": (1, -1, 2), "dim": 1}, (SEQUENCE,))],
    "unbind": [({"num_outputs": 6}, (SEQUENCE,))],
    "select": [({}, (SEQUENCE,)), ({"dim": -1, "index": 3}, (IMAGE,))],
    "slice": [({}, (SEQUENCE,)), ({"dim": -1, "start": 1, "end": -2, "step": 2}, (IMAGE,))],
    "index_select": [({"index": (3, 0, 3)}, (SEQUENCE,))],
    "gather": [({}, (SEQUENCE, known(6, 3, dtype="int64"))), ({"dim": 1}, (SEQUENCE, known(4, 8, dtype="int64")))],
    "pick": [({}, (SEQUENCE, known(dtype="int64"))), ({}, (IMAGE_5, known(3, dtype="int64")))],
    "one_hot": [({}, (TOKENS,))],
    "unflatten": [
        ({"unflattened_size": (2, -1)}, (SEQUENCE,)),
        ({"dim": -1, "unflattened_size": (2, 2, 2)}, (SEQUENCE,)),
    ],
    "transpose": [({}, (SEQUENCE,)), ({"dim0": 1, "dim1": 3}, (IMAGE,))],
    "squeeze": [({}, (known(1, 8),)), ({"dim": -1}, (known(8, 1),))],
    "unsqueeze": [({}, (SEQUENCE,)), ({"dim": -1}, (SEQUENCE,))],
    "expand": [({"sizes": (6, -1)}, (known(1, 8),))],
    "tile": [({"repeats": (2, 1)}, (SEQUENCE,))],
    "roll": [({}, (SEQUENCE,)), ({"shifts": (1, -2), "dims": (1, 2)}, (IMAGE,))],
    "flip": [({}, (SEQUENCE,)), ({"dims": (1, 2)}, (IMAGE,))],
    "bilinear": [
        ({"out_features": 3}, (known(5), known(4))),
        ({"bias": False, "out_features": 3}, (SEQUENCE, SEQUENCE)),
    ],
    "matmul": [({}, (SEQUENCE, known(8, 3))), ({"transpose_b": True}, (known(2, 6, 8), known(2, 5, 8)))],
    "einsum": [
        ({}, (SEQUENCE, known(8, 3))),
        ({"equation": "b i, b j -> b i j"}, (known(5), known(4))),
    ],
    "constant": [({"shape": (2, 3), "value": 1.5}, (known(4),))],
    "parameter": [({"shape": (2, 3)}, (known(4),))],
    "upsample": [
        ({}, (STRIP,)),
        ({"mode": "bilinear", "size": (11, 5)}, (IMAGE,)),
        ({"mode": "bicubic", "align_corners": True}, (IMAGE,)),
        ({"mode": "trilinear", "scale_factor": 1.5}, (VOLUME,)),
        ({"mode": "linear"}, (STRIP,)),
        ({"scale_factor": 0.5}, (IMAGE,)),
    ],
    "pixel_shuffle": [({}, (IMAGE,))],
    "pixel_unshuffle": [({}, (known(3, 8, 6),))],
    "channel_shuffle": [({}, (IMAGE,)), ({}, (known(6),))],
    "pad": [({}, (SEQUENCE,)), ({"dim": -2, "before": 1, "behind": -2, "value": 0.5}, (SEQUENCE,))],
    "multihead_attention": [
        ({"num_heads": 2}, (SEQUENCE, *[None] * 4)),
        ({"num_heads": 2, "causal": True, "bias": False}, (SEQUENCE, *[None] * 4)),
        ({"num_heads": 2}, (SEQUENCE, known(5, 3), None, None, None)),
        ({"num_heads": 2, "need_weights": True}, (SEQUENCE, known(5, 3), known(5, 7), known(5, dtype="bool"), None)),
        ({"num_heads": 2, "causal": True}, (SEQUENCE, None, None, MASK, known(6, 6, dtype="bool"))),
    ],
    "scaled_dot_product_attention": [
        ({}, (SEQUENCE, known(5, 8), known(5, 3), None)),
        ({"causal": True}, (known(2, 6, 4), known(2, 6, 4), known(2, 6, 4), known(6, 6, dtype="bool"))),
    ],
    "transformer_encoder_layer": [
        ({"nhead": 2, "dim_feedforward": 12}, (SEQUENCE, None)),
        (
            {"nhead": 2, "dim_feedforward": 12, "causal": True, "norm_first": True, "activation": "gelu"},
            (SEQUENCE, MASK),
        ),
    ],
    "transformer_encoder": [({"nhead": 2, "dim_feedforward": 12, "final_norm": True, "bias": False}, (SEQUENCE, None))],
    "transformer_decoder_layer": [({"nhead": 2, "dim_feedforward": 12}, (SEQUENCE, known(5, 8), None, None))],
    "transformer_decoder": [
        ({"nhead": 2, "dim_feedforward": 12, "num_layers": 1}, (SEQUENCE, known(5, 8), MASK, known(5, dtype="bool")))
    ],
    "transformer": [
        (
            {"nhead": 2, "dim_feedforward": 12, "num_encoder_layers": 1, "num_decoder_layers": 1},
            (SEQUENCE, known(5, 8), MASK, None),
        )
    ],
    "embedding_bag": [
        ({"mode": "sum"}, (TOKENS,)),
        ({"padding_idx": 1}, (TOKENS,)),
        ({"mode": "max", "padding_idx": 1}, (TOKENS,)),
    ],
    "sinusoidal_encoding": [({}, (SEQUENCE,)), ({}, (known(5, 7),))],
    "rotary_embedding": [({}, (SEQUENCE,)), ({"base": 100.0}, (known(2, 6, 8),))],
}
for dims in (1, 3):
    inputs = (known(4, *[1] * dims), known(4, *[1] * dims, dtype="int64"))
    WAYS[f"max_unpool{dims}d"] = [({"kernel_size": 5 if dims == 1 else 2}, inputs)]
RECURRENT: list[Way] = [
    ({"hidden_size": 5, "num_layers": layers, "bidirectional": both, "bias": bias}, (SEQUENCE, None))
    for layers, both, bias in ((1, False, True), (2, False, False), (2, True, True))
]
STATES: Settings = {
    "hidden_size": 5,
    "num_layers": 2,
    "bidirectional": True,
    "initial_state": True,
    "final_state": True,
}
PADDED: list[Way] = [
    ({"hidden_size": 5, "num_layers": 2, "bidirectional": True}, (SEQUENCE, MASK)),
    ({"hidden_size": 5}, (SEQUENCE, MASK)),
]
WAYS |= {
    "lstm": [
        *RECURRENT,
        *PADDED,
        (STATES, (SEQUENCE, None, known(4, 5), known(4, 5))),
        (STATES, (SEQUENCE, MASK, None, known(4, 5))),
    ],
    "gru": [
        *RECURRENT[1:],
        *PADDED,
        (STATES, (SEQUENCE, MASK, known(4, 5))),
        ({"final_state": True}, (SEQUENCE, None)),
    ],
    "rnn": [RECURRENT[0], PADDED[0], ({"nonlinearity": "relu", **STATES}, (SEQUENCE, MASK, known(4, 5)))],
    "padding_mask": [({}, (TOKENS,)), ({"padding_idx": 2}, (TOKENS,))],
}
WAYS |= {name: [({}, (SEQUENCE, None)), ({}, (SEQUENCE, MASK))] for name in ("last_step", "masked_mean", "masked_max")}
WAYS |= {name: [({}, (Positive((6, 8)),))] for name in ("log", "log1p", "sqrt", "rsqrt", "reciprocal")}

STEPS = {
    "sign", "floor", "ceil", "round", "compare", "logical", "logical_not", "argmax", "argmin", "one_hot", "constant",
    "parameter", "padding_mask",
}  # fmt: skip
"""Layers whose outputs do not change when their inputs change a little: no gradient gets through."""

SHAPELESS = {"input", "output"}
"""The ends of a network compute nothing."""

EXAMPLES = [
    Example(key, settings, inputs)
    for key in LAYERS
    if key not in SHAPELESS
    for settings, inputs in WAYS.get(key, [({}, (SIZED.get(key[-2:], SEQUENCE),))])
]


def ids(value: Any) -> str | None:
    return str(value) if isinstance(value, Example) else None
