"""A canvas that shows a graph of nodes and wires, and turns gestures on it into intents."""
