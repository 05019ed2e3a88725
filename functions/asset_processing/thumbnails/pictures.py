"""The picture of a file, drawn by the library that knows its format."""

from __future__ import annotations

from pathlib import Path

from PIL import Image


def picture(format_name: str, file: Path) -> Image.Image:
    """What a file of this format shows. Raises NotDrawable, and what the libraries raise for broken files.

    Each library is loaded only where it is needed: together they are 200 MB.
    """
    if format_name == "pdf":
        from asset_processing.thumbnails.pages import first_page

        return first_page(file)
    if format_name == "mp4":
        from asset_processing.thumbnails.frames import frame

        return frame(file)
    from asset_processing.thumbnails.photos import photo

    return photo(file)
