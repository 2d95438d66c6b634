"""The rules of the style sheet; `$names` are tokens. A focused control trades a pixel of padding for its ring."""

_SURFACES = """
QMainWindow, QDialog, QMessageBox { background: $panel; }
QDialog[look="popup"] { border: 1px solid $edge; }
QToolTip { background: $raised; color: $text; border: 1px solid $line; padding: 5px 7px; }
QMainWindow::separator { background: $line; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: $accent; }
QSplitter::handle { background: $line; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QSplitter::handle:hover, QSplitter::handle:pressed { background: $accent; }
QSplitter[look="gap"]::handle, QSplitter[look="gap"]::handle:hover { background: transparent; height: 12px; }
QDockWidget { color: $dim; titlebar-close-icon: url($images/dock-close.svg);
  titlebar-normal-icon: url($images/dock-float.svg); }
QDockWidget::title { background: $panel; padding: 8px 12px; border-bottom: 1px solid $line; }
QDockWidget::close-button, QDockWidget::float-button { border: none; border-radius: 4px; padding: 1px;
  icon-size: 14px; }
QDockWidget::close-button:hover, QDockWidget::float-button:hover { background: $hover; }
QGroupBox { border: none; margin-top: 20px; padding: 0; }
QGroupBox::title { subcontrol-origin: margin; subcontrol-position: top left; color: $faint; }
QStatusBar { background: $panel; color: $dim; border-top: 1px solid $line; }
QStatusBar::item { border: none; }
QToolBar { background: $panel; border: none; border-bottom: 1px solid $line; padding: 4px 8px; spacing: 4px; }
QToolBar::separator { background: $line; width: 1px; margin: 4px 6px; }
QScrollArea, QStackedWidget { border: none; background: transparent; }
"""

_BUTTONS = """
QPushButton { background: $raised; color: $text; border: 1px solid $line; border-radius: $radius;
  padding: 0 13px; min-height: 28px; }
QPushButton:hover { background: $hover; }
QPushButton:pressed, QPushButton:checked { background: $press; }
QPushButton:focus { border: 2px solid $accent; padding: 0 12px; min-height: 26px; }
QPushButton:disabled { color: $off; background: $panel; }
QPushButton::menu-indicator { image: url($images/down.svg); width: 14px; height: 14px; right: 8px;
  subcontrol-origin: padding; subcontrol-position: center right; }
QPushButton[look="primary"] { background: $accent; color: $on_accent; border-color: $accent; font-weight: 600; }
QPushButton[look="primary"]:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton[look="primary"]:pressed { background: $accent_press; border-color: $accent_press; }
QPushButton[look="primary"]:focus { border: 2px solid $text; }
QPushButton[look="primary"]:disabled { background: $accent_soft; border-color: $accent_soft; color: $dim; }
QPushButton[look="quiet"] { background: transparent; border-color: transparent; color: $dim; padding: 0 9px; }
QPushButton[look="quiet"]:hover { background: $hover; color: $text; }
QPushButton[look="quiet"]:pressed { background: $press; color: $text; }
QPushButton[look="quiet"]:focus { border: 2px solid $accent; padding: 0 8px; color: $text; }
QPushButton[look="quiet"]:disabled { color: $off; background: transparent; }
QPushButton[look="small"] { min-height: 18px; padding: 0 8px; }
QPushButton[look="small"]:focus { min-height: 16px; padding: 0 7px; }
QPushButton[look="link"] { background: transparent; border: none; border-bottom: 2px solid transparent;
  border-radius: 0; color: $accent; padding: 2px 0 0 0; min-height: 16px; font-weight: 600; text-align: left; }
QPushButton[look="link"]::menu-indicator { image: none; width: 0; }
QPushButton[look="link"]:hover { text-decoration: underline; }
QPushButton[look="link"]:focus { border: none; border-bottom: 2px solid $accent; padding: 2px 0 0 0;
  min-height: 16px; }
QPushButton[look="link"]:disabled { color: $off; }
QToolButton { background: transparent; color: $text; border: 2px solid transparent; border-radius: $radius;
  padding: 4px; }
QToolButton:hover { background: $hover; }
QToolButton:pressed { background: $press; }
QToolButton:checked { background: $accent_soft; }
QToolButton:focus { border: 2px solid $accent; }
QToolButton:disabled { color: $off; }
QToolButton[look="bad-link"] { color: $bad; }
QToolButton::menu-indicator { image: none; }
QCheckBox, QRadioButton { spacing: 8px; color: $text; padding: 2px 0; }
QCheckBox:disabled, QRadioButton:disabled { color: $off; }
QCheckBox::indicator, QRadioButton::indicator { width: 14px; height: 14px; border: 1px solid $edge;
  border-radius: 4px; background: $raised; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { border-color: $accent; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url($images/check.svg); }
QCheckBox::indicator:indeterminate { background: $accent; border-color: $accent;
  image: url($images/dash.svg); }
QRadioButton::indicator:checked { background: $accent; border-color: $accent; image: url($images/dot.svg); }
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border: 2px solid $accent; width: 12px;
  height: 12px; }
QCheckBox::indicator:checked:focus, QRadioButton::indicator:checked:focus { border: 2px solid $text; }
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled { background: $panel; border-color: $line; }
QCheckBox::indicator:checked:disabled { image: url($images/check-off.svg); }
QSlider { min-height: 22px; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $line; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: $accent; }
QSlider::handle:horizontal { width: 12px; height: 12px; margin: -5px 0; border-radius: 7px;
  background: $panel; border: 1px solid $edge; }
QSlider::handle:horizontal:hover { border-color: $accent; }
QSlider::handle:horizontal:focus { border: 2px solid $accent; width: 10px; height: 10px; }
QSlider::sub-page:horizontal:disabled { background: $off; }
"""

