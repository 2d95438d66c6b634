"""What every registered layer promises: a new one is tested on arrival."""

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.engine.examples import (
    EXAMPLES,
    IMAGE,
    MASK,
    SEQUENCE,
    SHAPELESS,
    STEPS,
    STRIP,
    TOKENS,
    TOKENS_2D,
    Example,
    Positive,
    ids,
    known,
)
from tests.graphs import chain
from workbench.core import edits, project, wording
from workbench.core.catalogue import misfit, port_names
from workbench.core.document import Document, Graph, Node, Settings, Wire
from workbench.core.problems import Problem, ProblemError
from workbench.engine.analyse import analyse, study
from workbench.engine.compile import Network, compiled
from workbench.engine.export import to_onnx
from workbench.engine.layers import LAYERS
from workbench.engine.layers.base import Known, Layer, layer_of
from workbench.engine.measure import measure, size_of
from workbench.engine.onnx_model import start

HERE = Path()

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")  # costs a copy, no more

every_example = pytest.mark.parametrize("example", EXAMPLES, ids=ids)
every_layer = pytest.mark.parametrize("key", list(LAYERS))


def real(spec: Known | None, batch: int) -> Tensor | None:
    if spec is None:
        return None
    if spec.dtype == "int64":
        return torch.randint(0, 5, (batch, *spec.shape))
    if spec.dtype == "bool":
        mask = torch.rand(batch, *spec.shape) > 0.5
        mask[..., 0] = False  # where all is masked out nothing is left to look at
        return mask
    numbers = torch.randn(batch, *spec.shape)
    return (numbers.abs() + 0.1 if isinstance(spec, Positive) else numbers).requires_grad_()


