"""How long until the window is painted, beside an empty QMainWindow of the same Qt; and until shapes are there."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence

from benchmarks._report import Row, arguments, faster, median, show

EMPTY = """
import sys, time
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([])
class Window(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        print(time.time(), flush=True)
        app.quit()
window = Window()
window.resize(1440, 900)
window.show()
app.exec()
"""

OURS = """
import os, sys, time
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication
from workbench.ui.app import Workbench
app = QApplication([])
class Painted(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, self.tell)
            app.removeEventFilter(self)
        return False
    def tell(self):
        print(time.time(), flush=True)
        if not PROJECT:
            os._exit(0)
PROJECT = sys.argv[1:]
painted = Painted()
app.installEventFilter(painted)
window = Workbench(app)
window.show()
def analysed(old, new):
    if new.analysis is not None:
        print(time.time(), flush=True)
        window.close()
        os._exit(0)
if PROJECT:
    window.session.subscribe(analysed)
    QTimer.singleShot(0, lambda: window.open(PROJECT[0]))
app.exec()
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; 0 when all went well."""
    options = arguments(__doc__).parse_args(argv)
    repeat = options.repeat
    empty, ours, shapes = [], [], []
    for _ in range(repeat + 1):
        empty.append(seconds_to(EMPTY)[0])
        ours.append(seconds_to(OURS)[0])
        shapes.append(seconds_to(OURS, "zoo:mnist_cnn")[1])
    rows = [
        faster("window painted (start page)", ours[1:], "empty QMainWindow", empty[1:], ">= 0.33 (3 times as long)"),
        Row("project open, shapes on the wires (cold engine)", median(shapes[1:]), "s"),
    ]
    show("startup", rows, as_json=options.json)
    return 0


def seconds_to(script: str, *arguments: str) -> list[float]:
    """Run a script in a process of its own; the times it prints, from before the process was started."""
    with tempfile.TemporaryDirectory() as home:
        variables = {**os.environ, "WORKBENCH_HOME": home, "ORT_DISABLE_TELEMETRY": "1"}
        variables.pop("PYTHONDONTWRITEBYTECODE", None)  # users start what is compiled already
        variables.setdefault("QT_QPA_PLATFORM", "offscreen")
        begun = time.time()
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments], env=variables, capture_output=True, text=True, check=True
        )
    return [float(line) - begun for line in done.stdout.split()]


if __name__ == "__main__":
    sys.exit(main())
