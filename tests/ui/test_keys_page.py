"""Shortcuts are changed on the page that lists them, with the keyboard, and last."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from tests.windows import CONTROL, SHIFT, Key, items, seen
from workbench.core import settings
from workbench.ui.keys_page import KeysPage


def choose(page: KeysPage, title: str) -> None:
    for item in items(page.tree):
        if item.text(0).endswith(f": {title}"):
            page.tree.setCurrentItem(item)
            return
    raise AssertionError(title)


def keys_of(page: KeysPage, title: str) -> str:
    return next(item.text(1) for item in items(page.tree) if item.text(0).endswith(f": {title}"))


def type_keys(page: KeysPage, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Enter on the command, then the keys."""
    page.tree.setFocus()
    QTest.keyClick(page.tree, Key.Key_Return)
    assert QApplication.focusWidget() is page.edit
    QTest.keyClick(page.edit, key, held)


def said(page: KeysPage) -> str:
    return " ".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def test_keys_are_changed_taken_over_and_reset(bench):
    app = bench.app
    bench.key(Key.Key_Slash, CONTROL)
    page = seen(bench.window, KeysPage)
    assert seen(page, type(page.tree)).topLevelItemCount() > len(app.actions.commands)

    choose(page, "New project")
    type_keys(page, Key.Key_F7)
    assert keys_of(page, "New project") == "F7"
    assert app.actions.by_id["file.new"].shortcut().toString() == "F7"
    assert page.tree.hasFocus()

    # one that is taken
    type_keys(page, Key.Key_P, CONTROL | SHIFT)
    assert "“Search commands”" in said(page)
    assert keys_of(page, "New project") == "F7"
    assert app.actions.holder("Ctrl+Shift+P") == "help.search"
    QTest.keyClick(seen(page, QPushButton, text="Take them over"), Key.Key_Space)
    assert keys_of(page, "Search commands") == ""
    assert app.actions.holder("Ctrl+Shift+P") == "file.new"
    assert "Ctrl" not in seen_tooltip(app), "the button says so too"

    # some cannot be given away, and Escape leaves all as it is
    type_keys(page, Key.Key_Space)
    assert "cannot be given" in said(page)
    type_keys(page, Key.Key_Escape)
    assert app.actions.keys_of("file.new") == ("Ctrl+Shift+P",)

    # it lasts
    assert settings.load().shortcuts == {"file.new": ("Ctrl+Shift+P",), "help.search": ()}

    choose(page, "Search commands")
    QTest.keyClick(seen(page, QPushButton, text="Reset"), Key.Key_Space)
    assert keys_of(page, "Search commands") == "Ctrl+Shift+P"
    assert keys_of(page, "New project") == ""
    QTest.keyClick(seen(page, QPushButton, text="Reset all"), Key.Key_Space)
    assert settings.load().shortcuts == {}
    assert keys_of(page, "New project") == "Ctrl+N"
    page.close()


def seen_tooltip(app) -> str:
    return next(button.toolTip() for button in app.window.header.findChildren(QPushButton)
                if button.accessibleName() == "Search commands")  # fmt: skip
