"""The command line `chatflow`, for people who write, publish and operate conversations.

It talks to the management API only, so the local stack and AWS look alike. The modules are light to import: a heavy
library is imported when the command that needs it runs. Two commands use AWS credentials: `doctor` and `channels`, each
with a package of its own.
"""
