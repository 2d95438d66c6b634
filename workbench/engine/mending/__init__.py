"""Remedies: for each kind of problem, the edits that people usually make, tried out before they are offered.

`spot.py` is what a remedy may look at; `shapes.py`, `windows.py`, `joins.py`, `numbers.py` and `wiring.py` know
candidates by the code of the problem, the usual one first; `offers.py` keeps those that work.
"""

from workbench.engine.mending.offers import with_remedies

__all__ = ["with_remedies"]
