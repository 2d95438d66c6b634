"""The network of a document as PyTorch source that people can read, change and run without this program."""

from workbench.engine.source.write import source_of

__all__ = ["source_of"]
