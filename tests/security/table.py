"""The table: where a call is sent, how its host resolves, and what must come of it."""

# ruff: noqa: RUF001, S104 - look-alike letters and odd addresses are the point

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

PUBLIC = "93.184.215.14"
OTHER = "151.101.1.69"
PUBLIC_6 = "2606:2800:21f:cb07:6820:80da:af6b:8b2c"
HERE = "claims.example"
RUNTIME = "/2018-06-01/runtime/invocation/next"
METADATA = "/latest/meta-data/iam/security-credentials/"

# Each is really served inside the namespace: a bare socket reaches it.
INTERNAL = (
    "127.0.0.1", "127.8.9.10", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "169.254.170.2", "169.254.170.23", "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "192.0.2.7",
    "198.18.0.1", "198.51.100.7", "203.0.113.7", "192.88.99.1", "::1", "fd00:ec2::254", "fd00:ec2::253", "fd12::1",
    "fd20:ce::254", "fec0::1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::1",
    "2002:a9fe:a9fe::1", "2001::1", "2001:db8::1", "100::1", "3fff::1", "5f00::1", "::7f00:1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "0.0.0.0", "::",
)  # fmt: skip
_BUSINESSES = {"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "fd12::1", "::ffff:10.0.0.1"}
# No TCP connection can be made to these, by anyone.
NOWHERE = ("224.0.0.1", "255.255.255.255", "240.0.0.1", "ff02::1", "fe80::1")

SPELLINGS = (
    "localhost", "LOCALHOST", "localhost.", "ip6-localhost", "127.1", "127.0.1", "127.000.000.001", "0", "0.0.0.0",
    "2130706433", "0x7f000001", "0x7f.0.0.1", "0x7f.1", "0177.0.0.1", "017700000001", "127.0.0.1.", "2852039166",
    "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518", "[::]", "[::1]", "[0:0:0:0:0:0:0:1]", "[::127.0.0.1]",
    "[::ffff:7f00:1]", "[::ffff:a9fe:a9fe]", "[0:0:0:0:0:ffff:127.0.0.1]", "[fd00:ec2:0::254]", "[fe80::1%25lo]",
    "[::1%25lo]", "[fe80::1]", "①②⑦.⓪.⓪.①", "127。0。0。1", "１２７.0.0.1", "ⓛocalhost", "%31%32%37.0.0.1",
    "good@127.0.0.1", f"{PUBLIC}@127.0.0.1", f"127.0.0.1@{PUBLIC}", f"{HERE}\\@127.0.0.1", f"{HERE}\t.local",
    "127.0.0.1 ", f"{HERE}%00.127.0.0.1", "1572395022", "0x5db8d70e",
)  # fmt: skip

SCHEMES = (
    f"http://{HERE}/", f"ftp://{HERE}/", f"gopher://{HERE}:6379/_INFO", "file:///etc/passwd", f"ws://{HERE}/",
    "data:text/plain,secret", "jar:https://claims.example!/", f"//{HERE}/", f"https:{HERE}", "https:///127.0.0.1/",
    f"{HERE}", "", f"unix:/var/run/docker.sock:https://{HERE}/", f"https://{HERE}:22/", f"https://{HERE}:6379/",
    f"https://{HERE}:9001/", f"https://{HERE}:0/", f"https://{HERE}:99999/", f"https://{HERE}:443@127.0.0.1/",
    f"https://{HERE}#@127.0.0.1:9001/a\nb",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """`comes_to`: reached, refused, unavailable, moved. `answers`: what the host's name resolves to, time after time.

    `internal` are the connections to internal addresses that are meant to happen, `queries` how often A is asked for.
    """

    id: str
    url: str
    comes_to: str
    answers: Sequence[Sequence[str]] = ()
    name: str = HERE
    method: str = "GET"
    redirects: int = 0
    private: frozenset[str] = frozenset()
    internal: int = 0
    queries: int | None = None
    requests: int | None = None


def rows() -> list[Row]:
    """All of them, each with a name of its own for its host, so that none sees the answers meant for another."""
    return [*_public(), *_literal(), *_named(), *_rebinding(), *_redirected(), *_private()]


def _public() -> Iterator[Row]:
    """What must work, or the rest of the table would prove nothing."""
    for id_, answers in (
        ("IPv4", [[PUBLIC]]),
        ("IPv6", [[PUBLIC_6]]),
        ("both", [[PUBLIC_6, PUBLIC]]),
        ("two", [[PUBLIC, OTHER]]),
    ):
        yield _of(f"public {id_}", "https://{host}/", "reached", answers, requests=1, queries=1)
    yield _of("public by another name", "https://{host}/", "reached", [["alias.claims.example"]])
    yield _of("public at port 8443", "https://{host}:8443/", "reached", [[PUBLIC]])
    yield _of("public at port 8080", "https://{host}:8080/", "reached", [[PUBLIC]])
    yield _of("public with a dot at the end", "https://{host}./", "reached", [[PUBLIC]])
    yield Row("public address written out", f"https://{PUBLIC}/", "reached")
    yield Row("public IPv6 address written out", f"https://[{PUBLIC_6}]/", "reached")
    yield _of("public POST", "https://{host}/", "reached", [[PUBLIC]], method="POST")
    yield _of("a certificate for another name", "https://other.example.org/", "unavailable", [[PUBLIC]], requests=0)
    yield _of("a name that is never answered", "https://silent.claims.example/", "unavailable", requests=0)
    yield _of("a name that does not exist", "https://nowhere.claims.example/", "unavailable", requests=0)


def _literal() -> Iterator[Row]:
    for address in (*INTERNAL, *NOWHERE):
        host = f"[{address}]" if ":" in address else address
        yield Row(f"https {address}", f"https://{host}/", "refused")
        yield Row(f"http {address}", f"http://{host}{METADATA}", "refused")
    for scheme in ("http", "https"):
        for port in (9001, 8443):
            yield Row(f"{scheme} runtime {port}", f"{scheme}://127.0.0.1:{port}{RUNTIME}", "refused")
        for number, host in enumerate(SPELLINGS):
            yield Row(f"{scheme} spelling {number} {host!a}", f"{scheme}://{host}/", "refused")
    for url in SCHEMES:
        yield Row(f"url {url!a}", url, "refused", requests=0)


def _named() -> Iterator[Row]:
    for address in (*INTERNAL, *NOWHERE):
        yield _of(f"name of {address}", "https://{host}/", "refused", [[address]])
        yield _of(f"name of a public address and {address}", "https://{host}/", "refused", [[PUBLIC, address]])
        yield _of(f"name of {address} and a public one", "https://{host}/", "refused", [[address, PUBLIC]])
    yield _of("another name of this machine", "https://{host}/", "refused", [["here.claims.example"]])


def _rebinding() -> Iterator[Row]:
    for address in ("127.0.0.1", "169.254.169.254", "fd00:ec2::254", "10.0.0.1"):
        yield _of(f"public, then {address}", "https://{host}/", "reached", [[PUBLIC], [address]], queries=1)
        yield _of(f"{address}, then public", "https://{host}/", "refused", [[address], [PUBLIC]])
        yield _of(
            f"public, then {address}, sent on to itself",
            "https://{host}/to/302/%2Fagain",
            "refused",
            [[PUBLIC], [address]],
            redirects=3,
            queries=2 if "." in address else None,
        )


def _redirected() -> Iterator[Row]:
    def sent_on(id_: str, location: str, comes_to: str, *, status: int = 302, method: str = "GET", **more: int) -> Row:
        url = f"https://{{host}}/to/{status}/{quote(location, safe='')}"
        return _of(f"sent on {id_}", url, comes_to, [[PUBLIC]], method=method, **{"redirects": 3, **more})

    for address in (*INTERNAL, *NOWHERE):
        host = f"[{address}]" if ":" in address else address
        yield sent_on(f"to https {address}", f"https://{host}/", "refused", requests=1)
        yield sent_on(f"to http {address}", f"http://{host}/", "refused", requests=1)
    for number, host in enumerate(SPELLINGS):
        yield sent_on(f"to spelling {number}", f"//{host}/", "refused", requests=1)
    for status in (301, 302, 303, 307, 308):
        yield sent_on(f"{status} to the runtime", f"http://127.0.0.1:9001{RUNTIME}", "refused", status=status)
        yield sent_on(f"{status} with a body", "https://alias.claims.example/", "moved", status=status, method="POST")
    yield sent_on("to an internal name", "https://here.claims.example/", "refused")
    yield sent_on("out of TLS", "http://alias.claims.example/", "refused")
    yield sent_on("to a file", "file:///etc/passwd", "refused")
    yield sent_on("to what is no URL", "https://[::1", "refused")
    yield sent_on("to a public host", "https://alias.claims.example/", "reached", requests=2)
    yield sent_on("without leave", "https://alias.claims.example/", "moved", redirects=0, requests=1)
    yield _of("as often as allowed", "https://{host}/chain/3", "reached", [[PUBLIC]], redirects=3, requests=4)
    yield _of("more often than allowed", "https://{host}/chain/20", "moved", [[PUBLIC]], redirects=3, requests=4)
    for private in ("api.vpc.internal", "10.1.2.3"):
        url = f"https://{{host}}/to/302/{quote(f'https://{private}/', safe='')}"
        leave = frozenset({private})
        yield _of(f"sent in to {private}", url, "refused", [[PUBLIC]], redirects=3, private=leave, requests=1)


def _private() -> Iterator[Row]:
    """An operator's own hosts: they may be inside, and even they may not be everywhere."""

    def own(id_: str, address: str, comes_to: str, *, internal: int = 0, named: str = "{host}", port: str = "") -> Row:
        return _of(
            f"private {id_}",
            f"https://{{host}}{port}/",
            comes_to,
            [[address]],
            private=frozenset({named}),
            internal=internal,
        )

    for address in ("10.1.2.3", "172.20.0.1", "192.168.7.7", "100.64.3.4", "fd12:3456::7"):
        yield own(f"at {address}", address, "reached", internal=1)
    yield own("that is public", PUBLIC, "reached")
    yield own("at a port that was named", "10.1.2.3", "reached", internal=1, named="{host}:5001", port=":5001")
    yield own("at a port that was not named", "10.1.2.3", "refused", port=":5001")
    yield own("beside the one that was named", "10.1.2.3", "refused", named="api.vpc.internal")
    yield own("below the one that was named", "10.1.2.3", "refused", named="claims.example")
    for address in (*INTERNAL, *NOWHERE):
        if address not in _BUSINESSES:
            yield own(f"at {address}", address, "refused")
            yield own(f"at {address}, port named", address, "refused", named="{host}:9001", port=":9001")
    for address in ("169.254.169.254", "[fd00:ec2::254]", "0.0.0.0", "[::]"):
        yield Row(f"private literal {address}", f"https://{address}/", "refused", private=frozenset({address}))
    yield _of(
        "private, then this machine",
        "https://{host}/to/302/%2Fagain",
        "refused",
        [["10.1.2.3"], ["127.0.0.1"]],
        private=frozenset({"{host}"}),
        redirects=3,
        internal=1,
    )
    yield _of("private in plain text", "http://{host}/", "refused", [["10.1.2.3"]], private=frozenset({"{host}"}))


_count = iter(range(10**6))


def _of(id_: str, url: str, comes_to: str, answers: Sequence[Sequence[str]] = (), **more: object) -> Row:
    host = f"r{next(_count)}.claims.example"
    private = frozenset(each.format(host=host) for each in more.pop("private", frozenset()))  # type: ignore[attr-defined]
    return Row(id_, url.replace("{host}", host), comes_to, answers, host, private=private, **more)  # type: ignore[arg-type]
