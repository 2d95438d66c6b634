"""What is wrong with tables, their columns and their splits, in words; see `wording`."""

from workbench.core.i18n import mark
from workbench.core.layer_words import Entry

TABLE_SENTENCES: dict[str, Entry] = {
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
        mark(
            "Classes of “{column}” that no training sample has: {classes} ({count} samples to check or test, the first "
            "in row {row})."
        ),
        mark("Bring samples of them, or share the samples out in the same proportion of each class."),
    ),
    "data.unseen_values": (
        mark(
            "Values of “{column}” that no training sample has, read as unknown: {values} ({count} samples to check or "
            "test, the first in row {row})."
        ),
        mark("Bring samples of them, or encode the column by hash."),
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
    "data.unread_columns": (
        mark("These columns are of types that cannot be read, and are left out: {columns}."),
        "",
    ),
    "data.damaged": (
        mark("{where} is damaged, or not of this format: {detail}."),
        mark("Fetch or write the file anew."),
    ),
    "data.other_columns": (
        mark("{where} has the columns {found}; the others have {expected}."),
        mark("Bring the files to the same columns, or choose one of them."),
    ),
    "data.other_lengths": (
        mark("The arrays of {where} do not belong together: {lengths}."),
        mark("The first axis of each must count the same samples."),
    ),
    "data.no_library": (
        mark("This source needs the library “{library}”, which is not installed."),
        mark("Install it: pip install model-workbench[{extra}]."),
    ),
    "data.hub": (
        mark("The data set {where} could not be fetched from the hub: {detail}."),
        mark("Check its name and the network connection, or choose a folder that holds it."),
    ),
    "data.no_hub_folder": (
        mark("{where} holds no data set as the library “datasets” saves it."),
        mark("Choose the folder that save_to_disk has written."),
    ),
    "step.order": (
        mark("In the preparation of “{where}” “{found}” works on {expected}, but stands where there is {kind}."),
        mark("Move the step: what encodes comes before what changes numbers."),
    ),
}
