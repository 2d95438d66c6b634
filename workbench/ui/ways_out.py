"""What helps where no edit of the document does: a link to where the user can do something about a problem."""

from workbench.core.i18n import tr
from workbench.core.problems import Problem

NEEDS_DATA = ("train.no_data", "data.no_path")
"""Problems that are remedied in the Data place."""
NEEDS_TRUST = ("custom.untrusted",)
"""Problems that end when the user trusts a file."""


def way_out(problem: Problem) -> str:
    """The words of the link; empty where there is none."""
    if problem.code in NEEDS_DATA:
        return tr("Choose data")
    return tr("Trust this file …") if problem.code in NEEDS_TRUST else ""
