"""How long each of them may take that wait for one another; each outlasts the one that it waits for."""

from __future__ import annotations

from typing import Final

from aws_cdk import Duration

WEBHOOK: Final = Duration.seconds(15)  # channels give up after some 20 seconds, and send again
# The turn's execution (130 s) < the client that waits for it (135 s, both in chatflow/adapters/stepfunctions.py) < the
# function around the client < the time that its message is hidden: else a second worker would begin beside the first.
CONVERSATION: Final = Duration.seconds(145)
VISIBILITY: Final = Duration.seconds(175)
NODE_MARGIN_SECONDS: Final = 5  # a node ends its work by its own deadline; this catches one that hangs
ERASURE: Final = Duration.seconds(
    120
)  # the client that waits for it: 130 s (functions/conversation/erasure_request.py)
PUBLISHING: Final = Duration.seconds(300)
MANAGEMENT: Final = Duration.seconds(29)  # API Gateway gives up after 30
TRIAL: Final = Duration.seconds(
    26
)  # its call ends after 24 (functions/integration_trial/dependencies.py); the API waits for 27
LIBRARY: Final = Duration.seconds(120)  # to fetch, check and keep a file; its picture has 40 seconds of them
SCANNING: Final = Duration.seconds(120)  # to fetch a file and hand it to the scanner; the largest have 100 MB
EMPTYING: Final = Duration.seconds(300)
# How much longer CloudFormation waits for a custom resource than its function may run (the default is an hour).
CUSTOM_RESOURCE_MARGIN_SECONDS: Final = 60
