"""Channels that a test adds for itself: a folder beside those of the product, found as these are."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chatflow import channels
from chatflow.channels.manifest import CHANNELS, default_name
from chatflow.channels.message_limits import MessageLimits
from chatflow.flows.channels import known_channels
from chatflow.media.profiles import FORMATS, MB, Profile

PROFILE = Profile("pigeon", dict.fromkeys(FORMATS, 100 * MB))
LIMITS = MessageLimits(
    text=200, caption=100, question=150, buttons=12, button_title=30, button_id=64, unit="characters"
)


@contextmanager
def stub_channel(
    folder: Path, name: str = "pigeon", limits: MessageLimits = LIMITS, profile: Profile = PROFILE
) -> Iterator[None]:
    """While this is entered, there is a channel of this name, whose title is the name with a capital."""
    (folder / name).mkdir(parents=True)
    example = (CHANNELS / default_name() / "manifest.toml").read_text(encoding="utf-8").splitlines()
    lines = [line for line in example if not line.startswith(("title =", "default ="))]
    (folder / name / "manifest.toml").write_text("\n".join([f'title = "{name.capitalize()}"', *lines]))
    (folder / name / "__init__.py").write_text("")
    (folder / name / "profile.py").write_text(
        "from chatflow.channels.message_limits import MessageLimits\n"
        "from chatflow.media.profiles import Profile\n"
        f"PROFILE = {profile!r}\nLIMITS = {limits!r}\n"
    )
    package = f"{channels.__name__}.{name}"
    channels.__path__.append(str(folder))
    known_channels.cache_clear()
    try:
        yield
    finally:
        channels.__path__.remove(str(folder))
        known_channels.cache_clear()
        for module in (package, f"{package}.profile"):
            sys.modules.pop(module, None)
        vars(channels).pop(name, None)
