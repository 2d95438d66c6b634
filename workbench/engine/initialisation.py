"""How weights are drawn before the first step, where it is not left to each layer."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import init

from workbench.core.training import Initialisation

STANDARD_DEVIATION = 0.02
"""Of `normal`, as GPT-2 and BERT have it."""


def _normal(weight: Tensor) -> Tensor:
    return init.normal_(weight, std=STANDARD_DEVIATION)


def _kaiming_uniform(weight: Tensor) -> Tensor:
    return init.kaiming_uniform_(weight, nonlinearity="relu")


def _kaiming_normal(weight: Tensor) -> Tensor:
    return init.kaiming_normal_(weight, nonlinearity="relu")


WAYS: dict[Initialisation, Callable[[Tensor], Tensor]] = {
    "xavier_uniform": init.xavier_uniform_,
    "xavier_normal": init.xavier_normal_,
    "kaiming_uniform": _kaiming_uniform,
    "kaiming_normal": _kaiming_normal,
    "orthogonal": init.orthogonal_,
    "normal": _normal,
}
GATED = (nn.LSTM, nn.GRU, nn.RNN)


@torch.no_grad()
def initialise(network: nn.Module, way: Initialisation) -> None:
    """Draw the weights of linear, convolution, attention and recurrent layers anew, and set their biases to 0.

    Norms keep theirs; embeddings change for `normal` only, since their rows are no sums over inputs. The gates of a
    recurrent layer are drawn one by one.
    """
    if way == "default":
        return
    for module in network.modules():
        if isinstance(module, nn.Embedding | nn.EmbeddingBag) and way != "normal":
            continue
        own = list(module.named_parameters(recurse=False))
        if not any(weight.ndim >= 2 for _, weight in own):
            continue
        for name, weight in own:
            if weight.ndim >= 2:
                gates = weight.chunk(len(weight) // module.hidden_size) if isinstance(module, GATED) else (weight,)
                for gate in gates:
                    WAYS[way](gate)
            elif "bias" in name:
                weight.zero_()
