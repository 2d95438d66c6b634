"""Export with proof, and answers of the exported file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from msgspec.structs import replace
from numpy.typing import NDArray
from onnx import numpy_helper
from PIL import Image, ImageOps

import dev
import model_zoo
from tests.disks import SmallDisk
from tests.engine.training import finished_run, flowers
from tests.graphs import chain, graph
from tests.samples import DIABETES, IRIS, digits
from workbench.core import wording
from workbench.core.document import Data, Document, Split, Training
from workbench.core.messages import ExportReport
from workbench.core.places import assets
from workbench.core.problems import Problem, ProblemError
from workbench.core.runs import RunFolder, Status, write_json
from workbench.engine import checkpoint
from workbench.engine.evaluate import evaluate
from workbench.engine.export import BATCH_SIZES, OPSET, TOLERANCE, compare, export
from workbench.engine.onnx_model import METADATA, opened
from workbench.engine.predict import predict, predict_drawing
from workbench.engine.trained import load


def zoo(name: str, epochs: int) -> Document:
    document = model_zoo.document(name)
    return replace(document, training=replace(document.training, epochs=epochs, device="cpu"))


class Made:
    """A trained run and its exported file."""

    def __init__(self, folder: Path, document: Document) -> None:
        self.run: RunFolder = finished_run(folder / "run", document)
        self.file = folder / "model.onnx"
        self.report: ExportReport = export(self.run.path, self.file)


@pytest.fixture(scope="module")
def mlp(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(tmp_path_factory.mktemp("mlp"), zoo("mnist_mlp", 2))


@pytest.fixture(scope="module")
def cnn(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(tmp_path_factory.mktemp("cnn"), zoo("mnist_cnn", 2))


@pytest.fixture(scope="module")
def iris(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Of a copy of the table in a folder whose name must not leave the machine."""
    folder = tmp_path_factory.mktemp("secret")
    table = folder / "iris.csv"
    table.write_bytes(IRIS.read_bytes())
    document = flowers(Training(epochs=30, batch_size=16, learning_rate=0.02))
    return Made(folder, replace(document, data=Data("csv", {"path": str(table)})))


@pytest.fixture(params=["mlp", "cnn", "iris"])
def made(request: pytest.FixtureRequest) -> Made:
    found: Made = request.getfixturevalue(request.param)
    return found


# ---- the proof


def test_the_file_agrees_with_torch_on_real_samples(made: Made) -> None:
    report = made.report
    assert report.ok
    assert report.decisions_agree
    assert 0 <= report.max_rel_diff <= TOLERANCE
    assert report.samples == (30 if "secret" in str(made.file) else 256)
    assert report.first_difference is None
    assert (report.opset, report.precision, report.batch_sizes) == (OPSET, "fp32", BATCH_SIZES)
    assert report.provider.endswith("ExecutionProvider")
    assert report.bytes == made.file.stat().st_size
    model = onnx.load(made.file)
    onnx.checker.check_model(model, full_check=True)
    assert model.ir_version <= 10
    assert [item.version for item in model.opset_import if item.domain == ""] == [OPSET]
    for value in (*model.graph.input, *model.graph.output):
        assert value.type.tensor_type.shape.dim[0].dim_param == "batch"


def test_the_last_weights_can_be_exported_too(cnn: Made, tmp_path: Path) -> None:
    found, _ = checkpoint.newest(cnn.run.checkpoints)
    assert found is not None
    report = export(cnn.run.path, tmp_path / "last.onnx", weights="last")
    assert (report.ok, report.weights) == (True, "last")


def test_metadata_says_all_that_a_user_of_the_file_needs(made: Made) -> None:
    model = onnx.load(made.file)
    assert model.producer_name == "Model Workbench"
    meta = json.loads({item.key: item.value for item in model.metadata_props}[METADATA])
    assert meta.keys() >= {"version", "program", "run", "weights", "inputs", "outputs", "document", "data_fingerprint"}
    assert [item["name"] for item in meta["inputs"]] == [value.name for value in model.graph.input]
    assert [item["name"] for item in meta["outputs"]] == [value.name for value in model.graph.output]
    assert meta["inputs"][0]["preprocessing"]["type"] in ("image", "table")
    assert len(meta["outputs"][0]["classes"]) in (3, 10)
    assert meta["outputs"][0]["task"] == "classification"


