"""Timeouts. Each caller's timeout exceeds its callee's."""

from __future__ import annotations

from typing import Final

from aws_cdk import Duration

from chatflow.adapters.stepfunctions import WORKER_SECONDS
from chatflow.conversation.turn_limits import VISIT_SECONDS

WEBHOOK: Final = Duration.seconds(15)  # channels give up after some 20 seconds, and send again
CONNECTIONS: Final = Duration.seconds(15)  # API Gateway gives up after 29 seconds
# The turn's execution < the client that waits for it < the function around the client (all three in
# chatflow/adapters/stepfunctions.py) < the visibility timeout of its message: else a second worker would start beside
# the first. The last margin is for the start of the function's environment, which its own timeout does not count.
# After a worker died, its conversation is free when the slowest visit's deadline has passed by 10 s. Decision 0026.
CONVERSATION: Final = Duration.seconds(WORKER_SECONDS)
VISIBILITY: Final = Duration.seconds(VISIT_SECONDS + 10)
FORWARD: Final = Duration.seconds(10)  # to forward up to ten delayed events
FORWARD_VISIBILITY: Final = Duration.seconds(60)  # six times the function's timeout, as AWS recommends
STATUSES: Final = Duration.seconds(60)  # to store up to a thousand statuses
STATUSES_VISIBILITY: Final = Duration.seconds(360)  # six times the function's timeout, as AWS recommends
# A node ends its work by its own deadline; the function's timeout catches one that hangs.
NODE_MARGIN_SECONDS: Final = 2
# The client that waits for it has 64 s (functions/conversation/erasure_request.py).
CONTACT_ERASURE: Final = Duration.seconds(60)
PUBLISH_ON_DEPLOY: Final = Duration.seconds(300)
MANAGEMENT_API: Final = Duration.seconds(29)  # API Gateway gives up after 30
# Its call ends after 24 s (functions/integration_trial/dependencies.py); the management API waits for 27.
INTEGRATION_TRIAL: Final = Duration.seconds(26)
# To fetch, check and store a file; its thumbnail may take 40 of these seconds.
ASSET_PROCESSING: Final = Duration.seconds(120)
MALWARE_SCAN: Final = Duration.seconds(120)  # to fetch a file and pass it to the scanner; the largest have 100 MB
BUCKET_CLEANUP: Final = Duration.seconds(300)
CONSOLE_FILES: Final = Duration.seconds(300)  # to put some hundred files of a few MB altogether
