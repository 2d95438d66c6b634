"""What the canvas looks like, asked of its pixels."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter
from PySide6.QtWidgets import QLabel

from benchmarks.canvas import chain
from widgets.node_canvas.camera import Camera
from widgets.node_canvas.canvas import NodeCanvas
from widgets.node_canvas.frame import Detail, Frame, Paintbox, detail_of
from widgets.node_canvas.geometry import Geometry
from widgets.node_canvas.marks import Marks
from widgets.node_canvas.painter import paint
from widgets.node_canvas.scene import FrameBox, NodeBox, Picture, Scene, WireLine
from widgets.node_canvas.sprites import Tier, mixed
from widgets.tokens import DARK, LIGHT

ONE = Scene((NodeBox("n", "Conv2d", ("32 filters",), "convolution", 0, 0, ("x",), ("out",)),))


def pixels(image):
    """An image as an array of (row, column, red-green-blue)."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return rows[:, : image.width(), 2::-1].astype(int)


def count(image, colour, tolerance=6):
    """How many pixels have a colour."""
    rgb = QColor(colour).getRgb()[:3]
    return int((np.abs(pixels(image) - rgb).max(axis=2) <= tolerance).sum())


def painted(scene, tokens=DARK, scale=1.0, size=(240, 120), dpr=1, origin=(20, 20), chosen=(), **marks):
    """A scene painted without a widget."""
    graph = Geometry(scene)
    image = QImage(size[0] * dpr, size[1] * dpr, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(dpr)
    camera = Camera(scale, *origin, dpr)
    shown = Marks.none(len(scene.nodes), len(graph.wires.lines))
    for node in chosen:
        shown.selected[graph.nodes.index[node]] = True
    for name, value in marks.items():
        setattr(shown, name, value)
    with QPainter(image) as painter:
        detail = detail_of(graph, camera, QSizeF(*size))
        paint(Frame(painter, QRectF(0, 0, *size), graph, camera, detail, shown, Paintbox(tokens, QFont())))
    return image


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("dpr", [1, 2])
def test_pictures_keep_their_pixels_sharp_notes_and_frames_have_surfaces(dpr):
    picture = Picture(2, 1, bytes((255, 0, 0, 255, 0, 0, 255, 255)))
    ends = [NodeBox(name, name, (), "io", 0, y, ("x",), ("out",)) for name, y in (("a", 0), ("b", 104))]
    note = NodeBox("n", "", x=250, note="Why?")
    wire = WireLine("a", "out", "b", "x", "2", picture=picture)
    scene = Scene((*ends, note), (wire,), (FrameBox("f", "Both", ("a", "b")),))
    image = painted(scene, size=(500, 220), dpr=dpr, origin=(30, 40))
    assert count(image, "#ff0000", 0) == count(image, "#0000ff", 0) == 30 * 30 * dpr * dpr
    assert count(image, DARK.warn_soft) > 5000 * dpr * dpr
    assert count(image, mixed(DARK.background, DARK.dim, 0.1)) > 8000 * dpr * dpr


@pytest.mark.usefixtures("qapp")
class TestNodes:
    @pytest.mark.parametrize("tokens", [DARK, LIGHT])
    @pytest.mark.parametrize("dpr", [1, 2])
    @pytest.mark.parametrize("scale", [0.25, 0.45, 1.0, 2.0])
    def test_every_tier_shows_family_and_surface(self, tokens, scale, dpr):
        image = painted(ONE, tokens, scale, (400, 200), dpr)
        family = tokens.family("convolution")
        area = 176 * 52 * scale**2 * dpr**2
        if scale <= 0.3:
            assert count(image, mixed(tokens.panel, family, 0.5)) > 0.6 * area
        else:
            assert count(image, family) > 0.003 * area
            assert count(image, tokens.panel) > 0.5 * area
            assert count(image, tokens.text, 40) > 0.001 * area

    def test_many_nodes_from_afar_are_plain_boxes_that_keep_their_colour_and_problems(self):
        scene = chain(2500)
        wrong = (replace(scene.nodes[0], problem="error"), *scene.nodes[1:])
        scene = replace(scene, nodes=wrong)
        box = Geometry(scene).bounds()
        scale = 600 / float(max(box[2:] - box[:2]))
        image = painted(scene, DARK, scale, (640, 640), chosen=("n1200",))
        assert detail_of(Geometry(scene), Camera(scale), QSizeF(640, 640)).cards is False
        assert count(image, mixed(DARK.panel, DARK.family("pooling"), 0.5)) > 500
        assert count(image, DARK.bad) > 8
        assert count(image, DARK.accent) > 8

    def test_chosen_nodes_have_the_accent_and_a_glow(self):
        assert count(painted(ONE), DARK.accent) == 0
        image = painted(ONE, chosen=("n",))
        assert count(image, DARK.accent, 30) > 300
        assert pixels(image)[46, 17, 2] > pixels(painted(ONE))[46, 17, 2] + 8

    @pytest.mark.parametrize("tokens", [DARK, LIGHT])
    @pytest.mark.parametrize("scale", [0.25, 0.45, 1.0])
    @pytest.mark.parametrize(("problem", "colour"), [("error", "bad"), ("warning", "warn")])
    def test_problems_are_seen_from_any_distance_by_sign_and_colour(self, tokens, scale, problem, colour):
        node = replace(ONE.nodes[0], problem=problem, message="needs a flat input")
        image = painted(Scene((node,)), tokens, scale)
        mark = getattr(tokens, colour)
        assert count(image, mark) > 60
        assert count(painted(ONE, tokens, scale), mark) == 0

    def test_the_reason_replaces_the_captions(self):
        wrong = replace(ONE.nodes[0], problem="error", message="needs a flat input")
        outline_only = replace(wrong, message="")
        assert count(painted(Scene((wrong,))), DARK.bad, 40) > count(painted(Scene((outline_only,))), DARK.bad, 40)
        assert count(painted(Scene((wrong,))), DARK.dim) == 0

    def test_a_covered_node_does_not_shine_through(self):
        above = replace(ONE.nodes[0], id="above", title="", captions=(" ",))
        both, alone = painted(Scene((ONE.nodes[0], above))), painted(Scene((above,)))
        inside = np.s_[24:68, 24:192]  # without the line, whose antialiased corners lie over each other
        np.testing.assert_array_equal(pixels(both)[inside], pixels(alone)[inside])

    def test_a_heap_of_nodes_paints(self):
        heap = Scene(tuple(replace(ONE.nodes[0], id=f"n{k}") for k in range(60)))
        assert count(painted(heap), DARK.panel) > 4000

    def test_long_titles_stay_inside(self):
        node = replace(ONE.nodes[0], title="A title much longer than any node is wide", captions=("多" * 40,))
        for scale in (0.5, 1.0):
            image = pixels(painted(Scene((node,)), scale=scale, size=(400, 120)))
            right = 20 + round(176 * scale)
            assert (np.abs(image[:, right + 8 :] - QColor(DARK.text).getRgb()[:3]).max(axis=2) > 60).all()

    def test_a_wired_port_is_filled_and_an_open_one_is_not(self):
        to = NodeBox("m", "", y=140, inputs=("x",))
        wired = Scene((ONE.nodes[0], to), (WireLine("n", "out", "m", "x"),))
        dot = 20 + 52, 20 + 88
        assert QColor(*pixels(painted(wired))[dot]) == QColor(DARK.wire)
        assert QColor(*pixels(painted(ONE))[dot]) == QColor(DARK.panel)

    def test_the_port_aimed_at_and_those_that_fit_are_marked_and_the_rest_steps_back(self):
        other = replace(ONE.nodes[0], id="m", x=200)
        scene = Scene((ONE.nodes[0], other))
        plain = painted(scene, size=(440, 120))
        lit = np.array([True, False, False, False])
        image = painted(scene, size=(440, 120), lit=lit, port=0)
        assert count(image, DARK.accent) > 60
        assert pixels(image)[:, 230:].max() < pixels(plain)[:, 230:].max() - 60


@pytest.mark.usefixtures("qapp")
class TestWires:
    SCENE = Scene(
        (NodeBox("a", "A", outputs=("o",)), NodeBox("b", "B", y=140, inputs=("x",))),
        (WireLine("a", "o", "b", "x", "64"),),
    )

    @pytest.mark.parametrize("dpr", [1, 2])
    @pytest.mark.parametrize("scale", [0.77, 1.0, 1.33])
    def test_a_straight_wire_is_one_sharp_pixel_wide(self, scale, dpr):
        image = pixels(painted(self.SCENE, scale=scale, size=(300, 300), dpr=dpr))
        row = image[round((20 + 110 * scale) * dpr)]
        assert (np.abs(row - QColor(DARK.wire).getRgb()[:3]).max(axis=1) == 0).sum() == 1

    def test_a_label_stands_beside_its_wire(self):
        with_label = painted(self.SCENE, size=(300, 200))
        without = painted(replace(self.SCENE, wires=(WireLine("a", "o", "b", "x"),)), size=(300, 200))
        differing = np.argwhere((pixels(with_label) != pixels(without)).any(axis=2))
        top, left = differing.min(axis=0)
        bottom, right = differing.max(axis=0)
        assert left > 20 + 88 + 3
        assert right < 20 + 88 + 40
        assert 20 + 36 + 3 < top < bottom < 20 + 140 - 3

    def test_chosen_hovered_and_wrong_wires_stand_out(self):
        plain = painted(self.SCENE, size=(300, 200))
        chosen = painted(self.SCENE, size=(300, 200), selected_wires=np.array([True]))
        hovered = painted(self.SCENE, size=(300, 200), wire=0)
        wrong = painted(replace(self.SCENE, wires=(replace(self.SCENE.wires[0], problem=True),)), size=(300, 200))
        assert count(plain, DARK.accent) == count(plain, DARK.bad) == 0
        assert count(chosen, DARK.accent) >= 150
        assert count(wrong, DARK.bad) >= 90
        assert count(hovered, mixed(DARK.wire, DARK.text, 0.6)) >= 150

    def test_very_many_chosen_wires_are_painted_in_the_accent_too(self):
        scene = chain(400)
        graph = Geometry(scene)
        image = painted(scene, scale=0.2, size=(800, 600), selected_wires=np.ones(len(graph.wires.lines), bool))
        assert count(image, DARK.accent) > 1000

    def test_a_pulled_wire_is_gone_and_a_loose_one_is_there(self):
        loose = np.array(((88, 36), (88, 60), (150, 60), (150, 90.0)))
        image = painted(self.SCENE, size=(300, 200), pulled=0, loose=loose)
        assert QColor(*pixels(image)[20 + 100, 20 + 88]) != QColor(DARK.wire)
        assert count(image, DARK.accent, 60) > 60

    @pytest.mark.parametrize("pieces", [0, 1, 8])
    def test_turns_are_painted_as_curves_pieces_or_chords(self, pieces):
        scene = replace(self.SCENE, nodes=(self.SCENE.nodes[0], replace(self.SCENE.nodes[1], x=120)))
        graph, image = Geometry(scene), QImage(400, 220, QImage.Format.Format_RGB32)
        detail = Detail(Tier.NEAR, cards=True, pieces=pieces, smooth=True)
        with QPainter(image) as painter:
            area, camera, marks = QRectF(0, 0, 400, 220), Camera(1, 20, 20), Marks.none(2, 1)
            paint(Frame(painter, area, graph, camera, detail, marks, Paintbox(DARK, QFont())))
        between = pixels(image)[80:140, 110:230]
        assert (np.abs(between - QColor(DARK.wire).getRgb()[:3]).max(axis=2) < 90).sum() > 50


def on_screen(canvas):
    """What the window shows, not what a fresh painting would show."""
    return canvas.screen().grabWindow(canvas.winId()).toImage()


@pytest.fixture
def canvas(show):
    canvas = NodeCanvas(DARK)
    canvas.set_scene(chain(60))
    show(canvas, 700, 500)
    canvas.zoom_to(1.0)
    canvas.centre_on("n20")
    return canvas


def assert_screen_is_up_to_date(qtbot, canvas):
    """A hairline that is cut off at the edge of a strip may differ from a whole one by rounding."""
    qtbot.waitUntil(lambda: np.abs(pixels(on_screen(canvas)) - pixels(canvas.grab().toImage())).max() <= 4)


def test_panning_by_moving_pixels_equals_painting_all(qtbot, canvas):
    for dx, dy in ((-7, 0), (0, 13), (31, -22), (3, 5), (-260, 180)):
        canvas.pan(dx, dy)
        assert_screen_is_up_to_date(qtbot, canvas)


def test_widgets_above_the_canvas_do_not_smear(qtbot, canvas):
    label = QLabel("100 %", canvas)
    label.setAutoFillBackground(True)
    label.setGeometry(20, 20, 60, 20)
    label.show()
    canvas.pan(17, 9)
    assert_screen_is_up_to_date(qtbot, canvas)


def test_a_drag_repaints_all_that_it_changes(qtbot, canvas):
    start = canvas.node_rect("n20").center().toPoint()
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    for step in (10, 40, 90, 30):
        qtbot.mouseMove(canvas, start + QPointF(step, step / 2).toPoint())
        assert_screen_is_up_to_date(qtbot, canvas)
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert_screen_is_up_to_date(qtbot, canvas)
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=start)


