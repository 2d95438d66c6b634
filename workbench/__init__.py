"""Model Workbench: design neural networks as a graph of layers, train them, and export them with proof."""

__version__ = "0.1.0"
