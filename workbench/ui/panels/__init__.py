"""One panel a file; each shows a part of the state and emits intents."""
