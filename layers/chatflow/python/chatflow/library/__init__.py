"""The asset library: what its files are called, where they lie, and which are taken. Rules alone, shared by the room
that checks arrivals and by the management API."""
