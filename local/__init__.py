"""The local stack: an AWS emulator, a WhatsApp handset and a business system, all real, all on this machine."""
