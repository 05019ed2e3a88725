"""The HTTP API: webhooks of channels, and the management API with the function that it calls to try integrations."""