def outputs_of(result: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return result if isinstance(result, tuple) else (result,)


@every_example
def test_shapes_on_meta_are_those_of_a_real_run(example: Example) -> None:
    measured = measure(example.layer, example.inputs)
    assert not isinstance(measured, Exception), measured
    module = example.layer.build(*example.inputs)
    info = example.layer.info
    for batch in (2, 5):
        results = outputs_of(module(*(real(spec, batch) for spec in example.inputs)))
        assert len(results) == len(port_names(info.outputs, example.settings, info.fields))
        assert [(tuple(out.shape), str(out.dtype)) for out in results] == [
            ((batch, *spec.shape), f"torch.{spec.dtype}") for spec in measured.outputs
        ]
    assert measured.parameters == sum(parameter.numel() for parameter in module.parameters())
    assert 0 <= measured.output_bytes <= sum(map(size_of, measured.outputs))  # less where an output is a view


@every_example
def test_gradients_reach_every_weight_and_every_input(example: Example) -> None:
    torch.manual_seed(0)
    module = example.layer.build(*example.inputs)
    inputs = [real(spec, 4) for spec in example.inputs]
    results = outputs_of(module(*inputs))
    losses = [(out * torch.randn_like(out)).sum() for out in results if out.requires_grad]
    if losses:
        torch.stack(losses).sum().backward()
    floats = [tensor for tensor in inputs if tensor is not None and tensor.is_floating_point()]
    for name, tensor in [*module.named_parameters(), *((f"input {at}", x) for at, x in enumerate(floats))]:
        if name.startswith("input") and (example.key in STEPS or not losses):
            assert tensor.grad is None or not tensor.grad.any(), name
            continue
        assert tensor.grad is not None, name
        assert tensor.grad.isfinite().all(), name
        assert tensor.grad.abs().sum() > 0, name


@every_example
def test_settings_survive_a_project_file_and_make_an_equal_layer(example: Example) -> None:
    """The cache of shapes relies on equal layers."""
    defaults = {info.name: info.default for info in example.layer.info.fields}
    settings = {**defaults, **example.settings}
    document = Document(graph=Graph({"a": Node("a", example.key, settings)}))
    found = project.loads(project.dumps(document)).graph.nodes["a"]
    assert found.settings == settings
    again = layer_of(found.type, found.settings)
    assert (again, hash(again)) == (example.layer, hash(example.layer))


@every_layer
def test_a_layer_explains_itself(key: str) -> None:
    info = LAYERS[key].info
    assert info.title
    assert info.formula or key in SHAPELESS
    assert info.summary.endswith("."), "the docstring's first line is a sentence"
    assert len(info.summary) <= 120
    assert set(info.caption) <= {item.name for item in info.fields}
    for item in info.fields:
        assert item.label, item.name
        assert item.help, f"{item.name} needs a help text"
        assert misfit(item, item.default) is None, f"the default of {item.name} does not fit"
    assert len({port.name for port in (*info.inputs, *info.outputs)}) == len(info.inputs) + len(info.outputs)


@every_layer
def test_an_example_exists_or_the_default_one_fits(key: str) -> None:
    assert key in SHAPELESS or any(example.key == key for example in EXAMPLES)


def document_of(*examples: Example, axes: dict[int, str] | None = None) -> Document:
    """Side by side: inputs, the layer, and an output for each of its ports."""
    nodes: dict[str, Node] = {}
    wires = set()
    for place, example in enumerate(examples):
        info, layer = example.layer.info, f"layer{place}"
        nodes[layer] = Node(layer, example.key, example.settings)
        for port, spec in zip(port_names(info.inputs, example.settings, info.fields), example.inputs, strict=True):
            if spec is not None:
                name = f"x{place}_{port}"
                shape = tuple((axes or {}).get(axis, size) for axis, size in enumerate(spec.shape, 1))
                nodes[name] = Node(name, "input", {"shape": shape, "dtype": spec.dtype})
                wires.add(Wire(name, "out", layer, port))
        for port in port_names(info.outputs, example.settings, info.fields):
            nodes[f"y{place}_{port}"] = Node(f"y{place}_{port}", "output")
            wires.add(Wire(layer, port, f"y{place}_{port}", "in"))
    return Document(graph=Graph(nodes, frozenset(wires)))


@dataclass(frozen=True)
class Exported:
    """A network in evaluation mode, and a session of its ONNX file."""

    network: Network
    session: Any

    def differing(self, inputs: list[Tensor]) -> dict[str, str]:
        """The outputs that are not the same up to rounding, each with how they differ."""
        names = [item.name for item in self.session.get_inputs()]
        found = self.session.run(None, {name: x.detach().numpy() for name, x in zip(names, inputs, strict=True)})
        with torch.no_grad():
            expected = [out.numpy() for out in self.network(*inputs)]
        triples = zip(self.network.outputs, expected, found, strict=True)
        return {path: why for path, one, other in triples if (why := difference(one, other))}

    def agrees(self, inputs: list[Tensor]) -> None:
        assert self.differing(inputs) == {}


def difference(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> str:
    if (one.shape, one.dtype) != (other.shape, other.dtype):
        return f"{one.dtype} {one.shape} became {other.dtype} {other.shape}"
    a, b = one.astype(np.float64), other.astype(np.float64)
    same = np.isclose(a, b, rtol=0, atol=1e-5 * np.abs(a[np.isfinite(a)]).max(initial=0) + 1e-12)
    return "" if same.all() else f"{np.abs(a - b).max()} of {np.abs(a).max()}"


def exported(document: Document, axes: dict[int, str] | None = None) -> Exported:
    torch.manual_seed(0)
    found = study(document, HERE)
    network = compiled(found)
    specs = [found.known[path, "out"] for path in network.inputs]
    for _ in range(2):  # running means that are not zero
        network.train()(*reals(specs, 8))
    model = to_onnx(copy.deepcopy(network), reals(specs, 2), [{0: "batch", **(axes or {})} for _ in specs])
    session, _ = start(model.SerializeToString(), cpu_only=True)
    return Exported(network.eval(), session)


def reals(specs: Iterable[Known | None], batch: int) -> list[Tensor]:
    return [tensor.detach() for spec in specs if (tensor := real(spec, batch)) is not None]


TOGETHER = 50
"""Examples that are exported side by side in one file: an export costs seconds, however small the network."""


def unfaithful(examples: list[Example]) -> dict[str, str]:
    """The examples that cannot be exported or differ in the file; where one spoils the export, halving finds it."""
    try:
        both = exported(document_of(*examples))
    except ProblemError as error:
        half = len(examples) // 2
        return unfaithful(examples[:half]) | unfaithful(examples[half:]) if half else {str(examples[0]): str(error)}
    found: dict[str, str] = {}
    for batch in (1, 5):
        found |= both.differing(reals([spec for example in examples for spec in example.inputs], batch))
    return {str(examples[int(path[1:].partition("_")[0])]): why for path, why in found.items()}


@pytest.mark.parametrize("start", range(0, len(EXAMPLES), TOGETHER))
def test_onnx_agrees_at_two_batch_sizes(start: int) -> None:
    assert unfaithful(EXAMPLES[start : start + TOGETHER]) == {}


@pytest.mark.slow
@every_example
def test_onnx_agrees_one_by_one(example: Example) -> None:
    """Side by side a layer could lean on its neighbours."""
    assert unfaithful([example]) == {}


def test_a_second_export_in_one_process_works_too() -> None:
    """Torch's own exporter fails on the second bidirectional or deep one."""
    settings = {"hidden_size": 4, "num_layers": 2, "bidirectional": True}
    document = document_of(Example("lstm", settings, (SEQUENCE, None)), Example("gru", settings, (SEQUENCE, None)))
    for _ in range(2):
        exported(document).agrees([torch.randn(3, 6, 8)] * 2)


def input_names(key: str, settings: Settings) -> tuple[str, ...]:
    info = LAYERS[key].info
    return port_names(info.inputs, settings, info.fields)


VARIABLE = [
    Example(key, settings, (SEQUENCE, *[None] * (len(input_names(key, settings)) - 1)))
    for key, settings in (
        ("linear", {"out_features": 3}),
        ("lstm", {"hidden_size": 5, "bidirectional": True, "num_layers": 2}),
        ("gru", {"hidden_size": 5}),
        ("multihead_attention", {"num_heads": 2}),
        ("multihead_attention", {"num_heads": 2, "causal": True}),
        ("transformer_encoder_layer", {"nhead": 2, "dim_feedforward": 9, "causal": True}),
        ("layer_norm", {}),
        ("softmax", {}),
        ("relu", {}),
        ("sinusoidal_encoding", {}),
        ("rotary_embedding", {}),
        ("position_embedding", {}),
        ("cumsum", {"dim": 1}),
        ("flip", {"dims": (1,)}),
        ("last_step", {}),
        ("masked_mean", {}),
        ("masked_max", {}),
    )
]
POOLING = {"last_step", "masked_mean", "masked_max"}


@pytest.mark.parametrize("example", VARIABLE, ids=ids)
def test_analysis_knows_a_sequence_of_any_length(example: Example) -> None:
    found = analyse(document_of(example, axes={1: "seq"}), HERE)
    assert found.problems == ()
    assert found.nodes["layer0"].outputs["out"].shape == (
        (8,) if example.key in POOLING else ("seq", *found.nodes["layer0"].outputs["out"].shape[1:])
    )


def test_an_exported_sequence_may_have_any_length() -> None:
    both = exported(document_of(*VARIABLE, axes={1: "seq"}), axes={1: "seq"})
    for batch, length in ((1, 3), (4, 38), (2, 17)):
        both.agrees([torch.randn(batch, length, 8) for _ in VARIABLE])


def test_batch_norm_is_folded_and_agrees() -> None:
    document = chain(
        ("x", "input", {"shape": (3, 8, 8)}),
        ("conv", "conv2d", {"out_channels": 4, "padding": "same"}),
        ("norm", "batch_norm2d"),
        ("act", "relu"),
        ("up", "conv_transpose2d", {"out_channels": 2}),
        ("y", "output"),
    )
    exported(document).agrees([torch.randn(3, 3, 8, 8)])


# ---- padding

PADDABLE = [
    Example(key, {**settings}, (SEQUENCE, *rest))
    for key, settings, rest in (
        ("rnn", {"hidden_size": 5}, (MASK,)),
        ("lstm", {"hidden_size": 5}, (MASK,)),
        ("lstm", {"hidden_size": 5, "num_layers": 2, "bidirectional": True}, (MASK,)),
        ("lstm", {"hidden_size": 5, "bidirectional": True, "final_state": True}, (MASK,)),
        ("gru", {"hidden_size": 5, "num_layers": 2, "bidirectional": True, "final_state": True}, (MASK,)),
        ("last_step", {}, (MASK,)),
        ("masked_mean", {}, (MASK,)),
        ("masked_max", {}, (MASK,)),
        ("multihead_attention", {"num_heads": 2}, (None, None, MASK, None)),
        ("transformer_encoder_layer", {"nhead": 2, "dim_feedforward": 9, "dropout": 0.0}, (MASK,)),
        ("transformer_encoder", {"nhead": 2, "dim_feedforward": 9, "dropout": 0.0}, (MASK,)),
        ("transformer_decoder", {"nhead": 2, "dim_feedforward": 9, "dropout": 0.0}, (SEQUENCE, MASK, MASK)),
    )
]
every_paddable = pytest.mark.parametrize("example", PADDABLE, ids=ids)


def padded_batch(example: Example, lengths: list[int], more: int) -> tuple[list[Tensor | None], Tensor]:
    """Sequences of these lengths and `more` steps of padding behind the longest, with numbers in the padding."""
    torch.manual_seed(1)
    longest = max(lengths)
    padding = torch.arange(longest + more) >= torch.tensor(lengths)[:, None]
    whole = torch.cat([torch.randn(len(lengths), longest, 8), torch.full((len(lengths), more, 8), 9.0)], 1)
    inputs = [None if spec is None else padding if spec.dtype == "bool" else whole for spec in example.inputs]
    return inputs, padding


@every_paddable
@pytest.mark.parametrize("training", [True, False])
def test_padding_never_changes_an_answer(example: Example, training: bool) -> None:
    module = example.layer.build(*example.inputs).train(training)
    lengths = [6, 3, 1]
    results = []
    for more in (0, 4):
        inputs, padding = padded_batch(example, lengths, more)
        with torch.no_grad():
            outputs = outputs_of(module(*inputs))
        steps = [out for out in outputs if out.dim() == 3 and out.shape[1] == padding.shape[1]]
        results.append([*(out[:, :6][~padding[:, :6]] for out in steps), *(out for out in outputs if out.dim() == 2)])
    for one, other in zip(*results, strict=True):
        assert torch.allclose(one, other, atol=1e-6)
    for row, length in enumerate(lengths):  # alone and without padding it gives the same
        inputs, padding = padded_batch(example, lengths, 0)
        alone = [x if x is None else x[row : row + 1, :length] for x in inputs]
        with torch.no_grad():
            both = zip(outputs_of(module(*alone)), outputs_of(module(*inputs)), strict=True)
        for one, other in both:
            same = other[row : row + 1, :length] if other.dim() == 3 and other.shape[1] == 6 else other[row : row + 1]
            assert torch.allclose(one, same, atol=1e-5)


def test_padded_sequences_flow_through_the_file_as_through_torch() -> None:
    some = [example for example in PADDABLE if example.key in ("lstm", "gru", *POOLING)]
    document = document_of(*some, axes={1: "seq"})
    both = exported(document, axes={1: "seq"})
    for more in (0, 3):
        inputs = [x for example in some for x in padded_batch(example, [6, 3, 1], more)[0] if x is not None]
        both.agrees(inputs)


def test_packed_sequences_give_what_padded_ones_give() -> None:
    """Torch's own way of reading sequences of different lengths, which is slower."""
    lengths = [6, 3, 1]
    for key in ("rnn", "lstm", "gru"):
        example = Example(key, {"hidden_size": 5, "num_layers": 2, "bidirectional": True}, (SEQUENCE, MASK))
        module = example.layer.build(*example.inputs)
        (x, padding), _ = padded_batch(example, lengths, 2)
        packed = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True)  # type: ignore[arg-type]
        out, states = module.rnn(packed)
        expected = torch.nn.utils.rnn.pad_packed_sequence(out, batch_first=True, total_length=8)[0]
        found, last = module(x, padding)
        assert torch.allclose(found, expected, atol=1e-6)
        hidden = states[0] if isinstance(states, tuple) else states
        assert torch.allclose(last, torch.cat([hidden[-2], hidden[-1]], -1), atol=1e-6)


# ---- complaints

BAD: list[tuple[str, Settings, list[Known | None]]] = [
    ("linear", {}, [TOKENS]),
    ("linear", {}, [known()]),
    ("position_embedding", {"num_positions": 5}, [SEQUENCE]),
    ("relu", {}, [TOKENS]),
    ("dropout", {}, [TOKENS]),
    ("softmax", {"dim": 3}, [SEQUENCE]),
    ("softmax", {"dim": 0}, [SEQUENCE]),
    ("batch_norm1d", {}, [IMAGE]),
    ("batch_norm1d", {}, [known(2, 3, 4, 5)]),
    ("batch_norm1d", {}, [TOKENS]),
    ("batch_norm2d", {}, [SEQUENCE]),
    ("batch_norm2d", {}, [known(2, 3, 4, 5)]),
    ("layer_norm", {"axes": 3}, [SEQUENCE]),
    ("group_norm", {"num_groups": 3}, [IMAGE]),
    ("group_norm", {"num_groups": 2**50}, [IMAGE]),
    ("group_norm", {"num_groups": 4}, [known(4)]),
    ("group_norm", {"num_groups": 1}, [known(1)]),
    ("group_norm", {}, [known()]),
    ("embedding", {}, [SEQUENCE]),
    ("reshape", {"shape": (7, -1)}, [SEQUENCE]),
    ("reshape", {"shape": (-1, -1)}, [SEQUENCE]),
    ("reshape", {"shape": (0, 48)}, [SEQUENCE]),
    ("permute", {"dims": (1, 1)}, [SEQUENCE]),
    ("permute", {}, [IMAGE]),
    ("flatten", {"start_dim": 5}, [SEQUENCE]),
    ("conv1d", {}, [IMAGE]),
    ("conv1d", {}, [TOKENS]),
    ("conv1d", {"groups": 3}, [STRIP]),
    ("conv1d", {"padding": "same", "stride": 2}, [STRIP]),
    ("conv1d", {"kernel_size": 20}, [STRIP]),
    ("conv2d", {}, [known(28, 28)]),
    ("conv2d", {}, [known(784)]),
    ("conv2d", {"groups": 3}, [IMAGE]),
    ("conv2d", {"groups": 2**50}, [IMAGE]),
    ("conv2d", {"padding": "same", "stride": 2}, [IMAGE]),
    ("conv2d", {"padding": "same", "stride": 2, "kernel_size": (3, 5)}, [IMAGE]),
    ("conv2d", {"kernel_size": 11}, [IMAGE]),
    ("conv2d", {"kernel_size": 3, "dilation": 5}, [IMAGE]),
    ("conv_transpose2d", {}, [STRIP]),
    ("conv_transpose2d", {"output_padding": 3}, [IMAGE]),
    ("conv_transpose2d", {"padding": 40}, [IMAGE]),
    ("conv_transpose2d", {"groups": 3}, [IMAGE]),
    ("max_pool1d", {}, [IMAGE]),
    ("max_pool1d", {"kernel_size": 13}, [STRIP]),
    ("max_pool2d", {"padding": 2}, [IMAGE]),
    ("max_pool2d", {"kernel_size": 10}, [IMAGE]),
    ("avg_pool2d", {}, [STRIP]),
    ("avg_pool2d", {"padding": (2, 0)}, [IMAGE]),
    ("adaptive_avg_pool2d", {}, [SEQUENCE]),
    ("global_avg_pool", {}, [known(4)]),
    ("global_max_pool", {}, [TOKENS]),
    ("adaptive_max_pool3d", {}, [IMAGE]),
    ("lp_pool1d", {"kernel_size": 13}, [STRIP]),
    ("max_unpool1d", {}, [STRIP, known(4, 11, dtype="int64")]),
    ("max_unpool1d", {}, [STRIP, STRIP]),
    ("max_unpool1d", {"padding": 40}, [STRIP, known(4, 12, dtype="int64")]),
    ("conv2d", {"padding": 9, "padding_mode": "reflect"}, [IMAGE]),
    ("conv3d", {}, [IMAGE]),
    ("unfold", {"kernel_size": 11}, [IMAGE]),
    ("fold", {}, [IMAGE]),
    ("fold", {}, [SEQUENCE]),
    ("zero_pad1d", {}, [IMAGE]),
    ("zero_pad2d", {"padding": (1, 2)}, [IMAGE]),
    ("zero_pad2d", {"padding": (-9,)}, [IMAGE]),
    ("reflection_pad2d", {"padding": (7,)}, [IMAGE]),
    ("circular_pad1d", {"padding": (13,)}, [STRIP]),
    ("batch_norm3d", {}, [IMAGE]),
    ("instance_norm1d", {}, [IMAGE]),
    ("instance_norm1d", {}, [known(4, 1)]),
    ("local_response_norm", {}, [known(4)]),
    ("dropout2d", {}, [STRIP]),
    ("feature_alpha_dropout", {}, [known(4)]),
    ("rrelu", {"lower": 0.5}, [SEQUENCE]),
    ("hardtanh", {"min_val": 2.0}, [SEQUENCE]),
    ("glu", {"dim": 3}, [SEQUENCE]),
    ("glu", {}, [known(7)]),
    ("lstm", {}, [IMAGE, None]),
    ("gru", {}, [TOKENS, None]),
    ("rnn", {"initial_state": True}, [SEQUENCE, None, known(1, 5)]),
    ("lstm", {}, [SEQUENCE, known(5, dtype="bool")]),
    ("gru", {}, [SEQUENCE, SEQUENCE]),
    ("padding_mask", {}, [SEQUENCE]),
    ("padding_mask", {}, [TOKENS_2D]),
    ("last_step", {}, [SEQUENCE, known(5, dtype="bool")]),
    ("masked_mean", {}, [IMAGE, None]),
    ("masked_max", {}, [TOKENS, None]),
    ("embedding", {"padding_idx": 1000}, [TOKENS]),
    ("embedding_bag", {}, [TOKENS_2D]),
    ("sinusoidal_encoding", {}, [IMAGE]),
    ("rotary_embedding", {}, [known(6, 7)]),
    ("multihead_attention", {"num_heads": 3}, [SEQUENCE, *[None] * 4]),
    ("multihead_attention", {"num_heads": 2**50}, [SEQUENCE, *[None] * 4]),
    ("multihead_attention", {}, [IMAGE, *[None] * 4]),
    ("multihead_attention", {}, [SEQUENCE, known(5, 8), known(4, 8), None, None]),
    ("multihead_attention", {}, [SEQUENCE, None, known(4, 8), None, None]),
    ("multihead_attention", {"causal": True}, [SEQUENCE, known(5, 8), None, None, None]),
    ("multihead_attention", {}, [SEQUENCE, None, None, SEQUENCE, None]),
    ("multihead_attention", {}, [SEQUENCE, None, None, None, MASK]),
    ("scaled_dot_product_attention", {}, [SEQUENCE, known(5, 7), known(5, 7), None]),
    ("transformer_encoder_layer", {"nhead": 3}, [SEQUENCE, None]),
    ("transformer_encoder_layer", {}, [known(8), None]),
    ("transformer_encoder", {}, [SEQUENCE, known(5, dtype="bool")]),
    ("transformer_decoder", {}, [SEQUENCE, known(5, 12), None, None]),
    ("transformer", {}, [SEQUENCE, known(5, 12), None, None]),
    ("add", {}, [SEQUENCE, known(6, 7)]),
    ("add", {}, [MASK, MASK]),
    ("multiply", {}, [SEQUENCE, IMAGE]),
    ("divide", {}, [SEQUENCE, IMAGE]),
    ("exp", {}, [TOKENS]),
    ("pow", {}, [TOKENS]),
    ("scale", {}, [TOKENS]),
    ("clamp", {"min": None, "max": None}, [SEQUENCE]),
    ("clamp", {"min": 2.0}, [SEQUENCE]),
    ("compare", {}, [SEQUENCE, IMAGE]),
    ("compare", {}, [MASK, None]),
    ("logical", {}, [MASK, SEQUENCE]),
    ("logical", {}, [MASK, known(5, dtype="bool")]),
    ("logical_not", {}, [SEQUENCE]),
    ("where", {}, [SEQUENCE, SEQUENCE, SEQUENCE]),
    ("where", {}, [MASK, SEQUENCE, SEQUENCE]),
    ("masked_fill", {}, [SEQUENCE, MASK]),
    ("masked_fill", {}, [SEQUENCE, SEQUENCE]),
    ("causal_mask", {}, [known(8)]),
    ("mean", {"dim": (3,)}, [SEQUENCE]),
    ("mean", {"dim": ()}, [SEQUENCE]),
    ("mean", {"dim": (0,)}, [SEQUENCE]),
    ("mean", {"dim": (1, -2)}, [SEQUENCE]),
    ("mean", {}, [TOKENS]),
    ("std", {}, [known(1)]),
    ("normalize", {"dim": 3}, [SEQUENCE]),
    ("argmax", {"dim": 3}, [SEQUENCE]),
    ("argmax", {}, [MASK]),
    ("topk", {"k": 9}, [SEQUENCE]),
    ("sort", {}, [MASK]),
    ("cumsum", {"dim": 0}, [SEQUENCE]),
    ("cosine_similarity", {"dim": 3}, [SEQUENCE, SEQUENCE]),
    ("pairwise_distance", {}, [SEQUENCE, IMAGE]),
    ("cdist", {}, [SEQUENCE, known(3, 7)]),
    ("concat", {}, [SEQUENCE, known(6, 7)]),
    ("concat", {"dim": 4}, [SEQUENCE, SEQUENCE]),
    ("concat", {}, [SEQUENCE, IMAGE]),
    ("stack", {}, [SEQUENCE, known(6, 7)]),
    ("stack", {"dim": 4}, [SEQUENCE, SEQUENCE]),
    ("chunk", {"num_outputs": 3}, [SEQUENCE]),
    ("chunk", {}, [known(7)]),
    ("split", {"num_outputs": 3}, [SEQUENCE]),
    ("split", {"split_sizes": (3, 4)}, [SEQUENCE]),
    ("split", {"split_sizes": (8, -1)}, [SEQUENCE]),
    ("unbind", {}, [SEQUENCE]),
    ("unbind", {}, [known(17)]),
    ("select", {"index": 6}, [SEQUENCE]),
    ("slice", {"start": 6}, [SEQUENCE]),
    ("slice", {"end": -6}, [SEQUENCE]),
    ("index_select", {"index": (1, 6)}, [SEQUENCE]),
    ("index_select", {"index": ()}, [SEQUENCE]),
    ("gather", {}, [SEQUENCE, SEQUENCE]),
    ("gather", {}, [SEQUENCE, known(7, 2, dtype="int64")]),
    ("pick", {}, [SEQUENCE, SEQUENCE]),
    ("pick", {}, [known(), TOKENS]),
    ("one_hot", {}, [SEQUENCE]),
    ("unflatten", {"unflattened_size": (4, 4)}, [SEQUENCE]),
    ("transpose", {"dim0": 3}, [SEQUENCE]),
    ("squeeze", {}, [SEQUENCE]),
    ("squeeze", {}, [known(6, 1)]),
    ("unsqueeze", {"dim": 4}, [SEQUENCE]),
    ("expand", {"sizes": (3, 8)}, [SEQUENCE]),
    ("tile", {}, [SEQUENCE]),
    ("roll", {"shifts": (1, 2)}, [SEQUENCE]),
    ("flip", {"dims": (3,)}, [SEQUENCE]),
    ("bilinear", {}, [SEQUENCE, IMAGE]),
    ("matmul", {}, [SEQUENCE, SEQUENCE]),
    ("matmul", {}, [SEQUENCE, known(8)]),
    ("einsum", {"equation": "ij"}, [SEQUENCE, SEQUENCE]),
    ("einsum", {"equation": "bij,cjk->bik"}, [SEQUENCE, SEQUENCE]),
    ("einsum", {}, [SEQUENCE, IMAGE]),
    ("einsum", {}, [SEQUENCE, SEQUENCE]),
    ("upsample", {"mode": "trilinear"}, [IMAGE]),
    ("upsample", {"size": (3, 3)}, [STRIP]),
    ("upsample", {"scale_factor": 0.1}, [IMAGE]),
    ("upsample", {}, [known(8)]),
    ("pixel_shuffle", {"upscale_factor": 3}, [IMAGE]),
    ("pixel_unshuffle", {}, [IMAGE]),
    ("channel_shuffle", {"groups": 3}, [IMAGE]),
    ("pad", {"behind": -7}, [SEQUENCE]),
    ("pad", {"dim": 3}, [SEQUENCE]),
]  # fmt: skip


@pytest.mark.parametrize(("key", "settings", "inputs"), BAD, ids=str)
def test_a_complaint_has_words_and_its_remedy_remedies(
    key: str, settings: Settings, inputs: list[Known | None]
) -> None:
    document = document_of(Example(key, settings, tuple(inputs)))
    found = analyse(document, HERE)
    (complaint,) = found.problems
    assert (complaint.node, complaint.severity) == ("layer0", "error")
    assert complaint.code in wording.SENTENCES
    sentence = wording.what(complaint)
    assert "?" not in sentence + wording.remedy(complaint), sentence
    assert wording.remedy(complaint) or complaint.code not in needs_advice(), complaint.code
    if complaint.fix is not None:
        mended = analyse(edits.apply(document, complaint.fix), HERE)
        left = [item for item in mended.problems if (item.code, item.node) == (complaint.code, "layer0")]
        assert not left, (wording.what(complaint), complaint.fix)


def needs_advice() -> set[str]:
    """Codes that a layer raises without a remedy must say what to do."""
    return {code for code, (_, advice) in wording.SENTENCES.items() if advice}


def test_every_layer_that_checks_is_complained_of_here() -> None:
    checking = {key for key, cls in LAYERS.items() if cls.check is not Layer.check}
    complained = {key for key, _, _ in BAD}
    shared = {cls.check for key, cls in LAYERS.items() if key in complained}
    assert {key for key in checking if LAYERS[key].check not in shared} == set()


def test_a_chain_of_remedies_leads_from_an_image_to_classes() -> None:
    """What a newcomer gets by clicking every remedy."""
    from workbench.core.document import Data

    document = chain(
        ("x", "input"), ("conv", "conv2d", {"padding": "same", "stride": 2}), ("y", "output"), data=Data("digits")
    )
    for _ in range(6):
        errors: list[Problem] = [item for item in analyse(document, HERE).problems if item.severity == "error"]
        if not errors:
            break
        assert errors[0].fix is not None, errors[0]
        document = edits.apply(document, errors[0].fix)
    assert analyse(document, HERE).ok
    kinds = [document.graph.nodes[name].type for name in document.graph.nodes]
    assert sorted(kinds) == ["conv2d", "flatten", "input", "linear", "output"]


def test_pairs_of_settings_that_mean_the_same_are_the_same() -> None:
    for one, other in pairwise([3, (3,), (3, 3)]):
        a, b = (measure(layer_of("conv2d", {"kernel_size": size}), (IMAGE,)) for size in (one, other))
        assert a == b
