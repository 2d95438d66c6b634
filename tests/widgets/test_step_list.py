import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, QModelIndex, QPoint, Qt
from PySide6.QtTest import QTest

from widgets.icons import Icons
from widgets.step_list import MIME, StepItem, StepList
from widgets.tokens import DARK

from tests.widgets.conftest import ASSETS  # isort: skip

Key = Qt.Key
LEFT, NONE, CONTROL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
ITEMS = [StepItem("Resize", "64 × 64"), StepItem("Flip", mark="random"), StepItem("Normalise", on=False)]


@pytest.fixture
def steps(show, icons):
    widget = StepList(DARK, icons, name="Steps", remove_text="Take out")
    show(widget, 320, 240)
    widget.set_steps(ITEMS)
    widget.setFocus()
    return widget


def told(widget: StepList) -> list[tuple]:
    found: list[tuple] = []
    widget.moved.connect(lambda *what: found.append(("moved", *what)))
    widget.switched.connect(lambda *what: found.append(("switched", *what)))
    widget.removed.connect(lambda *what: found.append(("removed", *what)))
    widget.selected.connect(lambda *what: found.append(("selected", *what)))
    return found


def test_keys_select_move_switch_and_take_out(steps):
    heard = told(steps)
    assert steps.current() == 0
    QTest.keyClick(steps, Key.Key_Down)
    QTest.keyClick(steps, Key.Key_Down, CONTROL)
    QTest.keyClick(steps, Key.Key_Up, CONTROL)
    QTest.keyClick(steps, Key.Key_Space)
    QTest.keyClick(steps, Key.Key_Delete)
    assert heard == [("selected", 1), ("moved", 1, 2), ("moved", 1, 0), ("switched", 1, False), ("removed", 1)]


def test_the_ends_are_the_ends(steps):
    heard = told(steps)
    QTest.keyClick(steps, Key.Key_Up, CONTROL)
    steps.set_steps(ITEMS, 2)
    QTest.keyClick(steps, Key.Key_Down, CONTROL)
    assert heard == []


def test_the_mouse_switches_and_takes_out(steps):
    heard = told(steps)
    card = steps.card(2)
    QTest.mouseClick(steps.viewport(), LEFT, NONE, steps.box_of(card).center().toPoint())
    QTest.mouseClick(steps.viewport(), LEFT, NONE, steps.cross_of(card).center().toPoint())
    assert heard == [("switched", 2, True), ("removed", 2)]
    QTest.mouseClick(steps.viewport(), LEFT, NONE, QPoint(150, int(card.center().y())))
    assert heard[2:] == [("selected", 2)]


def test_the_selection_stays_at_its_place(steps):
    steps.set_steps(ITEMS, 1)
    heard = told(steps)
    steps.set_steps(ITEMS[:2])
    assert steps.current() == 1
    steps.set_steps(ITEMS[:1])
    assert steps.current() == 0
    steps.set_steps([])
    assert steps.current() == -1
    assert heard == []


@pytest.mark.parametrize(
    ("start", "before", "expected"), [(0, 3, [(0, 2)]), (0, 2, [(0, 1)]), (2, 0, [(2, 0)]), (1, 1, []), (1, 2, [])]
)
def test_a_drop_between_two_moves_to_there(steps, start, before, expected):
    found: list[tuple[int, int]] = []
    steps.moved.connect(lambda *what: found.append(what))
    model = steps.model()
    data = model.mimeData([model.index(start, 0)])
    assert not model.dropMimeData(data, Qt.DropAction.MoveAction, before, 0, QModelIndex())
    assert found == expected
    assert [item.title for item in steps.steps()] == ["Resize", "Flip", "Normalise"], "its owner moves it"


def test_something_foreign_is_not_accepted(steps):
    foreign = QMimeData()
    foreign.setText("hello")
    assert not steps.model().canDropMimeData(foreign, Qt.DropAction.MoveAction, 0, 0, QModelIndex())
    assert steps.model().mimeTypes() == [MIME]


@given(st.lists(st.sampled_from(["up", "down", "c-up", "c-down", "space", "del"]), max_size=24))
def test_whatever_keys_are_pressed_the_list_is_what_its_owner_made_of_them(qapp, keys):
    """The owner does what it is told; nothing is lost, and what is told is always possible."""
    widget = StepList(DARK, Icons(ASSETS / "icons"))
    state = [StepItem(name) for name in "abcd"]

    def show(current: int) -> None:
        widget.set_steps(state, current)

    def move(start: int, end: int) -> None:
        state.insert(end, state.pop(start))
        show(end)

    def switch(at: int, on: bool) -> None:
        state[at] = StepItem(state[at].title, on=on)
        show(at)

    def remove(at: int) -> None:
        del state[at]
        show(at)

    widget.moved.connect(move)
    widget.switched.connect(switch)
    widget.removed.connect(remove)
    show(0)
    named = {"up": Key.Key_Up, "down": Key.Key_Down, "space": Key.Key_Space, "del": Key.Key_Delete}
    removed = keys.count("del")
    for key in keys:
        QTest.keyClick(widget, named[key.removeprefix("c-")], CONTROL if key.startswith("c-") else NONE)
        assert list(widget.steps()) == state
        assert len({item.title for item in state}) == len(state)
        assert -1 <= widget.current() < max(1, len(state))
    assert len(state) == max(0, 4 - removed)
    widget.deleteLater()
