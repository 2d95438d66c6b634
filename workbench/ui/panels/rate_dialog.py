"""Which learning rate suits: the loss while the rate rises, and the rate at which it falls fastest."""

from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from widgets.notice import Notice
from widgets.progress_row import ProgressRow
from widgets.rate_curve import RateCurve
from workbench.core import project, wording
from workbench.core.i18n import tr
from workbench.core.messages import Progress
from workbench.core.problems import Problem
from workbench.core.rate_range import FindRate, RateTest
from workbench.core.session import Session
from workbench.ui.engine_client import EngineClient, Request
from workbench.ui.parts import IconButton, Text, caption, column, row, title
from workbench.ui.theme import Theme

CURVE_HIGH = 220


class RateDialog(QDialog):
    """Runs the range test on the present project when it opens; takes the rate over when the user says so."""

    def __init__(self, theme: Theme, session: Session, engine: EngineClient, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("rates")
        self.setWindowTitle(tr("Try learning rates"))
        self.setMinimumWidth(560)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._session, self._engine = session, engine
        self._request: Request | None = None
        self.found: RateTest | None = None
        self.curve = RateCurve(theme.tokens, tr("learning rate"))
        self.curve.setFixedHeight(CURVE_HIGH)
        self.curve.setAccessibleName(tr("Loss over learning rates"))
        self._words = Text(theme, wrap=True)
        self.progress = ProgressRow(theme.tokens, cancel_text=tr("Cancel"))
        self.progress.cancelled.connect(self.reject)
        self._notice = Notice(theme.tokens, theme.icons)
        self.use = IconButton(theme, "check", tr("Use this rate"), look="primary")
        self.use.setDefault(True)
        self.use.clicked.connect(self.accept)
        close = IconButton(theme, "x", tr("Close"))
        close.clicked.connect(self.reject)
        theme.follow(self.curve, self.progress, self._notice)
        about = caption(
            theme,
            tr(
                "The network is trained for a hundred steps while the rate rises from tiny to huge (Smith, 2017). "
                "Its weights are thrown away. A good rate lies where the loss falls fastest, well before it explodes."
            ),
        )
        buttons = row(-1, close, self.use)
        parts = (title(theme, tr("Try learning rates")), about, 4, self.progress, self._notice, self.curve, self._words)
        self.setLayout(column(*parts, 4, buttons, margin=20))
        for widget in (self._notice, self.curve, self._words):
            widget.hide()
        self.use.setEnabled(False)
        self._start()

    def _start(self) -> None:
        state = self._session.state
        folder = str(state.path.parent) if state.path else ""
        self.progress.set_progress(tr("Trying rates"), None)
        question = FindRate(project.to_raw(state.document), folder)
        self._request = self._engine.ask(question, self._done, self._failed, self._progressed)

    def _progressed(self, step: Progress) -> None:
        self.progress.set_progress(wording.activity(step.code), step.done / step.total if step.total else None)

    def _done(self, found: RateTest, parts: list[bytes]) -> None:
        self._request = None
        self.found = found
        self.progress.hide()
        if len(found.rates) > 1:
            self.curve.set_logarithmic(found.smoothed, found.rates[0], found.rates[-1])
            self.curve.set_now(found.suggested)
            self.curve.show()
        if found.suggested is None:
            text = tr("The loss never falls: look at the data, the network and the loss first.")
        else:
            text = tr("The loss falls fastest at {rate}.", rate=found.suggested)
        self._words.setText(text)
        self._words.show()
        self.use.setEnabled(found.suggested is not None)
        self.use.setFocus()
        self.adjustSize()

    def _failed(self, problem: Problem) -> None:
        self._request = None
        self.progress.hide()
        self._notice.show_notice("bad", f"{wording.what(problem)} {wording.remedy(problem)}".strip())

    def accept(self) -> None:
        """Train with the rate that was found."""
        if self.found is not None and self.found.suggested is not None:
            document = self._session.state.document
            training = replace(document.training, learning_rate=self.found.suggested)
            self._session.edit(tr("Change the learning rate"), replace(document, training=training))
        super().accept()

    def done(self, result: int) -> None:
        """Closed while it is at work, the work ends too."""
        if self._request is not None:
            self._request.cancel()
            self._request = None
        super().done(result)
