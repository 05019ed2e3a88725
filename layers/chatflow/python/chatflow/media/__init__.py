"""Media: identifies files, decides whether a node and a channel accept them, names and stores references to them."""

# Why a file is rejected: `chatflow.errors.MediaRejected.reason` is one of these.
REASONS = (
    "wrong_kind",
    "too_large",
    "empty",
    "unknown_format",
    "unsupported_by_channel",
    "not_shown",  # only for a file that is sent: the channel does not show how its content is encoded
    # its format is known, but
    "encrypted",  # its content cannot be checked without a password
    "macros",  # it contains macros
    "active_content",  # it loads a remote template, runs a command or holds a program (a node may allow that)
    "truncated",  # its end is missing
    "broken",  # it contradicts itself, or differs from what was sent
    "mixed",  # it hides a second file
    "expands",  # decompressed, it would become far larger
    "unreadable",  # it cannot be identified within the budget of reads
)
