"""What the web console is answered with: security headers, content types and caching, equal on AWS and locally.

Plain data without the CDK, so that the local stack's server imports it as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

IMMUTABLE: Final = "public, max-age=31536000, immutable"
NO_CACHE: Final = "no-cache"  # a browser asks each time whether its copy is current
# By the beginning of a file's path; the first that fits applies. The build names each file in `assets/` by its
# content. Everything else keeps its name when it changes, index.html above all.
CACHE_CONTROL: Final = (("assets/", IMMUTABLE), ("", NO_CACHE))
# By the ending of a file's name. A browser executes no script of another type, as it is told not to guess.
CONTENT_TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "ico": "image/x-icon",
    "jpg": "image/jpeg",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "map": "application/json",
    "png": "image/png",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
    "webmanifest": "application/manifest+json",
    "webp": "image/webp",
    "woff2": "font/woff2",
}
INDEX: Final = "index.html"  # also for each page of the console, whose path has no ending
CONFIGURATION: Final = "config.json"

HSTS_SECONDS: Final = 31_536_000
_NO_FEATURES: Final = (
    *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "hid", "magnetometer"),
    *("microphone", "midi", "payment", "serial", "usb"),
)


def cache_control(path: str) -> str:
    """The Cache-Control of a file of the build; `path` is relative to the build's folder."""
    return next(value for start, value in CACHE_CONTROL if path.startswith(start))


def content_type(path: str) -> str:
    """The Content-Type of a file of the build. Raises KeyError for an ending that is not in CONTENT_TYPES."""
    return CONTENT_TYPES[path.rpartition(".")[2]]


def content_security_policy(*, sign_in: Sequence[str], uploads: Sequence[str], files: Sequence[str]) -> str:
    """The Content-Security-Policy. Each argument is a list of origins, or of URLs without their last part.

    `sign_in`: the token endpoints and Cognito's own API; `uploads`: where upload forms are sent to; `files`: where
    signed links and thumbnails lead. Scripts, styles and workers come from the console's own files alone, none of them
    inline. React's `style` attribute sets properties by script, which no policy restricts.
    """
    shown = ["'self'", "data:", "blob:", *files]
    directives = {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "font-src": ["'self'"],
        "worker-src": ["'self'"],
        "manifest-src": ["'self'"],
        "connect-src": ["'self'", *sign_in, *uploads],
        "img-src": shown,
        "media-src": shown,
        "base-uri": ["'none'"],
        "form-action": ["'none'"],  # forms are sent by script, to what connect-src names
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in directives.items())


def security_headers(policy: str) -> dict[str, str]:
    """The headers of every answer of the console's origin; `policy` is the Content-Security-Policy."""
    return {
        "Content-Security-Policy": policy,
        "Strict-Transport-Security": f"max-age={HSTS_SECONDS}; includeSubDomains",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _NO_FEATURES),
    }


def is_page(path: str) -> bool:
    """Whether a path of the console's origin, such as `/flows/claim`, is a page: index.html answers it.

    A file has an ending. One that does not exist is answered 404, and never with index.html, which a browser would
    refuse as a script. pages.js is the same rule for CloudFront.
    """
    return "." not in path.rpartition("/")[2]
