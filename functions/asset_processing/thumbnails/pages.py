"""The thumbnail of a PDF: its first page, on white paper."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
from PIL import Image

from asset_processing.thumbnails.limits import SIDE, NotDrawable

_FINER = 3  # drawn larger and shrunk: small type stays a shade of grey instead of crumbs


def first_page(file: Path) -> Image.Image:
    """Raises NotDrawable for a document that is locked, broken or without pages."""
    try:
        document = pypdfium2.PdfDocument(file)
    except pypdfium2.PdfiumError as error:
        raise NotDrawable(str(error)) from None
    try:
        if len(document) == 0:
            raise NotDrawable("no page")
        if document.get_formtype():
            document.init_forms()
        page = document[0]
        width, height = page.get_size()
        if min(width, height) <= 0:
            raise NotDrawable("a page without a size")
        scale = _FINER * SIDE / max(width, height)
        picture: Image.Image = page.render(scale=scale, fill_color=(255, 255, 255, 255), rev_byteorder=True).to_pil()
        return picture if picture.mode == "RGB" else picture.convert("RGB")
    except pypdfium2.PdfiumError as error:
        raise NotDrawable(str(error)) from None
    finally:
        document.close()