_INPUTS = """
QLineEdit, QComboBox, QAbstractSpinBox { background: $raised; color: $text; border: 1px solid $line;
  border-radius: $radius; padding: 0 8px; min-height: 28px; selection-background-color: $accent;
  selection-color: $on_accent; }
QPlainTextEdit, QTextEdit { background: $raised; color: $text; border: 1px solid $line;
  border-radius: $radius; padding: 4px; selection-background-color: $accent; selection-color: $on_accent; }
QLineEdit:hover, QComboBox:hover, QAbstractSpinBox:hover { border-color: $edge; }
QLineEdit:focus, QComboBox:focus, QAbstractSpinBox:focus { border: 2px solid $accent; padding: 0 7px;
  min-height: 26px; }
QPlainTextEdit:focus, QTextEdit:focus { border: 2px solid $accent; padding: 3px; }
QLineEdit:disabled, QComboBox:disabled, QAbstractSpinBox:disabled, QPlainTextEdit:disabled {
  background: $panel; color: $off; }
QLineEdit[invalid="true"], QComboBox[invalid="true"] { border-color: $bad; }
QComboBox { combobox-popup: 0; padding: 0 22px 0 10px; }
QComboBox:focus { padding: 0 21px 0 9px; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: url($images/down.svg); width: 14px; height: 14px; }
QComboBox::down-arrow:disabled { image: url($images/down-off.svg); }
QComboBox QAbstractItemView { background: $panel; color: $text; border: 1px solid $line; padding: 4px;
  outline: 0; selection-background-color: $accent_soft; selection-color: $text; }
QComboBox QAbstractItemView::item { min-height: 26px; padding: 0 6px; border-radius: 4px; }
QComboBox QAbstractItemView::item:selected { background: $accent_soft; color: $text; }
QAbstractSpinBox { padding: 0 20px 0 8px; min-height: 25px; }
QAbstractSpinBox:focus { padding: 0 19px 0 7px; min-height: 23px; }
QAbstractSpinBox QLineEdit, QAbstractSpinBox QLineEdit:focus { border: none; padding: 0; background: transparent;
  min-height: 0; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { subcontrol-origin: border; width: 20px;
  border: none; background: transparent; }
QAbstractSpinBox::up-button { subcontrol-position: top right; height: 14px; margin: 1px 1px 0 0; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; height: 14px; margin: 0 1px 1px 0; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: $hover;
  border-radius: 4px; }
QAbstractSpinBox::up-arrow { image: url($images/up.svg); width: 12px; height: 12px; }
QAbstractSpinBox::down-arrow { image: url($images/down.svg); width: 12px; height: 12px; }
QAbstractSpinBox::up-arrow:off, QAbstractSpinBox::up-arrow:disabled { image: url($images/up-off.svg); }
QAbstractSpinBox::down-arrow:off, QAbstractSpinBox::down-arrow:disabled { image: url($images/down-off.svg); }
"""