def test_hovering_repaints_all_that_it_changes(qtbot, canvas):
    rect = canvas.node_rect("n20")
    for at in (rect.center(), rect.center() + QPointF(0, rect.height() / 2), rect.bottomRight() + QPointF(30, 10)):
        qtbot.mouseMove(canvas, at.toPoint())
        assert_screen_is_up_to_date(qtbot, canvas)


def test_scenes_that_differ_a_little_are_repainted_where_they_differ(qtbot, canvas):
    scene = chain(60)
    for change in (
        {"title": "Renamed"},
        {"problem": "error", "message": "needs a flat input"},
        {"x": scene.nodes[20].x + 48},
        {"captions": ("one", "two", "three")},
    ):
        nodes = tuple(replace(box, **change) if box.id == "n20" else box for box in scene.nodes)
        canvas.set_scene(replace(scene, nodes=nodes))
        assert_screen_is_up_to_date(qtbot, canvas)
    canvas.set_scene(replace(scene, wires=tuple(replace(wire, label="7") for wire in scene.wires[:-3])))
    assert_screen_is_up_to_date(qtbot, canvas)


def test_another_theme_and_font_are_painted_at_once(qtbot, canvas):
    assert count(canvas.grab().toImage(), LIGHT.background) == 0
    canvas.set_tokens(LIGHT)
    assert count(canvas.grab().toImage(), LIGHT.background) > 50_000
    before = pixels(canvas.grab().toImage())
    font = canvas.font()
    font.setFamily("JetBrains Mono")
    canvas.setFont(font)
    assert (pixels(canvas.grab().toImage()) != before).any()


