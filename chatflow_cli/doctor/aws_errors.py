"""Says in plain words why AWS did not answer a call, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from chatflow_cli.doctor.finding import Finding, cannot_tell

_SIGN_IN: Final = (
    "Sign in (aws sso login, or name a profile in AWS_PROFILE). Then this succeeds: aws sts get-caller-identity"
)
_SIGN_IN_AGAIN: Final = (
    "Sign in again (aws sso login, or fetch new keys). Then this succeeds: aws sts get-caller-identity"
)
_TRUST: Final = (
    "If a proxy inspects TLS here, name a file in AWS_CA_BUNDLE that holds its certificate and those of the public "
    "authorities."
)

_EXPIRED: Final = {"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "InvalidToken"}
_UNKNOWN: Final = {"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "AuthFailure"}
_BADLY_SIGNED: Final = {
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
    "RequestExpired",
    "RequestTimeTooSkewed",
    "IncompleteSignature",
}
_DENIED: Final = {"UnauthorizedOperation", "AuthorizationError", "NotAuthorized", "UnauthorizedException"}


@dataclass(frozen=True)
class Explanation:
    """Why, and what to do."""

    text: str
    mend: str


def explain(error: Exception, action: str) -> Explanation:
    """Explain an exception of botocore, or of our own AWS client.

    `action` is the IAM action of the call, such as "sts:GetCallerIdentity".
    """
    from botocore import exceptions

    if isinstance(answer := getattr(error, "response", None), dict):
        return _explain_answer(str(answer["Error"].get("Code", "")), action)
    if isinstance(error, exceptions.NoCredentialsError):
        return Explanation("This shell has no AWS credentials.", _SIGN_IN)
    if isinstance(error, exceptions.ProfileNotFound | exceptions.PartialCredentialsError):
        return Explanation(f"The AWS credentials of this shell cannot be used: {_sentence(error)}", _SIGN_IN)
    if isinstance(error, exceptions.NoRegionError):
        return Explanation("This shell names no AWS Region.", "Name one: export AWS_REGION=eu-central-1")
    if isinstance(error, _session_errors()):
        return Explanation("The AWS session of this shell has expired.", _SIGN_IN_AGAIN)
    if isinstance(error, exceptions.CredentialRetrievalError):
        return Explanation(f"The AWS credentials of this shell cannot be fetched: {_sentence(error)}", _SIGN_IN_AGAIN)
    if isinstance(error, exceptions.SSLError):
        return Explanation(f"The connection to AWS is not trusted: {_sentence(error)}", _TRUST)
    return Explanation(f"AWS does not answer: {_sentence(error)}", "Check the network, the proxy, and AWS_REGION.")


def attempt(check: str, action: str, ask: Callable[[], Finding]) -> Finding:
    """The finding of `ask`; when AWS does not answer it, a finding that says why."""
    from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

    try:
        return ask()
    except ParamValidationError:  # a defect of this program, not an answer of AWS
        raise
    except (BotoCoreError, ClientError) as error:
        why = explain(error, action)
        return cannot_tell(check, why.text, why.mend)


def is_denied(error: Exception) -> bool:
    """Whether AWS answered that the credentials lack the permission."""
    return _means_denied(str(getattr(error, "response", {}).get("Error", {}).get("Code", "")))


def _means_denied(code: str) -> bool:
    return "AccessDenied" in code or code in _DENIED


def _explain_answer(code: str, action: str) -> Explanation:
    if code in _EXPIRED:
        return Explanation(f"The AWS session of this shell has expired ({code}).", _SIGN_IN_AGAIN)
    if code in _UNKNOWN:
        return Explanation(
            f"AWS does not know these credentials ({code}), or the Region is not enabled for their account.",
            f"{_SIGN_IN_AGAIN}. Or name another Region in AWS_REGION.",
        )
    if code in _BADLY_SIGNED:
        return Explanation(
            f"AWS does not accept the signature of the credentials ({code}).",
            "Check the secret access key, and the clock of this machine.",
        )
    if _means_denied(code):
        return Explanation(
            f"These credentials may not call {action}.", f"Allow {action} (docs/deploy.md lists what is needed)."
        )
    if "Throttl" in code or code in ("TooManyRequestsException", "RequestLimitExceeded"):
        return Explanation(f"AWS is too busy to answer {action} ({code}).", "Try again in a minute.")
    return Explanation(
        f"AWS did not answer {action}: {code or 'no reason given'}.", "Try again, or look it up in the AWS console."
    )


def _session_errors() -> tuple[type[Exception], ...]:
    """The exceptions for a session that ended. Those of `aws login` are not in every release of botocore."""
    from botocore import exceptions

    names = ("SSOError", "TokenRetrievalError", "NoAuthTokenError", "LoginRefreshRequired", "LoginTokenLoadError")
    return tuple(getattr(exceptions, name) for name in names if hasattr(exceptions, name))


def _sentence(error: Exception) -> str:
    """botocore's own words, as one sentence."""
    return f"{' '.join(str(error).split()).rstrip('.')}."
