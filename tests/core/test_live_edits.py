"""What of a project can be given to its run at work, and how a command line says it."""

import pytest
from msgspec.structs import replace

from workbench.cli.sources import live_setting
from workbench.core import wording
from workbench.core.catalogue import shipped
from workbench.core.document import ColumnUse, Data, Split, Step
from workbench.core.live_edits import AUGMENTATION, augmentation_changes, checked
from workbench.core.problems import ProblemError

FLIP, CROP, RESIZE = Step("horizontal_flip"), Step("random_crop", {"padding": 8}), Step("resize", {"height": 32})


def data(*steps: Step) -> Data:
    return Data("digits", columns={"image": ColumnUse(steps=steps)})


def test_random_steps_are_offered_to_a_run_at_work_and_others_are_not() -> None:
    known = shipped().steps
    assert augmentation_changes(data(RESIZE, FLIP), data(RESIZE, CROP), known) == (
        {"image": [{"op": "resize", "settings": {"height": 32}}, {"op": "horizontal_flip"}]},
        {"image": [{"op": "resize", "settings": {"height": 32}}, {"op": "random_crop", "settings": {"padding": 8}}]},
    )
    assert augmentation_changes(Data("digits"), data(FLIP), known) == (
        {"image": []},
        {"image": [{"op": "horizontal_flip"}]},
    )
    assert augmentation_changes(data(FLIP), data(FLIP), known) is None
    assert augmentation_changes(data(FLIP), data(RESIZE, FLIP), known) is None
    assert augmentation_changes(data(FLIP), replace(data(CROP), split=Split(seed=1)), known) is None
    assert augmentation_changes(None, data(FLIP), known) is None


def test_a_command_line_names_them_and_a_log_says_them() -> None:
    name, value = live_setting(
        'data.columns.image.steps=["horizontal_flip", {"op": "random_crop", "settings": {"padding": 8}}]'
    )
    checked(name, value)
    assert name == AUGMENTATION
    said = wording.event("edited", {"name": name, "old": {"image": []}, "new": value})
    shaken = "Flip left and right, Shift (crop with padding) (Padding 8)"
    assert said == f"augmentation changed from image: nothing to image: {shaken}"
    for wrong in ("data.columns.image.kind=text", "data.split.seed=3", "nodes.linear_1.out_features=3"):
        with pytest.raises(ProblemError):
            live_setting(wrong)
    with pytest.raises(ProblemError) as caught:
        checked(AUGMENTATION, {"image": "horizontal_flip"})
    assert caught.value.problem.code == "run.bad_steps"
