"""What is wrong with tables, their columns and their splits, in words; see `wording`."""

from workbench.core.i18n import mark
from workbench.core.layer_words import Entry

TABLE_SENTENCES: dict[str, Entry] = {
    "data.other_encoding": (
        mark("{where} is not {expected} text; it looks like {found}."),
        mark("Choose that encoding in the settings of the data, or save the file as UTF-8."),
    ),
    "data.no_header": (
        mark("{where} seems to have no header line: its columns are called column 1, column 2 and so on."),
        mark("If its first line holds names, say so in the settings of the data."),
    ),
    "data.repeated_ids": (
        mark("“{column}” looks like ids, but {count} of them are there more than once: {ids}; the first in row {row}."),
        mark("Remove the repeated rows, or give the column the role “group”."),
    ),
    "data.infinite": (
        mark("“{column}” holds infinite numbers ({count} in all), the first in row {row}; they count as missing."),
        mark("Correct them, or choose how missing numbers are filled in."),
    ),
    "data.kind_value": (
        mark("“{where}” cannot be read as {kind}: row {row} holds {found}."),
        mark("Correct the value, or choose another kind."),
    ),
    "data.unseen_classes": (
        mark("Classes of “{column}” that no training sample has: {classes} ({count} samples to check or test)."),
        mark("Bring samples of them, or share the samples out in the same proportion of each class."),
    ),
    "data.single_classes": (
        mark("Classes of “{column}” with one sample only, which is for training: {classes}."),
        mark("Bring more samples of them, or leave them out."),
    ),
    "data.unused_classes": (
        mark("Classes of “{column}” without any sample: {classes}."),
        mark("The network keeps an output for them; leave them out if that is not wanted."),
    ),
    "data.torn_groups": (
        mark("{count} groups of “{column}” are in training and in the test that the data come with: {groups}."),
        mark("Choose the method “group” without the given split, or mend the data."),
    ),
    "step.order": (
        mark("In the preparation of “{where}” “{found}” works on {expected}, but stands where there is {kind}."),
        mark("Move the step: what encodes comes before what changes numbers."),
    ),
}
