"""How data lie on disk: folders of classes, tables of labels."""
