import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QCheckBox, QComboBox, QLineEdit, QMenu

from tests.widgets.conftest import count, grab
from widgets.form import Form
from widgets.form_values import Field
from widgets.tokens import DARK

FIELDS = [
    Field("filters", "Filters", "int", 32, 1, 4096, help="How many filters."),
    Field("kernel", "Kernel", "pair", (3, 3), 1),
    Field("padding", "Padding", "choice", "same", choices=("same", ("valid", "none"))),
    Field("rate", "Rate", "float", 1e-3, minimum=0, unit="1/s"),
    Field("bias", "Bias", "bool", True),
    Field("axes", "Axes", "ints", (0, 1), minimum=-1),
    Field("seed", "Seed", "int", None, 0, optional=True, placeholder="random"),
    Field("folder", "Folder", "path", "data"),
    Field("note", "Note", "text", ""),
]


@pytest.fixture
def heard() -> list:
    return []


@pytest.fixture
def form(show, heard) -> Form:
    form = Form(
        FIELDS,
        DARK,
        explain=lambda field, text: f"{text} is no {field.label}",
        browse=lambda field, current: current + "/mnist",
        reset_text="Reset",
    )
    form.changed.connect(lambda name, value: heard.append((name, value)))
    return show(form, 300, 420)


def retype(form: Form, name: str, text: str) -> None:
    field = form.input(name)
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)


def wheel(widget, delta: int = 120) -> QWheelEvent:
    at = QPointF(widget.rect().center())
    none = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(at, QPointF(widget.mapToGlobal(at.toPoint())), QPoint(), QPoint(0, delta), *none, False)
    QApplication.sendEvent(widget, event)
    return event


def test_a_long_number_shows_its_first_digits(show):
    form = Form([Field("n", "n", "int", 0), Field("x", "x", "float", 0.0)], DARK)
    show(form, 200, 60)
    field = form.input("n")
    form.input("x").setFocus()
    form.set_values({"n": 123456789012345, "x": 1e9})
    assert field.cursorPosition() == 0
    assert form.input("x").text() == "1e9"
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_End)
    form.input("x").setFocus()
    assert field.cursorPosition() == 0


def test_a_form_starts_with_the_defaults(form):
    assert form.values() == {field.name: field.default for field in FIELDS}


def test_a_typed_value_is_told_once_when_it_is_committed(form, heard):
    retype(form, "filters", "64")
    assert heard == []
    QTest.keyClick(form.input("filters"), Qt.Key.Key_Return)
    assert heard == [("filters", 64)]
    form.input("kernel").setFocus()
    assert heard == [("filters", 64)]


def test_leaving_an_input_commits_it(form, heard):
    retype(form, "kernel", "5x7")
    form.input("filters").setFocus()
    assert heard == [("kernel", (5, 7))]
    assert form.input("kernel").text() == "5 × 7"


def test_typing_the_same_value_tells_nothing(form, heard):
    retype(form, "kernel", "3")
    QTest.keyClick(form.input("kernel"), Qt.Key.Key_Return)
    assert heard == []
    assert form.input("kernel").text() == "3 × 3"


def test_invalid_text_stays_and_is_explained(form, heard):
    retype(form, "filters", "many")
    form.input("kernel").setFocus()
    assert form.input("filters").text() == "many"
    assert form.problem("filters") == "many is no Filters"
    assert form.input("filters").property("invalid") is True
    assert "many is no Filters" in form.input("filters").accessibleDescription()
    assert form.values()["filters"] == 32
    assert heard == []


def test_a_mistake_is_forgiven_as_soon_as_it_is_mended(form, heard):
    retype(form, "filters", "many")
    QTest.keyClick(form.input("filters"), Qt.Key.Key_Return)
    retype(form, "filters", "6")
    assert form.problem("filters") == ""
    assert form.input("filters").property("invalid") is False
    QTest.keyClick(form.input("filters"), Qt.Key.Key_Return)
    assert heard == [("filters", 6)]


def test_escape_brings_the_last_value_back(form, heard):
    retype(form, "filters", "many")
    QTest.keyClick(form.input("filters"), Qt.Key.Key_Return)
    QTest.keyClick(form.input("filters"), Qt.Key.Key_Escape)
    assert form.input("filters").text() == "32"
    assert form.problem("filters") == ""
    assert heard == []


def test_setting_values_is_silent(form, heard):
    form.set_values({"filters": 8, "padding": "valid", "bias": False, "axes": [2], "kernel": 1, "unknown": 1})
    assert heard == []
    values = form.values()
    assert (values["filters"], values["padding"], values["bias"], values["axes"], values["kernel"]) == (
        8, "valid", False, (2,), (1, 1),
    )  # fmt: skip
    assert form.input("padding").currentText() == "none"


