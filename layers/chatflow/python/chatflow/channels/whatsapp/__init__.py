"""WhatsApp, through Meta's Cloud API (Graph API v23.0)."""
