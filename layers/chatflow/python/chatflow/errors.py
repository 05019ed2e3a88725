"""The tree of errors that Chatflow raises.

ChatflowError
├── InvalidInput            input that is not what it claims to be
│   ├── BadSignature        a webhook that its channel did not sign
│   ├── Unreadable          a stored row or queued message that this release cannot read
│   └── MediaRejected       a file of the wrong kind, too large, empty or broken
├── Refused                 the other side refused, and will refuse again
│   ├── ChannelRefused      the channel's API, with its own error code
│   └── AddressRefused      an address that a call must not reach
├── Unavailable             the other side is unavailable now; the same call may succeed later (retryable)
│   ├── ChannelUnavailable
│   │   ├── Paced           a message that must wait for the rate of its account; its slot is reserved
│   │   └── TooManyOwed     a message that the channel did not take, and that cannot be sent later either
│   ├── OwnTrouble          something of our own is in the way, which says nothing about the other side
│   ├── HostBusy            as many calls as may be are at the host of a business's API
│   ├── HostOpen            that host is in trouble: for a moment, no call is made
│   ├── Throttled           AWS refused a call because of its rate, for as long as there was time to repeat it
│   ├── Overtaken           someone else changed it meanwhile
│   └── MediaUnavailable    a customer's file that the channel could not deliver
├── InDoubt                 a request was sent and no answer came: it may have taken effect
│   ├── TooSlow             ... because its timeout passed
│   └── ChannelInDoubt      ... or the channel's API failed while it processed the request
├── TooLarge                more than our own limits allow (variables, slices, responses)
├── NotPublished            a flow, version or asset that is not (or no longer) published
│   └── NotConnected        an account of a channel that is not (or no longer) connected
└── TurnFailed              a turn that did not finish; its event is tried again (retryable)
    ├── NotMovedYet         ... because the person's session must move to its conversation first
    └── Unfinished          ... because the work is longer than one run; each run gets further

`retryable` says whether the same call may succeed later. `user_message` may be shown to a customer; it is empty where
there is nothing useful to say. An error's message never holds a secret, a contact's address or a file's content.
"""

from __future__ import annotations


class ChatflowError(Exception):
    """The root of all errors that Chatflow raises on purpose."""

    retryable = False
    user_message = ""


class InvalidInput(ChatflowError):
    """Input that is not what it claims to be."""


class BadSignature(InvalidInput):
    """A webhook whose signature does not match its raw body."""


class Unreadable(InvalidInput):
    """A stored row or a queued message that this release cannot read. Another attempt changes nothing."""


class MediaRejected(InvalidInput):
    """A file that a node or a channel does not accept.

    `reason` is one word of `chatflow.media.REASONS`, or `unsafe` (malware). `user_message` tells the customer in plain
    words what is wrong.
    """

    def __init__(self, reason: str, user_message: str) -> None:
        super().__init__(f"media rejected: {reason}")
        self.reason = reason
        self.user_message = user_message


class Refused(ChatflowError):
    """The other side refused; another attempt changes nothing."""


class ChannelRefused(Refused):
    """The channel's API refused a call. `code` and `explanation` are the channel's own.

    `cause` is a `chatflow.messages.FailureReason`: what that means on any channel.
    """

    def __init__(self, code: int, explanation: str, cause: str = "unknown") -> None:
        super().__init__(f"the channel refused the call with code {code}: {explanation}")
        self.code = code
        self.explanation = explanation
        self.cause = cause


class AddressRefused(Refused):
    """An address inside the network, or of a kind that no call may use."""


class Unavailable(ChatflowError):
    """The other side is unavailable now."""

    retryable = True


class ChannelUnavailable(Unavailable):
    """The channel's API cannot be reached or throttles us: nothing was done.

    `after`: the seconds that it asks us to wait, 0 if it names none. `account_after`: the seconds for which it takes no
    message of the account at all, 0 when the refusal concerns this contact or this call alone.
    """

    def __init__(self, message: str, after: float = 0.0, code: int = 0, account_after: float = 0.0) -> None:
        super().__init__(message)
        self.after = after
        self.code = code
        self.account_after = account_after


class Paced(ChannelUnavailable):
    """The account sends as fast as its channel allows. Nothing was done.

    `slot`: when the message may be sent, in milliseconds since the epoch; the slot is kept for it.
    """

    def __init__(self, message: str, slot: int) -> None:
        super().__init__(message)
        self.slot = slot


class TooManyOwed(ChannelUnavailable):
    """The conversation owes its customer as many messages as it may: another one cannot be sent later."""


class Throttled(Unavailable):
    """AWS refused a call because of its rate, for as long as there was time to repeat it. Nothing was done."""


class OwnTrouble(Unavailable):
    """Something of our own was in the way: a store that cannot be reached, or no time. It says nothing of others."""


class HostBusy(Unavailable):
    """As many calls as may be are at the host already. No call was made."""


class HostOpen(Unavailable):
    """The host's circuit breaker is open: calls failed, or took too long. No call was made."""


class Overtaken(Unavailable):
    """Someone else changed it after it was read. Nothing was changed by this call."""


class MediaUnavailable(Unavailable):
    """A customer's file that the channel could not deliver.

    `after`: the seconds that it asks us to wait, 0 if it names none.
    """

    user_message = "I could not open that file. Please send it again."

    def __init__(self, message: str, after: float = 0.0) -> None:
        super().__init__(message)
        self.after = after


class InDoubt(ChatflowError):
    """A request was sent and no answer came: it may or may not have taken effect."""


class ChannelInDoubt(InDoubt):
    """The channel's API failed while it processed a request: the message may have been sent.

    `after`: the seconds that it asks us to wait, 0 if it names none.
    """

    def __init__(self, message: str, after: float = 0.0, code: int = 0) -> None:
        super().__init__(message)
        self.after = after
        self.code = code


class TooSlow(InDoubt):
    """A request was sent, and no answer came before its timeout."""


class TooLarge(ChatflowError):
    """More than our own limits allow."""


class NotPublished(ChatflowError):
    """A flow, version, slice or asset that is not, or no longer, published."""


class NotConnected(NotPublished):
    """An account of a channel whose credentials are not, or no longer, stored; or are those of another account."""


class TurnFailed(ChatflowError):
    """A turn did not finish; nothing was saved, and its event is tried again."""

    retryable = True


class NotMovedYet(TurnFailed):
    """A turn that did not begin: the person's session is on its way from another key."""


class Unfinished(TurnFailed):
    """The work takes more than one run, and this run got further. It is no failed attempt."""
