"""Renders the picture of one file in a process of its own.

`python -m asset_processing.thumbnails <format> <file> <thumbnail>`

Libraries that parse untrusted files can hang, crash and exhaust memory. Then only this process ends, and its parent
draws an icon.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from asset_processing.thumbnails.limits import ADDRESS_SPACE, CPU_SECONDS, NotRenderable

NOT_RENDERABLE = 3  # exit code


def main(format_name: str, file: Path, thumbnail: Path) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from asset_processing.thumbnails import renderers

    try:
        image = renderers.encode_webp(renderers.fit(renderers.render(format_name, file)))
    except (NotRenderable, MemoryError, OSError, ValueError, SyntaxError) as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return NOT_RENDERABLE
    thumbnail.write_bytes(image)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
