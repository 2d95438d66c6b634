"""Takes the pictures of the guide and the README from the real program: real training, real export, both themes."""

import argparse
import math
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
os.environ.setdefault("QT_SCALE_FACTOR", "2")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np  # noqa: E402
from msgspec.structs import replace  # noqa: E402
from PIL import Image  # noqa: E402
from PySide6.QtCore import QBuffer, QIODevice, QPoint, Qt  # noqa: E402 - the scale must be set before Qt is loaded
from PySide6.QtTest import QTest  # noqa: E402
from PySide6.QtWidgets import QApplication, QWidget  # noqa: E402

from workbench.core import edits  # noqa: E402
from workbench.core.document import Document, Graph, Node, Settings, Wire  # noqa: E402
from workbench.core.places import assets  # noqa: E402
from workbench.ui.app import Workbench  # noqa: E402
from workbench.ui.panels.export_dialog import ExportDialog  # noqa: E402

PATIENCE = 300.0
TABLE = assets() / "samples" / "toy" / "iris.csv"


class Photographer:
    """Drives one window and takes pictures of it."""

    def __init__(self, app: Workbench, folder: Path) -> None:
        self.app, self.folder = app, folder

    def until(self, condition: Callable[[], object]) -> None:
        """Let the program work until something is so."""
        end = time.monotonic() + PATIENCE
        while not condition():
            QApplication.processEvents()
            QTest.qWait(10)
            if time.monotonic() > end:
                raise SystemExit("waited too long")

    def settle(self) -> None:
        """Let animations and late paints end."""
        QTest.qWait(400)

    def take(self, name: str, widget: QWidget | None = None) -> None:
        """One picture in each theme."""
        for theme in ("dark", "light"):
            self.app.theme.choose(theme)
            self.settle()
            save(widget or self.app.window, self.folder / f"{name}-{theme}.png")
        self.app.theme.choose("dark")


def save(widget: QWidget, path: Path) -> None:
    """As a PNG with a palette: a quarter of the size, no visible difference on flat surfaces."""
    from io import BytesIO

    from PIL import Image

    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    widget.grab().save(buffer, "PNG")
    image = Image.open(BytesIO(bytes(buffer.data().data()))).convert("RGB")
    image.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    print(path.name)


def main() -> int:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=HERE / "images")
    folder: Path = parser.parse_args().folder
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        os.environ["WORKBENCH_HOME"] = home
        application = QApplication(sys.argv[:1])
        app = Workbench(application)
        app.theme.choose("dark")
        app.window.resize(1440, 900)
        app.show()
        try:
            photograph(Photographer(app, folder), Path(home))
        finally:
            app.close()
    return 0


def photograph(camera: Photographer, home: Path) -> None:
    """The journey of the guide: start, design, a mistake, data, training, evaluation, export, try it."""
    app = camera.app
    camera.settle()
    camera.take("start")
    wizard(camera, home)
    augmentation(camera, home)
    app.files.open_zoo("mnist_cnn")
    camera.until(lambda: app.session.state.analysis)
    app.session.select(["conv2d_2"])
    camera.take("design")
    code(camera)
    mistake(camera)
    preview(camera)
    app.window.show_place("data")
    camera.until(lambda: app.places.data and app.places.data.reader.seen.stage == "known")
    assert app.places.data
    app.places.data.view.show_page("samples")
    camera.settle()
    camera.take("data")
    app.window.show_place("design")
    app.train()
    camera.until(lambda: app.trainer.status and app.trainer.status.epoch >= 4)
    app.trainer.pause_or_go_on()
    camera.until(lambda: app.trainer.status and app.trainer.status.state == "paused")
    app.trainer.pause_or_go_on()
    camera.until(lambda: app.trainer.status and app.trainer.status.state == "training")
    camera.settle()
    save(app.window, camera.folder / "training-design-dark.png")
    app.window.show_place("train")
    camera.settle()
    camera.take("training")
    camera.until(lambda: not app.trainer.is_live)
    app.window.show_place("evaluate")
    assert app.places.evaluate
    app.places.evaluate.evaluate()
    camera.until(lambda: app.places.evaluate and app.places.evaluate.evaluation)
    camera.take("evaluate")
    os.environ["HOME"] = str(home)
    (home / "models").mkdir()
    export(camera, "~/models/digits-cnn.onnx")
    try_it(camera)
    for size in (200, 5000):
        large(camera, size)
    queue(camera)


def wizard(camera: Photographer, home: Path) -> None:
    """From a folder of pictures, a table and a text to a project, page by page."""
    app = camera.app
    poem = home / "sums.txt"
    poem.write_text("".join(f"{a} plus {b} is {a + b}.\n" for a in range(40) for b in range(40)))
    ways = (
        ("pictures", pictures(home), ("look", "model")),
        ("table", TABLE, ("columns", "split")),
        ("text", poem, ("look",)),
    )
    for name, source, pages in ways:
        app.start_from_data(str(source))
        page = app.places.wizard
        assert page
        camera.until(lambda page=page: page.reader.seen.stage == "known")
        camera.settle()
        camera.take(f"wizard-{name}")
        for key in pages:
            page.go(key)
            camera.until(lambda: app.engine.state == "ready")
            camera.settle()
            save(app.window, camera.folder / f"wizard-{name}-{key}-dark.png")
        page.leave()


