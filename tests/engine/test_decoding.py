"""Texts are written token by token: the likeliest way, the best of several, or by chance."""

from itertools import pairwise

import numpy as np
import pytest

from workbench.core.messages import Decoding
from workbench.engine.decoding import Following, Marks, Numbers, Tokens, all_written, written

END = 0


def table(rows: dict[int, dict[int, float]], size: int = 5) -> Following:
    """What comes next depends on the last token alone: shares by token."""

    def following(tokens: Tokens) -> Numbers:
        found = np.full((len(tokens), size), 1e-9)
        for place, token in enumerate(tokens[:, -1].tolist()):
            for number, share in rows.get(token, {}).items():
                found[place, number] = share
        return np.log(found).astype(np.float32)

    return following


GARDEN = table({1: {2: 0.6, 3: 0.4}, 2: {END: 0.3, 4: 0.35, 2: 0.35}, 3: {END: 1.0}, 4: {4: 0.5, END: 0.5}})
"""The likeliest first step leads to worse texts."""


def test_the_likeliest_token_is_taken_each_time() -> None:
    assert written(GARDEN, [1], Marks(END), Decoding(length=3)) == [2, 2, 2]


def test_several_ways_side_by_side_find_a_better_text() -> None:
    assert written(GARDEN, [1], Marks(END), Decoding(length=6, beams=3)) == [3]


@pytest.mark.parametrize("beams", [2, 3, 5])
def test_the_best_text_of_all_is_found_when_nothing_is_dropped(beams: int) -> None:
    sure = table({1: {2: 0.9, 3: 0.1}, 2: {3: 0.9, END: 0.1}, 3: {END: 0.9, 3: 0.1}, 4: {END: 1.0}})
    assert written(sure, [1], Marks(END), Decoding(length=8, beams=beams)) == [2, 3]
    assert written(sure, [1], Marks(END), Decoding(length=8)) == [2, 3]


def test_one_beam_and_no_end() -> None:
    loop = table({1: {2: 1.0}, 2: {1: 1.0}})
    assert written(loop, [1], Marks(), Decoding(length=5)) == [2, 1, 2, 1, 2]
    assert written(loop, [1], Marks(), Decoding(length=5, beams=2)) == [2, 1, 2, 1, 2]


def test_what_is_never_written_is_not() -> None:
    assert written(GARDEN, [1], Marks(END, never=(2,)), Decoding(length=5)) == [3]


def test_rows_end_each_at_its_own_place() -> None:
    found = all_written(GARDEN, np.array([[1], [3], [4]]), Marks(END), Decoding(length=4))
    assert found == [[2, 2, 2, 2], [], [4, 4, 4, 4]] or found[1] == []


def test_chance_follows_the_shares_and_the_seed() -> None:
    coin = table({1: {1: 0.7, 2: 0.2, 3: 0.1}, 2: {1: 1.0}, 3: {1: 1.0}})
    how = Decoding(length=4000, temperature=1.0, seed=3)
    found = written(coin, [1], Marks(), how)
    behind = [two for one, two in pairwise(found) if one == 1]
    shares = np.bincount(behind, minlength=5)[1:4] / len(behind)
    assert np.allclose(shares, [0.7, 0.2, 0.1], atol=0.05)
    assert written(coin, [1], Marks(), how) == found
    few = written(coin, [1], Marks(), Decoding(length=500, temperature=1.0, top_k=1))
    assert set(few) == {1}
    cold = written(coin, [1], Marks(), Decoding(length=500, temperature=0.05))
    assert set(cold) == {1}
