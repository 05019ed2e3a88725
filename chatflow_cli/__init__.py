"""`chatflow`: the command line of whoever writes, publishes and looks after conversations.

It knows the management API and nothing behind it, so the local stack and AWS look alike. Every module here is light to
import: what a command needs, it imports when it runs.
"""
