"""Encryption, secrets, users, network, malware scanning, and the checks of cdk-nag."""
