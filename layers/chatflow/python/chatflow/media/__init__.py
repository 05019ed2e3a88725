"""Media: what a file is, whether a node and a channel take it, what it is called, and how it stands in variables."""

# Why a file is not taken: `chatflow.errors.MediaRejected.reason` is one of these.
REASONS = ("wrong_kind", "too_large", "empty", "unknown_format", "broken", "unsupported_by_channel")
