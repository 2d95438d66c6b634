"""What a person can change about data, as pure functions: what columns are for, and the steps that prepare them."""

from msgspec.structs import replace

from workbench.core.document import ColumnUse, Data, Role, Step, Value

Steps = tuple[Step, ...]

ALONE = ("weight", "group", "time", "split")
"""Roles that only one column can have."""


def with_role(data: Data, column: str, role: Role) -> Data:
    """A column is for something else; another one that was chosen for what only one can do is so no longer."""
    uses = dict(data.columns)
    if role in ALONE:
        uses = {name: replace(use, role="auto") if use.role == role else use for name, use in uses.items()}
    return _with_uses(data, {**uses, column: replace(uses.get(column, ColumnUse()), role=role)})


def with_kind(data: Data, column: str, kind: str) -> Data:
    """A column is read as another kind (empty: as what it looks like); steps of the kind before are forgotten."""
    return _with_use(data, column, replace(_use(data, column), kind=kind, steps=None))


def with_steps(data: Data, column: str, steps: Steps | None) -> Data:
    """A column is prepared in another way; None: as its kind usually is."""
    return _with_use(data, column, replace(_use(data, column), steps=steps))


def added(steps: Steps, step: Step, at: int | None = None) -> Steps:
    """With one step more, at the end unless a place is named."""
    at = len(steps) if at is None else max(0, min(at, len(steps)))
    return (*steps[:at], step, *steps[at:])


def removed(steps: Steps, at: int) -> Steps:
    """Without a step. Raises IndexError where there is none."""
    _check(steps, at)
    return (*steps[:at], *steps[at + 1 :])


def moved(steps: Steps, start: int, end: int) -> Steps:
    """A step at another place, counted after it was taken out. Raises IndexError where there is none."""
    _check(steps, start)
    return added(removed(steps, start), steps[start], end)


def switched(steps: Steps, at: int, on: bool) -> Steps:
    """A step is done, or passed over. Raises IndexError where there is none."""
    return _changed(steps, at, replace(steps[at], off=not on))


def with_setting(steps: Steps, at: int, name: str, value: Value) -> Steps:
    """A step with another setting. Raises IndexError where there is none."""
    return _changed(steps, at, replace(steps[at], settings={**steps[at].settings, name: value}))


def _changed(steps: Steps, at: int, step: Step) -> Steps:
    _check(steps, at)
    return (*steps[:at], step, *steps[at + 1 :])


def _check(steps: Steps, at: int) -> None:
    if not 0 <= at < len(steps):
        raise IndexError(at)


def _use(data: Data, column: str) -> ColumnUse:
    return data.columns.get(column, ColumnUse())


def _with_use(data: Data, column: str, use: ColumnUse) -> Data:
    return _with_uses(data, {**data.columns, column: use})


def _with_uses(data: Data, uses: dict[str, ColumnUse]) -> Data:
    """What is left as it looks is not written down."""
    return replace(data, columns={name: use for name, use in uses.items() if use != ColumnUse()})
