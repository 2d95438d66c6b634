"""The command line: everything the window does, with `--json` for programs. No Qt and no torch in here."""
