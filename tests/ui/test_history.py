"""The panel lists all steps; whoever goes to one gets the document as it was then."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListWidget

from tests.windows import CONTROL, LEFT, NONE, Key, seen

ROLE = Qt.ItemDataRole.AccessibleTextRole


def test_steps_are_listed_and_gone_to(bench):
    bench.open_zoo("mnist_mlp")
    start, editor = bench.document, bench.app.editor
    bench.canvas.setFocus()
    editor.rename("relu_1", "One")
    first = bench.document
    bench.key(Key.Key_H, CONTROL)
    steps = seen(bench.window, QListWidget, accessible="Steps of undo")
    assert steps.hasFocus()
    editor.rename("relu_1", "Two")
    editor.add("linear", middle=(0, 0))
    last = bench.document

    def texts() -> list[str]:
        return [steps.item(row).data(ROLE) for row in range(steps.count())]

    assert texts() == ["Start", "Rename", "Rename", "Add Linear, now"]
    QTest.keyClick(steps, Key.Key_Up)
    QTest.keyClick(steps, Key.Key_Up)
    assert bench.document is last, "looking is not going"
    QTest.keyClick(steps, Key.Key_Return)
    assert bench.document is first
    assert texts() == ["Start", "Rename, now", "Rename, taken back", "Add Linear, taken back"]
    assert bench.state.redo_label == "Rename"
    QTest.mouseClick(steps.viewport(), LEFT, NONE, steps.visualItemRect(steps.item(0)).center())
    assert bench.document is start
    QTest.mouseClick(steps.viewport(), LEFT, NONE, steps.visualItemRect(steps.item(3)).center())
    assert bench.document is last
    bench.app.session.go_to(1)
    editor.rename("relu_1", "Other")
    assert texts() == ["Start", "Rename", "Rename, now"]
    bench.key(Key.Key_H, CONTROL)
    assert not steps.isVisible()
    assert bench.canvas.hasFocus()
    bench.key(Key.Key_H, CONTROL)
    QTest.keyClick(steps, Key.Key_Escape)
    assert bench.canvas.hasFocus()
