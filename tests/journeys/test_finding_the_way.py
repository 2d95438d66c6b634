"""Into blocks and out again, and to what is looked for, wherever it is."""

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QWidget

from tests.windows import CONTROL, SHIFT, Key, click, seen


def steps(bench) -> list[str]:
    bar = bench.window.findChild(QWidget, "breadcrumbs")
    texts = [item.text() for item in bar.findChildren(QWidget) if isinstance(item, QPushButton | QLabel)
             and item.isVisible()]  # fmt: skip
    return [text for text in texts if text != "›"]


def test_find_and_breadcrumbs(bench):
    bench.open_zoo("mnist_mlp")
    canvas, session = bench.canvas, bench.app.session
    canvas.setFocus()
    session.select(["linear_1", "relu_1"])
    bench.key(Key.Key_G, CONTROL)
    (outer,) = session.state.selection
    canvas.setFocus()
    assert steps(bench) == []
    canvas.zoom_to(0.5)
    top = canvas.camera

    # in with the keyboard, and one level deeper
    bench.key(Key.Key_Return, CONTROL)
    assert steps(bench) == ["Digits, MLP", "Block 1"]
    session.select(["linear_1"])
    bench.key(Key.Key_G, CONTROL)
    canvas.setFocus()
    bench.key(Key.Key_Return, CONTROL)
    assert len(steps(bench)) == 3
    bench.key(Key.Key_PageUp, CONTROL)
    assert session.state.inside == (outer,)

    # find looks into all blocks; Enter goes round, Escape leads back
    bench.analysed()
    bench.key(Key.Key_F, CONTROL)
    field = seen(bench.window, QLineEdit, accessible="Find in the network")
    assert field.parentWidget().minimumSizeHint().width() < 500, "in a small window no panel has to make way for it"
    QTest.keyClicks(field, "linear")
    count = field.accessibleDescription
    assert count() == "1 of 2"
    assert session.state.selection == {"linear_2"}
    assert session.state.inside == ()
    QTest.keyClick(field, Key.Key_Return)
    assert (count(), len(session.state.inside)) == ("2 of 2", 2)
    assert canvas.rect().contains(canvas.node_rect("linear_1").toRect())
    QTest.keyClick(field, Key.Key_Return, SHIFT)
    assert session.state.selection == {"linear_2"}
    QTest.keyClick(field, Key.Key_A, CONTROL)
    QTest.keyClicks(field, "?x28")
    assert (count(), session.state.selection) == ("1 of 1", {"image"})
    QTest.keyClicks(field, "x9")
    assert count() == "nothing found"
    QTest.keyClick(field, Key.Key_Escape)
    assert QApplication.focusWidget() is canvas
    assert not field.isVisible()

    # each graph is found as it was left
    session.enter(outer)
    QApplication.processEvents()
    click(seen(bench.window, QPushButton, accessible="Back to Digits, MLP"))
    assert steps(bench) == []
    session.enter(outer)
    canvas.pan(40, 8)
    inner = canvas.camera
    session.leave()
    canvas.look(top)
    session.enter(outer)
    assert canvas.camera == inner
    session.leave()
    assert canvas.camera == top
