"""A business system to talk to: it takes uploads, gives documents, and fails in every way when told to."""
