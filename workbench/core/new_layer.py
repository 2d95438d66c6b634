"""What a new file for a layer of the user's own begins with: a layer that works, to be changed."""

TEXT = '''"""Layers of this project."""

from torch import Tensor, nn


class MyLayer(nn.Module):
    """What it is for, in a sentence: the window shows it.

    The parameters of __init__ are the settings, the arguments of forward the inputs.
    """

    def __init__(self, in_features: int, hidden: int = 64, dropout: float = 0.0):
        super().__init__()
        self.linear = nn.Linear(in_features, hidden)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.drop(self.linear(x).relu()).mean(-1, keepdim=True)
'''
