"""What layers complain of, in words: the part of `wording` that grows with every layer."""

from workbench.core.i18n import mark

Entry = tuple[str, str]
"""A sentence and, where no edit can remedy it at one click, what to do."""

LAYER_SENTENCES: dict[str, Entry] = {
    "input.no_shape": (
        mark("The input is bound to no data and declares no shape."),
        mark("Choose data, or type a shape such as 1, 28, 28."),
    ),
    "input.no_column": (mark("The data has no column “{found}”; it has {known}."), mark("Choose another column.")),
    "output.no_target": (mark("The data ({known}) has no column that suits {task}."), mark("Choose another task.")),
    "output.no_column": (mark("The data has no column “{found}”; it has {known}."), mark("Choose another target.")),
    "output.loss": (
        mark("The loss {found} is none of {task}; there are {known}."),
        mark("Choose another loss."),
    ),
    "output.kind": (
        mark("The column “{column}” holds {kind}, which does not suit {task}."),
        mark("Choose another task."),
    ),
    "classification.width": (
        mark("The output is {found}, but {classes} classes need {classes} numbers."),
        mark("End with a Linear layer of {classes} units."),
    ),
    "classification.positions": (
        mark("The output is {found}, but the target has a class for each of {positions} positions."),
        mark("Keep the axis of the positions; Linear works on each of them."),
    ),
    "position.too_long": (
        mark("The sequence has {found} steps, but there are {most} positions."),
        mark("Raise the number of positions."),
    ),
    "output.sigmoid": (
        mark("The loss expects raw numbers: the Sigmoid in front of it makes learning slow."),
        mark("Remove the Sigmoid."),
    ),
    "output.softmax": (
        mark("The loss expects raw numbers: the Softmax in front of it makes learning slow."),
        mark("Remove the Softmax."),
    ),
    "regression.width": (
        mark("The output is {found}, but the target is {wanted}."),
        mark("End with a Linear layer of as many units."),
    ),
    "output.not_float": (
        mark("The output holds {found}; expected floating-point numbers."),
        mark("Remove what decides or rounds in front of it: the file says how the raw numbers are read."),
    ),
    "labels.positions": (
        mark("The output is {found}, but the target has a class for each of {positions} positions."),
        mark("Keep the axis of the positions, and end with a Linear layer, which works on each of them."),
    ),
    "sequence.steps": (
        mark("The output is {found}: one answer a step, but a whole sequence has one class."),
        mark("Draw the steps together: take the last one, or the mean over those that are no padding."),
    ),
    "multi_label.width": (
        mark("The output is {found}, but {classes} tags need {classes} numbers, one for each."),
        mark("End with a Linear layer of {classes} units."),
    ),
    "language.width": (
        mark("The output is {found}, but {classes} different tokens need {classes} numbers at each position."),
        mark("End with a Linear layer of {classes} units."),
    ),
    "segmentation.rank": (
        mark("The output is {found}, but a class for each pixel needs {wanted}: classes × height × width."),
        mark("End with a convolution, without a Flatten or a pooling over the whole picture before it."),
    ),
    "segmentation.size": (
        mark("The output is {found}, but the masks have {pixels} pixels."),
        mark("Enlarge it with an Upsample or a transposed convolution, or pool less."),
    ),
    "segmentation.classes": (
        mark("The output is {found}, but {classes} classes need {classes} channels, one for each."),
        mark("End with a convolution of {classes} filters."),
    ),
    "autoencoding.shape": (
        mark("The output is {found}, but what it must rebuild is {wanted}."),
        mark("End with a layer that gives this shape."),
    ),
    "layer.rank": (mark("It gets {found}; expected {expected}."), mark("Reshape or flatten its input.")),
    "layer.needs_float": (
        mark("It gets whole numbers ({found}); expected floating-point numbers."),
        mark("Put an Embedding in front of it."),
    ),
    "layer.use_instead": (mark("It gets {found}, which is what {other} is for."), mark("Use {other} instead.")),
    "layer.no_axis": (mark("It gets {found}, which has no axis {axis}."), mark("Axis 0 is the batch; -1 is the last.")),
    "layer.batch_axis": (mark("It would mix samples: the batch axis must stay first, but came out as {found}."), ""),
    "layer.fixed_length": (
        mark("It works for one length only, but {names} may be of any length."),
        mark("Pool or take the last step before it."),
    ),
    "layer.torch": (mark("torch refuses its input: {detail}."), mark("Check the layer’s settings and what feeds it.")),
    "linear.not_flat": (
        mark("It gets {found} and works on the last axis only; usually a flat input is meant."),
        mark("Put a Flatten in front of it."),
    ),
    "layer_norm.axes": (mark("It gets {found}, which does not have {axes} axes to normalise."), ""),
    "group_norm.single": (
        mark("Each of {groups} groups would hold a single number of {found}: nothing is left when that is normalised."),
        mark("Use fewer groups."),
    ),
    "group_norm.groups": (mark("{channels} channels cannot be shared out evenly among {groups} groups."), ""),
    "embedding.needs_int": (
        mark("It gets {found}; expected whole numbers to look up."),
        mark("Feed it token numbers."),
    ),
    "reshape.count": (mark("{found} cannot be arranged as {wanted}: the numbers do not add up."), ""),
    "permute.axes": (
        mark("It gets {found}; the order {axes} does not name every axis once."),
        mark("Name each axis from 1 on once."),
    ),
    "conv.groups": (
        mark("{channels} channels and {out_channels} filters cannot both be shared out among {groups} groups."),
        "",
    ),
    "conv.same_stride": (mark("Padding “same” needs a stride of 1, but the stride is {stride}."), ""),
    "conv.kernel_too_large": (
        mark("The window ({kernel}) is larger than the padded input ({size}) of {found}."),
        mark("Make the kernel smaller, add padding, or pool less before it."),
    ),
    "conv.output_padding": (mark("Output padding ({found}) must be smaller than the stride ({stride})."), ""),
    "conv.nothing_left": (mark("With this padding nothing is left of {found}."), ""),
    "pool.padding": (mark("Padding ({found}) may be at most half the window ({kernel})."), ""),
    "attention.heads": (mark("{width} features cannot be shared out evenly among {heads} heads."), ""),
    "attention.lengths": (mark("Key ({key}) and value ({value}) must be equally long."), ""),
    "attention.causal": (mark("Causal attention needs query ({query}) and key ({key}) of one length."), ""),
    "operation.broadcast": (
        mark("The shapes {shapes} do not fit together."),
        mark("Bring them to one shape, with a convolution or Linear on one side."),
    ),
    "operation.concat": (
        mark("The shapes {shapes} differ in more than axis {axis}."),
        mark("Bring the other axes to one size."),
    ),
    "matmul.rank": (mark("It gets {shapes}; expected two matrices."), ""),
    "matmul.inner": (
        mark("{shapes} cannot be multiplied: {left} columns meet {right} rows."),
        mark("Transpose one of them."),
    ),
    "layer.needs_number": (mark("It gets yes and no ({found}); expected numbers."), mark("Cast its input to float32.")),
    "layer.needs_int": (
        mark("Its input “{port}” gets {found}; expected whole numbers."),
        mark("Cast it to int64, or connect what counts or looks up."),
    ),
    "layer.needs_bool": (mark("A mask holds yes and no, not {found}."), mark("Compare it with a number first.")),
    "layer.axes_twice": (
        mark("The axes {axes} must be named once each, and at least one."),
        mark("Name each axis once."),
    ),
    "layer.bounds": (mark("The lower bound ({lower}) must lie below the upper ({upper})."), ""),
    "layer.lengths": (mark("{shapes} must be equal in all but their last axis."), mark("Bring them to one shape.")),
    "glu.odd": (
        mark("Axis {axis} of {found} cannot be halved: its size {size} is odd."),
        mark("Give the layer before it an even number of units."),
    ),
    "instance_norm.single": (
        mark("Each channel of {found} is a single number: nothing is left when that is normalised."),
        mark("Use BatchNorm, or pool less before it."),
    ),
    "pad.amounts": (mark("{found} amounts are given; expected 1, or {wanted}: two for each axis."), ""),
    "pad.too_much": (mark("{added} cannot be added around {found} by {mode}: there is not enough to take from."), ""),
    "embedding.small": (
        mark("The table has {found} rows, and the data have {wanted} different numbers."),
        mark("Give it as many rows, or leave its size open."),
    ),
    "embedding.padding": (mark("The padding number {found} is none of the {vocabulary} of the vocabulary."), ""),
    "recurrent.state": (
        mark("The states to begin with are {found}; expected {wanted}."),
        mark("Connect the final states of a layer that is made alike."),
    ),
    "attention.mask": (
        mark("The mask at “{port}” is {found}; expected {wanted}."),
        mark("Make it of the sequence that it hides parts of."),
    ),
    "transformer.memory": (
        mark("It gets {found} and a memory of {memory}: both need as many features."),
        mark("Put a Linear layer of as many units on one side."),
    ),
    "clamp.no_bound": (mark("It has neither a lower nor an upper bound."), ""),
    "var.single": (mark("Of {found} a single number lies along the axes {axes}: it has no spread to estimate."), ""),
    "topk.too_many": (mark("The {k} largest are wanted of {size} numbers in {found}."), ""),
    "operation.vectors": (
        mark("{shapes} are not two sets of vectors of one length."),
        mark("Expected count × features each, with the same features."),
    ),
    "unflatten.sizes": (mark("Axis {axis} of {found} has {size} numbers, which {wanted} does not make."), ""),
    "squeeze.size": (
        mark("Axis {axis} of {found} cannot go: its size is not 1."),
        mark("Select a place of it instead."),
    ),
    "expand.sizes": (mark("{found} cannot be repeated to {wanted}: only axes of size 1 can."), ""),
    "tile.repeats": (
        mark("{wanted} does not say how often for each axis of {found}."),
        mark("Name one number an axis."),
    ),
    "roll.shifts": (mark("{shifts} shifts are given for {axes} axes."), ""),
    "chunk.uneven": (
        mark("Axis {axis} of {found} cannot be cut into {parts} equal parts: it has {size} places."),
        mark("Use Split, which takes a size for each part."),
    ),
    "split.outputs": (
        mark("There are {sizes} sizes for {outputs} outputs."),
        mark("Give as many sizes as there are outputs, 2 to 16."),
    ),
    "split.sizes": (
        mark("Axis {axis} of {found} has {size} places, which {wanted} does not make."),
        mark("Use fewer outputs."),
    ),
    "unbind.outputs": (
        mark("Axis {axis} of {found} has {size} places, but there are {outputs} outputs."),
        mark("Use Chunk or Split for more than 16 places."),
    ),
    "select.index": (
        mark("There is no place {index} among the {size} of {found}."),
        mark("Count from 0."),
    ),
    "slice.empty": (mark("From {start} to {end} nothing is left of the {size} places of {found}."), ""),
    "gather.shapes": (
        mark("The shapes {shapes} do not fit: apart from axis {axis} the places may not reach beyond the input."),
        mark("Give both as many axes."),
    ),
    "einsum.equation": (
        mark("“{found}” is no equation for {inputs} inputs."),
        mark("Write a letter for each axis, the batch first in every part, such as bij,bjk->bik."),
    ),
    "einsum.axes": (
        mark("“{part}” does not name the axes of {found} and the batch before them."),
        mark("Write one letter for each axis."),
    ),
    "einsum.sizes": (
        mark("“{letter}” cannot stand for {sizes} at once."),
        mark("Use another letter, or bring both to one size."),
    ),
    "upsample.mode": (mark("{mode} does not work on {found}."), ""),
    "upsample.size": (mark("The size of the output of {found} needs 1 or {wanted} numbers."), ""),
    "shuffle.channels": (
        mark("{channels} channels are no multiple of {wanted}."),
        mark("Give the layer before it a multiple of {wanted} filters."),
    ),
    "shuffle.pixels": (
        mark("Height and width of {found} are no multiples of {factor}."),
        mark("Pad or crop the image before it."),
    ),
    "fold.blocks": (
        mark("{found} are not the windows of such an image: expected a multiple of {window} × {columns}."),
        mark("Use the settings of the Unfold that it undoes."),
    ),
    "unpool.indices": (
        mark("It gets {found}, but positions for {other}."),
        mark("Connect both outputs of one MaxPool."),
    ),
}