def test_what_is_being_typed_outlives_an_update_of_the_same_value(form):
    retype(form, "filters", "12x")
    form.set_values({"filters": 32, "kernel": (5, 5)})
    assert form.input("filters").text() == "12x"
    form.set_values({"filters": 16})
    assert form.input("filters").text() == "16"


def test_arrows_and_pages_step(form, heard):
    field = form.input("filters")
    field.setFocus()
    for key in (Qt.Key.Key_Up, Qt.Key.Key_PageUp, Qt.Key.Key_Down):
        QTest.keyClick(field, key)
    assert heard == [("filters", 33), ("filters", 43), ("filters", 42)]


def test_a_step_starts_from_what_is_typed(form, heard):
    retype(form, "filters", "100")
    QTest.keyClick(form.input("filters"), Qt.Key.Key_Up)
    assert heard == [("filters", 101)]


def test_rates_step_by_ratio(form, heard):
    QTest.keyClick(form.input("rate"), Qt.Key.Key_Up)
    assert heard == [("rate", 0.002)]
    assert form.input("rate").text() == "0.002"


def test_steppers_can_be_clicked_and_stop_at_the_bounds(form, heard):
    field = form.input("filters")
    form.set_values({"filters": 2})
    for _ in range(3):
        QTest.mouseClick(field, Qt.MouseButton.LeftButton, pos=QPoint(field.width() - 10, field.height() - 6))
    QTest.mouseClick(field, Qt.MouseButton.LeftButton, pos=QPoint(field.width() - 10, 6))
    assert heard == [("filters", 1), ("filters", 2)]


def test_a_held_stepper_repeats(form, heard, qtbot):
    field = form.input("filters")
    spot = QPoint(field.width() - 10, 6)
    QTest.mousePress(field, Qt.MouseButton.LeftButton, pos=spot)
    qtbot.waitUntil(lambda: len(heard) >= 3)
    QTest.mouseRelease(field, Qt.MouseButton.LeftButton, pos=spot)
    assert heard[:3] == [("filters", 33), ("filters", 34), ("filters", 35)]


def test_the_wheel_turns_only_what_has_the_focus(form, heard):
    form.input("note").setFocus()
    for name in ("filters", "padding"):
        assert not wheel(form.input(name)).isAccepted()
    assert heard == []
    form.input("filters").setFocus()
    assert wheel(form.input("filters")).isAccepted()
    assert heard == [("filters", 33)]


