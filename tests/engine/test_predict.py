"""Every task answers from its exported file as torch does: texts, masks, copies, tokens, several inputs."""

import copy
import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from PIL import Image

from tests.engine.tasks import EXAMPLES, TAGS, WORDS, Example
from tests.engine.test_tasks import network_of
from tests.graphs import graph
from workbench.core.document import Document
from workbench.core.messages import Decoding
from workbench.core.problems import ProblemError
from workbench.engine.analyse import study
from workbench.engine.answers import READERS, ModelOutput, read
from workbench.engine.compile import Network, compiled
from workbench.engine.export import to_onnx
from workbench.engine.layers.basic import TASK_KEYS
from workbench.engine.onnx_model import METADATA, METADATA_VERSION, start
from workbench.engine.predict import predict
from workbench.engine.preprocess import Field, ImageInput, Preprocessing, TableInput, TextInput

torch.set_num_threads(1)

LETTERS = ("[PAD]", "[UNK]", "[BOS]", "[EOS]", *"abcdefgh")


def written(
    network: Network, file: Path, columns: dict[str, Preprocessing], outputs: list[ModelOutput], examples: list[Any]
) -> Path:
    """Export a network with what its users must know."""
    axes = [{0: "batch"} | ({1: "seq"} if tensor.dtype == torch.int64 else {}) for tensor in examples]
    model = to_onnx(copy.deepcopy(network), examples, axes)
    inputs = [
        {"name": name, "column": column, "preprocessing": msgspec.to_builtins(spec)}
        for name, (column, spec) in zip(network.inputs, columns.items(), strict=True)
    ]
    meta = {"version": METADATA_VERSION, "inputs": inputs, "outputs": msgspec.to_builtins(outputs)}
    model.metadata_props.add(key=METADATA, value=json.dumps(meta))
    file.write_bytes(model.SerializeToString())
    return file


def output_of(example: Example, back: str = "") -> ModelOutput:
    settings = example.settings
    return ModelOutput(
        "y", example.column.name, example.key, example.column.classes, settings.get("threshold", 0.5),
        settings.get("loss", ""), back,
    )  # fmt: skip


def by_key(key: str) -> Example:
    return next(example for example in EXAMPLES if example.key == key)


def test_every_task_says_how_its_answers_are_read() -> None:
    assert set(READERS) == set(TASK_KEYS)


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
@torch.no_grad()
def test_a_decoded_answer_has_the_right_form(example: Example) -> None:
    outputs = network_of(example)(example.inputs())[0]
    found = read(outputs[0].numpy(), output_of(example))
    match example.key:
        case "regression" | "autoencoding":
            assert isinstance(found.answer, float | list)
        case "multi_label":
            assert set(found.answer) <= set(example.column.classes)  # type: ignore[arg-type]
            assert all((share >= 0.4) == (name in found.answer) for name, share in found.scores.items())  # type: ignore[operator]
        case "token_tagging":
            assert [part.label for part in found.parts] == found.answer
            assert set(found.answer) <= set(TAGS)  # type: ignore[arg-type]
        case _:
            assert found.answer in example.column.classes
            assert sum(found.scores.values()) == pytest.approx(1, abs=1e-4)
    choices = example.task.choices(outputs)
    if choices is not None and example.key != "multi_label":
        assert choices.shape[-1] == len(example.column.classes)


def test_files_agree_with_torch_for_every_task() -> None:
    """All side by side in one file: an export costs seconds."""
    nodes: dict[str, Any] = {}
    wires = []
    for place, example in enumerate(EXAMPLES):
        name = f"x{place}"
        nodes[name] = ("input", {"shape": example.shape, "dtype": example.dtype})
        for number, (kind, settings) in enumerate(example.layers):
            nodes[f"l{place}_{number}"] = (kind, settings)
            wires.append(f"{name} > l{place}_{number}")
            name = f"l{place}_{number}"
        nodes[f"y{place}"] = ("output", {"task": example.key, **example.settings})
        wires.append(f"{name} > y{place}")
    torch.manual_seed(0)
    network = compiled(study(Document(graph=graph(nodes, *wires)), Path()))
    axes = [{0: "batch"} | ({1: "seq"} if "seq" in example.shape else {}) for example in EXAMPLES]
    expected = [example.inputs(batch=3, length=5) for example in EXAMPLES]
    with torch.no_grad():
        outputs = network.eval()(*expected)
    session, _ = start(to_onnx(network, [e.inputs(2, 9) for e in EXAMPLES], axes).SerializeToString(), cpu_only=True)
    given = {item.name: tensor.numpy() for item, tensor in zip(session.get_inputs(), expected, strict=True)}
    for one, other in zip(outputs, session.run(None, given), strict=True):
        assert np.allclose(one.numpy(), other, atol=1e-5)