def test_an_empty_canvas_says_what_it_is_for(show, tokens):
    canvas = NodeCanvas(tokens)
    show(canvas, 500, 300)
    plain = pixels(canvas.grab().toImage())
    canvas.set_hint("Nothing here yet", "Drag a layer from the left.")
    image = canvas.grab().toImage()
    assert count(image, tokens.dim, 40) > 40
    assert count(image, tokens.faint, 40) > 40
    canvas.set_scene(ONE)
    canvas.set_scene(Scene())
    assert (pixels(canvas.grab().toImage()) != plain).any()


def test_five_thousand_nodes_build_and_paint(show):
    canvas = NodeCanvas(DARK)
    canvas.set_scene(chain(5000))
    show(canvas, 900, 700)
    for scale in (0.04, 0.2, 0.5, 1.0):
        canvas.zoom_to(scale)
        canvas.centre_on("n2500")
        assert count(canvas.grab().toImage(), DARK.background, 0) < 900 * 700 * 0.95


def test_an_image_shows_everything_and_nothing_chosen(canvas):
    canvas.set_selection(frozenset({"n20"}))
    image = canvas.render_image(0.5)
    box = canvas.graph.bounds()
    assert image.width() == pytest.approx((box[2] - box[0] + 64) / 2, abs=1)
    assert image.height() == pytest.approx((box[3] - box[1] + 64) / 2, abs=1)
    assert count(image, DARK.accent) < count(image, DARK.wire)
    edge = np.concatenate([pixels(image)[0], pixels(image)[-1]])
    allowed = [QColor(c).getRgb()[:3] for c in (DARK.background, DARK.grid)]
    assert {tuple(c) for c in edge.tolist()} <= set(allowed)


def test_an_image_of_a_huge_graph_is_made_smaller_instead_of_failing(show):
    canvas = NodeCanvas(LIGHT)
    far = Scene((NodeBox("a", "A"), NodeBox("b", "B", x=90_000, y=400_000)))
    canvas.set_scene(far)
    image = canvas.render_image(1.0)
    assert not image.isNull()
    assert image.width() * image.height() <= 101_000_000
    empty = NodeCanvas(LIGHT).render_image(1.0)
    assert (empty.width(), empty.height()) == (64, 64)
