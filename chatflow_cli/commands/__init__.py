"""The commands: one module for each kind of resource, as in the API."""