def test_tokens_are_answered_one_by_one(tmp_path: Path) -> None:
    example = by_key("token_tagging")
    network = network_of(example).eval()
    text = TextInput(tuple("abcdefgh"), 0)
    file = written(network, tmp_path / "m.onnx", {"words": text}, [output_of(example)], [example.inputs(2)])
    (tmp_path / "t.txt").write_text("cabbage", encoding="utf-8")
    (answer,) = predict(file, (str(tmp_path / "t.txt"),)).answers
    assert [part.text for part in answer.parts] == list("cabbage")
    with torch.no_grad():
        wanted = network(torch.tensor([["abcdefgh".index(letter) for letter in "cabbage"]]))[0][0].argmax(-1)
    assert answer.answer == [TAGS[at] for at in wanted.tolist()]


def counting(tmp_path: Path, causal_steps: int = 1) -> tuple[Network, Path]:
    """A language model over letters, and its file."""
    nodes: dict[str, Any] = {
        "x": ("input", {"shape": ("seq",), "dtype": "int64"}),
        "e": ("embedding", {"num_embeddings": len(LETTERS), "embedding_dim": 6}),
        "r": ("gru", {"hidden_size": 9}),
        "l": ("linear", {"out_features": len(LETTERS)}),
        "y": ("output", {"task": "language_modelling"}),
    }
    torch.manual_seed(2)
    document = Document(graph=graph(nodes, "x > e", "e > r", "r > l", "l > y"))
    network = compiled(study(document, Path())).eval()
    output = ModelOutput("y", "next", "language_modelling", LETTERS, back="text")
    file = written(network, tmp_path / "lm.onnx", {"text": TextInput(LETTERS, 0)}, [output], [torch.ones(2, 7).long()])
    return network, file


@torch.no_grad()
def test_a_language_model_goes_on_with_a_text(tmp_path: Path) -> None:
    network, file = counting(tmp_path)
    prompt = tmp_path / "p.txt"
    prompt.write_text("abc", encoding="utf-8")
    (answer,) = predict(file, (str(prompt),), Decoding(length=6)).answers
    tokens = [LETTERS.index(letter) for letter in "abc"]
    first = network(torch.tensor([tokens]))[0][0, -1].softmax(-1)
    for _ in range(6):
        numbers = network(torch.tensor([tokens]))[0][0, -1]
        numbers[[0, 1, 2]] = -torch.inf
        tokens.append(int(numbers.argmax()))
        if tokens[-1] == 3:
            break
    assert answer.answer == "".join(LETTERS[at] for at in tokens[3:] if at != 3)
    assert answer.scores[LETTERS[int(first.argmax())]] == pytest.approx(float(first.max()), abs=1e-5)
    drawn = [predict(file, (str(prompt),), Decoding(length=6, temperature=2.0, seed=seed)) for seed in (1, 1, 2, 3, 4)]
    texts = [found.answers[0].answer for found in drawn]
    assert texts[0] == texts[1]
    assert len(set(map(str, texts))) > 2
    assert predict(file, (str(prompt),), Decoding(length=6, beams=4)).answers[0].answer is not None


@torch.no_grad()
def test_a_text_is_written_that_belongs_to_another(tmp_path: Path) -> None:
    """The model reads a source, and what it has written so far from its begin on."""
    nodes: dict[str, Any] = {
        "source": ("input", {"shape": ("words",), "dtype": "int64"}),
        "so_far": ("input", {"shape": ("seq",), "dtype": "int64"}),
        "mask": ("padding_mask", {}),
        "es": ("embedding", {"num_embeddings": len(LETTERS), "embedding_dim": 8}),
        "et": ("embedding", {"num_embeddings": len(LETTERS), "embedding_dim": 8}),
        "rs": ("gru", {"hidden_size": 8}),
        "rt": ("gru", {"hidden_size": 8}),
        "attend": ("multihead_attention", {"num_heads": 2}),
        "l": ("linear", {"out_features": len(LETTERS)}),
        "y": ("output", {"task": "sequence"}),
    }
    wires = (
        "source > es", "so_far > et", "es > rs", "et > rt", "source > mask", "rt > attend/query", "rs > attend/key",
        "mask > attend/key_padding_mask", "attend > l", "l > y",
    )  # fmt: skip
    torch.manual_seed(5)
    network = compiled(study(Document(graph=graph(nodes, *wires)), Path())).eval()
    spec = TextInput(LETTERS, 0)
    output = ModelOutput("y", "target", "sequence", LETTERS, back="target_in")
    examples = [torch.ones(2, 7).long(), torch.ones(2, 9).long()]
    model = to_onnx(copy.deepcopy(network), examples, [{0: "batch", 1: "words"}, {0: "batch", 1: "seq"}])
    meta = {
        "version": METADATA_VERSION,
        "inputs": [
            {"name": name, "column": column, "preprocessing": msgspec.to_builtins(spec)}
            for name, column in (("source", "source"), ("so_far", "target_in"))
        ],
        "outputs": msgspec.to_builtins([output]),
    }
    model.metadata_props.add(key=METADATA, value=json.dumps(meta))
    file = tmp_path / "m.onnx"
    file.write_bytes(model.SerializeToString())
    texts = tmp_path / "texts.csv"
    texts.write_text("source,other\nabc,1\nhgfedcba,2\n", encoding="utf-8")
    found = predict(file, (str(texts),), Decoding(length=5)).answers
    assert len(found) == 2
    for answer, source in zip(found, ("abc", "hgfedcba"), strict=True):
        tokens = [2]
        for _ in range(5):
            read_so_far = torch.tensor([[LETTERS.index(letter) for letter in source]])
            numbers = network(read_so_far, torch.tensor([tokens]))[0][0, -1]
            numbers[[0, 1, 2]] = -torch.inf
            if int(numbers.argmax()) == 3:
                break
            tokens.append(int(numbers.argmax()))
        assert answer.answer == "".join(LETTERS[at] for at in tokens[1:])
    bare = tmp_path / "bare.onnx"
    meta["outputs"][0]["classes"] = list(WORDS)  # type: ignore[index]
    model.metadata_props[0].value = json.dumps(meta)
    bare.write_bytes(model.SerializeToString())
    with pytest.raises(ProblemError, match="no_begin"):
        predict(bare, (str(texts),))


