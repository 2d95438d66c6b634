"""From problem to problem, and the remedy that is applied next."""

from workbench.core.analysis import Analysis
from workbench.core.document import Wire
from workbench.core.edits import RemoveWire
from workbench.core.problems import Problem
from workbench.core.session import Session
from workbench.core.troubles import after, next_remedy, ranked

from tests.core.test_editing import chain  # isort: skip

CUT = RemoveWire(Wire("relu", "out", "output", "in"))
DOUBT = Problem("x.doubt", node="relu", severity="warning", fix=CUT)
FIRST, SECOND = Problem("x.one", node="linear"), Problem("x.two", node="output", fix=CUT)


def test_round_and_round_errors_first() -> None:
    session = Session()
    session.open(chain())
    assert ranked(session.state) == ()
    assert next_remedy(session.state) is None
    session.analysed(Analysis(session.state.revision, problems=(DOUBT, FIRST, SECOND)))
    problems = ranked(session.state)
    assert problems == (FIRST, SECOND, DOUBT)
    assert after(problems, None) == FIRST
    assert after(problems, FIRST) == SECOND
    assert after(problems, DOUBT) == FIRST
    assert after(problems, FIRST, backwards=True) == DOUBT
    assert after(problems, Problem("gone"), backwards=True) == DOUBT
    assert after((), FIRST) is None
    assert next_remedy(session.state) == SECOND
    session.select(["relu"])
    assert next_remedy(session.state) == DOUBT, "what is selected comes first"