def test_choices_and_boxes_tell_what_was_picked(form, heard):
    choice = form.input("padding")
    choice.setFocus()
    QTest.keyClick(choice, Qt.Key.Key_Down)
    box = form.input("bias")
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(8, box.height() // 2))
    assert heard == [("padding", "valid"), ("bias", False)]


def test_a_value_that_is_no_choice_is_shown_all_the_same(form):
    form.set_values({"padding": "full"})
    assert form.input("padding").currentIndex() == -1
    assert form.input("padding").placeholderText() == "full"
    assert form.values()["padding"] == "full"


def test_an_optional_field_may_be_emptied(form, heard):
    retype(form, "seed", "7")
    QTest.keyClick(form.input("seed"), Qt.Key.Key_Return)
    form.input("seed").clear()
    form.input("seed").setModified(True)
    QTest.keyClick(form.input("seed"), Qt.Key.Key_Return)
    assert heard == [("seed", 7), ("seed", None)]
    assert form.input("seed").placeholderText() == "random"


def test_a_path_can_be_browsed_for(form, heard):
    field = form.input("folder")
    QTest.mouseClick(field, Qt.MouseButton.LeftButton, pos=QPoint(field.width() - 10, field.height() // 2))
    assert heard == [("folder", "data/mnist")]


def dots(form: Form) -> list[QAbstractButton]:
    return [b for b in form.findChildren(QAbstractButton) if b.toolTip() == "Reset" and b.isVisible()]


def test_a_dot_marks_a_changed_value_and_takes_it_back(form, heard):
    assert dots(form) == []
    form.set_values({"filters": 64})
    QTest.mouseClick(dots(form)[0], Qt.MouseButton.LeftButton)
    assert heard == [("filters", 32)]
    assert dots(form) == []


def test_the_keyboard_resets_through_the_context_menu(form, heard, qtbot):
    form.set_values({"padding": "valid"})
    form.input("padding").reset_action.trigger()
    assert heard == [("padding", "same")]
    assert not form.input("padding").reset_action.isEnabled()


@pytest.mark.parametrize("name", ["filters", "padding", "bias"])
def test_every_context_menu_offers_the_reset(form, qtbot, name):
    from PySide6.QtGui import QContextMenuEvent

    field = form.input(name)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(5, 5), field.mapToGlobal(QPoint(5, 5)))
    QApplication.sendEvent(field, event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert menu.actions()[0].text() == "Reset"
    menu.close()


def test_problems_of_the_owner_are_shown_behind_those_of_typing(form):
    form.set_problem("filters", "too many")
    assert form.problem("filters") == "too many"
    retype(form, "filters", "x")
    QTest.keyClick(form.input("filters"), Qt.Key.Key_Return)
    assert form.problem("filters") == "x is no Filters"
    QTest.keyClick(form.input("filters"), Qt.Key.Key_Escape)
    assert form.problem("filters") == "too many"
    form.set_problem("filters", "")
    assert form.problem("filters") == ""


def test_a_problem_is_painted_in_red(form):
    before = count(grab(form), DARK.bad, 60)
    form.set_problem("note", "████")
    QApplication.processEvents()
    assert count(grab(form), DARK.bad, 60) > before + 100


def test_steps_of_one_visit_merge_and_typed_values_stand_alone(form):
    field = form.input("filters")
    field.setFocus()
    keys = []
    form.changed.connect(lambda name, value: keys.append(form.merge_key(name)))
    QTest.keyClick(field, Qt.Key.Key_Up)
    QTest.keyClick(field, Qt.Key.Key_Up)
    retype(form, "filters", "5")
    QTest.keyClick(field, Qt.Key.Key_Return)
    QTest.keyClick(field, Qt.Key.Key_Up)
    form.input("note").setFocus()
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Up)
    assert keys[0] == keys[1]
    assert len(set(keys)) == 4
    assert all(key[0] == "filters" for key in keys)


def test_tab_follows_the_reading_order(form):
    form.focus_field("filters")
    order = []
    for _ in FIELDS:
        order.append(next(f.name for f in FIELDS if form.input(f.name).hasFocus()))
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert order == [field.name for field in FIELDS]


def edges(form: Form) -> tuple[set[int], set[int]]:
    boxes = [form.input(f.name) for f in FIELDS if f.kind != "bool"]
    lefts = {box.mapTo(form, QPoint(0, 0)).x() for box in boxes}
    rights = {box.mapTo(form, QPoint(box.width(), 0)).x() for box in boxes}
    return lefts, rights


def test_inputs_align_on_both_edges(form):
    lefts, rights = edges(form)
    assert lefts == {0, 154}
    assert rights == {146, 300}


def test_a_narrow_form_has_one_column(form, qtbot):
    form.resize(150, 900)
    qtbot.waitUntil(lambda: edges(form) == ({0}, {150}))


def test_a_long_label_widens_nothing(show):
    long = Field("x", "Anzahl der Ausgangsfilter in dieser Schicht", "int", 1)
    check = Field("b", "Verschiebung zu jedem Ausgang hinzufügen", "bool", True)
    form = Form([long, Field("y", "B", "int", 1), check, Field("z", "Z", "bool", False)], DARK)
    show(form, 240, 200)
    assert form.width() == 240
    assert form.input("x").width() == form.input("y").width()
    assert form.input("b").width() <= 116


def test_inputs_are_named_and_explained(form):
    assert form.input("filters").accessibleName() == "Filters"
    assert form.input("rate").accessibleName() == "Rate 1/s"
    assert form.input("filters").toolTip() == "How many filters."
    assert isinstance(form.input("bias"), QCheckBox)
    assert form.input("bias").text() == "Bias"


def test_a_disabled_field_takes_nothing(form, heard):
    form.set_enabled_field("filters", False)
    field = form.input("filters")
    QTest.mouseClick(field, Qt.MouseButton.LeftButton, pos=QPoint(field.width() - 10, 6))
    assert heard == []


def test_a_setting_that_stands_for_something_else_is_left_alone(form, heard):
    form.set_values({"filters": {"param": "width"}})
    QTest.keyClick(form.input("filters"), Qt.Key.Key_Up)
    assert form.values()["filters"] == {"param": "width"}
    assert heard == []


@given(
    st.integers(1, 4096),
    st.tuples(st.integers(1, 99), st.integers(1, 99)),
    st.floats(0, 1e6),
    st.lists(st.integers(-1, 99)),
)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_values_come_back_from_the_inputs(form, filters, kernel, rate, axes):
    values = {"filters": filters, "kernel": kernel, "rate": rate, "axes": tuple(axes)}
    form.set_values(values)
    assert {name: form.values()[name] for name in values} == values
    for name in values:
        field = form.input(name)
        field.setModified(True)
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert {name: form.values()[name] for name in values} == values
    assert isinstance(form.input("padding"), QComboBox)
    assert isinstance(form.input("filters"), QLineEdit)
