"""The window's frame: header, places, notices, footer. What happens in them is other modules' business."""

from collections.abc import Callable

from PySide6.QtCore import QByteArray, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QColor, QFont, QFontMetrics, QIcon, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from widgets import typography
from widgets.elided import ElidedLabel
from widgets.notice import Notice
from widgets.segmented import Segmented
from widgets.stylesheet import set_look
from widgets.tokens import Tokens
from workbench.core import wording
from workbench.core.document import Document
from workbench.core.i18n import tr, trn
from workbench.core.problems import Problem
from workbench.core.session import State
from workbench.core.summary import layer_count
from workbench.ui.files import project_name
from workbench.ui.parts import IconButton, Text, elided
from workbench.ui.theme import Theme

PLACES = ("data", "design", "train", "evaluate", "deploy")
"""In the order of the work."""
START, WIZARD = "start", "wizard"
MOST_COMPLAINTS = 3


def place_title(place: str) -> str:
    """What a place is called."""
    return {
        "data": tr("Data"),
        "design": tr("Design"),
        "train": tr("Train"),
        "evaluate": tr("Evaluate"),
        "deploy": tr("Deploy"),
    }[place]


class Window(QWidget):
    """A stack of places between a header and a footer."""

    place_shown = Signal(str)
    closing = Signal(object)
    """A `QCloseEvent` that may be ignored."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle(tr("Model Workbench"))
        self.setWindowIcon(theme.icons.picture("workbench"))
        self.resize(1440, 900)
        self.header = Header(theme)
        self.notices = QVBoxLayout()
        self.notices.setContentsMargins(12, 0, 12, 0)
        self.stack = QStackedWidget()
        self.footer = Footer(theme)
        self._theme = theme
        self._places: dict[str, QWidget] = {}
        self._makers: dict[str, Callable[[], QWidget]] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(Line(theme))
        layout.addLayout(self.notices)
        layout.addWidget(self.stack, 1)
        layout.addWidget(Line(theme))
        layout.addWidget(self.footer)
        self.header.places.chosen.connect(self.show_place)

    def add_place(self, name: str, make: Callable[[], QWidget]) -> None:
        """A place that is made when it is shown for the first time."""
        self._makers[name] = make

    def place(self, name: str) -> QWidget:
        """A place, made now if it was not shown yet."""
        if name not in self._places:
            self._places[name] = self._makers[name]()
            self.stack.addWidget(self._places[name])
        return self._places[name]

    @property
    def shown(self) -> str:
        """The place that is shown."""
        current = self.stack.currentWidget()
        return next((name for name, widget in self._places.items() if widget is current), "")

    def show_place(self, name: str) -> None:
        """Go to a place."""
        self.stack.setCurrentWidget(self.place(name))
        if name in PLACES:
            self.header.places.set_current(name)
        self.header.show_start(name in (START, WIZARD))
        self.footer.setVisible(name not in (START, WIZARD))
        self.place_shown.emit(name)

    def complain(self, problem: Problem, document: Document | None = None, *, action: str = "") -> Notice:
        """Say what is wrong, over the place where one works; several problems stand below one another.

        A problem with a remedy offers it as the notice's action, any other what `action` says; `document` names the
        nodes in it.
        """
        # With a parent from the start: shown without one it would be a window for a moment, and take the keyboard.
        notice = Notice(self._theme.tokens, self._theme.icons, dismiss_text=tr("Dismiss"), parent=self)
        notice.setObjectName("complaint")
        self._theme.follow(notice)
        look = {"error": "bad", "warning": "warn", "info": "info"}[problem.severity]
        text, advice = wording.what(problem), wording.remedy(problem, document)
        if problem.fix is None:
            notice.show_notice(look, f"{text} {advice}".strip(), action=action)
        else:
            notice.show_notice(look, text, action=advice)
        notice.dismissed.connect(notice.deleteLater)
        shown = [item.widget() for place in range(self.notices.count()) if (item := self.notices.itemAt(place))]
        said_before = [old for old in shown if old and old.accessibleName() == notice.accessibleName()]
        for old in said_before or shown[: len(shown) - MOST_COMPLAINTS + 1]:
            if old:
                old.hide()
                old.deleteLater()
        self.notices.addWidget(notice)
        return notice

    def clear_complaints(self) -> None:
        """Forget what was said before: something else was begun."""
        while item := self.notices.takeAt(0):
            widget = item.widget()
            if widget:
                widget.hide()
                widget.deleteLater()

    def show_state(self, state: State) -> None:
        """Name the project and its state; say how many problems there are."""
        self.header.show_state(state)
        self.footer.show_state(state)
        name = project_name(state)
        self.setWindowTitle(f"{name}[*] — {tr('Model Workbench')}" if state.is_open else tr("Model Workbench"))
        self.setWindowModified(state.modified)

    def geometry_text(self) -> str:
        """Where the window stands, for the settings."""
        return bytes(self.saveGeometry().toBase64().data()).decode()

    def restore_geometry(self, text: str) -> None:
        """Put the window where it stood."""
        self.restoreGeometry(QByteArray.fromBase64(text.encode()))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Whoever has something to lose may say no."""
        self.closing.emit(event)


