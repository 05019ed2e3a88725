"""The local stack: an AWS emulator, a WhatsApp simulator and a business API on this machine."""
