"""The analysis of a document that is being edited: only what an edit changed is found out, and only that is sent."""

from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from workbench.core.analysis import Analysis, NodeAnalysis
from workbench.core.changes import changed, patch
from workbench.core.document import Document
from workbench.core.messages import Follow, Followed
from workbench.engine.analyse import Study, study


@dataclass
class Follower:
    """Knows the document that was asked about last."""

    _last: Study | None = None

    def analyse(self, document: Document, folder: Path, revision: int) -> Analysis:
        """All that is known about a document, which is the one to follow from now on."""
        self._last = None
        self._last = study(document, folder, revision)
        return self._last.analysis

    def last(self, revision: int) -> Study | None:
        """What is known about the document of this revision; None where that is not the last one."""
        known = self._last
        return known if known and known.analysis.revision == revision else None

    def follow(self, question: Follow) -> Followed | None:
        """What an edit changed; None where the document that it changed is not the last one."""
        last, self._last = self._last, None  # after a failure nothing is known
        if last is None or last.analysis.revision != question.base:
            return None
        document = changed(last.document, question.changes)
        new = self._last = study(document, Path(question.folder), question.revision, last)
        return Followed(patch(last.analysis.nodes, new.analysis.nodes, _same), replace(new.analysis, nodes={}))


def _same(one: NodeAnalysis, other: NodeAnalysis) -> bool:
    return one is other or one == other
