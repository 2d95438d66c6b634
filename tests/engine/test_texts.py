"""Texts from their files to batches of tokens: vocabularies, lengths, padding, and what is wrong with files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

import model_zoo
from tests.engine.test_suggestions import inspection
from tests.engine.texts import review_folder, review_table, reviews, tagged_words, text_pairs
from tests.engine.training import finished_run, prepared
from workbench.core import project, wording
from workbench.core.data_messages import GetVocabulary
from workbench.core.document import ColumnUse, Data, Split, Step
from workbench.core.problems import ProblemError
from workbench.engine import vocabulary
from workbench.engine.columns.base import NO_CLASS, Loaded
from workbench.engine.columns.values import Ragged
from workbench.engine.compile import Network
from workbench.engine.encodings import guess
from workbench.engine.export import export
from workbench.engine.feed import Feed
from workbench.engine.loading import forget, load
from workbench.engine.preprocess import TextInput, text_of, text_ready
from workbench.engine.raw import Report, quiet
from workbench.engine.steps.texts import Bpe, ByteBpe, Characters, CleanText, Cutting, Words
from workbench.engine.token_pages import vocabulary as browsed
from workbench.engine.tokenizing import Recipe, Values, tokenised, trained
from workbench.engine.trained import load as load_trained

CHINESE = ["春眠不觉晓，处处闻啼鸟。", "夜来风雨声，花落知多少。", "床前明月光，疑是地上霜。"]
CUTTINGS: dict[str, Cutting] = {
    "characters": Characters(),
    "words": Words(min_frequency=1),
    "bpe": Bpe(vocabulary=200),
    "byte_bpe": ByteBpe(vocabulary=400),
}


def values(*texts: str) -> Values:
    return Values(pa.chunked_array([pa.array(texts, pa.string())]))


def loaded(source: str, path: Path, report: Report = quiet, **more: Any) -> Loaded:
    forget()
    options = more.pop("options", {})
    return load(Data(source, {"path": str(path), **options}, **more), Path(), report)


def steps(*ops: tuple[str, dict[str, Any]]) -> ColumnUse:
    return ColumnUse(steps=tuple(Step(op, settings) for op, settings in ops))


# ---- vocabularies


@pytest.mark.parametrize("name", CUTTINGS)
def test_a_vocabulary_is_the_same_each_time_and_begins_with_what_is_reserved(
    name: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = values(*[text for text, _ in reviews(40)], *CHINESE)
    made = []
    for _ in range(2):
        monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path_factory.mktemp("home")))
        made.append(trained(Recipe((CleanText(),), CUTTINGS[name]), texts, quiet))
    assert made[0] == made[1]
    assert vocabulary.names(made[0])[:4] == vocabulary.RESERVED
    assert sorted(vocabulary.opened(made[0]).get_vocab().values()) == list(range(len(vocabulary.names(made[0]))))


@pytest.mark.parametrize("name", ["characters", "bpe", "byte_bpe"])
def test_texts_can_be_put_together_again(name: str) -> None:
    texts = [text for text, _ in reviews(40)] + CHINESE
    words = trained(Recipe((), CUTTINGS[name]), values(*texts), quiet)
    for text, numbers in zip(texts, vocabulary.encoded(texts, words), strict=True):
        assert vocabulary.decoded(numbers, words) == text


def test_words_that_look_like_reserved_ones_are_words() -> None:
    words = trained(Recipe((), Words(min_frequency=1)), values("a [PAD] b", "[EOS] a"), quiet)
    (numbers,) = vocabulary.encoded(["[PAD] [BOS] a"], words)
    assert not {vocabulary.PADDING, vocabulary.BEGIN, vocabulary.END} & set(numbers)


def test_chinese_is_cut_into_characters_unless_that_is_not_wanted() -> None:
    texts = values("我喜欢 this film 很多")
    cut = trained(Recipe((), Words(min_frequency=1)), texts, quiet)
    whole = trained(Recipe((), Words(min_frequency=1, cut_han=False)), texts, quiet)
    assert [piece.token for piece in vocabulary.cut("我喜欢 this 很多", cut)] == ["我", "喜", "欢", "this", "很", "多"]
    assert [piece.token for piece in vocabulary.cut("我喜欢 this 很多", whole)] == ["我喜欢", "this", "很多"]


def test_texts_are_cleaned() -> None:
    recipe = Recipe((CleanText(strip_accents=True),), Words(min_frequency=1))
    words = trained(recipe, values("the cafe is good & cheap"), quiet)
    (one, other) = vocabulary.encoded(["The <br />CAFÉ  is\n good &amp; ｃｈｅａｐ", "the cafe is good & cheap"], words)
    assert one == other
    assert vocabulary.UNKNOWN not in one


def test_training_of_a_vocabulary_can_be_ended() -> None:
    class Enough(Exception):
        pass

    def report(code: str, done: int, total: int) -> None:
        assert code == "tokens.training"
        raise Enough

    with pytest.raises(Enough):
        trained(Recipe((), Words()), values("a b", "c d"), report)


@given(st.lists(st.text(max_size=40), min_size=1, max_size=8))
def test_any_text_can_be_cut_and_none_becomes_nothing(texts: list[str]) -> None:
    texts = [text.encode("utf-8", "ignore").decode() for text in texts]
    recipe = Recipe((CleanText(),), Words(min_frequency=1))
    words = trained(recipe, values("a b c"), quiet)
    held = tokenised(values(*texts), recipe, words, quiet)
    assert held.lengths.min() >= 1
    assert held.take(slice(None)).max() < len(vocabulary.names(words))
    for row, numbers in enumerate(vocabulary.encoded(texts, words)):
        assert held.take(slice(row, row + 1))[0].tolist() == numbers


# ---- columns


def test_the_vocabulary_knows_only_the_training_part(tmp_path: Path) -> None:
    found = loaded(
        "text_table", review_table(tmp_path / "r.csv"), columns={"text": steps(("words", {"min_frequency": 1}))}
    )
    spec = found.columns["text"].preprocessing
    assert isinstance(spec, TextInput)
    years = {name for name in vocabulary.names(spec.tokenizer) if name.isdigit()}
    rows = found.splits["train"]
    assert years == {str(1900 + row) for row in rows.tolist()}


def test_what_is_predicted_reads_a_text_as_it_was_trained(tmp_path: Path) -> None:
    for op, settings in (("words", {}), ("bpe", {"vocabulary": 100}), ("characters", {})):
        uses = {"text": steps(("clean_text", {}), (op, settings), ("truncate", {"max_length": 12, "keep": "tail"}))}
        found = loaded("text_table", review_table(tmp_path / "r.csv"), columns=uses)
        column = found.columns["text"]
        assert isinstance(column.preprocessing, TextInput)
        for row, (text, _) in enumerate(reviews(8)):
            ready = text_ready(text, column.preprocessing)
            assert np.array_equal(ready, column.ready(slice(row, row + 1))[0].numpy())
            assert len(ready) <= 12


def test_texts_can_all_have_one_length(tmp_path: Path) -> None:
    uses = {"text": steps(("words", {}), ("truncate", {"max_length": 20, "fixed": True}))}
    column = loaded("text_table", review_table(tmp_path / "r.csv"), columns=uses).columns["text"]
    assert column.shape == (20,)
    assert isinstance(column.preprocessing, TextInput)
    assert np.array_equal(text_ready("The film", column.preprocessing)[2:], np.zeros(18))
    assert column.ready(slice(0, 5)).shape == (5, 20)


def test_a_text_that_is_written_has_its_begin_and_its_end(tmp_path: Path) -> None:
    found = loaded("text_pairs", text_pairs(tmp_path / "p.tsv"))
    assert list(found.columns) == ["en", "de_in", "de"]
    before, after = (found.columns[name].ready(slice(0, 9)) for name in ("de_in", "de"))
    assert found.columns["de_in"].shape == found.columns["de"].shape == ("de",)
    assert (before[:, 0] == vocabulary.BEGIN).all()
    for one, other in zip(before.tolist(), after.tolist(), strict=True):
        length = other.index(vocabulary.END)
        assert one[1 : length + 1] == other[:length]
        assert set(other[length + 1 :]) <= {NO_CLASS}
        assert set(one[length + 1 :]) <= {vocabulary.PADDING}
    spec = found.columns["de_in"].preprocessing
    assert isinstance(spec, TextInput)
    assert text_of(after[0].tolist(), spec) in (tmp_path / "p.tsv").read_text(encoding="utf-8")


def test_words_and_tags_run_side_by_side(tmp_path: Path) -> None:
    found = loaded("tagged_words", tagged_words(tmp_path / "w.conll"))
    words, tags = found.columns["words"], found.columns["tags"]
    assert words.shape == tags.shape == ("words",)
    assert tags.classes == ("B-NAME", "O")
    one, other = words.ready(slice(None)), tags.ready(slice(None))
    assert torch.equal(one == vocabulary.PADDING, other == NO_CLASS)


def test_sentences_of_words_with_slashes(tmp_path: Path) -> None:
    (tmp_path / "pku.txt").write_text("我/r 喜欢/v 书/n\n1/2/m 天/q\n\n坏 行/x\n", encoding="utf-8")
    found = loaded("tagged_words", tmp_path / "pku.txt")
    assert found.columns["tags"].classes == ("m", "n", "q", "r", "v")
    (problem,) = found.problems
    assert (problem.code, problem.args["count"], problem.args["line"]) == ("data.skipped_sentences", 1, 4)


def test_a_long_text_is_shared_out_in_its_order(tmp_path: Path) -> None:
    text = "".join(f"{number:04} " for number in range(2000))
    (tmp_path / "t.txt").write_text(text)
    found = loaded("text_file", tmp_path / "t.txt", options={"length": 10}, split=Split(validation=0.125, test=0.2))
    spec = found.columns["text"].preprocessing
    assert isinstance(spec, TextInput)
    windows = found.columns["text"].ready(slice(None))
    last = {name: text_of(windows[int(rows[-1])].tolist(), spec) for name, rows in found.splits.items()}
    assert text.find(last["train"]) < text.find(last["validation"]) < text.find(last["test"])
    assert {name: len(rows) for name, rows in found.splits.items()} == {"train": 699, "validation": 99, "test": 199}
    one, other = found.columns["text"].tensor, found.columns["next"].tensor
    assert torch.equal(one[:, 1:], other[:, :-1])


def test_texts_of_old_projects_are_numbered_as_they_were(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello there")
    old = {"data": {"source": "text", "options": {"path": str(tmp_path / "a.txt"), "length": 3}}}
    document = project.from_raw(old)
    assert document.data is not None
    forget()
    found = load(document.data, Path())
    assert found.columns["next"].classes == (" ", "e", "h", "l", "o", "r", "t")
    assert found.columns["text"].tensor.tolist() == [[2, 1, 3], [3, 4, 0], [6, 2, 1]]
    assert found.columns["next"].tensor.tolist() == [[1, 3, 3], [4, 0, 6], [2, 1, 5]]
    assert found.columns["text"].preprocessing == TextInput((" ", "e", "h", "l", "o", "r", "t"), 3)


# ---- what is wrong with texts


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("这家书店很不错，价格便宜，服务也好。", "gb18030"), ("これは日本語のテキストです。", "shift_jis"),
        ("이 책은 정말 좋았습니다", "euc_kr"), ("Größe und schöne Cafés", "cp1252"), ("hello there", "utf-16-le"),
    ],
)  # fmt: skip
def test_another_encoding_is_named_and_can_be_chosen(text: str, encoding: str, tmp_path: Path) -> None:
    content = f"{text}\n".encode(encoding) * 20
    assert guess(content) == encoding
    (tmp_path / "t.txt").write_bytes(content)
    if encoding != "utf-16-le":  # which is UTF-8 as well
        with pytest.raises(ProblemError) as caught:
            loaded("text_file", tmp_path / "t.txt", options={"length": 8})
        assert encoding in wording.what(caught.value.problem)
    found = loaded("text_file", tmp_path / "t.txt", options={"length": 8, "encoding": encoding})
    assert set(found.columns["next"].classes[4:]) == {*text, "\n"}


def test_half_a_character_is_left_out_and_said(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_bytes(("好" * 100).encode()[:-1])
    found = loaded("text_file", tmp_path / "t.txt", options={"length": 8})
    assert [(problem.code, problem.args["count"]) for problem in found.problems] == [("data.half_character", 2)]


def test_damaged_files_of_a_folder_are_named_and_skipped_or_refused(tmp_path: Path) -> None:
    folder = review_folder(tmp_path / "r")
    (folder / "pos" / "bad.txt").write_bytes("schöne Größe".encode("cp1252"))
    (folder / "odd").mkdir()
    found = loaded("text_folder", folder)
    assert found.columns["label"].classes == ("neg", "pos")
    assert {problem.code for problem in found.problems} == {"data.skipped_texts", "data.empty_text_classes"}
    with pytest.raises(ProblemError) as caught:
        loaded("text_folder", folder, options={"bad_files": "refuse"})
    assert caught.value.problem.node.endswith("bad.txt")


def test_empty_and_endless_texts_are_said(tmp_path: Path) -> None:
    folder = review_folder(tmp_path / "r")
    (folder / "pos" / "empty.txt").write_text("")
    (folder / "neg" / "long.txt").write_text("word " * 300_000)
    found = loaded("text_folder", folder)
    said = {problem.code: problem.args["count"] for problem in found.problems}
    assert said == {"data.empty_texts": 1, "data.long_texts": 1}
    assert int(found.columns["text"].data.lengths.max()) == 256  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "content", "source", "code"),
    [
        ("a.csv", "text,label\n", "text_table", "data.empty"),
        ("a.csv", "x,y\n1,2\n3,4\n", "text_table", "data.no_text_column"),
        ("a.jsonl", '{"a": 1}\n', "text_pairs", "data.no_text_pairs"),
        ("a.conll", "word\n\n", "tagged_words", "data.no_sentences"),
        ("a.txt", "ab", "text_file", "data.short_text"),
    ],
)
def test_files_that_hold_something_else(name: str, content: str, source: str, code: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(ProblemError) as caught:
        loaded(source, tmp_path / name)
    assert caught.value.problem.code == code
    assert "?" not in wording.what(caught.value.problem)


# ---- batches


def ragged(lengths: list[int]) -> Ragged:
    offsets = torch.tensor([0, *np.cumsum(lengths).tolist()])
    return Ragged.of(torch.arange(1, int(offsets[-1]) + 1, dtype=torch.int32), offsets)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=30), st.data())
def test_sequences_of_a_batch_are_what_they_are_alone(lengths: list[int], data: st.DataObject) -> None:
    held = ragged(lengths)
    rows = torch.tensor(data.draw(st.lists(st.integers(0, len(lengths) - 1), min_size=1, max_size=8)))
    batch = held.take(rows)
    assert batch.shape == (len(rows), max(lengths[row] for row in rows.tolist()))
    for row, sequence in zip(rows.tolist(), batch, strict=True):
        alone = held.take(slice(row, row + 1))[0]
        assert torch.equal(sequence[: len(alone)], alone)
        assert not sequence[len(alone) :].any()


def test_evaluation_reads_each_sample_once_with_its_own_answer(tmp_path: Path) -> None:
    found = loaded("text_table", review_table(tmp_path / "r.csv"))
    columns = [found.columns[name] for name in ("text", "sentiment")]
    feed = Feed(columns, torch.arange(60), 7, torch.device("cpu"), single=True)
    widths, answers = [], {}
    for texts, labels in feed.epoch(feed.by_length()):
        widths.append(texts.shape[1])
        answers |= {tuple(text[text > 0].tolist()): int(label) for text, label in zip(texts, labels, strict=True)}
    assert widths == sorted(widths)
    rows = zip(columns[0].ready(slice(None)), columns[1].tensor, strict=True)
    assert answers == {tuple(text[text > 0].tolist()): int(label) for text, label in rows}


def test_an_epoch_goes_on_in_its_middle(tmp_path: Path) -> None:
    found = loaded("text_pairs", text_pairs(tmp_path / "p.tsv"))
    feed = Feed(list(found.columns.values()), torch.arange(60), 8, torch.device("cpu"))
    whole = list(feed.epoch(feed.order(3, 2)))
    rest = list(feed.epoch(feed.order(3, 2), start=4))
    for one, other in zip(whole[4:], rest, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


# ---- networks


Make = Callable[[Path], Data]
NETWORKS: dict[str, tuple[Make, str]] = {
    "bag": (lambda folder: Data("text_folder", {"path": str(review_folder(folder / "r"))}), "text_bag"),
    "lstm": (lambda folder: Data("text_folder", {"path": str(review_folder(folder / "r"))}), "text_lstm"),
    "encoder": (lambda folder: Data("text_folder", {"path": str(review_folder(folder / "r"))}), "text_transformer"),
    "tagger": (lambda folder: Data("tagged_words", {"path": str(tagged_words(folder / "w.conll"))}), "token_tagger"),
    "translator": (lambda folder: Data("text_pairs", {"path": str(text_pairs(folder / "p.tsv"))}), "encoder_decoder"),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_padding_never_changes_an_answer(name: str, tmp_path: Path) -> None:
    """One sample alone gives what it gives beside longer ones."""
    torch.set_num_threads(1)
    make, wanted = NETWORKS[name]
    item = next(item for item in model_zoo.suggestions(inspection(make(tmp_path))) if item.name == wanted)
    loop, plan = prepared(item.document)
    network = loop.network.eval()
    assert isinstance(network, Network)
    feed = plan.train
    (batch,) = Feed(feed._columns, feed._rows[:24], 64, torch.device("cpu")).epoch()
    with torch.no_grad():
        together = network(*batch[: plan.num_inputs])[0]
        for row, single in enumerate(Feed(feed._columns, feed._rows[:24], 1, torch.device("cpu")).epoch()):
            alone = network(*single[: plan.num_inputs])[0][0]
            same = together[row] if alone.dim() == 1 else together[row, : len(alone)]
            assert torch.allclose(alone, same, atol=1e-5), row


@pytest.mark.parametrize("name", ["lstm", "translator"])
def test_a_file_reads_texts_of_any_length(name: str, tmp_path: Path) -> None:
    torch.set_num_threads(1)
    make, wanted = NETWORKS[name]
    item = next(item for item in model_zoo.suggestions(inspection(make(tmp_path))) if item.name == wanted)
    training = replace(item.document.training, epochs=1, batch_size=16, device="cpu")
    run = finished_run(tmp_path / "run", replace(item.document, training=training))
    report = export(run.path, tmp_path / "model.onnx")
    assert report.ok, report.first_difference
    widths = {inputs[0].shape[1] for inputs, _ in load_trained(run.path, "best").batches("test", size=1)}
    assert len(widths) > 2


# ---- looking


def test_a_vocabulary_can_be_looked_through(tmp_path: Path) -> None:
    data = Data("text_folder", {"path": str(review_folder(tmp_path / "r"))})
    forget()
    ask = GetVocabulary(project.data_to_raw(data), "text", search="fil", text="The film is unheard of")
    found = browsed(data, ask, quiet)
    assert [token.text for token in found.tokens] == ["film"]
    assert found.tokens[0].count
    assert [piece.text for piece in found.pieces][:3] == ["the", "film", "is"]
    assert found.pieces[3].number == vocabulary.UNKNOWN
    most = browsed(data, GetVocabulary(project.data_to_raw(data), "text", count=3), quiet)
    assert most.tokens[0].text in ("the", "is", ".")
