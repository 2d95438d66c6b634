"""From data of one's own to a project that can be trained: a way of a few pages."""
