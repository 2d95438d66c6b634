"""Problems in words: what was found, what was expected, what to do. The one place where codes become sentences.

Each entry is a sentence and, where no edit can remedy it at one click, what to do. Names in braces are the
problem's arguments, made readable first (shapes as `64 × 7 × 7`, lists with commas).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from workbench.core import custom
from workbench.core.catalogue import shipped
from workbench.core.document import Document, Settings
from workbench.core.edits import (
    AddWire,
    AppendNode,
    ChangeType,
    Fix,
    InsertNode,
    RemoveNode,
    RemoveWire,
    SetArgument,
    SetSetting,
    SetTraining,
    Several,
)
from workbench.core.guess_words import GUESS_SENTENCES
from workbench.core.i18n import mark, tr
from workbench.core.inspection_words import INSPECTION_SENTENCES
from workbench.core.layer_words import EXPECTED, LAYER_SENTENCES, LAYER_SHORT, Entry
from workbench.core.live_edits import AUGMENTATION
from workbench.core.problems import Problem
from workbench.core.suggestion_words import SUGGESTION_SENTENCES
from workbench.core.table_words import TABLE_SENTENCES
from workbench.core.training_fields import TRAINING_FIELDS

SENTENCES: dict[str, Entry] = {
    # The graph
    "graph.no_output": (
        mark("The network has no Output, so there is nothing to train or export."),
        mark("Add an Output and connect it to the last layer."),
    ),
    "graph.circle": (mark("These layers feed one another in a circle: {nodes}."), mark("Remove one of the wires.")),
    "node.unknown_type": (
        mark("The layer type “{type}” is not known here. Its settings are kept."),
        mark("Install the version or plug-in that brings it, or replace the layer."),
    ),
    "node.reserved_id": (
        mark("The id “{id}” is a name that torch uses itself."),
        mark("Change the id in the project file."),
    ),
    "port.unconnected": (mark("Nothing is connected to its input “{port}”."), mark("Draw a wire to it.")),
    "port.twice": (mark("Several wires lead to its input “{port}”; only one can feed it."), mark("Remove the others.")),
    "port.unknown": (mark("A wire uses a port “{port}” that the layer does not have."), mark("Remove the wire.")),
    "setting.unknown": (
        mark("The setting “{name}” is not known and has no effect. It is kept."),
        mark("It may come from a newer version."),
    ),
    "setting.missing": (mark("{label} has no value; expected {expected}."), ""),
    "setting.type": (mark("{label} is {found}; expected {expected}."), ""),
    "setting.range": (mark("{label} is {found}; expected {expected}."), ""),
    "setting.choice": (mark("{label} is {found}; expected {expected}."), ""),
    "block.unknown": (mark("The block “{block}” is not defined in this project."), mark("Remove this use of it.")),
    "block.recursive": (mark("The block “{block}” contains itself."), mark("Remove it from its own definition.")),
    "block.arguments": (mark("The arguments of a block are names with values, not {found}."), ""),
    "block.too_many": (
        mark("With its blocks unfolded the network has more than {most} layers; the rest is left out."),
        mark("Repeat blocks less often."),
    ),
    "block.repeat": (mark("A block can be repeated 1 to {most} times, not {found}."), ""),
    "block.repeat_ports": (
        mark("To be repeated, a block needs as many outputs as inputs; it has {inputs} inputs and {outputs} outputs."),
        mark("Set repeat to 1, or change the block’s ports."),
    ),
    "block.parameter": (mark("The block has no parameter “{name}”."), mark("Add it, or type a value.")),
    "block.cannot_unpack": (
        mark("{block} cannot be unpacked: repeated, it needs a number of turns and as many outputs as inputs."),
        mark("Set repeat to 1, or change the block’s ports."),
    ),
    "block.name_taken": (
        mark("There is something called “{name}” in this block already."),
        mark("Choose another name."),
    ),
    "library.kept": (mark("“{block}” is among your blocks now, in the list of layers of every project."), ""),
    "library.no_block": (mark("{where} holds no block."), mark("Save a block of a project to your library anew.")),
    **LAYER_SENTENCES,
    **TABLE_SENTENCES,
    **GUESS_SENTENCES,
    **SUGGESTION_SENTENCES,
    "layer.result": (mark("It returns {found}; expected tensors."), mark("Return a tensor, or a tuple of tensors.")),
    "layer.outputs": (
        mark("It returns {found} tensors, but has {expected} outputs."),
        mark("Annotate what forward returns, for example -> tuple[Tensor, Tensor]."),
    ),
    # Layers of the user's own
    "custom.untrusted": (
        mark("{file} is not trusted, so nothing of it is run."),
        mark("Read it; if you trust it, say so in the window, or with --trust-code {sha256} on the command line."),
    ),
    "custom.missing": (
        mark("There is no {file} beside the project."),
        mark("Put the file into the project’s folder, or replace the layer."),
    ),
    "custom.no_file": (mark("{file} is no plain file."), mark("Replace it by the Python file itself.")),
    "custom.outside": (
        mark("{file} leads out of the project’s folder."),
        mark("Copy the file itself into the folder."),
    ),
    "custom.too_large": (mark("{file} has more than {most} bytes."), mark("Keep only the layers in it.")),
    "custom.unreadable": (mark("{file} cannot be read: {detail}."), mark("Check that it may be read.")),
    "custom.encoding": (mark("Line {line} of {file} is not UTF-8 text."), mark("Save the file as UTF-8.")),
    "custom.syntax": (mark("Line {line} of {file} is no Python: {detail}."), mark("Correct the line.")),
    "custom.no_class": (
        mark("{file} has no layer “{name}”; it has {known}."),
        mark("Name the class as the project does, or replace the layer."),
    ),
    "custom.no_forward": (mark("{name} in {file} has no forward."), mark("Write what it does with its input.")),
    "custom.not_a_module": (mark("{name} in {file} is no nn.Module."), mark("Derive it from torch.nn.Module.")),
    "custom.parameter": (
        mark("The parameter “{name}” in {file} has no default, and no form can give it ({kind})."),
        mark("Give it a default, or the type int, float, bool, str, Literal, an Enum or a tuple of int."),
    ),
    "custom.required": (mark("“{name}” has no value, and the file gives it no default."), mark("Type a value.")),
    "custom.length": (mark("“{name}” is {found}; expected {expected} numbers."), ""),
    "custom.raised": (mark("Line {line} of {file}: {detail}"), mark("Correct the file; it is looked at again.")),
    "custom.stuck": (
        mark("{file} did not come to an end within {seconds} seconds, and was stopped."),
        mark("Correct the file; it is looked at again."),
    ),
    "custom.not_kept": (
        mark("The file {file} that the run {where} was made with is not what it was."),
        mark("Bring it back into the folder “code” of the run."),
    ),
    "code.clash": (
        mark("“{name}” means different things in {files}; one file of source cannot hold both."),
        mark("Rename it in one of them."),
    ),
    # Data
    "data.unknown_source": (mark("There is no kind of data “{found}”; there are {known}."), ""),
    "data.no_path": (mark("No file or folder has been chosen."), mark("Choose where the data is.")),
    "data.no_folder": (mark("There is no folder {where}."), mark("Choose another folder.")),
    "data.is_file": (
        mark("{where} is a file, not a folder."),
        mark("Choose a folder."),
    ),
    "data.no_classes": (
        mark("{where} holds no folders; expected one for each class."),
        mark("Put the files of each class into a folder of its own."),
    ),
    "data.few_classes": (
        mark(
            "Only one folder in {where} holds files that can be read here: {found}. Expected at least two, one for each class."
        ),
        mark("Put the files of each class into a folder of its own."),
    ),
    "data.empty_classes": (mark("These folders hold no files that can be read here, and are left out: {classes}."), ""),
    "data.no_images": (mark("{where} holds no files that can be read here."), mark("Choose another folder.")),
    "data.bad_file": (
        mark("{where} cannot be read: {detail} ({count} in all)."),
        mark("Remove the files, or choose to skip damaged ones."),
    ),
    "data.skipped_files": (mark("Cannot be read, and left out: {files} ({count} in all); the first: {detail}."), ""),
    "data.no_pairs": (
        mark("{where} holds no pictures with masks."),
        mark("Put pictures into a folder “images”, and masks of the same names into a folder “masks”."),
    ),
    "data.no_mask": (mark("Pictures without a mask are left out: {files} ({count} in all)."), ""),
    "data.mask_classes": (
        mark("The masks in {where} hold {found} different values; expected from 2 to {most}, one for each class."),
        mark("Choose the folder of the masks, or name the classes."),
    ),
    "data.no_files_named": (
        mark("No column of {where} names files in {root}; it has {known}."),
        mark("Choose the folder of the files, or the column that names them."),
    ),
    "data.bad_json": (mark("{where} cannot be read as JSON: {detail}."), mark("Correct the file.")),
    "data.json_rows": (
        mark("{where} holds no list of objects; expected one object for each sample."),
        mark("Write a list of objects, or one object a line (JSON Lines)."),
    ),
    "data.nested_columns": (mark("These columns hold more than one value and are left out: {columns}."), ""),
    "data.empty": (mark("{where} holds no rows."), mark("Choose another file.")),
    "data.header": (
        mark("The first line of {where} must name at least two different columns; found {found}."),
        mark("Add a header line."),
    ),
    "data.bad_row": (
        mark("Line {line} of {where} does not fit: {detail} ({count} in all)."),
        mark("Correct the row, or choose to skip damaged rows."),
    ),
    "data.skipped_rows": (
        mark("Rows that do not fit were skipped ({count} in all), the first in line {line}: {detail}."),
        "",
    ),
    "data.no_target": (mark("{count} rows have no target and were left out."), ""),
    "data.short_text": (
        mark("{where} has {found} characters; expected at least {expected}."),
        mark("Choose a longer text, or a smaller length."),
    ),
    "data.many_characters": (
        mark("{where} has {found} different characters; at most {most} can be told apart."),
        mark("Choose a text in letters."),
    ),
    "predict.no_sound": (mark("{where} cannot be read as a sound: {detail}."), mark("Choose a WAV, FLAC or Ogg file.")),
    "predict.unknown_character": (mark("{where} has a character that the model does not know: “{found}”."), ""),
    "data.ignored_columns": (mark("These columns hold free text and are left out: {columns}."), ""),
    "data.no_column": (mark("{where} has no column “{found}”; it has {known}."), mark("Choose another target column.")),
    "data.no_inputs": (mark("Besides “{target}”, {where} has no column that a network could read."), ""),
    "data.role": (mark("{where} has the role “{found}”; there are {known}."), mark("Choose another role.")),
    "data.kind": (
        mark("{where} is read as {found}, which cannot have the role {role}; these can: {known}."),
        mark("Choose another role or another kind."),
    ),
    "data.no_values": (mark("{where} holds no values."), mark("Choose another target column.")),
    "data.weight": (
        mark("{where} is a weight, and {found} in row {row} is none."),
        mark("Weights are numbers from 0 on."),
    ),
    "data.no_given_split": (
        mark("{where} does not say which samples are for the test."),
        mark("Choose another method for the split."),
    ),
    "data.no_split_column": (
        mark("The split is by {method}, and no column says what that is; there are {known}."),
        mark("Name the column of the split, or give one the role."),
    ),
    "data.split_kind": (
        mark("{where} holds {kind}: samples cannot be shared out by it."),
        mark("Choose another column."),
    ),
    "data.split_value": (
        mark("{where} says “{found}” in row {row}; train, validation or test was expected."),
        mark("Mend the value, or choose another method for the split."),
    ),
    "data.not_here": (mark("{where} has not been fetched yet."), mark("Fetch it in the Data place.")),
    "step.unknown": (
        mark("{where} is prepared with the unknown step “{found}”; there are {known}."),
        mark("Remove the step."),
    ),
    "step.no_input": (
        mark("“{where}” is no input that could be changed at random; there are {known}."),
        mark("Name one of them."),
    ),
    "step.kind": (
        mark("{where} is of the kind {kind}, which the step “{found}” is not for; these are: {known}."),
        mark("Remove the step."),
    ),
    "step.target": (
        mark("{where} mixes two samples, and the target “{name}” cannot be mixed."),
        mark("Remove the step."),
    ),
    "step.late": (
        mark("{where}: the step “{step}” stands behind steps that change what the network reads."),
        mark("Move it before them."),
    ),
    "data.encoding": (mark("{where} is not UTF-8 text."), mark("Save the file as UTF-8.")),
    "data.other_encoding": (
        mark("{where} is not {expected} text; it looks like {found}."),
        mark("Choose its encoding, or save the file as UTF-8."),
    ),
    "data.half_character": (
        mark("{where} ends in the middle of a character; its last {count} bytes were left out."),
        mark("Check whether the file is complete."),
    ),
    "data.no_texts": (
        mark("{where} holds no texts."),
        mark("Choose a folder with text files, or with a folder of them for each class."),
    ),
    "data.few_text_classes": (
        mark("Only one folder or file in {where} holds texts: {found}. Expected at least two, one for each class."),
        mark("Put the texts of each class into a folder, or a file, of its own."),
    ),
    "data.empty_text_classes": (mark("These classes hold no texts and are left out: {classes}."), ""),
    "data.skipped_texts": (
        mark("Not UTF-8, and skipped: {files} ({count} in all). They look like {found}."),
        mark("Choose their encoding, or save the files as UTF-8."),
    ),
    "data.no_text_column": (
        mark("{where} has no column of texts; it has {found}."),
        mark("Choose another file, or read it as a table of numbers."),
    ),
    "data.no_text_pairs": (
        mark("{where} has no two columns of texts; it has {found}."),
        mark("Choose another file, or a second one with a text a line."),
    ),
    "data.other_length": (
        mark("{where} has {found} lines, and {other} has {expected}: they do not belong together line by line."),
        mark("Choose files with as many lines."),
    ),
    "data.bad_words": (
        mark("Line {line} of {where} has no word with a tag ({count} such sentences in all)."),
        mark("Correct the line, or choose to skip damaged ones."),
    ),
    "data.skipped_sentences": (
        mark("Sentences with damaged lines were skipped ({count} in all), the first in line {line} of {where}."),
        "",
    ),
    "data.no_sentences": (
        mark("{where} holds no words with tags."),
        mark("Choose a file with a word and its tag a line, and empty lines between sentences."),
    ),
    "data.empty_texts": (mark("{count} texts of “{column}” are empty; they are read as one unknown word."), ""),
    "data.long_texts": (
        mark("{count} texts of “{column}” are longer than {most} characters, the first in row {row}; no more is read."),
        "",
    ),
    "step.cut_twice": (
        mark("{where} is cut into tokens in more than one way: {found}."),
        mark("Keep one of these steps."),
    ),
    "data.bad_csv": (mark("{where} cannot be read as CSV: {detail}."), mark("Check the quotes and separators.")),
    "data.download": (
        mark("{file} of {name} could not be fetched from any of its sources: {detail}."),
        mark("Check the network connection, or put the file into {folder}."),
    ),
    "data.damaged": (
        mark("{where} is not what was published: {detail}."),
        mark("Remove the file; it is fetched again."),
    ),
    "data.no_split": (mark("There is no split “{found}”; there are {known}."), ""),
    **INSPECTION_SENTENCES,
    # A sample on its way
    "preview.large": (
        mark("The network has {found} parameters; a sample is previewed up to {most}."),
        mark("Repeat blocks less often, or make layers narrower."),
    ),
    "preview.no_input": (
        mark("No input of the network is known, so no sample can flow."),
        mark("Give it a shape or data."),
    ),
    "preview.slow": (
        mark("The sample did not get through within {seconds} seconds; it is shown as far as it came."),
        mark("Make the network smaller, or its input."),
    ),
    "preview.failed": (mark("The sample does not get through: {detail}."), mark("Check what feeds the layer.")),
    # Files
    "project.not_json": (
        mark("{where} is damaged or cut short: {detail}."),
        mark("Open a backup, or the version before in version control."),
    ),
    "project.not_a_project": (
        mark("{where} is not a Model Workbench project."),
        mark("Choose a file that ends in .workbench."),
    ),
    "project.newer": (
        mark("{where} was written by a newer version (format {found}; this program knows up to {known})."),
        mark("Update Model Workbench."),
    ),
    "project.field": (
        mark("{where} has a value that does not fit: {detail}."),
        mark("Correct the file, or open a backup."),
    ),
    "file.unreadable": (mark("{where} cannot be read: {detail}."), mark("Check that it is there and may be read.")),
    "file.unwritable": (
        mark("{where} cannot be written: {detail}. What was there before is untouched."),
        mark("Free some space, or save to another place."),
    ),
    "file.is_folder": (mark("{where} is a folder; expected a file."), mark("Choose a file.")),
    "file.no_folder": (
        mark("{where} cannot be written: there is no folder {folder}."),
        mark("Make the folder, or choose another place."),
    ),
    "zoo.unknown": (mark("There is no model “{where}” in the zoo; there are {known}."), ""),
    # Training and runs
    "train.no_data": (
        mark("The project has no data to learn from."),
        mark("Choose data, for example the sample “digits”."),
    ),
    "train.no_samples": (
        mark("No samples are left to learn from."),
        mark("Make the validation and test splits smaller."),
    ),
    "train.unbound_input": (mark("The input “{where}” reads no column of the data."), mark("Choose a column for it.")),
    "train.no_parameters": (
        mark("The network has nothing to learn: none of its layers has weights."),
        mark("Add a Linear or convolution layer."),
    ),
    "train.stopped_early": (
        mark("Stopped after epoch {epoch}: {patience} epochs in a row were no better than epoch {best_epoch}."),
        "",
    ),
    "train.no_compiler": (
        mark("Nothing can be compiled here, so steps are made without it: {detail}."),
        mark("Install a C++ compiler that torch.compile finds, or turn Compile off."),
    ),
    "train.not_deterministic": (
        mark("The settings ask for deterministic operations, and one of the network has no such form: {detail}."),
        mark("Turn Deterministic off, or take another layer."),
    ),
    "train.all_frozen": (
        mark("All weights are frozen, so there is nothing to learn."),
        mark("Let at least one layer learn."),
    ),
    "training.no_node": (
        mark("The settings of training name “{found}”, which is not in this network; there are {known}."),
        mark("Take it out of the frozen layers and the other rates, or write it as it is called now."),
    ),
    "train.no_device": (
        mark("There is no {found} on this machine; there are {known}."),
        mark("Set the device to auto."),
    ),
    "train.not_finite": (
        mark("The loss became {value} at step {step}. Most likely the learning rate ({rate}) is too high."),
        mark("Try a tenth of the learning rate."),
    ),
    "train.diverged": (
        mark(
            "The loss became {value} at step {step}: {what} of “{layer}” was the first that is not finite. Most likely "
            "the learning rate ({rate}) is too high."
        ),
        mark("Try a tenth of the learning rate."),
    ),
    "train.bad_input": (
        mark("The loss became {value} at step {step}: the input “{layer}” read a number that is not finite."),
        mark("Look for empty or infinite values in the data."),
    ),
    "train.bad_target": (
        mark("The loss became {value} at step {step}: the target “{layer}” has a value that is not finite."),
        mark("Look for empty or infinite values in the data."),
    ),
    "train.undefined": (
        mark(
            "The loss became {value} at step {step}: {what} of “{layer}” is not finite, though what it read was. Most "
            "likely it met a number for which it has no value, such as 0 or less for a logarithm."
        ),
        mark("Keep its input away from there, for example with a Clamp before it."),
    ),
    "train.overflow": (
        mark(
            "The loss became {value} at step {step}: {what} of “{layer}” was the first that is not finite. Most likely "
            "a number was too large for fp16 (65,504)."
        ),
        mark("Use bf16, or full precision."),
    ),
    "train.out_of_memory": (
        mark("There was not enough memory for batches of {batch_size}: {detail}."),
        mark("Use smaller samples or a smaller network."),
    ),
    "training.optimizer": (mark("There is no optimiser “{found}”; there are {known}."), ""),
    "run.unknown": (mark("There is no run “{where}” in {folder}."), mark("See `workbench runs`.")),
    "run.ambiguous": (mark("“{where}” can mean several runs: {runs}."), mark("Type more of the name.")),
    "run.damaged": (
        mark("The run {where} is damaged: {file}: {detail}."),
        mark("Its checkpoints may still be whole; train again."),
    ),
    "run.alive": (mark("The run {where} is still at work."), mark("Stop it first.")),
    "run.data_changed": (
        mark("The data of the run {where} is not what it was trained on any more."),
        mark("Bring the data back, or start a new run."),
    ),
    "train.norms_apart": (
        mark("Batch norm measures each process’s share of a batch by itself: torch can join them on CUDA only."),
        mark("Make batches larger, or use layer or group norm."),
    ),
    "queue.not_waiting": (mark("The run {where} does not wait in the queue."), mark("See `workbench queue`.")),
    "run.not_editable": (
        mark("{name} cannot change while a run is at work; what can: {known}."),
        mark("Stop it, and branch from it with another value."),
    ),
    "run.bad_steps": (
        mark("That is no augmentation: {detail}."),
        mark("Write a list of steps for each column, as in a project."),
    ),
    "run.steps_built_in": (
        mark("The steps of “{where}” that are not random cannot change while a run is at work."),
        mark("Stop it, and start another run with them."),
    ),
    "run.not_at_work": (mark("The run {where} is {state}, not at work."), mark("See `workbench runs`.")),
    "run.data_gone": (
        mark("{where} cannot be read any more: {detail}."),
        mark("Bring it back, and resume."),
    ),
    "paste.nothing": (mark("The clipboard holds no layers."), mark("Copy some here, or in another window.")),
    "run.disk_full": (
        mark("The disk is full. What was written before is kept."),
        mark("Free some space, and go on."),
    ),
    "run.unwritable": (mark("The run’s folder cannot be written: {detail}."), mark("Check the folder, and resume.")),
    "run.crashed": (mark("Training ended with an error: {detail}."), mark("See job.log in the run’s folder.")),
    "run.died": (
        mark("The training process ended before it could say why."),
        mark("Resume; see the logs if it happens again."),
    ),
    "run.stopped": (mark("Stopped by you."), ""),
    "run.cannot_resume": (
        mark("The run {where} is {state}: there is nothing to resume."),
        mark("Start a new run, or give it more epochs with --epochs."),
    ),
    "checkpoint.none": (mark("The run {where} has no checkpoint yet."), mark("Let it train for a moment.")),
    "checkpoint.failed": (mark("The run {where} failed before its first checkpoint. {reason}"), ""),
    "checkpoint.ended": (
        mark("The run {where} ended before its first checkpoint."),
        mark("Resume it, or start a new run."),
    ),
    "checkpoint.all_damaged": (mark("All checkpoints in {where} are damaged."), mark("Start a new run.")),
    "checkpoint.no_step": (
        mark("The run {where} has no whole checkpoint of step {step}; it has those of {known}."),
        mark("Choose one of them; --keep keeps more."),
    ),
    "checkpoint.misfit": (mark("The checkpoint {where} does not fit the network: {detail}."), ""),
    "checkpoint.damaged": (mark("The checkpoint {name} is damaged; the one before is used."), ""),
    "evaluate.empty_split": (mark("The {split} split of {where} is empty."), mark("Choose another split.")),
    # Export and prediction
    "export.precision": (mark("Precision “{found}” cannot be exported yet; there is {known}."), ""),
    "export.failed": (mark("torch cannot export this network: {detail}."), mark("Simplify the layer that it names.")),
    "export.invalid": (mark("The exported file does not hold what ONNX prescribes: {detail}."), ""),
    "export.too_large": (mark("The model has {bytes} bytes; one ONNX file holds 2 GiB."), ""),
    "onnx.unreadable": (mark("{where} is no ONNX model that can be run: {detail}."), mark("Export it again.")),
    "onnx.no_metadata": (
        mark("{where} was not exported by Model Workbench: how its inputs are prepared is not known."),
        "",
    ),
    "onnx.newer": (
        mark("{where} was exported by a newer version (format {found}; this program knows up to {known})."),
        mark("Update Model Workbench."),
    ),
    "predict.no_picture": (mark("{where} is no picture."), mark("Choose a PNG or JPEG file.")),
    "predict.no_table": (mark("{where} is a picture; this model reads tables."), mark("Choose a CSV file.")),
    "predict.row_length": (
        mark("Line {line} of {where} has {found} values; its header names {expected} columns."),
        mark("Correct the line."),
    ),
    "predict.row_value": (mark("Line {line} of {where} does not fit: {detail}."), mark("Correct the line.")),
    "predict.no_column": (mark("{where} lacks the columns {missing}; it has {found}."), ""),
    "predict.no_text": (mark("{where} holds no text."), mark("Choose a file with text in it.")),
    "predict.no_begin": (
        mark("The vocabulary of “{column}” does not say how a text begins, so nothing can be written."),
        mark("Prepare the column “{column}” as text that is written, and train again."),
    ),
    "predict.no_drawing": (mark("{where} does not read drawings."), mark("Choose a model that reads grey pictures.")),
    "predict.no_preprocessing": (mark("How the inputs of {where} are prepared is not known."), ""),
    "predict.failed": (mark("ONNX Runtime could not run the model: {detail}."), ""),
    "engine.crashed": (mark("The engine met an error: {detail}."), mark("A report was written to the log folder.")),
    "engine.died": (mark("The engine process ended unexpectedly."), mark("It has been started again.")),
    "engine.protocol": (
        mark("The engine speaks another version ({found}) than the window ({known})."),
        mark("Restart the program."),
    ),
    "cli.unknown": (mark("There is no command and no file “{where}”."), mark("See workbench --help.")),
    "cli.unknown_but_near": (
        mark("There is no command and no file “{where}”."),
        mark("The nearest command is {nearest}."),
    ),
    "cli.setting": (mark("{where} cannot be set. {reason}"), ""),
    "cli.setting_path": (
        mark("{where} names nothing that can be set."),
        mark("Write it as training.NAME=VALUE, data.NAME=VALUE, data.split.NAME=VALUE or nodes.ID.NAME=VALUE."),
    ),
    "cli.column": (mark("The column “{where}” cannot have this {name}: {detail}."), ""),
    "cli.no_setting": (mark("{title} has no setting “{name}”; it has {known}."), ""),
    "cli.no_model": (mark("The model “{where}” does not fit these data; these do: {known}."), ""),
    "cli.no_node": (mark("There is no layer “{node}”; there are {known}."), ""),
    "cli.no_data": (mark("The project has no data."), mark("Give it data with --data.")),
    "cli.no_source": (
        mark("“{where}” is neither the name of a data set ({known}) nor the path of a file or folder."),
        mark("A folder or a file of your own needs its path."),
    ),
    "cli.suffix": (mark("{where} does not end in {suffix}."), mark("Choose a name that does.")),
    "cli.exists": (mark("{where} is there already."), mark("Choose another name, or add --force.")),
}
"""By code: what is wrong, and what to do where no edit remedies it."""

SHORT: dict[str, str] = {
    **LAYER_SHORT,
    "graph.circle": mark("part of a circle"),
    "node.unknown_type": mark("unknown type"),
    "port.unconnected": mark("nothing connected"),
    "port.unknown": mark("wire without a port"),
    "layer.result": mark("returns no tensor"),
    "layer.outputs": mark("{found} tensors, {expected} outputs"),
    "custom.untrusted": mark("not trusted yet"),
    "custom.missing": mark("file is missing"),
    "custom.outside": mark("file lies elsewhere"),
    "custom.syntax": mark("line {line} is no Python"),
    "custom.no_class": mark("no such class"),
    "custom.no_forward": mark("no forward"),
    "custom.parameter": mark("“{name}” cannot be given"),
    "custom.required": mark("“{name}” has no value"),
    "custom.raised": mark("{detail}"),
    "custom.stuck": mark("does not come to an end"),
    "block.unknown": mark("unknown block"),
}
"""By code: a few words, for inside a node."""

ACTIVITIES: dict[str, str] = {
    "data.downloading": mark("Fetching the data"),
    "data.unpacking": mark("Unpacking the data"),
    "data.decoding": mark("Reading files"),
    "data.checking": mark("Checking files"),
    "data.reading": mark("Reading the table"),
    "data.preparing": mark("Preparing the columns"),
    "data.reading_texts": mark("Reading texts"),
    "tokens.training": mark("Learning the vocabulary"),
    "tokens.cutting": mark("Cutting texts into tokens"),
    "data.comparing": mark("Looking for samples that are there twice"),
    "evaluate.running": mark("Evaluating"),
    "train.testing_rates": mark("Trying learning rates"),
    "export.loading": mark("Loading weights"),
    "export.tracing": mark("Exporting the network"),
    "export.checking": mark("Checking the file"),
    "export.comparing": mark("Comparing with torch"),
}
"""By code: what long work is doing."""

STATES: dict[str, str] = {
    "queued": mark("Queued"),
    "preparing": mark("Preparing"),
    "training": mark("Training"),
    "validating": mark("Validating"),
    "paused": mark("Paused"),
    "stopped": mark("Stopped"),
    "done": mark("Done"),
    "failed": mark("Failed"),
    "interrupted": mark("Interrupted"),
}

AXES: dict[str, str] = {
    "channels": mark("channels"),
    "height": mark("height"),
    "width": mark("width"),
    "depth": mark("depth"),
    "length": mark("length"),
    "features": mark("features"),
}
"""What axes are called (`core/axes.py`)."""

PARTS: dict[str, str] = {"output": mark("the output"), "gradient": mark("the gradient"), "loss": mark("the loss")}
"""By what of a layer was not finite."""

NOT_FINITE: dict[str, str] = {"nan": mark("NaN"), "inf": mark("infinite"), "-inf": mark("minus infinite")}
"""By what Python calls them: numbers that are none."""

EVENTS: dict[str, str] = {
    "started": mark("Started"),
    "resumed": mark("Resumed from the last checkpoint"),
    "branched": mark("Branched from step {at} of {run}"),
    "train.norms_apart": mark("Batch norm measures each process’s share of a batch by itself"),
    "edited": mark("{name} changed from {old} to {new}"),
    "edit_refused": mark("{name} was not changed: {value} does not fit"),
    "paused": mark("Paused"),
    "continued": mark("Continued"),
    "stopped": mark("Stopped"),
    "done": mark("Done"),
    "failed": mark("Failed"),
    "epoch": mark("Epoch {epoch} ended"),
    "checkpoint.damaged": mark("The checkpoint {name} is damaged; the one before is used."),
    "train.no_compiler": mark("Not compiled: {detail}"),
}


def what(problem: Problem) -> str:
    """What is wrong, as a sentence."""
    sentence, _ = SENTENCES.get(problem.code, (problem.code, ""))
    return tr(sentence).format_map(_Readable(problem))


def short(problem: Problem) -> str:
    """What is wrong, in a few words."""
    return tr(SHORT[problem.code]).format_map(_Readable(problem)) if problem.code in SHORT else what(problem)


def remedy(problem: Problem, document: Document | None = None) -> str:
    """What to do: the edit that would remedy it, or advice. Empty where there is none."""
    if problem.fix is not None:
        return fix(problem.fix, document)
    _, advice = SENTENCES.get(problem.code, ("", ""))
    if not advice and isinstance(problem.args.get("reason"), dict):
        return remedy(_reason(problem), document)
    return tr(advice).format_map(_Readable(problem)) if advice else ""


def _reason(problem: Problem) -> Problem:
    """The problem that this one comes from."""
    return msgspec.convert(problem.args["reason"], Problem)


def fix(edit: Fix, document: Document | None = None) -> str:
    """An edit as the text of a link; with the document, nodes are called as on the screen."""
    match edit:
        case Several():
            return _several(edit, document)
        case InsertNode():
            return tr("Insert {layer}", layer=_layer(edit.type, edit.settings))
        case AppendNode():
            after = _called(edit.node, edit.scope, document)
            return tr("Add {layer} after {node}", layer=_layer(edit.type, edit.settings), node=after)
        case ChangeType():
            node = _called(edit.node, edit.scope, document)
            return tr("Change {node} to {layer}", node=node, layer=_layer(edit.type, {}))
        case SetSetting() | SetArgument():
            node, name = _called(edit.node, edit.scope, document), _setting_called(edit, document)
            return tr("Set {name} of {node} to {value}", name=name, node=node, value=readable(edit.value))
        case RemoveNode():
            return tr("Remove {node}", node=_called(edit.node, edit.scope, document))
        case AddWire():
            return tr("Connect {node}", node=_called(edit.wire.src, edit.scope, document))
        case RemoveWire():
            return tr("Remove the wire")
        case SetTraining():
            return tr("Set {name} to {value}", name=training_title(edit.name), value=readable(edit.value))


def _several(edit: Several, document: Document | None) -> str:
    """The steps, as far as they are worth a word: layers that are put in one after the other, or all that is set."""
    inserted = [step for step in edit.steps if isinstance(step, InsertNode)]
    if len(inserted) == len(edit.steps):
        names = tr(" and ").join(_layer(step.type, step.settings) for step in inserted)
        return tr("Insert {layer}", layer=names)
    told = [fix(step, document) for step in edit.steps if not isinstance(step, AddWire | RemoveWire)]
    return tr("{first}, and {more} more", first=told[0], more=len(told) - 1) if len(told) > 2 else tr("; ").join(told)


def _layer(kind: str, settings: Settings) -> str:
    """A layer that a remedy brings, with the settings that matter: Conv2d (64 filters, kernel 1, stride 2)."""
    info = shipped().layers.get(kind)
    title = tr(info.title) if info else kind
    labels = {field.name: tr(field.label).lower() for field in info.fields} if info else {}
    told = {name: ", ".join(map(str, value)) if name == "dims" else readable(value) for name, value in settings.items()}
    if len(settings) == 1 and info and set(settings) <= {"out_features", *info.caption}:
        return f"{title} ({next(iter(told.values()))})"
    named = ", ".join(f"{labels.get(name, name)} {value}" for name, value in told.items())
    return f"{title} ({named})" if named else title


def _called(node: str, scope: str, document: Document | None) -> str:
    """What a node is called on the screen; its id where only that is known."""
    if document is None or node not in document.scope(scope).nodes:
        return node
    found = document.scope(scope).nodes[node]
    info = shipped().layers.get(found.type)
    return found.label or (tr(info.title) if info else custom.title(found.type))


def training_title(name: str) -> str:
    """A setting of the training, as it is called in the middle of a sentence."""
    if name == AUGMENTATION:
        return tr("augmentation")
    return next((tr(field.label).lower() for field in TRAINING_FIELDS if field.name == name), name)


def _setting_called(edit: SetSetting | SetArgument, document: Document | None) -> str:
    if document is None or edit.node not in document.scope(edit.scope).nodes:
        return edit.name
    info = shipped().layers.get(document.scope(edit.scope).nodes[edit.node].type)
    field = next((item for item in info.fields if item.name == edit.name), None) if info else None
    return tr(field.label).lower() if field else edit.name


def activity(code: str) -> str:
    """What long work is doing."""
    return tr(ACTIVITIES.get(code, code))


def state(name: str) -> str:
    """The state of a run."""
    return tr(STATES.get(name, name))


def event(code: str, args: Mapping[str, Any]) -> str:
    """An event of a run's log."""
    return tr(EVENTS.get(code, code)).format_map({name: readable(value) for name, value in args.items()})


