"""Which files of Python the user has said to be trusted: by what they hold, so that a changed file asks again."""

import re
from collections.abc import Iterable, Mapping

from workbench.core.custom import Code
from workbench.core.problems import ProblemError

MOST = 1000
"""So many are remembered; the oldest are asked about again."""

Trusted = Mapping[str, str]
"""The name that each file had when it was trusted, by the hash of its content; the latest last."""

_HASH = re.compile(r"[0-9a-f]{64}")


def with_trust(trusted: Trusted, code: Code) -> dict[str, str]:
    """These and one more."""
    rest = [item for item in trusted.items() if item[0] != code.sha256][1 - MOST :]
    return dict([*rest, (code.sha256, code.name)])


def without_trust(trusted: Trusted, hashes: Iterable[str]) -> dict[str, str]:
    """These without some."""
    gone = frozenset(hashes)
    return {key: name for key, name in trusted.items() if key not in gone}


def hash_of(text: str) -> str:
    """The hash that a user typed. Raises ValueError for what is none."""
    found = text.strip().lower().removeprefix("sha256:")
    if not _HASH.fullmatch(found):
        raise ValueError(text)
    return found


def untrusted(code: Code) -> ProblemError:
    """What stands in the way of running a file that is not trusted."""
    return ProblemError("custom.untrusted", file=code.name, sha256=code.sha256)
