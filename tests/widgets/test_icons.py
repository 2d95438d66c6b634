import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon

from tests.widgets.conftest import ASSETS, count
from widgets.icons import Icons

NEEDED = """play pause square step-forward undo-2 redo-2 plus minus search folder-open file file-plus save download
upload x check circle-check triangle-alert circle-x info chevron-down chevron-right zoom-in zoom-out maximize scan
crosshair layers layout-grid list-tree workflow database chart-line activity gauge image pencil eraser trash-2 copy
clipboard settings moon sun monitor cpu history clock ellipsis external-link link unlink eye sliders-horizontal rocket
box boxes brain-circuit table tags shuffle refresh-cw circle-help keyboard command terminal star archive""".split()  # noqa: SIM905


def opaque(pixmap):
    image = pixmap.toImage()
    points = ((x, y) for y in range(image.height()) for x in range(image.width()))
    return [c for c in (image.pixelColor(*point) for point in points) if c.alpha() == 255]


def test_everything_that_the_program_needs_is_there(icons: Icons):
    assert set(NEEDED) <= set(icons.names())


def test_every_file_draws_something_in_the_colour_asked_for(icons: Icons):
    for name in icons.names():
        if name == "workbench":
            continue
        pixels = opaque(icons.pixmap(name, "#ff8800", 24, 2.0))
        assert pixels, name
        assert all(abs(c.green() - 0x88) <= 2 and c.red() > 250 and c.blue() < 5 for c in pixels), name


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0, 3.0])
def test_pixmaps_have_as_many_pixels_as_the_screen(icons: Icons, ratio):
    pixmap = icons.pixmap("play", "#ffffff", 16, ratio)
    assert pixmap.size() == QSize(round(16 * ratio), round(16 * ratio))
    assert pixmap.deviceIndependentSize().toSize() == QSize(16, 16)


def test_lines_stay_as_wide_in_larger_icons(icons: Icons):
    """A horizontal bar of 1.5 pixels covers about as many rows at 16 as at 48 pixels."""

    def rows(size):
        image = icons.pixmap("minus", "#ffffff", size, 4.0).toImage()
        middle = image.width() // 2
        return sum(image.pixelColor(middle, y).alpha() > 127 for y in range(image.height()))

    assert rows(16) == pytest.approx(6, abs=1)
    assert rows(48) == pytest.approx(6, abs=1)


def test_icons_are_made_once(icons: Icons):
    assert icons.icon("play", "#ffffff") is icons.icon("play", "#ffffff")
    assert icons.icon("play", "#ffffff") is not icons.icon("play", "#000000")


def test_an_icon_has_its_own_colour_where_a_control_is_off(icons: Icons):
    icon = icons.icon("square", "#ff0000", disabled="#00ff00")
    assert all(c.red() == 255 for c in opaque(icon.pixmap(QSize(16, 16), 1.0, QIcon.Mode.Normal)))
    assert all(c.green() == 255 for c in opaque(icon.pixmap(QSize(16, 16), 1.0, QIcon.Mode.Disabled)))


def test_unknown_names_are_an_error(icons: Icons):
    with pytest.raises(FileNotFoundError):
        icons.icon("no-such-icon", "#ffffff")


def test_the_programs_icon_keeps_its_colours_in_all_sizes(icons: Icons):
    picture = icons.picture("workbench")
    assert {16, 32, 256} <= {size.width() for size in picture.availableSizes()}
    image = picture.pixmap(64, 64).toImage()
    assert count(image, QColor("#ffffff")) > 100
    corner, far = image.pixelColor(10, 6), image.pixelColor(54, 58)
    assert corner.blue() > 200
    assert far.red() > corner.red() + 30


def test_licences_lie_beside_the_files():
    text = (ASSETS / "LICENSES.md").read_text(encoding="utf-8")
    for path in ("icons/LICENSE-lucide.txt", "fonts/LICENSE-Inter.txt", "fonts/LICENSE-JetBrainsMono.txt"):
        assert path in text
        assert (ASSETS / path).stat().st_size > 1000
