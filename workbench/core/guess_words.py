"""Why data were taken for what they were taken for, in words."""

from workbench.core.i18n import mark
from workbench.core.layer_words import Entry

GUESS_SENTENCES: dict[str, Entry] = {
    "guess.name": (mark("This is the name of a data set: {name}."), ""),
    "guess.csv": (mark("A table: numbers and categories in columns."), ""),
    "guess.json_lines": (mark("A table: an object a line, its names are the columns."), ""),
    "guess.parquet": (mark("A table in Parquet."), ""),
    "guess.numpy": (mark("Arrays of NumPy: the first axis counts the samples."), ""),
    "guess.text_file": (mark("A text: each token is foreseen from those before it."), ""),
    "guess.text_files": (mark("Texts without classes: each token is foreseen from those before it."), ""),
    "guess.text_table": (mark("A table whose columns hold texts to be read: {columns}."), ""),
    "guess.text_pairs": (mark("Pairs of texts: “{source}” is read, “{target}” is written."), ""),
    "guess.text_folder": (mark("Texts by class: a folder or a file for each."), ""),
    "guess.tagged_words": (mark("Sentences whose words have tags, a word a line."), ""),
    "guess.image_folder": (mark("Pictures by class: a folder for each."), ""),
    "guess.image_masks": (mark("Pictures with masks that say which pixel belongs to what."), ""),
    "guess.image_table": (mark("Pictures in the folder “{folder}”, and a table that says what is on them."), ""),
    "guess.sound_folder": (mark("Sounds by class: a folder for each."), ""),
    "guess.sound_table": (mark("Sounds in the folder “{folder}”, and a table that says what they are."), ""),
    "data.no_source": (
        mark("There is no file, no folder and no data set “{where}”; there are the data sets {known}."),
        mark("Check the spelling of the path."),
    ),
    "data.single_file": (
        mark("{where} is a single picture or sound."),
        mark("Choose the folder {folder}, or a table that names its files."),
    ),
    "data.no_model": (
        mark("No model of the zoo fits {where}: its columns are {found}."),
        mark("Say with --set data.columns.NAME.role=target what is to be foretold."),
    ),
    "data.empty_folder": (mark("There are no files in {where}."), mark("Choose the folder that holds your data.")),
    "data.nothing_known": (
        mark("Nothing in {where} is known here: its files end in {found}."),
        mark("Pictures, sounds, texts, CSV, TSV, JSON Lines, Parquet and NumPy files can be read."),
    ),
    "data.several_tables": (
        mark("There are several tables in {where}: {found}."),
        mark("Choose one of these files."),
    ),
}
