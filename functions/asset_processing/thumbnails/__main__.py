"""Draws the picture of one file in a process of its own.

`python -m asset_processing.thumbnails <format> <file> <thumbnail>`

What reads other people's files can hang, crash and eat memory: then this process ends, and its parent draws an icon.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from asset_processing.thumbnails.limits import ADDRESS_SPACE, CPU_SECONDS, NotDrawable

NOT_DRAWABLE = 3


def main(kind: str, file: Path, thumbnail: Path) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from asset_processing.thumbnails.pictures import picture
    from asset_processing.thumbnails.webp import fitted, written

    try:
        made = written(fitted(picture(kind, file)))
    except (NotDrawable, MemoryError, OSError, ValueError, SyntaxError) as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return NOT_DRAWABLE
    thumbnail.write_bytes(made)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