def test_nothing_in_the_file_tells_of_this_machine(made: Made) -> None:
    content = made.file.read_bytes()
    for secret in (dev.ROOT, Path.home(), made.file.parent, made.run.path.parent):
        if str(secret) != "/":
            assert str(secret).encode() not in content, secret
    assert b"/site-packages/" not in content
    assert b".py" not in content.replace(b".pytest", b"")


def test_layers_can_still_be_told_apart(made: Made) -> None:
    names = {item.name for item in onnx.load(made.file).graph.initializer}
    assert any(name.startswith(("linear_1", "conv2d_1")) for name in names)


# ---- tampering


def tampered(file: Path, name: str, change: Callable[[NDArray[Any]], NDArray[Any]]) -> bytes:
    model = onnx.load(file)
    initializer = next(item for item in model.graph.initializer if item.name == name)
    initializer.CopyFrom(numpy_helper.from_array(change(numpy_helper.to_array(initializer)), name))
    content: bytes = model.SerializeToString()
    return content


def weights_of(file: Path) -> list[str]:
    return [item.name for item in onnx.load(file).graph.initializer if len(item.dims) > 1 or "bias" in item.name]


@pytest.mark.parametrize(
    ("which", "layers"), [("mlp", ["linear_1", "linear_2"]), ("cnn", ["conv2d_1", "conv2d_2", "linear_1"])]
)
def test_a_file_that_was_tampered_with_is_found_out_and_the_layer_named(
    request: pytest.FixtureRequest, which: str, layers: list[str]
) -> None:
    made: Made = request.getfixturevalue(which)
    trained = load(made.run.path, "best")
    assert compare(trained, made.file.read_bytes()).first_difference is None
    found = set()
    for name in weights_of(made.file):
        proof = compare(trained, tampered(made.file, name, lambda array: array + np.float32(0.01)))
        layer = next(layer for layer in layers if name.startswith(layer))
        found.add(layer)
        assert not proof.ok
        assert proof.max_rel_diff > TOLERANCE
        # Batch norm is folded into the convolution before it: the pair is one value in the file.
        assert proof.first_difference in (layer, layer.replace("conv2d", "batch_norm2d")), name
    assert found == set(layers)


def test_numbers_that_are_none_are_no_agreement(mlp: Made) -> None:
    trained = load(mlp.run.path, "best")
    name = weights_of(mlp.file)[0]
    proof = compare(trained, tampered(mlp.file, name, lambda array: array * np.float32(np.nan)))
    assert not proof.ok
    trained.network.get_parameter("linear_1.weight").data.fill_(float("nan"))
    assert not compare(trained, mlp.file.read_bytes()).ok


def test_weights_that_differ_by_less_than_rounding_agree(mlp: Made) -> None:
    trained = load(mlp.run.path, "best")
    proof = compare(trained, tampered(mlp.file, weights_of(mlp.file)[0], lambda array: array * np.float32(1 + 1e-7)))
    assert proof.ok


# ---- where it goes


@pytest.mark.parametrize(
    ("target", "code"),
    [("none/model.onnx", "data.no_folder"), ("folder", "file.is_folder"), ("/proc/model.onnx", "file.unwritable")],
)
def test_a_target_that_cannot_be_written_is_named(iris: Made, tmp_path: Path, target: str, code: str) -> None:
    if target.startswith("/proc") and not Path("/proc/self").exists():
        pytest.skip("there is no /proc")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").touch()
    with pytest.raises(ProblemError) as caught:
        export(iris.run.path, tmp_path / target)
    assert caught.value.problem.code == code
    assert str(tmp_path / target).startswith(caught.value.problem.node)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "folder"]