def test_masks_and_copies_are_pictures(tmp_path: Path) -> None:
    spec = ImageInput(1, 6, 5)
    Image.fromarray(np.arange(30 * 16, dtype=np.uint8).reshape(24, 20) // 2).save(tmp_path / "photo.png")
    for key in ("segmentation", "autoencoding"):
        example = by_key(key)
        network = network_of(example).eval()
        file = written(network, tmp_path / f"{key}.onnx", {"photo": spec}, [output_of(example)], [example.inputs(2)])
        (answer,) = predict(file, (str(tmp_path / "photo.png"),), pictures=tmp_path / key).answers
        with Image.open(answer.file) as picture:
            assert picture.size == ((20, 24) if key == "segmentation" else (5, 6))
            if key == "segmentation":
                share = np.bincount(np.asarray(picture).ravel(), minlength=3) / (20 * 24)
                named = dict(zip(example.column.classes, share, strict=True))
                assert answer.scores == pytest.approx(named, abs=1e-6)
        (again,) = predict(file, (str(tmp_path / "photo.png"),)).answers
        assert again.file == ""


def test_a_model_reads_a_picture_a_text_and_a_row_together(tmp_path: Path) -> None:
    nodes: dict[str, Any] = {
        "photo": ("input", {"shape": (1, 6, 5)}),
        "words": ("input", {"shape": ("seq",), "dtype": "int64"}),
        "features": ("input", {"shape": (3,)}),
        "flat": "flatten",
        "e": ("embedding", {"num_embeddings": 8, "embedding_dim": 4}),
        "mean": ("mean", {"dim": (1,)}),
        "join": ("concat", {"num_inputs": 3}),
        "one": ("linear", {"out_features": 3}),
        "two": ("linear", {"out_features": 1}),
        "y1": "output",
        "y2": ("output", {"task": "regression"}),
    }
    wires = (
        "photo > flat", "words > e", "e > mean", "flat > join/in_1", "mean > join/in_2", "features > join/in_3",
        "join > one", "join > two", "one > y1", "two > y2",
    )  # fmt: skip
    torch.manual_seed(0)
    network = compiled(study(Document(graph=graph(nodes, *wires)), Path())).eval()
    columns: dict[str, Preprocessing] = {
        "photo": ImageInput(1, 6, 5),
        "words": TextInput(tuple("abcdefgh"), 0),
        "features": TableInput((Field("size", 1.0, 2.0), Field("kind", values=("x", "y")))),
    }
    outputs = [ModelOutput("y1", "colour", "classification", ("r", "g", "b")), ModelOutput("y2", "price", "regression")]
    examples = [torch.rand(2, 1, 6, 5), torch.ones(2, 7).long(), torch.rand(2, 3)]
    file = written(network, tmp_path / "m.onnx", columns, outputs, examples)
    Image.fromarray(np.full((6, 5), 128, np.uint8)).save(tmp_path / "p.png")
    (tmp_path / "w.txt").write_text("cab", encoding="utf-8")
    rows = tmp_path / "rows.csv"
    rows.write_text("photo,words,size,kind\np.png,cab,3,y\np.png,abc,1,x\nmissing.png,abc,1,x\n", encoding="utf-8")
    found = predict(file, (str(rows),))
    assert [(item.input.rpartition(":")[2], item.output) for item in found.answers] == [
        ("2", "y1"), ("2", "y2"), ("3", "y1"), ("3", "y2"),
    ]  # fmt: skip
    assert [problem.code for problem in found.problems] == ["file.unreadable"]
    single = predict(file, (f"photo={tmp_path}/p.png", f"words={tmp_path}/w.txt", f"features={rows}"))
    assert [item.answer for item in single.answers] == [item.answer for item in found.answers[:2]]
    with torch.no_grad():
        given = torch.full((1, 1, 6, 5), 128 / 255), torch.tensor([[2, 0, 1]]), torch.tensor([[1.0, 0.0, 1.0]])
        expected = network(*given)[1]
    assert found.answers[1].answer == pytest.approx(float(expected), abs=1e-5)
    bad = tmp_path / "bad.csv"
    bad.write_text("photo,size\np.png,1\n", encoding="utf-8")
    with pytest.raises(ProblemError, match="no_column"):
        predict(file, (str(bad),))
