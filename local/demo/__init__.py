"""`make demo`: scripted customers play whole conversations with real files through the WhatsApp simulator."""
