"""Rules that accept or reject a file, and the texts in which a customer learns why. Pure.

A `check_...` function returns None when the file is accepted, else the `MediaRejected` to raise.
"""

from __future__ import annotations

from chatflow.errors import MediaRejected
from chatflow.media.profiles import FORMATS, KINDS, MB, Format, Profile
from chatflow.media.ranges import InvalidFile

_A_KIND = {"image": "a photo", "document": "a document", "audio": "an audio file", "video": "a video"}
INVALID_FILE_TEXTS = {  # what is wrong with a file that is never accepted: "That file ..."
    "empty": "is empty",
    "encrypted": "is protected by a password",
    "macros": "holds macros, and those can do harm",
    "active_content": "loads a template from elsewhere, runs a command or holds another program, and that can do harm",
    "truncated": "is not whole: its end is missing",
    "broken": "is damaged",
    "mixed": "has a second file hidden in it",
    "expands": "would become far too large when it is opened",
    "unreadable": "is built in a way that cannot be read here",
}


def check_announced_size(profile: Profile, size: int) -> MediaRejected | None:
    """Check what a channel announces, before anything is downloaded. `size` is in bytes, 0 when it is unknown."""
    if size <= profile.largest:
        return None
    return _rejected("too_large", f"That file is too large ({_megabytes(size)}).", profile)


def check_content(
    profile: Profile, found: Format | InvalidFile, size: int, announced_kind: str = ""
) -> MediaRejected | None:
    """Check the identified content. `announced_kind` only serves to name a format that is not known."""
    reason = "empty" if size == 0 else "" if isinstance(found, Format) else found.reason
    if reason in INVALID_FILE_TEXTS:
        return _rejected(reason, f"That file {INVALID_FILE_TEXTS[reason]}.", profile)
    if not found:
        wrong = "That is a sticker." if announced_kind == "sticker" else "I cannot read that kind of file."
        return _rejected("unknown_format", wrong, profile)
    if found.name in profile.limits:
        if size <= profile.limits[found.name]:
            return None
        return _rejected("too_large", f"That {found.words} file is too large ({_megabytes(size)}).", profile)
    if found.kind in _kinds(profile):
        return _rejected("unsupported_by_channel", f"I cannot take {found.words} files here.", profile)
    return _rejected("wrong_kind", f"That is {_A_KIND[found.kind]}.", profile)


def check_sendable(profile: Profile, found: Format | None, size: int) -> MediaRejected | None:
    """Check whether a channel accepts a file that is sent to a customer, and shows it.

    The rejection has no text: no customer sees it, the flow goes on without the file.
    """
    if found is None or found.name not in profile.limits:
        return MediaRejected("unsupported_by_channel", "")
    if size > profile.limits[found.name]:
        return MediaRejected("too_large", "")
    return MediaRejected("not_shown", "") if found.encoding and not profile.shows_every_encoding else None


def rejected_as_too_large(profile: Profile) -> MediaRejected:
    """The rejection of a file that is longer than the largest accepted one; its full length is unknown."""
    return _rejected("too_large", "That file is too large.", profile)


def rejected_as_unusable(profile: Profile) -> MediaRejected:
    """The rejection of a file that is never taken, whatever it holds, such as a channel's own kind of video message."""
    return _rejected("unknown_format", "I cannot take that kind of file.", profile)


def rejected_as_broken(profile: Profile) -> MediaRejected:
    """The rejection of a file whose hash or length differs from the announced one."""
    return _rejected("broken", "That file arrived broken.", profile)


def rejected_as_unsafe(profile: Profile) -> MediaRejected:
    """The rejection of a file in which a malware scanner found something. The customer may be unaware of it."""
    return _rejected("unsafe", "I cannot take that file: something harmful was found in it.", profile)


def describe_accepted(profile: Profile) -> str:
    """The accepted kinds and formats, in a customer's words: "a photo (JPEG or PNG, up to 5 MB)"."""
    offers = []
    for kind in _kinds(profile):
        limits = {name: size for name, size in profile.limits.items() if FORMATS[name].kind == kind}
        words = _either(list(dict.fromkeys(FORMATS[name].words for name in limits)))
        offers.append(f"{_A_KIND[kind]} ({words}, up to {_megabytes(max(limits.values()))})")
    return _either(offers)


def _rejected(reason: str, wrong: str, profile: Profile) -> MediaRejected:
    wanted = describe_accepted(profile)
    return MediaRejected(reason, f"{wrong} Please send {wanted}." if wanted else wrong)


def _kinds(profile: Profile) -> list[str]:
    present = {FORMATS[name].kind for name in profile.limits}
    return [kind for kind in KINDS if kind in present]


def _either(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else "".join(words)


def _megabytes(size: int) -> str:
    """Rounded up, so that no file is called too large at exactly the limit."""
    tenths = -(-size * 10 // MB)
    return f"{tenths // 10} MB" if tenths % 10 == 0 else f"{tenths // 10}.{tenths % 10} MB"
