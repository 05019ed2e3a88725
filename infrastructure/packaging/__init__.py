"""What is uploaded to Lambda: each room of `functions/` and each layer, built without Docker.

A package stands in a folder whose name ends in the hash of what it was made of: it is built once, an edit of one room
changes that room's package alone, and builds that run side by side do not disturb each other.
"""

from infrastructure.packaging.builder import Package, Packages

__all__ = ["Package", "Packages"]
