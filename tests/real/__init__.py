"""Real data as the files that a user would have: fetched from packages of public registries, written once, kept."""
