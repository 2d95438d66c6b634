"""All tasks. Importing this package registers them; a new file is added to the list below."""

from workbench.engine.tasks import (
    autoencoding,
    classification,
    language_modelling,
    multi_label,
    regression,
    segmentation,
    sequence,
    sequence_classification,
    token_tagging,
)
from workbench.engine.tasks.base import TASKS, task_of

__all__ = [
    "TASKS",
    "autoencoding",
    "classification",
    "language_modelling",
    "multi_label",
    "regression",
    "segmentation",
    "sequence",
    "sequence_classification",
    "task_of",
    "token_tagging",
]
