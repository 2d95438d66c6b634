"""Model families as functions that return a Document."""
