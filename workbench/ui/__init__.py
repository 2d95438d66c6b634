"""Qt glue: turns the state of a session into panels, and gestures into edits."""
