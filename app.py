"""The CDK app: one stack for each stage, `cdk deploy -c stage=prod`; infrastructure/configuration.py has all keys."""

from __future__ import annotations

import sys
from pathlib import Path

# Synth validates flows with the code that runs on Lambda, imported from its folders.
_ROOT = Path(__file__).resolve().parent
sys.path[:0] = [str(_ROOT / "layers" / "chatflow" / "python"), str(_ROOT / "functions")]

from aws_cdk import App  # noqa: E402  after the path is set

from infrastructure.configuration import Misconfigured, read_configuration  # noqa: E402
from infrastructure.security.nag import check_with_nag  # noqa: E402
from infrastructure.stack import Chatflow  # noqa: E402


def main() -> None:
    app = App()
    try:
        Chatflow(app, read_configuration(app.node))
    except Misconfigured as problem:
        sys.exit(str(problem))
    check_with_nag(app)
    try:
        app.synth()
    except RuntimeError as problem:
        # cdk-nag printed its findings; a stack trace of the CDK would hide them.
        if "ValidationFailed" not in str(problem):
            raise
        sys.exit("Synth stopped: no construct waives the findings above (nag.waive in infrastructure/security/nag.py).")


if __name__ == "__main__":
    main()
