"""One sample on its way through a network: pictures and figures of what comes out of each port."""

from math import inf, nan
from pathlib import Path

import pytest
import torch
from msgspec.structs import replace

import model_zoo
from tests.engine.training import finished_run
from tests.graphs import chain, graph, with_blocks
from workbench.core import edits, project, wording
from workbench.core.document import Data, Document, Training
from workbench.core.messages import PortPreview, Preview, PreviewSample
from workbench.core.problems import ProblemError
from workbench.engine.flowing import previewed
from workbench.engine.pictures import ABOVE, BELOW, WRONG, histogram, picture_of
from workbench.engine.raw import quiet

Ports = dict[tuple[str, str], PortPreview]


def preview(document: Document, **wanted: object) -> tuple[Preview, Ports, dict[tuple[str, str], bytes]]:
    """The answer, its ports, and their pixels."""
    answer, parts = previewed(PreviewSample(project.to_raw(document), 7, **wanted), quiet)  # type: ignore[arg-type]
    ports = {(item.node, item.port): item for item in answer.ports}
    pixels = {key: parts[0][item.start : item.start + 4 * item.width * item.height] for key, item in ports.items()}
    assert all(len(pixels[key]) == 4 * item.width * item.height > 0 for key, item in ports.items())
    return answer, ports, pixels


def test_a_digit_flows_through_the_network() -> None:
    document = model_zoo.document("mnist_cnn")
    answer, ports, pixels = preview(document)
    assert (answer.revision, answer.total, answer.sample, answer.trained) == (7, 3500, 0, False)
    assert answer.caption in "0123456789"
    assert {node for node, _ in ports} == document.graph.nodes.keys() - {"label"}
    image, relu = ports["image", "out"], ports["relu_1", "out"]
    assert (image.least, image.most, image.wrong) == (0, 1, 0)
    assert sum(image.counts) == 28 * 28
    assert relu.least == 0 < relu.zeros < 1
    _, same, again = preview(document)
    assert (same, again) == (ports, pixels)
    _, _, other = preview(document, sample=1)
    assert other["image", "out"] != pixels["image", "out"]
    _, _, anew = preview(document, seed=1)
    assert anew["image", "out"] == pixels["image", "out"]
    assert anew["conv2d_1", "out"] != pixels["conv2d_1", "out"]
    edited = edits.set_setting(document, "linear_1", "out_features", 11)
    _, _, after = preview(edited)
    assert after["conv2d_2", "out"] == pixels["conv2d_2", "out"], "an edit elsewhere does not change its weights"


def test_a_broken_network_is_shown_as_far_as_it_is_sound() -> None:
    document = chain(
        ("x", "input"), ("c", "conv2d"), ("bad", "conv2d", {"kernel_size": 99}), ("r", "relu"), ("y", "output"),
        data=Data("digits"),
    )  # fmt: skip
    _, ports, _ = preview(document)
    assert ports.keys() == {("x", "out"), ("c", "out")}
    with pytest.raises(ProblemError) as caught:
        preview(chain(("l", "linear"), ("y", "output")))
    assert caught.value.problem.code == "preview.no_input"


def test_what_only_the_numbers_tell_is_named_at_its_layer() -> None:
    tokens = {"shape": ("T",), "dtype": "int64"}
    sound = chain(("x", "input", tokens), ("e", "embedding", {"num_embeddings": 5}), ("y", "output"))
    answer, ports, _ = preview(sound)
    assert answer.problem is None
    assert (ports["e", "out"].width, ports["e", "out"].height) == (16, 48), "length across, features down"
    hidden = chain(
        ("x", "input", tokens), ("p", "reshape", {"shape": (-1,)}), ("e", "embedding", {"num_embeddings": 5}),
        ("y", "output"),
    )  # fmt: skip
    answer, ports, _ = preview(hidden)
    assert answer.problem is not None
    assert (answer.problem.code, answer.problem.node) == ("preview.failed", "e")
    assert "?" not in wording.what(answer.problem)
    assert ports.keys() == {("x", "out"), ("p", "out")}


def test_inside_a_block_and_outside_of_it() -> None:
    inner = graph({"i": "block_input", "l": ("linear", {"out_features": 3}), "o": "block_output"}, "i > l", "l > o")
    outer = {"x": ("input", {"shape": (3,)}), "use": ("block", {"definition": "b", "repeat": 2}), "y": "output"}
    document = with_blocks(Document(graph=graph(outer, "x > use/i", "use/o > y")), b=inner)  # type: ignore[arg-type]
    _, ports, pixels = preview(document)
    assert ports.keys() == {("x", "out"), ("use", "o")}
    _, within, inside = preview(document, prefix="use/1/")
    assert within.keys() == {("use/1/l", "out"), ("use/1/i", "out")}
    assert inside["use/1/l", "out"] == pixels["use", "o"]
    assert inside["use/1/i", "out"] == preview(document, prefix="use/0/")[2]["use/0/l", "out"]


def test_pictures_say_what_is_above_below_and_no_number() -> None:
    bars = picture_of(torch.tensor([1.0, -1.0, nan]))
    colours = {tuple(pixel) for pixel in bars.reshape(-1, 4).tolist() if pixel[3]}
    assert colours == {(*ABOVE, 255), (*BELOW, 255), (*WRONG, 255)}
    shapes = [(), (10,), (500,), (7, 9), (300, 400), (1, 28, 28), (3, 99, 50), (64, 7, 7), (2, 3, 8, 8, 8)]
    for shape in shapes:
        picture = picture_of(torch.randn(shape))
        assert 0 < picture.shape[0] <= 48, shape
        assert 0 < picture.shape[1] <= 137, shape
    seen = picture_of(torch.rand(3, 8, 8), as_seen=True)
    assert seen.shape == (8, 8, 4)
    assert seen[..., 3].min() == 255
    assert histogram(torch.tensor([0.0, 0.1, 1.0, nan, inf]), 2) == (2, 1)
    assert (histogram(torch.tensor([nan]), 4), histogram(torch.tensor([2.0, 2.0]), 4)) == ((), (2,))


def test_the_weights_of_a_run_are_used_where_they_fit(tmp_path: Path) -> None:
    document = replace(model_zoo.document("mnist_mlp"), training=Training(epochs=1, batch_size=512))
    run = finished_run(tmp_path / "run", document)
    answer, ports, _ = preview(document, run=str(run.path))
    assert answer.trained
    fresh = preview(document)[1]
    assert ports["linear_1", "out"] != fresh["linear_1", "out"]
    wider = edits.set_setting(document, "linear_1", "out_features", 9)
    assert not preview(wider, run=str(run.path))[0].trained