class Line(QFrame):
    """A border of one pixel between two parts."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setFixedHeight(1)
        self.setAutoFillBackground(True)
        self.set_tokens(theme.tokens)
        theme.follow(self)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self.setStyleSheet(f"background: {tokens.line}; border: none")


class Header(QWidget):
    """Menu, project, its state, the places, and the primary action."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("header")
        self.setFixedHeight(52)
        self._theme = theme
        self._logo = QLabel()
        self._logo.setFixedSize(22, 22)
        self.menu_button = QToolButton()
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu_button.setAccessibleName(tr("Menu"))
        self.menu_button.setToolTip(tr("Menu (F10)"))
        self.menu_button.setShortcut("F10")
        self.name: ElidedLabel = elided(theme, font=typography.body(QFont.Weight.DemiBold))
        self.name.setMaximumWidth(240)
        self.saved = Text(theme, role="dim")
        self.places = Segmented([(key, place_title(key)) for key in PLACES], theme.tokens, name=tr("Places"))
        self._buttons: list[IconButton] = []
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 0, 12, 0)
        layout.setSpacing(10)
        for widget in (self.menu_button, self._logo, self.name, self.saved):
            layout.addWidget(widget)
        layout.addSpacing(8)
        layout.addWidget(self.places)
        layout.addStretch(1)
        layout.addLayout(self._row)
        theme.follow(self.places, self)
        self.set_tokens(theme.tokens)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self.menu_button.setIcon(self._theme.icons.icon("menu", tokens.dim))
        pixmap: QPixmap = self._theme.icons.picture("workbench").pixmap(22, 22)
        self._logo.setPixmap(pixmap)

    def set_menu(self, menu: QMenu) -> None:
        """The menu behind the first button."""
        self.menu_button.setMenu(menu)

    def add_button(self, button: IconButton) -> None:
        """A button at the right."""
        self._buttons.append(button)
        self._row.addWidget(button)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, all buttons but the primary one show their icons alone."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        layout = self.layout()
        assert layout is not None
        for short in (False, True):
            for button in self._buttons[:-1]:
                button.set_short(short)
            layout.activate()
            if layout.sizeHint().width() <= self.width():
                return

    def show_start(self, start: bool) -> None:
        """On the start page there is no project yet."""
        for widget in (self.name, self.saved, self.places, *self._buttons):
            widget.setVisible(not start)
        self._arrange()

    def show_state(self, state: State) -> None:
        """Name the project and say whether it is saved."""
        self.name.setText(project_name(state))
        self.name.setToolTip(str(state.path) if state.path else tr("Not in a file yet"))
        example = tr("example") if state.document.graph.nodes else ""
        self.saved.setText(tr("not saved") if state.modified else tr("saved") if state.path else example)
        self._arrange()
        problems = state.analysis.problems if state.analysis else ()
        wrong = any(problem.severity == "error" for problem in problems)
        self.places.set_badge("design", "bad" if wrong else "", tr("There are problems") if wrong else "")


class Footer(QWidget):
    """Engine, device, problems, size, zoom."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("footer")
        self.setFixedHeight(28)
        self._theme = theme
        font = typography.tabular(typography.caption())
        self._dot = QLabel()
        self._dot.setFixedSize(10, 10)
        self._engine = Text(theme, role="dim", font=font)
        self.device = Text(theme, role="dim", font=font)
        self._problems = QToolButton()
        self._problems.setFont(font)
        self._problems.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._problems.setIconSize(QSize(14, 14))
        set_look(self._problems, "link")
        self._size = Text(theme, role="dim", font=font)
        self.zoom = Text(theme, role="dim", font=font)
        self._state = "gone"
        self._errors = 0
        room = QFontMetrics(font)
        self._engine.setMinimumWidth(max(map(room.horizontalAdvance, _engine_words().values())))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 0, 14, 0)
        layout.setSpacing(8)
        for widget in (self._dot, self._engine):
            layout.addWidget(widget)
        layout.addSpacing(8)
        layout.addWidget(self.device)
        layout.addSpacing(8)
        layout.addWidget(self._problems)
        layout.addStretch(1)
        for widget in (self._size, self.zoom):
            layout.addWidget(widget)
            layout.addSpacing(8)
        theme.follow(self)
        self.show_engine("starting")

    @property
    def problems_button(self) -> QToolButton:
        """Says how many problems there are; a click shows the first."""
        return self._problems

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self.show_engine(self._state)
        self._show_sign()

    def _show_sign(self) -> None:
        """Red alone does not say that something is wrong."""
        tokens = self._theme.tokens
        sign = self._theme.icons.icon("triangle-alert", tokens.bad) if self._errors else QIcon()
        self._problems.setIcon(sign)
        set_look(self._problems, "bad-link" if self._errors else "link")

    def show_engine(self, state: str) -> None:
        """Say what the engine is doing."""
        self._state = state
        tokens = self._theme.tokens
        colours = {"starting": tokens.warn, "ready": tokens.ok, "busy": tokens.accent, "gone": tokens.bad}
        self._engine.setText(_engine_words()[state])
        self._dot.setPixmap(_disc(colours[state], self.devicePixelRatioF()))

    def show_state(self, state: State) -> None:
        """Say how large the network is and how many problems it has."""
        problems = [item for item in (state.analysis.problems if state.analysis else ()) if item.severity != "info"]
        errors = sum(problem.severity == "error" for problem in problems)
        warnings = len(problems) - errors
        texts = [trn("{n} problem", "{n} problems", errors)] if errors else []
        texts += [trn("{n} warning", "{n} warnings", warnings)] if warnings else []
        self._problems.setText(", ".join(texts) or tr("no problems"))
        self._problems.setEnabled(bool(problems))
        self._errors = errors
        self._show_sign()
        self._size.setText(trn("{n} layer", "{n} layers", layer_count(state.document, state.analysis)))


def _engine_words() -> dict[str, str]:
    """By state."""
    return {
        "starting": tr("engine starting"),
        "ready": tr("engine ready"),
        "busy": tr("engine at work"),
        "gone": tr("engine stopped"),
    }


def _disc(colour: str, ratio: float) -> QPixmap:
    pixmap = QPixmap(round(10 * ratio), round(10 * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor(colour))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawEllipse(1, 1, 8, 8)
    painter.end()
    return pixmap
