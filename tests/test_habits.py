"""What is a defect whatever its size: a stale copy, a file nobody imports, a model that does not work."""

import ast
from pathlib import Path

import numpy as np
import pytest
import torch
from msgspec.structs import replace

import dev
import model_zoo
from tests.engine.training import finished_run, prepared
from tests.sources import calls, sources
from workbench.core import project
from workbench.core.catalogue import shipped
from workbench.core.places import assets
from workbench.engine.analyse import analyse, study
from workbench.engine.catalogue import COMMON, GROUPS, catalogue, encoded
from workbench.engine.compile import compiled
from workbench.engine.datasets import DATASETS
from workbench.engine.datasets.base import dataset_of
from workbench.engine.export import export, to_onnx
from workbench.engine.layers import LAYERS
from workbench.engine.onnx_model import start
from workbench.engine.optimizers import OPTIMIZERS
from workbench.engine.tasks import TASKS
from workbench.engine.train import Stepped, fit

torch.set_num_threads(1)  # small networks are not faster with more

REGISTRIES = ["workbench/engine/layers", "workbench/engine/datasets", "workbench/engine/tasks", "model_zoo"]
HELPERS = {"__init__.py", "base.py", "checks.py", "registry.py", "sketch.py"}


def test_the_catalogue_that_ships_is_current() -> None:
    """Else: `python -m workbench.engine.catalogue`."""
    assert (assets() / "catalogue.json").read_bytes() == encoded(catalogue())
    assert shipped() == catalogue()
    assert {info.group for info in catalogue().layers.values()} == set(GROUPS)
    assert set(COMMON) <= set(LAYERS)


@pytest.mark.parametrize("folder", REGISTRIES)
def test_every_file_of_a_registry_is_imported_by_its_package(folder: str) -> None:
    """What is not imported is not registered, and nobody notices."""
    package = dev.ROOT / folder
    tree = ast.parse((package / "__init__.py").read_text())
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    files = {path.stem for path in package.glob("*.py") if path.name not in HELPERS}
    assert files <= imported


@pytest.mark.parametrize("registry", [LAYERS, DATASETS, TASKS, OPTIMIZERS], ids=lambda registry: registry.kind)
def test_registered_things_have_keys_that_fit_in_files(registry: object) -> None:
    for key in registry:  # type: ignore[attr-defined]
        assert key.isidentifier()
        assert key == key.lower()
        with pytest.raises(ValueError, match="already taken"):
            registry.add(key)  # type: ignore[attr-defined]


def test_nothing_is_printed() -> None:
    """Standard output is the command line's document, and a pipe between processes."""
    found = [f"{source.name}:{call.lineno}" for source, call, _ in calls("print", "pprint")]
    assert found == []


RESTRICTED = "workbench/engine/files/arrays.py"
"""CIFAR is published as pickles. Its reader takes arrays and refuses all else, as `test_downloads.py` shows."""


def test_no_pickle_and_no_code_from_files() -> None:
    banned = {"pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
    for source in sources():
        for node in ast.walk(source.tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            used = banned & {name.split(".")[0] for name in names}
            assert not used or source.name == RESTRICTED, source.name
    running = [source.name for source, call, _ in calls("eval", "exec") if isinstance(call.func, ast.Name)]
    assert running == ["workbench/engine/foreign.py"], (
        "files of the user's own are run in one place, once they are trusted"
    )


def test_every_module_says_why_it_exists() -> None:
    for source in sources():
        assert ast.get_docstring(source.tree), source.name


def test_no_file_tells_of_the_machine_it_was_written_on() -> None:
    secret = str(dev.ROOT)
    folders = ("workbench", "widgets", "model_zoo", "tests", "benchmarks", "docs")
    files = [path for folder in folders for path in (dev.ROOT / folder).rglob("*.py")]
    files += [assets() / "catalogue.json", *(dev.ROOT / "tests" / "projects").iterdir()]
    assert [str(path) for path in files if secret in path.read_text(encoding="utf-8")] == []


# ---- every model of the zoo

DEEP = {"resnet18", "gpt_mini"}
"""Half a minute each; their journeys train a step and export."""

STEPS = 400
"""Within which every model learns something: hundreds of a table's large numbers are soon made."""


def learned(losses: list[float]) -> bool:
    """Whether the last five are clearly smaller than the first five."""
    return sum(losses[-5:]) < 0.9 * sum(losses[:5])


every_model = pytest.mark.parametrize("name", list(model_zoo.ZOO))


@every_model
def test_a_model_has_no_problems_and_survives_saving(name: str) -> None:
    entry, document = model_zoo.ZOO[name], model_zoo.document(name)
    assert entry.title
    assert entry.group
    assert entry.summary.endswith(".")
    found = analyse(document, Path())
    assert found.problems == ()
    assert found.parameters > 0
    assert project.loads(project.dumps(document)) == document
    assert document == model_zoo.document(name)
    assert document.layout[""].positions.keys() == document.graph.nodes.keys()
    assert len(set(document.layout[""].positions.values())) == len(document.graph.nodes)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name in DEEP else []) for name in model_zoo.ZOO]
)
def test_a_model_learns_exports_and_agrees(name: str, tmp_path: Path) -> None:
    document = model_zoo.document(name)
    if document.data is not None and not dataset_of(document.data).is_here():
        pytest.skip("its data would have to be downloaded")
    if document.data is None:
        network = compiled(study(document, Path())).eval()
        inputs = [
            torch.randn(3, *analyse(document, Path()).nodes[path].outputs["out"].shape) for path in network.inputs
        ]
        with torch.no_grad():
            expected = [out.numpy() for out in network(*inputs)]
        model = to_onnx(network, inputs, [{0: "batch"} for _ in inputs])
        session, _ = start(model.SerializeToString(), cpu_only=True)
        found = session.run(None, {item.name: x.numpy() for item, x in zip(session.get_inputs(), inputs, strict=True)})
        assert all(abs(one - other).max() <= 1e-5 * abs(one).max() for one, other in zip(expected, found, strict=True))
        return
    loop, plan = prepared(document)
    losses: list[float] = []
    for event in fit(loop, plan):
        if isinstance(event, Stepped):
            losses.extend(map(float, event.series["train/loss"]))
        if len(losses) >= STEPS or (len(losses) >= 30 and learned(losses)):
            break
    assert learned(losses)
    run = finished_run(tmp_path / "run", replace(document, training=replace(document.training, epochs=1)))
    report = export(run.path, tmp_path / "model.onnx")
    assert report.ok
    assert report.decisions_agree
    with np.load(run.path / "split.npz") as split:
        assert report.samples == min(256, len(split["test"]))
