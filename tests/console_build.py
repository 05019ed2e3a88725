"""The web console's build: which files a browser loads for a page, and how large they are on the wire."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Final

BUILD: Final = Path(__file__).parents[1] / "build" / "console"
# In kB of 1000 bytes, JavaScript and CSS after gzip.
FIRST_LOAD: Final = 450  # of the list of flows
EDITOR: Final = 250  # what the editor needs in addition


def frame_files(build: Path = BUILD) -> set[str]:
    """What index.html names: loaded with every page."""
    return set(re.findall(r'(?:src|href)="/(assets/[^"]+\.(?:js|css))"', (build / "index.html").read_text()))


def page_files(page: str, build: Path = BUILD) -> set[str]:
    """What a lazy page such as `flows-page` loads in addition to the frame, without what it loads itself later.

    Vite writes the list beside each `import()`, as indices of one list at the beginning of the module.
    """
    modules = [(build / file).read_text() for file in frame_files(build)]
    [module] = [module for module in modules if "__vite__mapDeps" in module]
    names = re.findall(r'"([^"]+)"', module.split("m.f||(m.f=[", 1)[1].split("]", 1)[0])
    [indices] = re.findall(rf"import\(.\./{page}-[^)]+\)[^(]*?__vite__mapDeps\(\[([0-9,]+)\]\)", module)
    return {names[int(index)] for index in indices.split(",")} - frame_files(build)


def kilobytes(files: set[str], build: Path = BUILD) -> float:
    return sum(len(gzip.compress((build / file).read_bytes(), 9)) for file in files) / 1000
