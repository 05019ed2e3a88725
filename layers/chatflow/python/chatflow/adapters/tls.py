"""TLS contexts, made once in each process: one for AWS's endpoints, one for all other hosts. Decision record 0038.

A context that reads certifi's bundle takes more processor time than the whole start of a bare function. So the layer
holds the same authorities as a folder in which OpenSSL looks up one by its name, when a certificate names it
(infrastructure/packaging/authorities.py): making a context then reads none of them. A process without that folder, such
as a test or the command line, reads the bundle once.

Settings: `AWS_CA_BUNDLE` replaces the authorities for AWS's endpoints, as in every AWS SDK; OpenSSL's `SSL_CERT_FILE`
and `SSL_CERT_DIR` replace them for other hosts; the deploy's `ca_bundle` adds to the folder of the layer.
"""

from __future__ import annotations

import os
import ssl
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from chatflow.errors import OwnTrouble

AUTHORITIES: Final = "authorities"  # the folder, beside certifi's bundle
AWS_SETTING: Final = "AWS_CA_BUNDLE"
_HOST_SETTINGS: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")


@cache
def for_aws(bundle: str = "") -> ssl.SSLContext:
    """The context of connections to AWS. `bundle`: a file of certificates to trust instead of the public ones.

    Raises OwnTrouble, which names the setting, when that file cannot be read.
    """
    if bundle:
        try:
            context = ssl.create_default_context(cafile=bundle)
        except OSError as error:  # ssl.SSLError is one
            reason = error.strerror or type(error).__name__
            raise OwnTrouble(f"{AWS_SETTING} names {bundle}, which holds no readable certificates: {reason}") from error
    else:
        context = _public()
    # Python 3.13 began to refuse certificates that lack fields which proxies' own authorities often leave out. No AWS
    # SDK refuses them.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


@cache
def for_hosts() -> ssl.SSLContext:
    """The context of connections to the hosts of businesses and channels."""
    if any(name in os.environ for name in _HOST_SETTINGS):
        return ssl.create_default_context()  # reads them
    return _public()


def _public() -> ssl.SSLContext:
    package = find_spec("certifi")
    if not package or not package.origin:
        return ssl.create_default_context()
    folder = Path(package.origin).with_name(AUTHORITIES)
    if folder.is_dir():
        return ssl.create_default_context(capath=str(folder))
    return ssl.create_default_context(cafile=str(folder.with_name("cacert.pem")))


def distrust(error: BaseException | None) -> str:
    """Why a certificate was not accepted, in OpenSSL's words; "" when that is not what caused the error."""
    while error:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error.verify_message.rstrip(".")
        error = error.__cause__ or error.__context__
    return ""
