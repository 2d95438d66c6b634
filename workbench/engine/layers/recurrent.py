"""Layers that read sequences step by step. Inputs are length × features."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from workbench.core.catalogue import PortInfo
from workbench.engine.layers.attention import check_mask
from workbench.engine.layers.base import Cost, Known, Layer, Misfit, layer
from workbench.engine.layers.checks import need_float, need_rank
from workbench.engine.layers.steps import PADDING, lengths_of
from workbench.engine.made import made
from workbench.engine.recurrent import gru_keeps, lstm_keeps
from workbench.engine.registry import Setting

OUT = PortInfo("out", help="The hidden state of the last layer at every step")
LAST = PortInfo("last", help="The final hidden state of the last layer (both directions, one after the other)")
FIRST_HIDDEN = PortInfo("h_0", optional=True, when="initial_state", help="Hidden states to begin with, else zeros")
FIRST_CELL = PortInfo("c_0", optional=True, when="initial_state", help="Memories to begin with, else zeros")
FINAL_HIDDEN = PortInfo("h_n", when="final_state", help="The final hidden states: one for each layer and direction")
FINAL_CELL = PortInfo("c_n", when="final_state", help="The final memories: one for each layer and direction")


class Recurrent(nn.Module):
    """An RNN, LSTM or GRU over batch-first sequences, with its states batch-first too."""

    def __init__(self, rnn: nn.RNNBase, final_state: bool = False) -> None:
        super().__init__()
        self.rnn, self.final_state = rnn, final_state

    def forward(
        self, x_BTF: Tensor, padding_BT: Tensor | None = None, h_0: Tensor | None = None, c_0: Tensor | None = None
    ) -> tuple[Tensor, ...]:
        """(batch, length, features) to (batch, length, hidden) and (batch, hidden).

        States to begin with, and those that follow where they are wanted, are (batch, layers · directions, hidden).
        What stands behind the last step that is no padding is not read, and comes out as zeros.
        """
        begin = [None if state is None else state.transpose(0, 1).contiguous() for state in (h_0, c_0)]
        there = next((state for state in begin if state is not None), None)
        given: Any = begin[0]
        if isinstance(self.rnn, nn.LSTM) and there is not None:
            given = tuple(torch.zeros_like(there) if state is None else state for state in begin)
        if padding_BT is None or x_BTF.is_meta:  # without data nobody knows the lengths
            out_BTH, found = self.rnn(x_BTF, given)
            states: tuple[Tensor, ...] = found if isinstance(found, tuple) else (found,)
        else:
            out_BTH, states = self._padded(x_BTF, lengths_of(padding_BT), given)
        directions = 2 if self.rnn.bidirectional else 1
        last_BH = torch.cat(tuple(states[0][-directions:]), dim=-1)
        finals = tuple(state.transpose(0, 1) for state in states) if self.final_state else ()
        return out_BTH, last_BH, *finals

    def _padded(self, x_BTF: Tensor, lengths_B: Tensor, given: Any) -> tuple[Tensor, tuple[Tensor, ...]]:
        """The same of sequences of these lengths.

        Torch reads packed sequences several times more slowly than padded ones. So each layer and direction reads
        all, the second one from the last step back; only an LSTM's memory at the end cannot be found in this way.
        """
        rnn, length = self.rnn, x_BTF.shape[1]
        if isinstance(rnn, nn.LSTM) and self.final_state:
            packed = pack_padded_sequence(x_BTF, lengths_B.cpu(), batch_first=True, enforce_sorted=False)
            out, states = rnn(packed, given)
            return pad_packed_sequence(out, batch_first=True, total_length=length)[0], states
        steps_T = torch.arange(length, device=x_BTF.device)
        behind_BT1 = (steps_T >= lengths_B[:, None]).unsqueeze(-1)
        back_BT1 = torch.where(behind_BT1[..., 0], steps_T, lengths_B[:, None] - 1 - steps_T).unsqueeze(-1)
        ends_B11 = (lengths_B - 1)[:, None, None]
        directions = 2 if rnn.bidirectional else 1
        finals = []
        for number in range(rnn.num_layers):
            outs = []
            for direction in range(directions):
                place = number * directions + direction
                read = x_BTF.gather(1, back_BT1.expand_as(x_BTF)) if direction else x_BTF
                out = self._one(read, place, given)
                finals.append(out.gather(1, ends_B11.expand(-1, 1, out.shape[-1])).squeeze(1))
                outs.append(out.gather(1, back_BT1.expand_as(out)) if direction else out)
            x_BTF = torch.cat(outs, -1) if directions == 2 else outs[0]
            if number < rnn.num_layers - 1:
                x_BTF = nn.functional.dropout(x_BTF, rnn.dropout, self.training)
        return x_BTF.masked_fill(behind_BT1, 0.0), (torch.stack(finals),)

    def _one(self, x_BTF: Tensor, place: int, given: Any) -> Tensor:
        """What one layer makes of a sequence in one direction."""
        rnn = self.rnn
        function: dict[str, Any] = {
            "LSTM": torch.lstm,
            "GRU": torch.gru,
            "RNN_TANH": torch.rnn_tanh,
            "RNN_RELU": torch.rnn_relu,
        }
        zeros = x_BTF.new_zeros(1, x_BTF.shape[0], rnn.hidden_size)
        several = tuple(state[place : place + 1] for state in given) if isinstance(given, tuple) else (zeros, zeros)
        single = zeros if given is None else given[place : place + 1]
        begin = several if rnn.mode == "LSTM" else single
        weights = rnn.all_weights[place]
        out: Tensor = function[rnn.mode](x_BTF, begin, weights, rnn.bias, 1, 0.0, self.training, False, True)[0]
        return out


class OnnxRecurrent(nn.Module):
    """The same as one ONNX RNN, LSTM or GRU node a layer, with any batch size and length.

    The exporter would trace torch's own layer for one length, and fails on the second export of a bidirectional
    or deep one in the same process. Gate order: torch's LSTM has input, forget, cell, output and ONNX input,
    output, forget, cell; torch's GRU has reset, update, new and ONNX update, reset, new (ONNX operators RNN-14,
    LSTM-14 and GRU-14).
    """

    GATES: ClassVar = {"RNN": (0,), "LSTM": (0, 3, 1, 2), "GRU": (1, 0, 2)}

    def __init__(self, rnn: nn.RNNBase, final_state: bool) -> None:
        super().__init__()
        self.kind, self.final_state = type(rnn).__name__, final_state
        self.hidden, self.layers = rnn.hidden_size, rnn.num_layers
        self.directions = 2 if rnn.bidirectional else 1
        self.attributes: dict[str, Any] = {
            "hidden_size": self.hidden,
            "direction": "bidirectional" if self.directions == 2 else "forward",
        }
        if isinstance(rnn, nn.GRU):
            self.attributes["linear_before_reset"] = 1
        if isinstance(rnn, nn.RNN):
            self.attributes["activations"] = [rnn.nonlinearity.capitalize()] * self.directions
        for number in range(self.layers):
            weights = [self._reordered(rnn, number, direction) for direction in range(self.directions)]
            for name, parts in zip("wrb", zip(*weights, strict=True), strict=True):
                self.register_buffer(f"{name}{number}", torch.stack(parts))

    def _reordered(self, rnn: nn.RNNBase, number: int, direction: int) -> tuple[Tensor, Tensor, Tensor]:
        suffix = f"_l{number}" + ("_reverse" if direction else "")

        def ordered(name: str) -> Tensor:
            gates = getattr(rnn, name + suffix).detach().chunk(len(self.GATES[self.kind]))
            return torch.cat([gates[place] for place in self.GATES[self.kind]])

        w, r = ordered("weight_ih"), ordered("weight_hh")
        b = torch.cat([ordered("bias_ih"), ordered("bias_hh")]) if rnn.bias else w.new_zeros(2 * w.shape[0])
        return w, r, b

    def forward(
        self, x_BTF: Tensor, padding_BT: Tensor | None = None, h_0: Tensor | None = None, c_0: Tensor | None = None
    ) -> tuple[Tensor, ...]:
        """As `Recurrent` has it."""
        x_TBF = x_BTF.transpose(0, 1)
        lengths_B = None if padding_BT is None else lengths_of(padding_BT).to(torch.int32)
        length, batch = x_TBF.shape[0], x_TBF.shape[1]
        num_states = 2 if self.kind == "LSTM" else 1
        state = (self.directions, batch, self.hidden)
        shapes = [(length, self.directions, batch, self.hidden), *[state] * num_states]
        finals: list[list[Tensor]] = []
        for number in range(self.layers):
            weights = [getattr(self, f"{name}{number}") for name in "wrb"]
            begin = [self._first(given, number) for given in (h_0, c_0)[:num_states]]
            out_TDBH, *states = torch.onnx.ops.symbolic_multi_out(
                self.kind,
                [x_TBF, *weights, lengths_B, *begin]
                if any(one is not None for one in (lengths_B, *begin))
                else [x_TBF, *weights],
                self.attributes,
                dtypes=[x_TBF.dtype] * len(shapes),
                shapes=shapes,
                version=20,
            )
            finals.append(states)
            x_TBF = out_TDBH.permute(0, 2, 1, 3).reshape(length, batch, self.directions * self.hidden)
        last_BH = torch.cat(tuple(finals[-1][0][d] for d in range(self.directions)), dim=-1)
        kept = [torch.cat(layers).transpose(0, 1) for layers in zip(*finals, strict=True)] if self.final_state else []
        return x_TBF.transpose(0, 1), last_BH, *kept

    def _first(self, given_BSH: Tensor | None, number: int) -> Tensor | None:
        """The states of one layer, as ONNX wants them: (directions, batch, hidden)."""
        if given_BSH is None:
            return None
        return given_BSH.narrow(1, number * self.directions, self.directions).transpose(0, 1)


@dataclass(frozen=True)
class _RecurrentLayer(Layer):
    hidden_size: Annotated[
        int, Setting(1, label="Units", help="Length of the hidden state", said=("{n} unit", "{n} units"))
    ] = 128
    num_layers: Annotated[
        int, Setting(1, 64, label="Layers", help="Stacked one on the other", said=("{n} layer", "{n} layers"))
    ] = 1
    bidirectional: Annotated[bool, Setting(help="Read forwards and backwards", said="both ways")] = False
    dropout: Annotated[float, Setting(0.0, 1.0, help="Between stacked layers")] = 0.0
    bias: Annotated[bool, Setting(help="Learn offsets of the gates")] = True
    initial_state: Annotated[bool, Setting(help="Further inputs: the states to begin with")] = False
    final_state: Annotated[bool, Setting(help="Further outputs: the states at the end of all layers")] = False

    module: ClassVar[type[nn.RNNBase]]
    gates: ClassVar[int]

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    def check(self, x: Known, padding_mask: Known | None = None, *states: Known | None) -> None:
        """Length × features, a mask of the same length, and states of the layer's own shape."""
        need_float(x, *states)
        need_rank(x, 2, what="sequence")
        check_mask(padding_mask, "padding_mask", x.shape[0])
        wanted = (self.num_layers * self._directions, self.hidden_size)
        for state in states:
            if state is not None and state.shape != wanted:
                raise Misfit("recurrent.state", found=state.shape, wanted=wanted)

    def infer(self, x: Known, padding_mask: Known | None = None, *states: Known | None) -> tuple[Known, ...]:
        """Torch unrolls recurrent layers on `meta`, which takes up to a second."""
        width, dtype = self.hidden_size * self._directions, x.dtype
        num_states = (2 if self.module is nn.LSTM else 1) if self.final_state else 0
        final = Known((self.num_layers * self._directions, self.hidden_size), dtype)
        return Known((x.shape[0], width), dtype), Known((width,), dtype), *[final] * num_states

    def cost(self, x: Known, *others: Known | None) -> Cost:
        """Two matrix products a gate and step; the backward pass keeps gates and states of every step."""
        length, features = x.shape
        flops = saved = 0
        for number in range(self.num_layers):
            read = features if number == 0 else self.hidden_size * self._directions
            flops += 2 * self.gates * self.hidden_size * (read + self.hidden_size) * length * self._directions
            saved += 4 * self._directions * self._keeps(length, read)
        below = 4 * (self.num_layers - 1) * self._directions * self.hidden_size * length  # outputs of lower layers
        return Cost(flops, saved + below + 4 * features * length)

    def _keeps(self, length: int, features: int) -> int:
        """Numbers that one layer keeps for the backward pass in one direction, of one sample."""
        if self.module is nn.LSTM:
            return lstm_keeps(length, 1, features, self.hidden_size)
        return gru_keeps(length, 1, self.hidden_size) if self.module is nn.GRU else length * self.hidden_size

    def options(self) -> dict[str, Any]:
        """What torch's own layer is made with."""
        return {
            "num_layers": self.num_layers,
            "bias": self.bias,
            "batch_first": True,
            "dropout": self.dropout if self.num_layers > 1 else 0.0,
            "bidirectional": self.bidirectional,
        }

    def build(self, x: Known, *others: Known | None) -> nn.Module:
        """(batch, length, features) to (batch, length, hidden) and (batch, hidden), and the final states."""
        rnn = made(self.module, x.shape[-1], self.hidden_size, **self.options())
        return made(Recurrent, rnn, self.final_state)

    def export_twin(self, module: nn.Module) -> nn.Module:
        """Real ONNX nodes instead of an unrolled loop."""
        assert isinstance(module, Recurrent)
        return OnnxRecurrent(module.rnn, self.final_state)