LAYER_SHORT: dict[str, str] = {
    "input.no_shape": mark("no data, no shape"),
    "input.no_column": mark("no such column"),
    "output.no_column": mark("no such column"),
    "output.no_target": mark("no suitable target"),
    "output.kind": mark("target does not suit"),
    "classification.width": mark("needs {classes} numbers"),
    "output.softmax": mark("Softmax in front"),
    "output.sigmoid": mark("Sigmoid in front"),
    "regression.width": mark("needs {wanted}"),
    "output.not_float": mark("needs raw numbers"),
    "labels.positions": mark("needs {positions} positions"),
    "sequence.steps": mark("one answer a step"),
    "multi_label.width": mark("needs {classes} numbers"),
    "language.width": mark("needs {classes} numbers"),
    "segmentation.rank": mark("needs {wanted}"),
    "segmentation.size": mark("needs {pixels} pixels"),
    "segmentation.classes": mark("needs {classes} channels"),
    "autoencoding.shape": mark("needs {wanted}"),
    "layer.rank": mark("needs {expected}"),
    "layer.needs_float": mark("needs an Embedding"),
    "layer.use_instead": mark("use {other}"),
    "layer.no_axis": mark("no axis {axis}"),
    "layer.torch": mark("does not fit its input"),
    "linear.not_flat": mark("input is not flat"),
    "group_norm.groups": mark("{channels} into {groups} groups"),
    "embedding.needs_int": mark("needs whole numbers"),
    "reshape.count": mark("numbers do not add up"),
    "permute.axes": mark("axes do not fit"),
    "conv.groups": mark("groups do not fit"),
    "conv.same_stride": mark("“same” needs stride 1"),
    "conv.kernel_too_large": mark("kernel is too large"),
    "attention.heads": mark("{width} into {heads} heads"),
    "operation.broadcast": mark("shapes do not fit"),
    "operation.concat": mark("shapes do not fit"),
    "matmul.inner": mark("{left} columns, {right} rows"),
    "layer.needs_number": mark("needs numbers"),
    "layer.needs_int": mark("needs whole numbers"),
    "layer.needs_bool": mark("needs yes and no"),
    "layer.axes_twice": mark("axes do not fit"),
    "glu.odd": mark("{size} cannot be halved"),
    "pad.amounts": mark("amounts do not fit"),
    "pad.too_much": mark("pads too much"),
    "fold.blocks": mark("windows do not fit"),
    "unpool.indices": mark("positions do not fit"),
}
"""By code: a few words, for inside a node."""

EXPECTED: dict[str, str] = {
    "features": mark("features"),
    "image": mark("channels × height × width"),
    "volume": mark("channels × depth × height × width"),
    "sequence": mark("length × features"),
    "channels": mark("channels first"),
    "channels_length": mark("channels × length"),
    "channels_more": mark("channels and at least one more axis"),
    "features_or_sequence": mark("features, or features × length"),
    "blocks": mark("channels · window × number of windows"),
    "numbers": mark("a sequence of whole numbers"),
    "matrix": mark("rows × columns, with or without axes before them"),
}
"""By what a layer calls it: the input that it needs."""
