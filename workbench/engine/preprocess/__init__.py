"""How what a user has (a picture, a row of a table) becomes what a network reads. Needs no torch.

The same description is used for training, stored with the run, and exported with the model, so that an answer does
not depend on who prepared the input.
"""

from workbench.engine.preprocess.pictures import (
    ImageInput,
    MaskInput,
    classes_in,
    framed,
    mask,
    picture,
    pictures_ready,
)
from workbench.engine.preprocess.sounds import AudioInput, sound, sounds_ready
from workbench.engine.preprocess.tables import Field, TableInput, table_ready
from workbench.engine.preprocess.texts import TextInput, pieces_of, text_of, text_ready, tokens_of

Preprocessing = AudioInput | ImageInput | MaskInput | TableInput | TextInput

__all__ = [
    "AudioInput",
    "Field",
    "ImageInput",
    "MaskInput",
    "Preprocessing",
    "TableInput",
    "TextInput",
    "classes_in",
    "framed",
    "mask",
    "picture",
    "pictures_ready",
    "pieces_of",
    "sound",
    "sounds_ready",
    "table_ready",
    "text_of",
    "text_ready",
    "tokens_of",
]