_recurrent = partial(layer, group="Sequence", caption=("hidden_size", "bidirectional"))


@_recurrent(
    "rnn",
    "RNN",
    inputs=(PortInfo("in"), PADDING, FIRST_HIDDEN),
    outputs=(OUT, LAST, FINAL_HIDDEN),
    synonyms=("recurrent", "elman", "simple"),
    formula="h = tanh(W x + U h′ + b)",
)
@dataclass(frozen=True)
class RNN(_RecurrentLayer):
    """Reads a sequence step by step; each state depends on the step and the state before (Elman, 1990).

    `out` is the hidden state at every step, `last` the final one. An LSTM or a GRU remembers for longer.
    """

    module = nn.RNN
    gates = 1

    nonlinearity: Annotated[str, Setting(choices=("tanh", "relu"), help="What the sum goes through")] = "tanh"

    def options(self) -> dict[str, Any]:
        """With its nonlinearity."""
        return {"nonlinearity": self.nonlinearity, **super().options()}


@_recurrent(
    "lstm",
    "LSTM",
    inputs=(PortInfo("in"), PADDING, FIRST_HIDDEN, FIRST_CELL),
    outputs=(OUT, LAST, FINAL_HIDDEN, FINAL_CELL),
    synonyms=("recurrent", "rnn", "memory"),
    formula="c = f ⊙ c′ + i ⊙ g,  h = o ⊙ tanh(c),  i, f, o = σ(W x + U h′ + b),  g = tanh(W x + U h′ + b)",
)
@dataclass(frozen=True)
class LSTM(_RecurrentLayer):
    """Reads a sequence step by step and keeps a memory that gates open and close.

    `out` is the hidden state at every step, `last` the final one (Hochreiter and Schmidhuber, 1997).
    """

    module = nn.LSTM
    gates = 4


@_recurrent(
    "gru",
    "GRU",
    inputs=(PortInfo("in"), PADDING, FIRST_HIDDEN),
    outputs=(OUT, LAST, FINAL_HIDDEN),
    synonyms=("recurrent", "rnn"),
    formula="h = (1 − z) ⊙ n + z ⊙ h′,  r, z = σ(W x + U h′ + b),  n = tanh(W x + b + r ⊙ (U h′ + c))",
)
@dataclass(frozen=True)
class GRU(_RecurrentLayer):
    """Reads a sequence step by step with two gates: lighter than an LSTM.

    `out` is the hidden state at every step, `last` the final one (Cho and others, 2014).
    """

    module = nn.GRU
    gates = 3
