"""Plain data: documents, edits, undo, project files, runs. No Qt and no torch in here."""
