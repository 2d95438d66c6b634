"""All steps of preparation and augmentation. Importing this package registers them; a new file is added below."""

from workbench.engine.steps import colours, geometry, mixing, pictures, policies, sounds, tables, texts
from workbench.engine.steps.base import STEPS

__all__ = ["STEPS", "colours", "geometry", "mixing", "pictures", "policies", "sounds", "tables", "texts"]
