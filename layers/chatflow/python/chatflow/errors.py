"""The one tree of errors.

ChatflowError
├── InvalidInput            what was sent to us is not what it claims to be
│   ├── BadSignature        a webhook that its channel did not sign
│   └── MediaRejected       a file of the wrong kind, too large, empty or broken
├── Refused                 the other side said no, and will say no again
│   ├── ChannelRefused      the channel's API, with its own error code
│   └── AddressRefused      an address that a call must not reach
├── Unavailable             the other side is not there now; the same call may work later (retryable)
│   ├── ChannelUnavailable
│   ├── Overtaken           someone else published meanwhile
│   └── MediaUnavailable    a customer's file that the channel could not hand over
├── InDoubt                 the request left, the answer never came: it may have taken effect
│   └── TooSlow             ... because the time for it was over
├── TooLarge                more than our own limits hold (variables, slices, responses)
├── NotPublished            a flow, version or asset that is not (or no longer) there
└── TurnFailed              a turn that did not come to its end; its event is tried again (retryable)

`retryable` says whether the same call may succeed later. `said` may be shown to a customer; it is empty where there
is nothing useful to say. A message never holds a secret, a contact's address or a file's content.
"""

from __future__ import annotations


class ChatflowError(Exception):
    """The root: everything that Chatflow raises on purpose."""

    retryable = False
    said = ""


class InvalidInput(ChatflowError):
    """What was sent to us is not what it claims to be."""


class BadSignature(InvalidInput):
    """A webhook whose signature does not match its raw body."""


class MediaRejected(InvalidInput):
    """A file that a node or a channel does not take.

    `reason` is one word of `chatflow.media.REASONS`; `said` tells the customer what is wrong, in their words.
    """

    def __init__(self, reason: str, said: str) -> None:
        super().__init__(f"media rejected: {reason}")
        self.reason = reason
        self.said = said


class Refused(ChatflowError):
    """The other side said no; asking again changes nothing."""


class ChannelRefused(Refused):
    """The channel's API refused a call. `code` is the channel's own error code, `explanation` its own words."""

    def __init__(self, code: int, explanation: str) -> None:
        super().__init__(f"the channel refused the call with code {code}: {explanation}")
        self.code = code
        self.explanation = explanation


class AddressRefused(Refused):
    """An address inside the network, or of a kind that no call may use."""


class Unavailable(ChatflowError):
    """The other side is not there now."""

    retryable = True


class ChannelUnavailable(Unavailable):
    """The channel's API is down or asks us to slow down. `after`: the seconds it asks for, 0 if it does not say."""

    def __init__(self, message: str, after: float = 0.0, code: int = 0) -> None:
        super().__init__(message)
        self.after = after
        self.code = code


class Overtaken(Unavailable):
    """What was to be changed is not as it was when it was looked at: someone else was quicker. Nothing was changed."""


class MediaUnavailable(Unavailable):
    """A customer's file that the channel could not hand over."""

    said = "I could not open that file. Please send it again."


class InDoubt(ChatflowError):
    """The request was sent and no answer came: it may or may not have taken effect."""


class TooSlow(InDoubt):
    """The request was sent, and no answer came in the time that it had."""


class TooLarge(ChatflowError):
    """More than our own limits hold."""


class NotPublished(ChatflowError):
    """A flow, version, slice or asset that is not, or no longer, published."""


class TurnFailed(ChatflowError):
    """A turn did not come to its end; nothing was saved, and its event is tried again."""

    retryable = True
