"""What an inspection of data finds wrong, in words; see `wording`."""

from workbench.core.i18n import mark
from workbench.core.layer_words import Entry

INSPECTION_SENTENCES: dict[str, Entry] = {
    "data.twins_across": (
        mark("Samples of validation or test that are in training too: {count}. Their figures will flatter."),
        mark("Give the column that they share the role “group”, or take the copies out."),
    ),
    "data.empty_splits": (
        mark("Nothing is left for: {splits}."),
        mark("Make its share larger, or bring more samples."),
    ),
    "data.rare_classes": (
        mark("Classes with fewer than {fewer} training samples: {classes}."),
        mark("Bring more samples of them, or leave them out."),
    ),
    "data.no_vocabulary": (
        mark("The column “{where}” is not read as tokens."),
        mark("Give it the kind text and the role input."),
    ),
    "data.not_read": (mark("The network does not read the column “{where}”."), mark("Give it the role input.")),
}
