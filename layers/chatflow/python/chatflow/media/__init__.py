"""Media: what a file is, whether a node and a channel take it, what it is called, and how it stands in variables."""

# Why a file is not taken: `chatflow.errors.MediaRejected.reason` is one of these.
REASONS = (
    "wrong_kind",
    "too_large",
    "empty",
    "unknown_format",
    "unsupported_by_channel",
    # its content is that of a format of ours, but
    "encrypted",  # under a password, so that nobody can say what is in it
    "macros",  # with programs
    "truncated",  # its end is missing
    "broken",  # it contradicts itself, or is not what was sent
    "mixed",  # a second file is hidden in it
    "expands",  # opened, it would become far larger than it is
    "unreadable",  # it cannot be told within the reads that a file may cost
)
