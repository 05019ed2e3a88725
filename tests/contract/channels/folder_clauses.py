"""What a channel's folder must hold, and what its modules may import."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlsplit

from chatflow.channels.message_limits import MessageLimits
from chatflow.channels.public_routes import RouteRequest
from chatflow.errors import BadSignature, InvalidInput
from chatflow.media.profiles import FORMATS
from tests.contract.channels.assertions import must_raise, must_work
from tests.contract.channels.channel_under_test import DEADLINE, Channel
from tests.contract.channels.imports import imported, with_its_own_imports
from webhook.public_routes import MIME_TYPES

PURE_PARTS = ("webhook", "rendering", "profile", "addresses", "routes", "push")
LARGEST_FILE = 4_000_000  # bytes; in base64, a Lambda function answers with 6 MB at most
OUTSIDE = {
    *("boto3", "botocore", "http", "httpx", "os", "random", "requests", "requests_toolbelt", "secrets", "socket"),
    *("subprocess", "time", "urllib3", "logging", "aws_lambda_powertools"),
}
HEAVY = {
    *("boto3", "botocore", "http", "httpx", "requests", "requests_toolbelt", "socket", "urllib3"),
    *("aws_lambda_powertools", "jsonpath", "pydantic", "yaml"),
}


def the_manifest_names_where_the_token_may_go(channel: Channel) -> None:
    api = urlsplit(channel.manifest.api)
    assert api.scheme == "https"
    assert api.hostname in channel.manifest.hosts
    assert all(host == host.lower() and "/" not in host for host in channel.manifest.hosts)


def the_manifest_tells_a_person_where_each_secret_is(channel: Channel) -> None:
    assert channel.manifest.secret
    assert all(len(where) > 20 and "\n" not in where for where in channel.manifest.secret.values())


def the_manifest_tells_a_person_how_to_connect(channel: Channel) -> None:
    connect = channel.manifest.connect
    assert {connect.account} | ({connect.chosen} - {""}) <= channel.manifest.secret.keys()
    steps = " ".join(connect.steps).format(webhook_url="https://hooks.example", chosen="made-up")
    assert "https://hooks.example" in steps
    assert "made-up" in steps or not connect.chosen


def every_part_is_there(channel: Channel) -> None:
    webhook, client = channel.part("webhook"), channel.part("client")
    assert all(callable(getattr(webhook, name, None)) for name in ("verify", "parse"))
    assert callable(getattr(channel.part("rendering"), "render", None))
    assert all(callable(getattr(client.Client, name, None)) for name in ("send", "deliver", "open", "account_name"))
    addresses = channel.part("addresses")
    names = ("normalize_address", "stored_spellings", "is_writable")
    assert all(callable(getattr(addresses, name, None)) for name in names)


def what_it_requests_of_the_deployment_it_can_fill(channel: Channel) -> None:
    """A route refuses what it does not know without the help of a browser; a page consists of files that are served."""
    requested = channel.manifest.infrastructure
    if "routes" in requested:
        with must_work("routes"):
            answer = channel.part("routes").answer
            request = RouteRequest("GET", channel.examples.ACCOUNT, "no/such/path", {}, {}, b"", DEADLINE // 1000)
            status = 401
            with suppress(BadSignature):
                status = answer(request, channel.examples.SECRET).status
        assert 400 <= status < 500
    if "page" in requested:
        page = channel.folder / "page"
        assert (page / "index.html").is_file()
        assert all(each.suffix in MIME_TYPES and each.stat().st_size < LARGEST_FILE for each in page.iterdir())


def pure_parts_import_nothing_of_the_outside(channel: Channel) -> None:
    for part in PURE_PARTS:
        for module in with_its_own_imports(channel, part):
            assert not imported(channel.folder / f"{module}.py", anywhere=True) & OUTSIDE, module


def nothing_heavy_is_imported_before_it_is_used(channel: Channel) -> None:
    for file in channel.folder.glob("*.py"):
        assert not imported(file, anywhere=False) & HEAVY, file.name


def the_profile_limits_known_formats(channel: Channel) -> None:
    limits = channel.part("profile").PROFILE.limits
    assert limits
    assert limits.keys() <= FORMATS.keys()
    assert all(isinstance(size, int) and size > 0 for size in limits.values())


def the_profile_says_how_much_a_message_holds(channel: Channel) -> None:
    """A limit of 0 says that the channel has no such thing, as its capabilities do."""
    limits = getattr(channel.part("profile"), "LIMITS", None)
    assert isinstance(limits, MessageLimits)
    assert limits.text >= 4  # any character fits, in any unit
    capabilities = channel.manifest.capabilities
    assert bool(limits.caption) == ("captions" in capabilities)
    for capability, needed in {
        "buttons": (limits.buttons, limits.button_title, limits.button_id, limits.question),
        "list": (limits.rows, limits.row_title, limits.row_id, limits.list_button, limits.question),
    }.items():
        assert capability not in capabilities or all(needed)
        assert capability in capabilities or not any(needed[:3])


def an_address_has_one_form_and_what_is_none_is_refused(channel: Channel) -> None:
    addresses, contact = channel.part("addresses"), channel.examples.CONTACT
    with must_work("normalize_address"):
        address = addresses.normalize_address(f" {contact} ")
    assert addresses.normalize_address(address) == address
    assert addresses.stored_spellings(address)[0] == address
    assert contact in addresses.stored_spellings(address)
    assert addresses.is_writable(address)
    with must_raise(InvalidInput):
        addresses.normalize_address("\x00")
