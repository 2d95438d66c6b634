"""One graph editor in a process of its own: prints its figures line by line, so that a slow one leaves those it has.

`python -m benchmarks._canvas_peers NAME NODES FRAMES`; the libraries must be on the path.
"""

import json
import os
import sys
import time
from types import MappingProxyType
from typing import Any

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_API"] = "pyside6"
os.environ["QT_PREFERRED_BINDING"] = "PySide6"

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QTransform
from PySide6.QtWidgets import QApplication, QGraphicsView, QWidget

from benchmarks._frames import SIZE, Plan, actions, memory, planned, timed


class ViewStage:
    """A peer that shows its graph in a QGraphicsView."""

    def __init__(self, view: QGraphicsView, items: list[Any]) -> None:
        self.view, self.items = view, items
        self.viewport: QWidget = view.viewport()
        self.window = view.window()

    def fit(self) -> None:
        """Show everything."""
        box = QRectF()
        for item in self.items:
            box = box.united(item.sceneBoundingRect())
        self._show(box)

    def _show(self, box: QRectF) -> None:
        """At most at 100 %, the scene large enough to be panned anywhere."""
        view = self.view
        room = min(view.viewport().width() / box.width(), view.viewport().height() / box.height(), 1.0)
        view.setSceneRect(box.adjusted(-1e5, -1e5, 1e5, 1e5))
        self.zoom_to(room)
        view.centerOn(box.center())

    def scale(self) -> float:
        """Pixels to a unit of the scene."""
        return self.view.transform().m11()

    def zoom_to(self, scale: float) -> None:
        """Show at a scale."""
        self.view.setTransform(QTransform.fromScale(scale, scale))

    def centre(self, node: int) -> None:
        """Bring a node to the middle."""
        self.view.centerOn(self.items[node].sceneBoundingRect().center())

    def pan(self, dx: int, dy: int) -> None:
        """Move the scene by pixels."""
        across, down = self.view.horizontalScrollBar(), self.view.verticalScrollBar()
        across.setValue(across.value() - dx)
        down.setValue(down.value() - dy)

    def point(self, node: int) -> QPointF:
        """The head of a node: in the middle there may be widgets."""
        box = self.items[node].sceneBoundingRect()
        return QPointF(self.view.mapFromScene(QPointF(box.center().x(), box.top() + 0.3 * box.height())))


def node_graph_qt(plan: Plan) -> ViewStage:
    """NodeGraphQt, its search for cycles off: that walks every path."""
    from NodeGraphQt import BaseNode, NodeGraph  # type: ignore[import-not-found]

    class Layer(BaseNode):  # type: ignore[misc]
        __identifier__, NODE_NAME = "bench", "Layer"

        def __init__(self) -> None:
            super().__init__()
            for name in ("x", "skip"):
                self.add_input(name)
            self.add_output("out")

    graph = NodeGraph()
    graph.set_acyclic(False)
    graph.register_node(Layer)
    viewer = graph.viewer()
    show(graph.widget)
    kind = Layer.type_
    nodes = [
        graph.create_node(kind, name=f"Layer {k}", pos=place, selected=False, push_undo=False)
        for k, place in enumerate(plan.places)
    ]
    for src, dst, port in plan.wires:
        nodes[dst].inputs()[port].connect_to(nodes[src].outputs()["out"], push_undo=False, emit_signal=False)
    return ViewStage(viewer, [node.view for node in nodes])


def qtpynodeeditor(plan: Plan) -> ViewStage:
    """The port of QtNodes to Python."""
    import qtpynodeeditor as editor  # type: ignore[import-not-found]

    class Layer(editor.NodeDataModel):  # type: ignore[misc]
        name = caption = "Layer"
        num_ports = MappingProxyType({"input": 2, "output": 1})
        data_type = editor.NodeDataType("tensor", "Tensor")

        def out_data(self, port: int) -> None:
            return None

        def set_in_data(self, data: object, port: object) -> None:
            pass

        def embedded_widget(self) -> None:
            return None

    registry = editor.DataModelRegistry()
    registry.register_model(Layer, category="bench")
    scene = editor.FlowScene(registry=registry)
    view = editor.FlowView(scene)
    show(view)
    nodes = []
    for x, y in plan.places:
        node = scene.create_node(Layer)
        node.graphics_object.setPos(QPointF(x, y))
        nodes.append(node)
    for src, dst, port in plan.wires:
        inlet, outlet = nodes[dst]["input"][int(port == "skip")], nodes[src]["output"][0]
        scene.create_connection(outlet, inlet, check_cycles=False)
    stage = ViewStage(view, [node.graphics_object for node in nodes])
    stage.scene = scene  # type: ignore[attr-defined]  # whoever holds the view holds the scene
    return stage


def show(widget: QWidget) -> None:
    """In the size of all."""
    widget.resize(*SIZE)
    widget.show()
    QApplication.processEvents()


PEERS = {"NodeGraphQt": node_graph_qt, "qtpynodeeditor": qtpynodeeditor}


def main(name: str, num: int, frames: int) -> None:
    """Print one JSON object a line: what, and its CPU milliseconds or its value."""
    application = QApplication([])
    before = memory()
    start = time.process_time()
    stage = PEERS[name](planned(num))
    stage.fit()
    QApplication.processEvents()
    print(json.dumps(["open", [(time.process_time() - start) * 1e3]]), flush=True)
    for what, step in actions(stage, num):
        print(json.dumps([what, timed(stage, step, frames)]), flush=True)
    print(json.dumps(["memory", [memory() - before]]), flush=True)
    sys.stdout.flush()
    del application
    os._exit(0)  # some of them crash when Python takes them down


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
