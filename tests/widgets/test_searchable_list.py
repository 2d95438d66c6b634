import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListView

from tests.widgets.conftest import count, grab
from widgets.searchable_list import Item, SearchableList, matching
from widgets.tokens import DARK

MIME = "application/x-test-layer"
ITEMS = [
    Item("bn", "BatchNorm2d", "Fits after Conv2d", "normalisation", tooltip="Normalises."),
    Item("relu", "ReLU", "Fits after Conv2d", "activation"),
    Item("conv1", "Conv1d", "Convolution", "convolution"),
    Item("conv2", "Conv2d", "Convolution", "convolution", synonyms=("image filter",)),
    Item("bn", "BatchNorm2d", "Normalisation", "normalisation"),
    Item("res", "Residual block", "Blocks", "block", trailing="×4"),
]


@pytest.fixture
def palette(show, icons) -> SearchableList:
    widget = SearchableList(
        DARK, icons, placeholder="Add a layer…", mime_type=MIME, empty_text=lambda query: f"No “{query}”"
    )
    widget.set_items(ITEMS)
    return show(widget, 220, 400)


def field(palette: SearchableList) -> QLineEdit:
    return palette.findChild(QLineEdit)


def view(palette: SearchableList) -> QListView:
    return palette.findChild(QListView)


def rows(palette: SearchableList) -> list[str]:
    model = view(palette).model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def spot(palette: SearchableList, title: str) -> QPoint:
    return view(palette).visualRect(view(palette).model().index(rows(palette).index(title), 0)).center()


def test_groups_have_headings(palette):
    assert rows(palette) == [
        "Fits after Conv2d", "BatchNorm2d", "ReLU", "Convolution", "Conv1d", "Conv2d",
        "Normalisation", "BatchNorm2d", "Blocks", "Residual block",
    ]  # fmt: skip


def test_typing_filters_and_marks_the_best(palette):
    QTest.keyClicks(field(palette), "conv2")
    assert [item.key for item in palette.shown()] == ["conv2"]
    assert palette.current() == "conv2"


def test_a_thing_that_fits_in_two_groups_is_found_once():
    assert [item.group for item in matching("batch", ITEMS)] == ["Fits after Conv2d"]


def test_the_best_group_comes_first():
    assert [item.key for item in matching("re", ITEMS)] == ["relu", "res"]
    assert matching("res", ITEMS)[0].key == "res"


def test_synonyms_are_found():
    assert [item.key for item in matching("filter", ITEMS)] == ["conv2"]


def test_enter_chooses_what_is_marked(palette, qtbot):
    QTest.keyClicks(field(palette), "conv")
    QTest.keyClick(field(palette), Qt.Key.Key_Down)
    with qtbot.waitSignal(palette.chosen) as heard:
        QTest.keyClick(field(palette), Qt.Key.Key_Return)
    assert heard.args == ["conv2"]


def test_enter_chooses_nothing_where_nothing_was_looked_for(palette, qtbot):
    with qtbot.assertNotEmitted(palette.chosen):
        QTest.keyClick(field(palette), Qt.Key.Key_Return)


def test_arrows_pass_over_headings_and_stop_at_the_ends(palette):
    seen = []
    for _ in range(8):
        QTest.keyClick(field(palette), Qt.Key.Key_Down)
        seen.append(palette.current())
    assert seen == ["bn", "relu", "conv1", "conv2", "bn", "res", "res", "res"]
    for _ in range(9):
        QTest.keyClick(field(palette), Qt.Key.Key_Up)
    assert palette.current() == "bn"


def test_escape_clears_the_search(palette):
    QTest.keyClicks(field(palette), "conv")
    QTest.keyClick(field(palette), Qt.Key.Key_Escape)
    assert palette.query() == ""
    assert len(palette.shown()) == 6


def test_a_double_click_chooses_and_a_single_one_only_marks(palette, qtbot):
    with qtbot.assertNotEmitted(palette.chosen):
        QTest.mouseClick(view(palette).viewport(), Qt.MouseButton.LeftButton, pos=spot(palette, "ReLU"))
    assert palette.current() == "relu"
    with qtbot.waitSignal(palette.chosen) as heard:
        QTest.mouseDClick(view(palette).viewport(), Qt.MouseButton.LeftButton, pos=spot(palette, "ReLU"))
    assert heard.args == ["relu"]


def test_one_click_can_be_enough(show, icons, qtbot):
    widget = SearchableList(DARK, icons, placeholder="Find", choose_on_click=True)
    widget.set_items(ITEMS)
    show(widget, 220, 400)
    with qtbot.waitSignal(widget.chosen) as heard:
        QTest.mouseClick(view(widget).viewport(), Qt.MouseButton.LeftButton, pos=spot(widget, "Conv1d"))
    assert heard.args == ["conv1"]
    with qtbot.assertNotEmitted(widget.chosen):
        QTest.mouseClick(view(widget).viewport(), Qt.MouseButton.LeftButton, pos=spot(widget, "Convolution"))


def test_items_can_be_dragged_and_headings_cannot(palette):
    model = view(palette).model()
    item, heading = model.index(1, 0), model.index(0, 0)
    data = model.mimeData([item])
    assert bytes(data.data(MIME).data()) == b"bn"
    assert model.flags(item) & Qt.ItemFlag.ItemIsDragEnabled
    assert not model.flags(heading) & (Qt.ItemFlag.ItemIsDragEnabled | Qt.ItemFlag.ItemIsSelectable)
    assert view(palette).dragEnabled()


def test_items_explain_themselves(palette):
    model = view(palette).model()
    assert model.index(1, 0).data(Qt.ItemDataRole.ToolTipRole) == "Normalises."
    assert model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole) is None


def test_an_empty_result_is_explained(palette):
    empty = grab(view(palette).viewport())
    palette.set_query("zzzz")
    assert palette.shown() == ()
    assert view(palette).empty_text == "No “zzzz”"
    assert grab(view(palette).viewport()) != empty
    assert count(grab(view(palette).viewport()), DARK.dim, 40) > 20


def test_the_same_things_again_leave_the_place_alone(palette):
    QTest.keyClick(field(palette), Qt.Key.Key_Down)
    QTest.keyClick(field(palette), Qt.Key.Key_Down)
    palette.set_items(list(ITEMS))
    assert palette.current() == "relu"
    palette.set_items(ITEMS[2:])
    assert rows(palette)[0] == "Convolution"


def test_a_search_goes_on_in_new_things(palette):
    palette.set_query("conv")
    palette.set_items([*ITEMS, Item("ct", "ConvTranspose2d", "Convolution", "convolution")])
    assert [item.key for item in palette.shown()] == ["conv1", "conv2", "ct"]


def test_families_have_their_colours_in_every_theme(palette, tokens):
    palette.set_tokens(tokens)
    image = grab(view(palette).viewport())
    for family in ("normalisation", "activation", "convolution"):
        assert count(image, tokens.family(family), 2) >= 40, family


def test_focus_goes_to_the_field(palette):
    palette.setFocus()
    assert field(palette).hasFocus()
