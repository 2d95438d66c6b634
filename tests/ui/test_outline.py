"""The outline can do what the canvas can, and says what the canvas shows."""

import time

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QTreeWidget

from tests.windows import CONTROL, SHIFT, Key, items, seen
from workbench.core import edits
from workbench.core.catalogue import shipped
from workbench.core.document import Document, Graph, Node, Wire
from workbench.core.session import Session
from workbench.ui.panels.outline import Outline
from workbench.ui.theme import Theme

ALT = Qt.KeyboardModifier.AltModifier


def spoken(outline: QTreeWidget) -> dict[str, str]:
    """What is heard of each node."""
    role = Qt.ItemDataRole
    return {item.data(0, role.UserRole): item.data(0, role.AccessibleTextRole) for item in items(outline)}


def go_to(outline: QTreeWidget, node: str) -> None:
    """Down to a row, as a user does."""
    outline.setFocus()
    QTest.keyClick(outline, Key.Key_Home)
    for item in items(outline):
        if item.data(0, Qt.ItemDataRole.UserRole) == node:
            return
        QTest.keyClick(outline, Key.Key_Down)
    raise AssertionError(node)


def popped(text: str) -> None:
    """Type into what popped up, and take the first."""
    popup = QApplication.activePopupWidget()
    QTest.keyClicks(popup.focusWidget(), text)
    QTest.keyClick(popup.focusWidget(), Key.Key_Return)
    QApplication.processEvents()


def test_everything_can_be_done_in_the_outline(bench):
    bench.open_zoo("mnist_mlp")
    session = bench.app.session
    outline = seen(bench.window, QTreeWidget, accessible="Outline of the network")
    assert spoken(outline)["linear_1"] == "Linear, gives 256, 200,960 parameters"

    # add behind, and connect; the keyboard stays
    go_to(outline, "relu_1")
    bench.key(Key.Key_A, SHIFT)
    popped("dropout")
    assert Wire("relu_1", "out", "dropout_1", "in") in bench.document.graph.wires
    assert QApplication.focusWidget() is outline
    assert [item.text(0) for item in outline.selectedItems()] == ["Dropout"]
    bench.front()
    bench.key(Key.Key_C, ALT)
    popped("cut relu")  # no such words: nothing is chosen
    assert Wire("relu_1", "out", "dropout_1", "in") in bench.document.graph.wires
    QTest.keyClick(QApplication.activePopupWidget(), Key.Key_Escape)
    bench.front()

    # name, bypass, frame: seen and heard
    outline.setFocus()
    bench.key(Key.Key_F2)
    QTest.keyClicks(seen(bench.window, QLineEdit, "node-name"), "Rain")
    bench.key(Key.Key_Return)
    assert QApplication.focusWidget() is outline
    bench.key(Key.Key_B, CONTROL)
    bench.key(Key.Key_J, CONTROL)
    QTest.keyClicks(QApplication.focusWidget(), "Head")
    QTest.keyClick(QApplication.focusWidget(), Key.Key_Return)
    bench.wait(outline.hasFocus)
    bench.analysed()
    assert spoken(outline)["dropout_1"] == "Rain, Dropout, bypassed, gives 256, in the frame Head"
    assert [item.text(0) for item in outline.selectedItems()] == ["Rain · bypassed"]

    # several become a block, which is looked into and left again
    go_to(outline, "linear_1")
    bench.key(Key.Key_Down, SHIFT)
    assert session.state.selection == {"linear_1", "relu_1"}
    bench.key(Key.Key_G, CONTROL)
    (use,) = session.state.selection
    bench.key(Key.Key_Return)
    assert QApplication.focusWidget() is outline
    bench.analysed()
    go_to(outline, use)
    bench.key(Key.Key_Right)
    bench.key(Key.Key_Down)
    bench.key(Key.Key_Return)
    assert (session.state.inside, session.state.selection) == ((use,), {"linear_1"}), "to what is in the block"
    outline.setFocus()
    bench.key(Key.Key_PageUp, CONTROL)
    assert session.state.selection == {use}
    bench.key(Key.Key_Return)
    assert session.state.inside == (use,), "Enter looks into a block"
    assert "linear_1" in spoken(outline)

    # a problem is heard, and gone to without leaving the outline
    bench.app.editor.set_setting("linear_1", "out_features", -1)
    bench.analysed()
    outline.setFocus()
    bench.key(Key.Key_F8)
    assert QApplication.focusWidget() is outline
    assert session.state.selection == {"linear_1"}
    assert ", Units is -1; expected" in spoken(outline)["linear_1"]


def test_thousands_of_selected_rows_go_at_once(qtbot, qapp):
    names = [f"relu_{number}" for number in range(3000)]
    session = Session()
    session.open(Document(graph=Graph({name: Node(name, "relu") for name in names})))
    outline = Outline(Theme(qapp, "dark"), session, shipped())
    qtbot.addWidget(outline)
    session.select(names)
    begun = time.process_time()
    session.edit("Delete", edits.remove_nodes(session.state.document, names[1:-1]))
    assert time.process_time() - begun < 0.5  # one by one, each was taken out of the selection: 3 s
    assert [item.data(0, Qt.ItemDataRole.UserRole) for item in items(outline.tree)] == [names[0], names[-1]]
    session.undo()
    assert [item.data(0, Qt.ItemDataRole.UserRole) for item in items(outline.tree)] == names
