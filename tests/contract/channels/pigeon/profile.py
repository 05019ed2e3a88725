"""What a pigeon carries."""

from __future__ import annotations

from chatflow.channels.message_limits import MessageLimits
from chatflow.media.profiles import FORMATS, MB, Profile

PROFILE = Profile("pigeon", {each.name: MB for each in FORMATS.values()})
LIMITS = MessageLimits(text=500)
