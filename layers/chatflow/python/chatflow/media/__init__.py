"""Media: what a file is, whether a node and a channel take it, what it is called, and how it stands in variables."""
