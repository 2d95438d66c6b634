"""The settings of the program, which two windows may change at once."""

from msgspec.structs import replace

from workbench.core.custom import Code
from workbench.core.settings import Settings, merged
from workbench.core.trust import with_trust, without_trust


def test_two_windows_do_not_take_back_what_the_other_one_changed() -> None:
    one, two, three = (Code(f"{name}.py", name.encode()) for name in ("one", "two", "three"))
    before = Settings(trusted=with_trust(with_trust({}, one), two), recent=("a",), shortcuts={"edit.cut": ("F9",)})
    theirs = replace(before, trusted=without_trust(before.trusted, [one.sha256]), theme="dark", shortcuts={})
    mine = replace(before, trusted=with_trust(before.trusted, three), recent=("b", "a"), used={"relu": 1})
    both = merged(before, mine, theirs)
    assert list(both.trusted) == [two.sha256, three.sha256]  # what they took back stays taken back
    assert both == replace(theirs, trusted=both.trusted, recent=("b", "a"), used={"relu": 1})
    assert merged(before, replace(before, trusted={}), replace(before, trusted={**before.trusted, "0": "x.py"})) == (
        replace(before, trusted={"0": "x.py"})
    )
    assert merged(before, before, theirs) == theirs
    assert merged(before, mine, before) == mine