def test_a_full_disk_leaves_the_older_file(iris: Made, disk: SmallDisk) -> None:
    target = disk.path / "model.onnx"
    export(iris.run.path, target)
    before = target.read_bytes()
    disk.fill()
    with pytest.raises(ProblemError) as caught:
        export(iris.run.path, target)
    assert caught.value.problem.code == "file.unwritable"
    assert target.read_bytes() == before


def test_a_run_without_a_checkpoint_or_with_damaged_ones(iris: Made, tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "run")
    run.path.mkdir()
    (run.path / "run.json").write_bytes((iris.run.path / "run.json").read_bytes())

    def refused() -> Problem:
        with pytest.raises(ProblemError) as caught:
            export(run.path, tmp_path / "m.onnx")
        return caught.value.problem

    with run.lock():
        assert refused().code == "checkpoint.none"
    assert refused().code == "checkpoint.ended"
    write_json(run.path / "state.json", Status("failed", Problem("train.no_data")))
    assert refused().code == "checkpoint.failed"
    assert "no data to learn from" in wording.what(refused())
    (run.checkpoints / "step-000000001").mkdir(parents=True)
    assert refused().code == "checkpoint.all_damaged"


def test_data_that_changed_since_are_no_proof(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_bytes(IRIS.read_bytes())
    document = replace(flowers(Training(epochs=1)), data=Data("csv", {"path": str(table)}))
    run = finished_run(tmp_path / "run", document)
    table.write_text(table.read_text().replace("5.1", "5.2"))
    for work in (lambda: export(run.path, tmp_path / "m.onnx"), lambda: evaluate(run.path)):
        with pytest.raises(ProblemError) as caught:
            work()
        assert caught.value.problem.code == "run.data_changed"


def test_other_precisions_are_refused(iris: Made, tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as caught:
        export(iris.run.path, tmp_path / "m.onnx", precision="int8")
    assert caught.value.problem.code == "export.precision"


# ---- evaluation


def test_evaluation_counts_every_sample_of_the_split(cnn: Made) -> None:
    found = evaluate(cnn.run.path)
    assert found.confusion is not None
    counts = np.array(found.confusion.counts)
    assert counts.sum(1).tolist() == [100] * 10
    assert found.metrics["test/accuracy"] == pytest.approx(counts.trace() / 1000)
    assert found.confusion.classes == tuple("0123456789")
    assert {"test/loss", "test/f1"} <= found.metrics.keys()
    steps: list[tuple[str, int, int]] = []
    evaluate(cnn.run.path, "validation", report=lambda *step: steps.append(step))
    assert {code for code, _, _ in steps} == {"evaluate.running"}


def test_a_regression_is_evaluated_and_predicts_numbers(tmp_path: Path) -> None:
    document = chain(
        ("x", "input"), ("l", "linear", {"out_features": 1}), ("y", "output", {"task": "regression"}),
        data=Data("csv", {"path": str(DIABETES)}), training=Training(epochs=60, learning_rate=0.5),
    )  # fmt: skip
    made = Made(tmp_path, document)
    found = evaluate(made.run.path)
    assert found.confusion is None
    assert found.metrics["test/r2"] > 0.3
    assert found.metrics["test/mae"] <= found.metrics["test/rmse"] < 80
    answers = predict(made.file, (str(DIABETES),)).answers
    assert len(answers) == 442
    assert all(isinstance(item.answer, float) and item.scores == {} for item in answers)
    truth = [float(line.rsplit(",", 1)[1]) for line in DIABETES.read_text().splitlines()[1:]]
    assert np.corrcoef(truth, [item.answer for item in answers])[0, 1] > 0.6  # type: ignore[list-item]


def test_an_empty_split_cannot_be_evaluated(tmp_path: Path) -> None:
    document = flowers(Training(epochs=1))
    assert document.data is not None
    document = replace(document, data=replace(document.data, split=Split(test=0.0)))
    run = finished_run(tmp_path / "run", document)
    with pytest.raises(ProblemError) as caught:
        evaluate(run.path)
    assert caught.value.problem.code == "evaluate.empty_split"
    assert export(run.path, tmp_path / "m.onnx").ok  # on samples that are there


# ---- answers


@pytest.fixture(scope="module")
def test_digits() -> list[tuple[NDArray[np.uint8], str]]:
    """Three of each digit that the network has not seen."""
    images, labels = digits()
    with np.load(assets() / "samples" / "digits.npz") as file:
        unseen = file["test"]
    chosen = [at for klass in range(10) for at in np.flatnonzero((labels == klass) & unseen)[:3]]
    return [(images[at], str(labels[at])) for at in chosen]


def right(model: Path, folder: Path, drawn: list[tuple[Image.Image, str]], suffix: str = "png") -> float:
    files = []
    for number, (image, _) in enumerate(drawn):
        files.append(folder / f"{number}.{suffix}")
        image.save(files[-1])
    answers = predict(model, tuple(map(str, files))).answers
    assert [item.input for item in answers] == list(map(str, files))
    for item in answers:
        assert sum(item.scores.values()) == pytest.approx(1, abs=1e-5)
        assert list(item.scores.values()) == sorted(item.scores.values(), reverse=True)
        assert next(iter(item.scores)) == item.answer
    return float(np.mean([item.answer == label for item, (_, label) in zip(answers, drawn, strict=True)]))


def framed(image: NDArray[np.uint8], size: int) -> Image.Image:
    """Larger, and somewhere else on the paper."""
    paper = Image.new("L", (size * 2, size * 2), 0)
    paper.paste(Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC), (size // 2, size // 5))
    return paper


def transparent(image: Image.Image) -> Image.Image:
    """Black ink on nothing."""
    layer = Image.new("RGBA", image.size, (0, 0, 0, 0))
    layer.putalpha(image)
    return layer


WAYS: dict[str, Callable[[NDArray[np.uint8]], Image.Image]] = {
    "as it is": Image.fromarray,
    "inverted": lambda image: ImageOps.invert(Image.fromarray(image)),
    "large": lambda image: framed(image, 120),
    "large and inverted": lambda image: ImageOps.invert(framed(image, 120)),
    "colour": lambda image: ImageOps.invert(framed(image, 60)).convert("RGB"),
    "palette": lambda image: ImageOps.invert(framed(image, 60)).convert("P"),
    "transparent": lambda image: transparent(framed(image, 90)),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_drawn_digit_is_recognised(
    cnn: Made, tmp_path: Path, test_digits: list[tuple[NDArray[np.uint8], str]], way: str
) -> None:
    assert right(cnn.file, tmp_path, [(WAYS[way](image), label) for image, label in test_digits]) >= 0.8


def test_a_drawing_is_framed_as_the_digits_it_learned_from_were(
    cnn: Made, test_digits: list[tuple[NDArray[np.uint8], str]]
) -> None:
    hits = [
        predict_drawing(cnn.file, np.asarray(framed(image, 100))).answers[0].answer == label
        for image, label in test_digits
    ]
    assert np.mean(hits) >= 0.8
    empty = predict_drawing(cnn.file, np.zeros((100, 140), np.uint8))
    assert len(empty.answers[0].scores) == 10


def test_files_are_predicted_as_evaluation_saw_them(
    cnn: Made, tmp_path: Path, test_digits: list[tuple[NDArray[np.uint8], str]]
) -> None:
    """28 × 28 pictures go in exactly as they were trained on."""
    trained = load(cnn.run.path, "best")
    pixels = np.stack([image for image, _ in test_digits])
    with torch.no_grad():
        (logits,) = trained.network(torch.from_numpy(pixels[:, None]).float() / 255)
    shares = torch.softmax(logits, 1).numpy()
    files = []
    for number, (image, _) in enumerate(test_digits):
        files.append(str(tmp_path / f"{number}.png"))
        Image.fromarray(image).save(files[-1])
    for row, item in zip(shares, predict(cnn.file, tuple(files)).answers, strict=True):
        np.testing.assert_allclose([item.scores[str(klass)] for klass in range(10)], row, atol=1e-5)


def test_inputs_that_are_no_pictures_are_named(cnn: Made, tmp_path: Path) -> None:
    whole = tmp_path / "whole.png"
    Image.fromarray(digits()[0][0]).save(whole)
    files = {
        "text.png": (b"hello", "predict.no_picture"),
        "empty.png": (b"", "predict.no_picture"),
        "half.png": (whole.read_bytes()[:200], "file.unreadable"),
    }
    for name, (content, code) in files.items():
        (tmp_path / name).write_bytes(content)
        found = predict(cnn.file, (str(tmp_path / name), str(whole)))
        assert [item.input for item in found.answers] == [str(whole)]
        (problem,) = found.problems
        assert (problem.code, problem.node) == (code, str(tmp_path / name)), name
        assert "?" not in wording.what(problem)
    with pytest.raises(ProblemError) as caught:
        predict(cnn.file, (str(tmp_path / "none.png"), str(tmp_path / "text.png")))
    assert caught.value.problem.code == "file.unreadable"


def test_rows_of_a_table_are_answered(iris: Made, tmp_path: Path) -> None:
    answers = predict(iris.file, (str(IRIS),)).answers
    truth = [line.rsplit(",", 1)[1] for line in IRIS.read_text().splitlines()[1:]]
    assert np.mean([item.answer == species for item, species in zip(answers, truth, strict=True)]) > 0.9
    assert answers[0].input == f"{IRIS}:2"
    few = tmp_path / "few.csv"
    few.write_text("petal_width; petal_length;sepal_width;sepal_length;note\n0.2;1.4;3.5;5.1;x\n2.3;6.1;;7.7;y\n")
    assert [item.answer for item in predict(iris.file, (str(few),)).answers] == ["setosa", "virginica"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "predict.no_column"),
        ("sepal_length,sepal_width\n1,2\n", "predict.no_column"),
        ("sepal_length,sepal_width,petal_length,petal_width\n", "data.empty"),
        ("sepal_length,sepal_width,petal_length,petal_width\n1,2,3\n", "predict.row_length"),
        ("sepal_length,sepal_width,petal_length,petal_width\n1,2,three,4\n", "predict.row_value"),
    ],
)
def test_rows_that_do_not_fit_are_named(iris: Made, tmp_path: Path, text: str, code: str) -> None:
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(ProblemError) as caught:
        predict(iris.file, (str(tmp_path / "t.csv"),))
    assert caught.value.problem.code == code
    assert "?" not in wording.what(caught.value.problem)


def test_a_row_that_does_not_fit_keeps_no_other_from_its_answer(iris: Made, tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("sepal_length,sepal_width,petal_length,petal_width\n5.1,3.5,x,0.2\n5.1,3.5,1.4,0.2\n1,2\n")
    found = predict(iris.file, (str(file),))
    assert [(item.input, item.answer) for item in found.answers] == [(f"{file}:3", "setosa")]
    assert [wording.what(problem) for problem in found.problems] == [
        f"Line 2 of {file} does not fit: petal_length is “x”, which is no number.",
        f"Line 4 of {file} has 2 values; its header names 4 columns.",
    ]


def test_a_picture_is_no_table(iris: Made, tmp_path: Path) -> None:
    Image.fromarray(digits()[0][0]).save(tmp_path / "seven.png")
    with pytest.raises(ProblemError) as caught:
        predict(iris.file, (str(tmp_path / "seven.png"),))
    assert wording.what(caught.value.problem).endswith("seven.png is a picture; this model reads tables.")


def test_a_table_model_reads_no_drawings(iris: Made) -> None:
    with pytest.raises(ProblemError) as caught:
        predict_drawing(iris.file, np.zeros((9, 9), np.uint8))
    assert caught.value.problem.code == "predict.no_drawing"


def with_metadata(file: Path, target: Path, value: str | None) -> Path:
    model = onnx.load(file)
    del model.metadata_props[:]
    if value is not None:
        model.metadata_props.add(key=METADATA, value=value)
    target.write_bytes(model.SerializeToString())
    return target


def metadata(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads({item.key: item.value for item in onnx.load(file).metadata_props}[METADATA])
    return found


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "onnx.no_metadata"),
        ("", "onnx.unreadable"),
        ("{", "onnx.unreadable"),
        ("[]", "onnx.unreadable"),
        ("{}", "onnx.unreadable"),
        ('{"version": 1}', "onnx.unreadable"),
        ('{"version": 99}', "onnx.newer"),
    ],
)
def test_files_of_others_are_refused_with_a_reason(iris: Made, tmp_path: Path, value: str | None, code: str) -> None:
    file = with_metadata(iris.file, tmp_path / "m.onnx", value)
    with pytest.raises(ProblemError) as caught:
        opened(file)
    assert (caught.value.problem.code, caught.value.problem.node) == (code, str(file))
    assert "?" not in wording.what(caught.value.problem)


@pytest.mark.parametrize(
    "content", [b"", b"random bytes that are no model at all", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04"]
)
def test_a_file_that_is_no_model(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "m.onnx"
    file.write_bytes(content)
    with pytest.raises(ProblemError) as caught:
        predict(file, ("x.png",))
    assert (caught.value.problem.code, caught.value.problem.node) == ("onnx.unreadable", str(file))
    with pytest.raises(ProblemError) as caught:
        predict(tmp_path / "none.onnx", ("x.png",))
    assert caught.value.problem.code == "file.unreadable"


def test_half_a_model(iris: Made, tmp_path: Path) -> None:
    content = iris.file.read_bytes()
    for part in (0.25, 0.5, 0.9):
        file = tmp_path / f"{part}.onnx"
        file.write_bytes(content[: int(len(content) * part)])
        with pytest.raises(ProblemError) as caught:
            opened(file)
        assert caught.value.problem.code in ("onnx.unreadable", "onnx.no_metadata")


def test_a_model_that_was_exported_anew_is_read_anew(iris: Made, cnn: Made, tmp_path: Path) -> None:
    file = tmp_path / "m.onnx"
    file.write_bytes(iris.file.read_bytes())
    assert len(predict(file, (str(IRIS),)).answers) == 150
    file.write_bytes(cnn.file.read_bytes())
    picture = tmp_path / "d.png"
    Image.fromarray(digits()[0][0]).save(picture)
    assert len(predict(file, (str(picture),)).answers[0].scores) == 10


# ---- several inputs


def test_two_inputs_of_one_column_are_both_fed(tmp_path: Path) -> None:
    document = Document(
        graph=graph(
            {
                "a": "input", "b": "input", "sum": "add", "l1": ("linear", {"out_features": 3}),
                "l2": ("linear", {"out_features": 3}), "y1": "output", "y2": "output",
            },
            "a > sum/in_1", "b > sum/in_2", "sum > l1", "sum > l2", "l1 > y1", "l2 > y2",
        ),
        data=Data("csv", {"path": str(IRIS)}),
        training=Training(epochs=20, learning_rate=0.05),
    )  # fmt: skip
    made = Made(tmp_path, document)
    assert made.report.ok
    assert [value.name for value in onnx.load(made.file).graph.output] == ["y1", "y2"]
    found = evaluate(made.run.path).metrics
    assert {"test/y1/accuracy", "test/y2/accuracy"} <= found.keys()
    answers = predict(made.file, (str(IRIS),)).answers
    truth = [line.rsplit(",", 1)[1] for line in IRIS.read_text().splitlines()[1:]]
    for name in ("y1", "y2"):
        own = [item.answer for item in answers if item.output == name]
        assert np.mean([answer == species for answer, species in zip(own, truth, strict=True)]) > 0.8