def shape(axes: Any) -> str:
    """A shape as people write it: `32 × 28 × 28`, `seq × 256`; a single number for an empty one."""
    return " × ".join(str(axis) for axis in axes) if axes else tr("a single number")


def axes(shape: Sequence[Any], names: Sequence[str]) -> str:
    """A shape with the names of its axes, as far as they have some: `channels 64, height 14, width 14`."""
    called = [tr(AXES[name]) if name in AXES else name for name in names]
    if len(called) != len(shape):
        called = [""] * len(shape)
    return ", ".join(f"{name} {axis}".strip() for name, axis in zip(called, shape, strict=True))


def axis_names(names: Sequence[str]) -> str:
    """The names of axes, as a shape: `channels × height × width`; empty where one has no name."""
    return " × ".join(tr(AXES[name]) if name in AXES else name for name in names) if all(names) else ""


SHARES = frozenset({"accuracy", "f1", "f1_macro", "entity_f1", "exact", "iou", "bleu", "chrf", "rouge_l"})
"""Metrics that are shares of a whole, and are said in per cent."""


def readable(value: Any) -> str:
    """A value in a sentence."""
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    if isinstance(value, Mapping):
        return (
            _step_called(value) if "op" in value else "; ".join(f"{key}: {readable(one)}" for key, one in value.items())
        )
    if isinstance(value, list | tuple):
        if value and all(isinstance(item, Mapping) for item in value):
            return ", ".join(readable(item) for item in value)
        if value and all(isinstance(item, list | tuple) for item in value):
            return tr(" and ").join(shape(item) for item in value)
        numbers = bool(value) and all(isinstance(item, int) for item in value)
        return shape(value) if numbers else ", ".join(map(str, value)) or tr("nothing")
    if isinstance(value, float):
        return _number(f"{value:g}")
    return tr("nothing") if value is None else str(value)


