"""The CDK app: one stack a stage, `cdk deploy -c stage=prod`. infrastructure/configuration.py has every other key."""

from __future__ import annotations

import sys
from pathlib import Path

# Synth validates and publishes flows with the same code that Lambda runs, straight from its folders.
_ROOT = Path(__file__).resolve().parent
sys.path[:0] = [str(_ROOT / "layers" / "chatflow" / "python"), str(_ROOT / "functions")]

from aws_cdk import App  # noqa: E402  after the path is set

from infrastructure.configuration import Misconfigured, configuration  # noqa: E402
from infrastructure.security.nag import check_with_nag  # noqa: E402
from infrastructure.stack import Chatflow  # noqa: E402


def main() -> None:
    app = App()
    try:
        Chatflow(app, configuration(app.node))
    except Misconfigured as problem:
        sys.exit(str(problem))
    check_with_nag(app)
    try:
        app.synth()
    except RuntimeError as problem:
        # cdk-nag's findings were printed; a stack trace of the CDK's insides would bury them.
        if "ValidationFailed" not in str(problem):
            raise
        sys.exit("Synth stopped: the findings above are not waived in infrastructure/waivers.py.")


if __name__ == "__main__":
    main()