def pictures(home: Path) -> Path:
    """The digits that ship with the program as a folder of pictures by class, one of them torn."""
    folder = home / "digits"
    if not folder.exists():
        with np.load(assets() / "samples" / "digits.npz") as file:
            images, labels = file["images"], file["labels"]
        for klass in range(10):
            (folder / str(klass)).mkdir(parents=True)
            for number, at in enumerate(np.flatnonzero(labels == klass)[:40]):
                Image.fromarray(images[at]).save(folder / str(klass) / f"{number:03}.png")
        torn = folder / "3" / "000.png"
        (folder / "3" / "torn.png").write_bytes(torn.read_bytes()[:80])
    return folder


def augmentation(camera: Photographer, home: Path) -> None:
    """The steps of a column, with real samples before and after them."""
    app = camera.app
    app.files.new()
    app.window.show_place("data")
    place = app.places.data
    assert place
    place.take(str(pictures(home)))
    camera.until(lambda: place.reader.seen.stage == "known")
    place.view.show_page("steps")
    for op in ("rotation", "random_crop", "erasing"):
        place.view.steps.add_step(op)
    camera.until(lambda: place.view.steps.preview.answer and place.view.steps.preview.answer.random)
    camera.settle()
    camera.take("augmentation")
    app.session.open(app.session.state.document)


def queue(camera: Photographer) -> None:
    """The curve of the learning rate that is to come, and runs that wait while one is at work."""
    app = camera.app
    app.files.open_zoo("mnist_cnn")
    camera.until(lambda: app.session.state.analysis)
    app.train()
    camera.until(lambda: app.trainer.status and app.trainer.status.epoch >= 2)
    for rate in (0.001, 0.003, 0.01):
        settings = {"learning_rate": rate, "schedule": "cosine", "warmup": 60, "ema_decay": 0.99, "patience": 4}
        document = app.session.state.document
        app.session.edit("Other settings", replace(document, training=replace(document.training, **settings)))
        camera.until(lambda: app.engine.state == "ready")
        app.trainer.enqueue()
    app.window.show_place("train")
    camera.settle()
    camera.take("queue")
    for entry in app.jobs.waiting():
        app.trainer.take_out(entry.run)
    for record in app.jobs.store.at_work():
        app.trainer.tell(record.run, "stop")
    camera.until(lambda: not app.jobs.store.at_work())


def large(camera: Photographer, size: int) -> None:
    """A network of so many layers, arranged by itself and seen as a whole."""
    app = camera.app
    kinds = ("linear", "batch_norm1d", "relu", "dropout")
    settings: dict[str, Settings] = {"linear": {"out_features": 64}, "input": {"shape": (64,)}}
    types = ["input", *("add" if at % 12 == 11 else kinds[at % 4] for at in range(1, size - 1)), "output"]
    nodes = {f"n{at}": Node(f"n{at}", kind, settings.get(kind, {})) for at, kind in enumerate(types)}
    wires = [Wire(f"n{at - 1}", "out", f"n{at}", "in_1" if types[at] == "add" else "in") for at in range(1, size)]
    wires += [Wire(f"n{at - 9}", "out", f"n{at}", "in_2") for at in range(size) if types[at] == "add"]
    app.session.open(Document(graph=Graph(nodes, frozenset(wires)), title=f"{size} layers"))
    app.places.reset_layout()
    camera.until(lambda: app.session.state.analysis and not app.session.state.analysis.memory.unfinished)
    app.window.show_place("design")
    camera.settle()
    camera.take(f"graph-{size}")


def code(camera: Photographer) -> None:
    """The source beside the canvas, with the lines of what is selected."""
    places = camera.app.places
    places.toggle_code()
    camera.until(lambda: places.code and places.code.source)
    camera.take("code")
    places.toggle_code()


def mistake(camera: Photographer) -> None:
    """A shape that does not fit, with its remedy."""
    app = camera.app
    document = edits.set_setting(app.session.state.document, "linear_1", "out_features", 12)
    app.session.edit("Change out features", document)
    camera.until(lambda: app.session.state.analysis and app.session.state.analysis.problems)
    app.session.select(["label"])
    camera.take("problem")
    app.session.undo()
    camera.until(lambda: app.session.state.analysis and not app.session.state.analysis.problems)


def preview(camera: Photographer) -> None:
    """A sample beside the wires, and how the numbers behind a layer are spread."""
    app = camera.app
    app.previewer.toggle()
    camera.until(lambda: app.previewer.seen.answer)
    app.session.select(["max_pool2d_1"])
    camera.take("preview")
    app.previewer.toggle()


def export(camera: Photographer, path: str) -> None:
    """The dialog with its proof, over the window."""
    app = camera.app
    app.window.show_place("deploy")
    app.export()
    camera.settle()
    dialog = next(w for w in QApplication.topLevelWidgets() if isinstance(w, ExportDialog) and w.isVisible())
    dialog.set_path(path)
    dialog.start()
    camera.until(lambda: dialog.report)
    camera.settle()
    camera.take("export", dialog)
    dialog.close()


def try_it(camera: Photographer) -> None:
    """A seven, drawn with the mouse."""
    app = camera.app
    app.window.show_place("deploy")
    assert app.places.deploy
    pad = app.places.deploy.try_it.pad
    camera.settle()
    bow = [(84 + 12 * step, 84 - 6 * math.sin(step / 9 * math.pi)) for step in range(10)]
    leg = [(192 - 7 * step, 84 + 14 * step) for step in range(1, 11)]
    points = [QPoint(round(x * pad.width() / 280), round(y * pad.height() / 280)) for x, y in bow + leg]
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, points[0])
    for point in points[1:]:
        QTest.mouseMove(pad, point)
        QApplication.processEvents()
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, points[-1])
    camera.until(lambda: app.places.deploy and app.places.deploy.try_it.answers)
    camera.settle()
    camera.take("try-it")


if __name__ == "__main__":
    sys.exit(main())