def _step_called(step: Mapping[str, Any]) -> str:
    """A step of preparation or augmentation, with what is not as usual."""
    info = shipped().steps.get(step["op"])
    fields = {field.name: tr(field.label) for field in info.fields} if info else {}
    said = [f"{fields.get(name, name)} {readable(value)}" for name, value in step.get("settings", {}).items()]
    said += [tr("off")] if step.get("off") else []
    return (tr(info.title) if info else step["op"]) + (f" ({', '.join(said)})" if said else "")


def _number(text: str) -> str:
    return tr(NOT_FINITE[text]) if text in NOT_FINITE else text


def count(number: int) -> str:
    """A number with thin separators: 18,402."""
    return f"{number:,}"


def place(path: Path) -> str:
    """Where a file is, from the user's home where it lies there: ~/models/digits.onnx."""
    home = Path.home()
    return str(Path("~") / path.relative_to(home)) if path.is_relative_to(home) else str(path)


def size(number: float) -> str:
    """Bytes as people read them: 6.1 MiB."""
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if number < 1024 or unit == "TiB":
            return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1024
    return ""


def duration(seconds: float) -> str:
    """A time as 0:42, or 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class _Readable(dict[str, str]):
    """The arguments of a problem as texts; what is missing shows as `?`, never as an error."""

    def __init__(self, problem: Problem) -> None:
        super().__init__({name: readable(value) for name, value in problem.args.items() if name != "field"})
        self["where"] = problem.node
        if "detail" in self:
            self["detail"] = self["detail"].strip().rstrip(".")  # the sentence that it stands in has its own full stop
        given = problem.args.get("found")
        if isinstance(given, list | tuple) and not problem.code.startswith(("setting.", "data.")):
            self["found"] = readable(given) if any(isinstance(item, list | tuple) for item in given) else shape(given)
        if problem.code.startswith("setting."):
            self["found"] = f"“{given}”" if isinstance(given, str) else readable(given)
            self |= _setting(problem)
        if problem.code.startswith("train.") and "value" in problem.args:
            self["value"] = _number(str(problem.args["value"]))
        if problem.args.get("what") in PARTS:
            self["what"] = tr(PARTS[problem.args["what"]])
        if isinstance(problem.args.get("reason"), dict):
            self["reason"] = what(_reason(problem))
        if problem.code == "layer.rank":
            self["expected"] = tr(EXPECTED[problem.args["expected"]])

    def __missing__(self, name: str) -> str:
        return "?"


def _setting(problem: Problem) -> dict[str, str]:
    field = problem.args.get("field") or {}
    name = str(problem.args.get("name"))
    label = tr(field.get("label", name))
    least, most, choices = field.get("minimum"), field.get("maximum"), field.get("choices") or ()
    kinds = {
        "int": tr("a whole number"),
        "float": tr("a number"),
        "bool": tr("yes or no"),
        "pair": tr("one or two whole numbers"),
        "triple": tr("one or three whole numbers"),
        "ints": tr("whole numbers"),
        "float_pair": tr("two numbers"),
        "nodes": tr('names of layers, as ["linear_1"]'),
        "rates": tr('names of layers and a factor each, as [["linear_1", 0.1]]'),
    }
    expected = kinds.get(field.get("kind", ""), tr("a text"))
    if field.get("names"):
        expected = tr("whole numbers or names")
    if choices:
        expected = tr(" or ").join(choices) if field.get("kind") == "choice" else f"{expected}, {', '.join(choices)}"
    elif least is not None and most is not None:
        expected = tr("{what} from {least} to {most}", what=expected, least=f"{least:g}", most=f"{most:g}")
    elif least is not None:
        expected = tr("{what}, at least {least}", what=expected, least=f"{least:g}")
    return {"label": label, "expected": expected}
