"""The command line's contract: names of fields, exit statuses, errors."""

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from PIL import Image

from tests.cli.shell import error_of, start, workbench
from tests.disks import SmallDisk
from tests.graphs import chain
from tests.samples import DIABETES, IRIS, digit_pictures, digits, mnist
from tests.waiting import until
from workbench.core import project, wording
from workbench.core.document import Data, Document
from workbench.core.places import assets
from workbench.core.runs import RunFolder, RunStore

DIGITS = Data("digits")
ON_CPU = ("--set", "training.device=cpu")


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of runs that these tests share."""
    return tmp_path_factory.mktemp("shelf")


@dataclass(frozen=True)
class Trained:
    """A run that was trained on the command line, and what was said of it."""

    run: str
    runs: Path
    said: dict[str, Any]


@pytest.fixture(scope="module")
def mlp(shelf: Path) -> Trained:
    said = workbench("train", "zoo:mnist_mlp", "--json", "--runs", shelf, *ON_CPU, WORKBENCH_HOME=str(shelf / ".home"))
    assert said.status == 0, said.errors
    return Trained(said.document["run"], shelf, said.document)


@pytest.fixture(scope="module")
def exported(mlp: Trained) -> Path:
    file = mlp.runs / ".model.onnx"
    said = workbench("export", mlp.run, file, "--json", "--runs", mlp.runs, WORKBENCH_HOME=str(mlp.runs / ".home"))
    assert said.status == 0, said.errors
    report = said.document
    assert report.keys() >= {
        "path", "opset", "precision", "ok", "max_abs_diff", "max_rel_diff", "decisions_agree", "samples",
        "first_difference", "provider", "bytes",
    }  # fmt: skip
    assert (report["path"], report["ok"], report["decisions_agree"], report["samples"]) == (str(file), True, True, 256)
    assert report["max_rel_diff"] <= 1e-5
    assert report["first_difference"] is None
    assert report["bytes"] == file.stat().st_size
    return file


# ---- lists


@pytest.mark.parametrize(
    ("command", "some"),
    [
        ("zoo", {"mnist_mlp", "mnist_cnn", "linear_10_20_10"}),
        ("layers", {"conv2d", "lstm", "input"}),
        ("datasets", {"digits", "csv", "mnist"}),
    ],
)
def test_lists(command: str, some: set[str]) -> None:
    said = workbench(command, "--json")
    assert (said.status, said.errors) == (0, "")
    rows = said.document
    assert some <= {row["name"] for row in rows}
    assert all(row.keys() >= {"name", "title", "group"} for row in rows)
    text = workbench(command)
    assert text.status == 0
    lines = text.output.splitlines()
    assert len(lines) == len(rows) + 1
    assert all(row["name"] in line and row["summary"] in line for row, line in zip(rows, lines[1:], strict=True))


def test_help_of_every_command() -> None:
    top = workbench("--help")
    assert top.status == 0
    from workbench.cli.main import names

    for name in sorted(names()):
        assert name in top.output
    assert workbench("train", "--help").status == 0
    assert workbench("--version").output.startswith("Model Workbench ")


# ---- projects


def test_a_project_is_written_once(tmp_path: Path) -> None:
    file = tmp_path / "net.workbench"
    assert workbench("new", "zoo:mnist_cnn", file, "--json").document == {
        "path": str(file),
        "nodes": 13,
        "model": "zoo:mnist_cnn",
    }
    assert project.load(file).title == "Digits, CNN"
    file.write_text(file.read_text().replace("Digits, CNN", "Mine"))
    again = workbench("new", "zoo:mnist_cnn", file, "--json")
    assert (again.status, error_of(again)["where"]) == (2, str(file))
    assert project.load(file).title == "Mine"
    assert workbench("new", "zoo:mnist_cnn", file, "--force").output.strip() == str(file)
    assert project.load(file).title == "Digits, CNN"
    copy = tmp_path / "copy.workbench"
    assert workbench("new", file, copy).status == 0
    assert copy.read_bytes() == file.read_bytes()


@pytest.mark.parametrize(
    ("name", "status", "what"),
    [
        ("none/x.workbench", 1, "there is no folder"),
        ("", 1, "is a folder"),
        ("net.txt", 2, "does not end in .workbench"),
    ],
)
def test_a_place_for_a_project_that_cannot_be_is_told(tmp_path: Path, name: str, status: int, what: str) -> None:
    said = workbench("new", "zoo:mnist_mlp", tmp_path / name, "--json")
    assert (said.status, error_of(said)["where"]) == (status, str(tmp_path / name))
    assert what in error_of(said)["what"]
    assert list(tmp_path.iterdir()) == []


def test_check_names_every_node(tmp_path: Path) -> None:
    said = workbench("check", "zoo:mnist_mlp", "--json")
    assert (said.status, said.errors) == (0, "")
    found = said.document
    assert found.keys() >= {"nodes", "parameters", "flops", "memory", "problems"}
    nodes = {node["id"]: node for node in found["nodes"]}
    assert all(node.keys() >= {"id", "type", "outputs", "parameters", "flops"} for node in found["nodes"])
    assert nodes["linear_1"]["outputs"] == [{"shape": [256], "dtype": "float32"}]
    assert nodes["linear_1"]["parameters"] == 784 * 256 + 256
    assert found["parameters"] == 784 * 256 + 256 + 2560 + 10
    assert found["flops"] == 2 * 784 * 256 + 2 * 256 * 10
    assert found["memory"].keys() >= {"training_bytes", "inference_bytes"}
    assert found["problems"] == []
    text = workbench("check", "zoo:mnist_mlp")
    assert "linear_1" in text.output
    assert "203,530" in text.output
    assert "MiB" in text.output


def saved(path: Path, document: Document) -> Path:
    project.save(path, document)
    return path


def test_check_of_a_broken_network_exits_1_with_its_problems(tmp_path: Path) -> None:
    file = saved(
        tmp_path / "net.workbench",
        chain(("x", "input", {"shape": ("seq", 8)}), ("h", "hologram", {"depth": 3}), ("y", "output")),
    )
    before = file.read_bytes()
    said = workbench("check", file, "--json")
    assert said.status == 1
    (problem,) = said.document["problems"]
    assert problem.keys() >= {"node", "severity", "code", "text", "fix"}
    assert (problem["node"], problem["severity"], problem["code"]) == ("h", "error", "node.unknown_type")
    assert "hologram" in problem["text"]
    assert said.document["nodes"][0]["outputs"] == [{"shape": ["seq", 8], "dtype": "float32"}]
    assert said.document["flops"] is None
    text = workbench("check", file)
    assert text.status == 1
    assert "error: h: The layer type “hologram” is not known here" in text.output
    assert file.read_bytes() == before


def test_warnings_alone_do_not_exit_1(tmp_path: Path) -> None:
    file = saved(tmp_path / "net.workbench", chain(("x", "input", {"shape": (4,)}), ("l", "linear")))
    said = workbench("check", file, "--json")
    assert said.status == 0
    assert [problem["severity"] for problem in said.document["problems"]] == ["warning"]


# ---- errors


@pytest.mark.parametrize(
    ("arguments", "status", "where"),
    [
        (("check", "zoo:none"), 1, "none"),
        (("check", "none.workbench"), 1, "none.workbench"),
        (("train", "zoo:mnist_mlp", "--set", "training.epochs=many"), 2, "training.epochs=many"),
        (("train", "zoo:mnist_mlp", "--set", "training.epoch=3"), 2, "training.epoch=3"),
        (("train", "zoo:mnist_mlp", "--set", "training.device=tpu"), 2, "training.device=tpu"),
        (("train", "zoo:mnist_mlp", "--set", "training.epochs"), 2, "training.epochs"),
        (("train", "zoo:mnist_mlp", "--set", "nodes.linear_9.bias=true"), 2, "nodes.linear_9.bias=true"),
        (("train", "zoo:mnist_mlp", "--set", "nodes.linear_1.units=3"), 2, "nodes.linear_1.units=3"),
        (("train", "zoo:mnist_mlp", "--set", "nodes.linear_1.out_features=0"), 2, "nodes.linear_1.out_features=0"),
        (("train", "zoo:mnist_mlp", "--set", "data.split.seed=x"), 2, "data.split.seed=x"),
        (("train", "zoo:linear_10_20_10", "--set", "data.split.seed=1"), 2, "data.split.seed=1"),
        (("train", "zoo:mnist_mlp", "--set", "elsewhere=1"), 2, "elsewhere=1"),
        (("train", "zoo:mnist_mlp", "--data", "sounds"), 2, "sounds"),
        (("train", "zoo:mnist_mlp", "--data", "csv"), 2, "csv"),
        (("train", "zoo:mnist_mlp", "--set", "training.optimizer=foo"), 2, "training.optimizer=foo"),
        (("train", "zoo:mnist_mlp", "--set", "training.learning_rate=-1"), 2, "training.learning_rate=-1"),
        (("train", "zoo:mnist_mlp", "--set", "data.height=3"), 2, "data.height=3"),
        (("train", "zoo:mnist_mlp", "--epochs", "0"), 2, "workbench train"),
        (("train", "zoo:linear_10_20_10"), 1, ""),
        (("bogus",), 2, "bogus"),
        (("trian", "zoo:mnist_mlp"), 2, "trian"),
        (("check", "."), 1, "."),
        (("train", "--resume", "none"), 1, "none"),
        (("evaluate", "none"), 1, "none"),
        (("export", "last", "m.onnx"), 1, "last"),
        (("export", "last", "m.pt"), 2, "m.pt"),
        (("export", "last", "none/m.onnx"), 1, "none/m.onnx"),
        (("predict", "none.onnx", "x.png"), 1, "none.onnx"),
        (("train",), 2, "workbench"),
        (("train", "zoo:mnist_mlp", "--resume", "x"), 2, "workbench"),
        (("train", "--resume", "x", "--data", "digits"), 2, "workbench"),
        (("train", "zoo:mnist_mlp", "--epochs", "many"), 2, "workbench train"),
        (("predict", "m.onnx"), 2, "workbench predict"),
        (("evaluate", "x", "--split", "all"), 2, "workbench evaluate"),
        (("export", "x", "y.onnx", "--precision", "int4"), 2, "workbench export"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_an_error_is_one_sentence_with_its_place_and_status(
    tmp_path: Path, arguments: tuple[str, ...], status: int, where: str
) -> None:
    runs = ("--runs", tmp_path) if arguments[0] in ("train", "evaluate", "export") else ()
    said = workbench(*arguments, *runs, "--json")
    error = error_of(said)
    assert said.status == status
    assert error["where"].endswith(where)
    assert error["what"] in said.errors or "usage:" in said.errors
    assert not list(tmp_path.iterdir())  # no run was begun


def test_what_was_mistyped_is_told_with_what_may_be_meant() -> None:
    said = workbench("trian", DISPLAY="")
    assert said.errors == "workbench: There is no command and no file “trian”. The nearest command is train.\n"
    assert "workbench --help" in workbench("bogus", "--help").errors
    mine = workbench("train", "zoo:mnist_mlp", "--data", "nosuch").errors
    assert "name of a data set (digits, mnist, fashion_mnist, " in mine
    assert "needs its path" in mine


def test_values_that_do_not_fit_are_told_in_plain_words() -> None:
    said = workbench("train", "zoo:mnist_cnn", "--set", "nodes.conv2d_1.kernel_size=abc").errors
    assert "Kernel is “abc”; expected one or two whole numbers" in said
    said = workbench("train", "zoo:mnist_mlp", "--set", "training.learning_rate=abc").errors
    assert "Learning rate is “abc”; expected a number, at least 0." in said
    said = workbench("train", "zoo:mnist_mlp", "--set", "training.rate=1").errors
    assert "Training has no setting “rate”; it has optimizer, learning_rate," in said


def test_without_json_the_sentence_goes_to_standard_error_and_a_traceback_only_with_debug() -> None:
    said = workbench("check", "zoo:none")
    assert (said.status, said.output) == (1, "")
    assert said.errors.startswith("workbench: There is no model “none” in the zoo; there are ")
    assert len(said.errors.splitlines()) == 1
    process = start("check", "zoo:none", "--debug")
    with process:
        _, errors = process.communicate()
    assert "Traceback" in errors


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.9])
def test_a_truncated_project_file_is_named_and_left_alone(tmp_path: Path, keep: float) -> None:
    file = tmp_path / "net.workbench"
    whole = project.dumps(chain(("x", "input", {"shape": (4,)}), ("y", "output")))
    file.write_text(whole[: int(len(whole) * keep)])
    before = file.read_bytes()
    error = error_of(workbench("check", file, "--json"))
    assert (error["where"], error["code"]) == (str(file), "project.not_json")
    assert "line" in error["what"]
    assert file.read_bytes() == before


@pytest.mark.parametrize("text", ['{"a": ' * 100_000, '{"x": NaN}', '{"x": 1e999}', '{"x": "\\ud800"}', "\xff\xfe"])
def test_hostile_project_files_are_named_too(tmp_path: Path, text: str) -> None:
    file = tmp_path / "net.workbench"
    file.write_bytes(text.encode("latin-1"))
    assert error_of(workbench("check", file, "--json"))["code"] == "project.not_json"


def test_an_unwritable_place_for_runs_is_named() -> None:
    if not Path("/proc/self").exists():
        pytest.skip("there is no /proc")
    said = workbench("train", "zoo:mnist_mlp", "--runs", "/proc/runs", "--json")
    assert (said.status, error_of(said)["where"]) == (1, "/proc/runs")


def test_a_disk_without_any_room_is_named(disk: SmallDisk) -> None:
    disk.fill()
    said = workbench("train", "zoo:mnist_mlp", "--runs", disk.path, "--json")
    assert said.status == 1
    if "error" in said.document:
        assert "space" in error_of(said)["what"]
    else:
        assert said.document["state"] == "failed"
        assert "full" in said.document["reason"]


@pytest.mark.parametrize("arguments", [("layers",), ("layers", "--json"), ("zoo", "--json")])
def test_a_reader_that_has_enough_is_no_error_to_speak_of(arguments: tuple[str, ...]) -> None:
    process = start(*arguments)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    with process.stderr:
        errors = process.stderr.read()
    assert process.wait() == 1
    assert errors == ""


@pytest.mark.parametrize("coding", ["ascii", "latin-1", "cp1252"])
def test_any_terminal_will_do(tmp_path: Path, coding: str) -> None:
    file = saved(tmp_path / "net.workbench", chain(("x", "input", {"shape": (4, 4)}), title="数字"))
    assert workbench("check", file, PYTHONIOENCODING=coding).status == 0
    assert workbench("check", "zoo:数字", PYTHONIOENCODING=coding).status == 1
    said = workbench("check", "zoo:数字", "--json", PYTHONIOENCODING=coding)
    assert "“数字”" in said.document["error"]["what"]


# ---- training and what follows


def test_train_says_what_became_of_the_run(mlp: Trained) -> None:
    assert mlp.said.keys() >= {"run", "state", "reason", "epochs", "steps", "seconds", "metrics"}
    assert (mlp.said["state"], mlp.said["reason"], mlp.said["epochs"]) == ("done", "", 5)
    assert mlp.said["steps"] == 5 * 110
    assert {"train/loss", "val/accuracy", "test/accuracy"} <= mlp.said["metrics"].keys()
    assert (mlp.runs / mlp.run / "run.json").exists()


def test_an_mlp_reads_digits(mlp: Trained) -> None:
    assert mlp.said["metrics"]["test/accuracy"] >= 0.92


def test_a_cnn_reads_them_better(tmp_path: Path) -> None:
    said = workbench("train", "zoo:mnist_cnn", "--json", "--runs", tmp_path, "--set", "training.epochs=6", *ON_CPU)
    assert said.status == 0
    assert said.document["metrics"]["test/accuracy"] >= 0.96


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_all_of_mnist(home: Path, tmp_path: Path) -> None:
    mnist(home)
    said = workbench("train", "zoo:mnist_mlp", "--data", "mnist", "--epochs", 5, "--json", "--runs", tmp_path, *ON_CPU)
    assert said.status == 0, said.errors
    assert said.document["metrics"]["test/accuracy"] >= 0.975


def test_runs_are_listed(mlp: Trained, home: Path) -> None:
    rows = workbench("runs", "--runs", mlp.runs, "--json").document
    mine = next(row for row in rows if row["run"] == mlp.run)
    assert mine.keys() >= {"run", "project", "state", "reason", "started", "metrics"}
    assert (mine["project"], mine["state"]) == ("mnist_mlp", "done")
    assert mine["metrics"]["test/accuracy"] == mlp.said["metrics"]["test/accuracy"]
    text = workbench("runs", "--runs", mlp.runs).output
    assert mlp.run in text
    assert "Done" in text
    assert workbench("runs", "--json").document == []
    assert "workbench train" in workbench("runs").output


def test_evaluate_measures_a_split(mlp: Trained) -> None:
    said = workbench("evaluate", mlp.run, "--runs", mlp.runs, "--json")
    assert said.status == 0
    found = said.document
    assert found.keys() >= {"run", "split", "metrics", "confusion"}
    assert (found["run"], found["split"]) == (mlp.run, "test")
    assert found["metrics"]["test/accuracy"] == pytest.approx(mlp.said["metrics"]["test/accuracy"], abs=1e-6)
    assert found["confusion"]["classes"] == list("0123456789")
    assert np.array(found["confusion"]["counts"]).sum() == 1000
    text = workbench("evaluate", mlp.run[-6:], "--runs", mlp.runs, "--split", "validation", "--weights", "last")
    assert "val/accuracy" in text.output
    assert "%" in text.output


def test_export_and_predict_need_nobody_else(mlp: Trained, exported: Path, tmp_path: Path) -> None:
    """No network, no telemetry: an empty home stays empty."""
    images, labels = digits()
    with np.load(assets() / "samples" / "digits.npz") as file:
        at = np.flatnonzero(file["test"])[:20]
    files = []
    for number in at:
        files.append(tmp_path / f"{number}.png")
        Image.fromarray(images[number]).save(files[-1])
    empty = tmp_path / "user"
    empty.mkdir()
    alone = {
        "HOME": str(empty),
        "XDG_CACHE_HOME": "",
        "http_proxy": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
    }
    again = tmp_path / "again.onnx"
    text = workbench("export", "last", again, "--runs", mlp.runs, **alone)
    assert text.status == 0
    assert "Agrees with torch on 256 real samples" in text.output
    assert onnx.load(again).graph == onnx.load(exported).graph
    said = workbench("predict", exported, *files, "--json", **alone)
    assert said.status == 0
    rows = said.document
    assert [row["input"] for row in rows] == list(map(str, files))
    assert all(row.keys() >= {"input", "answer", "scores"} for row in rows)
    assert all(set(row["scores"]) == set("0123456789") for row in rows)
    right = [row["answer"] == str(labels[number]) for row, number in zip(rows, at, strict=True)]
    assert np.mean(right) >= 0.8
    assert workbench("predict", exported, files[0], **alone).output.startswith(f"{files[0]}  {rows[0]['answer']}")
    assert list(empty.rglob("*")) == []


def test_the_source_takes_the_weights_of_a_run(mlp: Trained, tmp_path: Path) -> None:
    path = tmp_path / "digits.py"
    said = workbench("code", "zoo:mnist_mlp", "-o", path, "--json")
    assert said.status == 0, said.errors
    assert said.document["path"] == str(path)
    assert said.document["text"] == path.read_text() == workbench("code", "zoo:mnist_mlp").output
    checkpoint = next((Path(mlp.runs) / mlp.run / "checkpoints").glob("*/model.safetensors"))
    script = "import safetensors.torch, sys; from digits import DigitsMLP; "
    script += "print(DigitsMLP().load_state_dict(safetensors.torch.load_file(sys.argv[1])))"
    run = subprocess.run([sys.executable, "-c", script, checkpoint], cwd=tmp_path, capture_output=True, text=True)
    assert run.stdout == "<All keys matched successfully>\n", run.stderr
    assert workbench("code", "zoo:mnist_mlp", "-o", tmp_path / "digits.txt").status == 2


def test_a_wrong_input_is_named(exported: Path, tmp_path: Path) -> None:
    (tmp_path / "x.png").write_text("no picture")
    said = workbench("predict", exported, tmp_path / "x.png", "--json")
    assert (said.status, error_of(said)["code"]) == (1, "predict.no_picture")
    assert error_of(said)["where"] == str(tmp_path / "x.png")


def test_a_wrong_input_of_many_keeps_no_other_from_its_answer(exported: Path, tmp_path: Path) -> None:
    bad, good = tmp_path / "x.png", digit_pictures(tmp_path / "digits", 1, (3,)) / "3" / "000.png"
    bad.write_text("no picture")
    said = workbench("predict", exported, bad, good, "--json")
    assert said.status == 1
    answered, refused = said.document
    assert (answered["input"], answered["problem"]) == (str(good), None)
    assert (refused["input"], refused["answer"], refused["scores"]) == (str(bad), None, {})
    assert refused["problem"]["code"] == "predict.no_picture"
    text = workbench("predict", exported, bad, good)
    assert (text.status, len(text.output.splitlines())) == (1, 1)
    assert text.errors.startswith(f"workbench: {bad} is no picture.")


# ---- other data, other settings


def test_a_table_is_classified_from_the_first_command_to_the_last(tmp_path: Path) -> None:
    file = saved(
        tmp_path / "flowers.workbench",
        chain(
            ("x", "input"),
            ("l1", "linear", {"out_features": 16}),
            ("r", "relu"),
            ("l2", "linear", {"out_features": 3}),
            ("y", "output"),
            title="Flowers",
        ),
    )
    said = workbench(
        "train",
        file,
        "--data",
        IRIS,
        "--epochs",
        30,
        "--set",
        "training.learning_rate=0.02",
        "--set",
        "data.split.test=0.3",
        "--runs",
        tmp_path / "runs",
        "--json",
        *ON_CPU,
    )
    assert said.status == 0
    assert said.document["run"].split("_")[2] == "flowers"
    assert said.document["metrics"]["test/accuracy"] > 0.85
    info = RunStore(tmp_path / "runs").find("last").info()
    assert info.document["data"]["split"]["test"] == 0.3
    assert info.document["training"]["learning_rate"] == 0.02
    model = tmp_path / "flowers.onnx"
    assert workbench("export", "last", model, "--runs", tmp_path / "runs").status == 0
    given = os.path.relpath(IRIS)
    rows = workbench("predict", model, given, "--json").document
    assert (len(rows), rows[0]["answer"], rows[0]["input"]) == (150, "setosa", f"{given}:2")
    assert file.read_bytes() == saved(tmp_path / "again.workbench", project.load(file)).read_bytes()


def test_a_folder_of_pictures_with_a_bad_one(tmp_path: Path) -> None:
    pictures = digit_pictures(tmp_path / "pictures", 30, (0, 1))
    (pictures / "2").mkdir()
    (pictures / "0" / "notes.txt").write_text("not a picture")
    options = (
        "--set",
        "data.height=28",
        "--set",
        "data.width=28",
        "--set",
        "data.colour=false",
        "--set",
        "nodes.linear_1.out_features=2",
    )
    said = workbench(
        "train",
        "zoo:mnist_cnn",
        "--data",
        pictures,
        *options,
        "--epochs",
        4,
        "--runs",
        tmp_path / "runs",
        "--json",
        *ON_CPU,
    )
    assert said.status == 0, said.errors
    assert said.document["metrics"]["val/accuracy"] > 0.7
    assert "warning: These folders hold no files that can be read here, and are left out: 2." in said.errors
    told = [line for line in said.errors.splitlines() if line.startswith("epoch ")]
    assert [line.split()[1] for line in told] == ["1/4", "2/4", "3/4", "4/4"]  # quick as they are


def test_what_cannot_be_trained_is_refused_before_there_is_a_run(tmp_path: Path) -> None:
    unknown = saved(tmp_path / "net.workbench", chain(("x", "input"), ("h", "hologram"), ("y", "output"), data=DIGITS))
    empty = tmp_path / "empty"
    for name in ("a", "b"):
        (empty / name).mkdir(parents=True)
    for arguments, what in (
        (("zoo:mnist_mlp", "--data", DIABETES), "The data has no column “image”"),
        (("zoo:mnist_mlp", "--data", empty), "There are no files in"),
        ((unknown,), "The layer type “hologram” is not known here"),
    ):
        said = workbench("train", *arguments, "--runs", tmp_path / "runs", "--json")
        assert said.status == 1
        assert what in error_of(said)["what"]
        assert what in said.errors
        assert list((tmp_path / "runs").iterdir()) == []


def test_a_run_that_failed_before_its_first_checkpoint_says_so_ever_after(tmp_path: Path) -> None:
    wild = ("--set", "training.optimizer=sgd", "--set", "training.learning_rate=1e30")
    said = workbench("train", "zoo:mnist_mlp", "--epochs", 1, *wild, *ON_CPU, "--runs", tmp_path)
    assert said.status == 1
    assert "The loss became NaN at step" in said.errors
    assert "--resume" not in said.errors
    error = error_of(workbench("evaluate", "last", "--runs", tmp_path, "--json"))
    assert error["code"] == "checkpoint.failed"
    assert "failed before its first checkpoint. The loss became NaN" in error["what"]
    assert error["fix"] == "Set learning rate to 0.01"


# ---- Ctrl-C, and going on


def running(runs: Path) -> RunFolder | None:
    folders = [RunFolder(path) for path in runs.glob("*/") if (path / "state.json").exists()]
    return folders[0] if folders and folders[0].status().step > 0 else None


def test_ctrl_c_stops_at_the_next_step_and_the_run_goes_on_later(tmp_path: Path) -> None:
    process = start("train", "zoo:mnist_mlp", "--epochs", 400, "--runs", tmp_path, "--json", *ON_CPU)
    with process:
        run = until(lambda: running(tmp_path))
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    assert "Traceback" not in errors
    assert process.returncode == 130
    said = json.loads(output)
    assert (said["state"], said["run"]) == ("stopped", run.name)
    assert 0 <= said["epochs"] < 400
    assert f"--resume {run.name}" in errors
    assert run.status().state == "stopped"

    again = workbench("train", "--resume", "last", "--epochs", said["epochs"] + 2, "--runs", tmp_path, "--json")
    assert again.status == 0
    assert (again.document["state"], again.document["run"]) == ("done", run.name)
    assert again.document["epochs"] == said["epochs"] + 2
    assert again.document["steps"] == again.document["epochs"] * 110

    more = workbench("train", "--resume", run.name, "--runs", tmp_path, "--json")
    assert (more.status, error_of(more)["code"]) == (1, "run.cannot_resume")
    assert wording.STATES["done"].lower() in error_of(more)["what"]


def test_ctrl_c_while_it_is_still_starting(tmp_path: Path) -> None:
    process = start("train", "zoo:mnist_mlp", "--epochs", 400, "--runs", tmp_path / "runs", "--json", *ON_CPU)
    with process:
        until(lambda: (tmp_path / "runs").exists())
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in errors
    if output:
        assert json.loads(output)["state"] in ("stopped", "interrupted")
    assert [record.state for record in RunStore(tmp_path / "runs").list()] in ([], ["stopped"], ["interrupted"])


@pytest.mark.parametrize("process_of", ["cli", "engine"], ids=["at once", "in the middle of it"])
def test_ctrl_c_ends_other_commands_too(shelf: Path, mlp: Trained, tmp_path: Path, home: Path, process_of: str) -> None:
    process = start("export", mlp.run, tmp_path / "m.onnx", "--runs", mlp.runs)
    with process:
        until(lambda: (home / "state" / "logs" / f"{process_of}.fatal.log").exists())
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_lost_its_job_is_listed_as_interrupted(tmp_path: Path, mlp: Trained) -> None:
    folder = tmp_path / mlp.run
    shutil.copytree(mlp.runs / mlp.run, folder)
    state = json.loads((folder / "state.json").read_text())
    (folder / "state.json").write_text(json.dumps({**state, "state": "training"}))  # as a power cut leaves it
    (row,) = workbench("runs", "--runs", tmp_path, "--json").document
    assert row["state"] == "interrupted"
