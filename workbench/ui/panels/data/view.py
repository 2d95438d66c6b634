"""What is in the data: samples, columns, distributions, split, steps and vocabulary, one page for each."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from widgets.empty_state import EmptyState
from widgets.segmented import Segmented
from workbench.core.catalogue import Catalogue
from workbench.core.i18n import tr
from workbench.core.session import Session
from workbench.ui.panels.data.columns import ColumnsPanel
from workbench.ui.panels.data.distributions import DistributionsPanel
from workbench.ui.panels.data.reader import DataReader
from workbench.ui.panels.data.samples import SamplesPanel
from workbench.ui.panels.data.split import SplitPanel
from workbench.ui.panels.data.status import DataStatus
from workbench.ui.panels.data.steps import StepsPanel
from workbench.ui.panels.data.vocabulary import VocabularyPanel, texts_of
from workbench.ui.parts import column, row
from workbench.ui.theme import Theme


class DataView(QWidget):
    """Follows a reader; empty places say what to do first."""

    path_wanted = Signal()
    """The user wants to choose where the data are."""
    guide_wanted = Signal()
    """The user wants to be led."""

    def __init__(self, theme: Theme, session: Session, reader: DataReader, catalogue: Catalogue) -> None:
        super().__init__()
        self.setObjectName("data-view")
        self._reader = reader
        self.status = DataStatus(theme, reader)
        self.samples = SamplesPanel(theme, session, reader)
        self.columns = ColumnsPanel(theme, session, reader)
        self.distributions = DistributionsPanel(theme, reader)
        self.split = SplitPanel(theme, session, reader)
        self.steps = StepsPanel(theme, session, reader, catalogue)
        self.vocabulary = VocabularyPanel(theme, session, reader)
        self.columns.selected.connect(self.steps.show_column)
        self._pages: dict[str, tuple[str, QWidget]] = {
            "samples": (tr("Samples"), self.samples),
            "columns": (tr("Columns"), self.columns),
            "distributions": (tr("Distributions"), self.distributions),
            "split": (tr("Split"), self.split),
            "steps": (tr("Steps"), self.steps),
            "vocabulary": (tr("Vocabulary"), self.vocabulary),
        }
        tabs = [(key, text) for key, (text, _) in self._pages.items()]
        self.tabs = Segmented(tabs, theme.tokens, name=tr("What is shown of the data"))
        self.tabs.chosen.connect(self.show_page)
        self._stack = QStackedWidget()
        for _, page in self._pages.values():
            self._stack.addWidget(page)
        self._empty = EmptyState(
            theme.tokens,
            theme.icons,
            "database",
            tr("No data yet"),
            tr("Drop a file or folder here, or choose a source on the left: the sample “Digits” needs no network."),
            action=tr("Start from your data …"),
        )
        self._empty.action_triggered.connect(self.guide_wanted)
        self._no_path = EmptyState(
            theme.tokens,
            theme.icons,
            "folder-open",
            tr("Where are the data?"),
            tr("Choose a file or folder of yours, or drop it here: it is only read, and stays as it is."),
            action=tr("Choose …"),
        )
        self._no_path.action_triggered.connect(self.path_wanted)
        theme.follow(self.tabs, self._empty, self._no_path)
        self._body = QWidget()
        body = column(row(self.tabs, -1), self._stack, spacing=12)
        body.setStretchFactor(self._stack, 1)
        self._body.setLayout(body)
        layout = column(self.status, self._empty, self._no_path, self._body, -1, margin=14, spacing=12)
        for place in (self._empty, self._no_path, self._body):
            layout.setStretchFactor(place, 1000)
        self.setLayout(layout)
        reader.changed.connect(self.refresh)
        self.refresh()

    def show_page(self, key: str) -> None:
        """Go to a page."""
        self.tabs.set_current(key)
        self._stack.setCurrentWidget(self._pages[key][1])

    def look_in(self, folder: str) -> None:
        """Where relative paths start."""
        for page in (self.samples, self.steps.preview, self.vocabulary):
            page.look_in(folder)

    def refresh(self) -> None:
        """Show what is known now."""
        seen = self._reader.seen
        no_path = seen.problem is not None and seen.problem.code == "data.no_path"
        known = seen.inspection is not None and seen.stage in ("known", "reading", "failed")
        self.status.setVisible(seen.stage != "none" and not no_path)
        self._empty.setVisible(seen.stage == "none")
        self._no_path.setVisible(no_path)
        self._body.setVisible(known)
        has_texts = seen.inspection is not None and bool(texts_of(seen.inspection))
        self.tabs.set_enabled_item("vocabulary", has_texts)
        if self.tabs.current() == "vocabulary" and not has_texts and seen.inspection is not None:
            self.show_page("samples")
        twins = seen.inspection.duplicates.across if seen.inspection else 0
        self.tabs.set_badge("split", "warn" if twins else "", tr("Samples are in several splits") if twins else "")
