"""`workbench`: opens the window, or runs a subcommand. The composition root: nothing else builds the application."""

import os
import sys
from pathlib import Path

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # inherited by every process that is started from here


def main() -> int:
    """Entry point of the `workbench` command. Returns the exit status."""
    arguments = sys.argv[1:]
    if arguments and (arguments[0] in _subcommands() or not _is_project(arguments[0])):
        try:
            from workbench.cli.main import main as command_line

            return command_line(arguments)
        except KeyboardInterrupt:  # before the command line could take care of it
            return 130
    if not _has_display():
        sys.stderr.write("workbench: there is no display here for a window. The command line does the same work: ")
        sys.stderr.write("workbench --help\n")
        return 1
    from workbench.ui.app import main as window

    return window(arguments)


def _is_project(word: str) -> bool:
    """What else a first word may be; anything that is neither was mistyped, and the command line says so."""
    return word.startswith("zoo:") or Path(word).exists()


def _has_display() -> bool:
    """Qt ends the process without a word that helps when it finds none."""
    wanted = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in wanted)


def _subcommands() -> frozenset[str]:
    from workbench.cli.main import names

    return names()


if __name__ == "__main__":
    sys.exit(main())
