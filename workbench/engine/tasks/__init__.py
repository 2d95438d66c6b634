"""All tasks. Importing this package registers them; a new file is added to the list below."""

from workbench.engine.tasks import classification, regression
from workbench.engine.tasks.base import TASKS, task_of

__all__ = ["TASKS", "classification", "regression", "task_of"]
