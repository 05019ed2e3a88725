"""A channel without any capability: a secret header, one update a POST, direct sends, no statuses."""
