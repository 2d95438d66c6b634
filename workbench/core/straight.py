"""Where the items of ordered ranks stand across: long lines straight, what feeds several in their middle.

The method is that of Brandes and Köpf, "Fast and Simple Horizontal Coordinate Assignment" (2001): items are aligned
with a median neighbour, from above and from below, to the left and to the right, and the four results are averaged.
One thing is added: a path with a node on as many ranks as possible, the spine, is kept one straight line. Without it
a long chain with skips drifts aside, rank by rank.
"""

from collections.abc import Sequence
from itertools import pairwise

Rows = Sequence[Sequence[int]]


def straightened(rows: Rows, above: Rows, below: Rows, sizes: Sequence[float]) -> list[float]:
    """The places of all items, whose centres keep the order of `rows` and half of their sizes apart.

    `above` and `below` are the neighbours of each item on the ranks next to it. An item smaller than 1 stands in for a
    wire that passes its rank.
    """
    num = len(sizes)
    place = [0] * num
    for row in rows:
        for at, item in enumerate(row):
            place[item] = at
    up = [sorted(items, key=place.__getitem__) for items in above]
    down = [sorted(items, key=place.__getitem__) for items in below]
    real = [size >= 1 for size in sizes]
    spine = _spine(rows, up, real)
    barred = _conflicts(rows, up, place, real)
    barred_up = {(lower, upper) for upper, lower in barred}
    found: list[list[float]] = []
    for beside, order, bars in ((up, list(rows), barred), (down, list(reversed(rows)), barred_up)):
        for mirrored in (False, True):
            seen = [list(reversed(row)) if mirrored else list(row) for row in order]
            nearest = [items[::-1] for items in beside] if mirrored else beside
            root = _aligned(seen, nearest, spine, bars, num)
            column = _compacted(seen, root, sizes)
            found.append([-at for at in column] if mirrored else column)
    return _apart(rows, _balanced(found), sizes)


def _spine(rows: Rows, up: Rows, real: Sequence[bool]) -> set[int]:
    """The items of a longest path on which every step is a wire from one node to another on the next rank."""
    length = [0] * len(real)
    for row in rows:
        for item in row:
            if real[item]:
                length[item] = 1 + max((length[other] for other in up[item] if real[other]), default=0)
    item = max(range(len(real)), key=length.__getitem__, default=-1)
    spine: set[int] = set()
    while item >= 0:
        spine.add(item)
        item = max((other for other in up[item] if real[other]), key=length.__getitem__, default=-1)
    return spine


def _conflicts(rows: Rows, up: Rows, place: Sequence[int], real: Sequence[bool]) -> set[tuple[int, int]]:
    """Lines (upper, lower) that cross a line between two stand-ins, which are the ones to be straight."""
    found: set[tuple[int, int]] = set()
    for upper, lower in pairwise(rows):
        low, seen, last = 0, 0, len(upper) - 1
        for at, item in enumerate(lower):
            inner = not real[item] and bool(up[item]) and not real[up[item][0]]
            if at < len(lower) - 1 and not inner:
                continue
            high = place[up[item][0]] if inner else last
            for other in lower[seen : at + 1]:
                for source in up[other]:
                    outside = not low <= place[source] <= high
                    if outside and (real[other] or real[source]):
                        found.add((source, other))
            seen, low = at + 1, high
    return found


def _aligned(
    rows: Sequence[Sequence[int]], beside: Rows, spine: set[int], barred: set[tuple[int, int]], num: int
) -> list[int]:
    """The first item of the straight line that each item is part of."""
    place = [0] * num
    for row in rows:
        for at, item in enumerate(row):
            place[item] = at
    root, taken = list(range(num)), [False] * num
    before = -1
    for row in rows:
        here = next((item for item in row if item in spine), -1)
        both = here >= 0 and before >= 0
        furthest = -1
        for item in row:
            if both and item == here:
                root[item], furthest = root[before], place[before]
                taken[before] = True
                continue
            middle = _medians(beside[item])
            for other in middle:
                # Nothing may pass from one side of the spine to the other.
                other_side = both and (other == before or (place[other] < place[before]) != (place[item] < place[here]))
                if furthest < place[other] and not other_side and not taken[other] and (other, item) not in barred:
                    root[item], furthest = root[other], place[other]
                    taken[other] = True
                    break
        before = here
    return root


def _medians(items: Sequence[int]) -> Sequence[int]:
    if not items:
        return ()
    low, high = items[(len(items) - 1) // 2], items[len(items) // 2]
    return (low,) if low == high else (low, high)


def _compacted(rows: Sequence[Sequence[int]], root: Sequence[int], sizes: Sequence[float]) -> list[float]:
    """The straight lines as far to the left as they may stand, and then as near to what is right of them."""
    after: dict[int, dict[int, float]] = {item: {} for item in dict.fromkeys(root)}
    waiting = dict.fromkeys(after, 0)
    held: dict[int, list[int]] = {item: [] for item in after}
    for row in rows:
        for one, other in pairwise(row):
            left, right, gap = root[one], root[other], (sizes[one] + sizes[other]) / 2
            if right not in after[left]:
                waiting[right] += 1
                held[right].append(left)
            after[left][right] = max(after[left].get(right, 0.0), gap)
    order = [item for item in after if not waiting[item]]
    at = dict.fromkeys(after, 0.0)
    for left in order:  # grows while it is walked
        for right, gap in after[left].items():
            at[right] = max(at[right], at[left] + gap)
            waiting[right] -= 1
            if not waiting[right]:
                order.append(right)
    for left in reversed(order):
        if after[left] and held[left]:
            at[left] = max(at[left], min(at[right] - gap for right, gap in after[left].items()))
    return [at[item] for item in root]


def _balanced(columns: Sequence[Sequence[float]]) -> list[float]:
    """The mean of the two middle ones of four results, laid over the narrowest one first."""
    if not columns[0]:
        return []
    narrow = min(columns, key=lambda column: max(column) - min(column))
    low, high = min(narrow), max(narrow)
    laid = []
    for number, column in enumerate(columns):
        step = high - max(column) if number % 2 else low - min(column)
        laid.append([at + step for at in column])
    return [sum(sorted(four)[1:3]) / 2 for four in zip(*laid, strict=True)]


def _apart(rows: Rows, at: list[float], sizes: Sequence[float]) -> list[float]:
    """The mean of four results may come too near: what is right of it makes room."""
    for row in rows:
        for one, other in pairwise(row):
            at[other] = max(at[other], at[one] + (sizes[one] + sizes[other]) / 2)
    return at
