"""Checks of the account that a deploy goes to, and of the deployment: `chatflow doctor`; `make deploy` makes the first.

This package uses AWS credentials. Of the command line, only `chatflow_cli.commands.doctor` imports it.
"""