_VIEWS = """
QTableView, QTreeView, QListView { background: $panel; alternate-background-color: $raised; color: $text;
  border: none; outline: 0; gridline-color: $line; selection-background-color: $accent_soft;
  selection-color: $text; }
QTableView::item { padding: 0 8px; border: none; }
QTreeView::item, QListView::item { padding: 5px 4px; border: none; }
QTableView::item:hover, QTreeView::item:hover, QListView::item:hover { background: $hover; }
QTableView::item:selected, QTreeView::item:selected, QListView::item:selected { background: $accent_soft;
  color: $text; }
QTableView:focus, QTreeView:focus, QListView:focus { border: none; }
QTableView::item:focus, QTreeView::item:focus, QListView::item:focus { border: 1px solid $accent; }
QTreeView::branch { background: transparent; }
QTreeView::branch:has-children:closed { image: url($images/right.svg); }
QTreeView::branch:has-children:open { image: url($images/down.svg); }
QHeaderView { background: $panel; border: none; qproperty-highlightSections: false;
  qproperty-defaultAlignment: 'AlignLeft | AlignVCenter'; }
QHeaderView::section { background: $panel; color: $dim; border: none; border-bottom: 1px solid $line;
  padding: 6px 8px; }
QHeaderView::section:hover { color: $text; background: $hover; }
QHeaderView::up-arrow { image: url($images/up.svg); width: 12px; height: 12px; }
QHeaderView::down-arrow { image: url($images/down.svg); width: 12px; height: 12px; }
QTableCornerButton::section { background: $panel; border: none; }
QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { background: $handle; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover, QScrollBar::handle:pressed { background: $handle_hover; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: none; background: none; }
QScrollBar::add-page, QScrollBar::sub-page { background: none; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QTabWidget::pane { border: none; border-top: 1px solid $line; }
QTabBar { background: transparent; qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: $dim; border: none; border-bottom: 2px solid transparent;
  padding: 7px 12px 6px 12px; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:focus { background: $hover; }
QTabBar::tab:disabled { color: $off; }
QTabBar::close-button { image: url($images/cross.svg); }
QProgressBar { background: $line; border: none; border-radius: 2px; min-height: 4px; max-height: 4px;
  color: transparent; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }
"""

_MENUS = """
QMenuBar { background: $panel; color: $dim; }
QMenuBar::item { background: transparent; padding: 5px 10px; border-radius: 4px; }
QMenuBar::item:selected, QMenuBar::item:pressed { background: $hover; color: $text; }
QMenu { background: $panel; color: $text; border: 1px solid $line; padding: 4px; }
QMenu::item { padding: 6px 26px 6px 8px; border-radius: 4px; background: transparent; }
QMenu::item:selected { background: $accent_soft; }
QMenu::item:disabled { color: $off; }
QMenu::icon { padding-left: 8px; }
QMenu::separator { height: 1px; background: $line; margin: 4px 6px; }
QMenu::indicator { width: 16px; height: 16px; left: 6px; }
QMenu::indicator:checked { image: url($images/check-menu.svg); }
QMenu::right-arrow { image: url($images/right.svg); width: 14px; height: 14px; right: 6px; }
"""

RULES = _SURFACES + _BUTTONS + _INPUTS + _VIEWS + _MENUS
