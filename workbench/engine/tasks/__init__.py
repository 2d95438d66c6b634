"""All tasks. Importing this package registers them; a new file is added to the list below."""

from workbench.engine.tasks import classification, regression
from workbench.engine.tasks.base import TASKS

__all__ = ["TASKS", "classification", "regression"]
