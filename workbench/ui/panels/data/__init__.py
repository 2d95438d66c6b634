"""The Data place and its parts: where data comes from, what it is, how it is shared out and prepared."""
