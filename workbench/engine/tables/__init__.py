"""Tables as they stand in files: how cells are read, what columns look like, and how large files become Arrow files."""
