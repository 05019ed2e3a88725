"""The flow format: parses, validates and compiles the YAML documents in `flows/`.

Used at synth and by the functions that publish, never while a conversation runs. Start at `project.load` and
`validation.check`. This module imports nothing, so that the package costs nothing until it is used.
"""
