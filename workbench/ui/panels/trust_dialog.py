"""The question whether a file of Python may be run: what it holds stands there to be read before it is answered."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from widgets import typography
from widgets.code_view import CodeView
from workbench.core import wording
from workbench.core.custom import Code
from workbench.core.i18n import tr
from workbench.ui.parts import IconButton, Text, column, row, title
from workbench.ui.theme import Theme


class TrustDialog(QDialog):
    """Shows one text, and trusts exactly that."""

    def __init__(self, theme: Theme, code: Code, folder: Path, trust: Callable[[Code], None], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("trust")
        self.setWindowTitle(tr("Trust a file"))
        self.resize(760, 640)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._code, self._trust = code, trust
        self.view = CodeView(theme.tokens, tr("What the file holds"))
        self.view.set_code(code.text)
        theme.follow(self.view)
        words = Text(
            theme,
            tr(
                "To compute shapes, to train and to export, the program has to run this file. Code that is run can do "
                "all that you can do: read, change, delete and send your files. Trust it only if you know what it "
                "does. Exactly this text is trusted: when the file changes, you are asked again."
            ),
            wrap=True,
        )
        where = Text(theme, wording.place(folder / code.name), font=typography.mono(), wrap=True)
        about = tr("{size}, SHA-256 {hash}", size=wording.size(len(code.content)), hash=code.sha256)
        which = Text(theme, about, role="dim", font=typography.mono(11.0), wrap=True)
        for text in (where, which):
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.accept_button = IconButton(theme, "check", tr("Trust this file"))
        self.accept_button.clicked.connect(self.accept)
        self.refuse_button = IconButton(theme, "x", tr("Do not trust it"), look="primary")
        self.refuse_button.setDefault(True)
        self.refuse_button.clicked.connect(self.reject)
        self.setLayout(
            column(
                title(theme, tr("Do you trust “{file}”?", file=code.name)),
                words,
                4,
                where,
                which,
                self.view,
                4,
                row(-1, self.refuse_button, self.accept_button),
                margin=20,
            )
        )
        self.refuse_button.setFocus()

    def accept(self) -> None:
        """Trust the text that is shown."""
        self._trust(self._code)
        super().accept()
