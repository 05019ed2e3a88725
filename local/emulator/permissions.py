"""IAM: what stands for TLS on a machine that talks to itself."""

from __future__ import annotations

from local.emulator.rewriting import replace


def take_loopback_for_tls() -> None:
    """A request over loopback counts as sent by TLS (aws:SecureTransport): buckets refuse everything else."""
    from ministack.core import iam_evaluator

    def pin(client: str, _secure: bool) -> None:
        original(client, True)

    original = replace(iam_evaluator, "pin_request_origin", pin)
