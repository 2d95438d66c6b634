import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.fuzzy import EXACT, INITIALS, INSIDE, PREFIX, SCATTERED, WORD, rank, search

words = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("relu", "ReLU", EXACT),
        ("batch", "BatchNorm2d", PREFIX),
        ("norm", "BatchNorm2d", WORD),
        ("2d", "BatchNorm2d", WORD),
        ("attention", "MultiheadAttention", WORD),
        ("block", "Residual block", WORD),
        ("bn", "BatchNorm2d", INITIALS),
        ("tb", "Transformer block", INITIALS),
        ("atch", "BatchNorm2d", INSIDE),
        ("cnvt", "ConvTranspose2d", SCATTERED),
        ("卷积", "二维卷积层", WORD),
        ("xyz", "BatchNorm2d", None),
        ("onv", "Dropout", None),
        ("rnn", "TransformerEncoder", None),
    ],
)
def test_ranks(query, text, expected):
    assert rank(query, text) == expected


@given(words)
def test_a_text_answers_itself_best(text):
    assert rank(text, text) == EXACT


@given(words, words)
def test_its_beginning_comes_next(start, rest):
    assert rank(start, start + rest) in (EXACT, PREFIX)


@given(words, words, words)
def test_anything_inside_is_found(before, inside, after):
    assert rank(inside, before + inside + after) is not None


@given(st.text(max_size=8), st.text(max_size=20))
def test_any_text_can_be_searched(query, text):
    if query:
        found = rank(query, text)
        assert found is None or EXACT <= found <= SCATTERED


def found(query: str, *things: tuple[str, ...]) -> list[str]:
    return [thing[0] for _, thing in search(query, things, lambda thing: thing)]


def test_better_answers_come_first_and_equal_ones_keep_their_order():
    assert found("conv", ("Deconv",), ("My conv",), ("Conv2d",), ("Conv1d",)) == [
        "Conv2d",
        "Conv1d",
        "My conv",
        "Deconv",
    ]


def test_every_word_must_be_answered():
    assert found("conv trans", ("ConvTranspose2d",), ("Conv2d",), ("Transpose",)) == ["ConvTranspose2d"]


def test_a_synonym_stands_behind_an_equal_name():
    assert found("dense", ("Linear", "Dense", "fully connected"), ("Dense",)) == ["Dense", "Linear"]
    assert found("dense", ("Linear", "Dense"), ("Condense",)) == ["Linear", "Condense"]


def test_scattered_letters_count_in_names_only():
    assert found("dnse", ("Linear", "Dense"), ("Dense",)) == ["Dense"]


@given(st.lists(words, max_size=10), words)
def test_a_search_adds_nothing_and_repeats_nothing(texts, query):
    results = search(query, list(enumerate(texts)), lambda pair: (pair[1],))
    numbers = [pair[0] for _, pair in results]
    assert len(set(numbers)) == len(numbers)
    assert [score for score, _ in results] == sorted(score for score, _ in results)
    assert all((rank(query, text) is None) == (number not in numbers) for number, text in enumerate(texts))
