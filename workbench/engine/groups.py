"""The weights of a network in groups that learn alike: at which share of the rate, and whether they decay."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from torch import nn
from torch.nn.modules.batchnorm import _NormBase

from workbench.core.document import Training
from workbench.core.problems import ProblemError


@dataclass(frozen=True)
class Group:
    """Weights that learn alike."""

    weights: list[nn.Parameter]
    factor: float
    """Their share of the learning rate."""
    decays: bool


def groups(network: nn.Module, training: Training) -> list[Group]:
    """The weights that learn, in the order of the network; those that are frozen are in none.

    Raises:
        ProblemError: a path of the settings names nothing in the network, or no weight is left to learn.
    """
    places = _places(network, [*training.frozen, *(path for path, _ in training.rates)])
    still = {id(weight) for path in training.frozen for weight in places[path].parameters()}
    factor = {id(weight): share for path, share in training.rates for weight in places[path].parameters()}
    spared = _without_decay(network) if training.no_decay else set()
    learning = [weight for weight in network.parameters() if id(weight) not in still]
    if not learning and still:
        raise ProblemError("train.all_frozen")
    if not learning:
        raise ProblemError("train.no_parameters")

    found: dict[tuple[float, bool], list[nn.Parameter]] = {}
    for weight in learning:
        found.setdefault((factor.get(id(weight), 1.0), id(weight) not in spared), []).append(weight)
    return [Group(weights, *kind) for kind, weights in found.items()]


def freeze(network: nn.Module, training: Training) -> list[nn.Module]:
    """Take the gradient from the frozen weights.

    Returns:
        The norms among them that keep running means: they must be in evaluation mode whenever the network trains.

    Raises:
        ProblemError: a path names nothing in the network.
    """
    still = list(_places(network, training.frozen).values())
    for module in still:
        module.requires_grad_(False)
    return [norm for module in still for norm in module.modules() if isinstance(norm, _NormBase)]


def _places(network: nn.Module, paths: Iterable[str]) -> dict[str, nn.Module]:
    """The modules that paths name. A node without weights is there too."""
    found: dict[str, nn.Module] = {}
    for path in paths:
        try:
            found[path] = network.get_submodule(path.replace("/", "."))
        except AttributeError:
            raise ProblemError("training.no_node", found=path, known=list(_known(network))) from None
    return found


def _known(network: nn.Module) -> Iterator[str]:
    """The paths that have weights of their own, the uses of blocks before what is in them."""
    for name, module in network.named_modules():
        if name and any(True for _ in module.parameters()):
            yield name.replace(".", "/")


def _without_decay(network: nn.Module) -> set[int]:
    """Norms and biases: everything that has one axis."""
    return {id(weight) for weight in network.parameters() if weight.ndim < 2}
