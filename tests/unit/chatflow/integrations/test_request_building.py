"""From an integration to a call: every value in its place, and hostile text never more than a value."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow.errors import NotPublished, Refused
from chatflow.integrations.request_building import build_call, call_summary
from chatflow.media.reference import MediaReference
from chatflow.nodes.ports import Answer, Call, Part
from chatflow.templating import Scope

PHOTO = MediaReference("media/c_1/s/3-ab", "ab" * 32, 7, "image/jpeg", "image", "dent.jpg")
SECRETS = {"claims-token": "t0p-s3cret"}


def integration(**changes: Any) -> dict[str, Any]:
    return {
        "name": "claims-upload",
        "method": "POST",
        "url": "https://claims.example.com/claims/[[plate]]/files",
        "headers": {},
        "query": {},
        "request": {"content_type": "", "parts": [], "body": None, "fields": {}},
        "response": {
            "content_type": "application/json",
            "base_element": "$",
            "element_validation": "HTTP_RESPONSE_CODE",
            "success": [],
            "filename": "",
        },
        "timeout": 20.0,
        "retry": {"attempts": 3},
        **changes,
    }


def request(content_type: str, **changes: Any) -> dict[str, Any]:
    return {"content_type": content_type, "parts": [], "body": None, "fields": {}, **changes}


def scope(**variables: Any) -> Scope:
    return Scope(variables, {"id": "s_1"}, {"name": "Zoë"}, secret=SECRETS.__getitem__)


def call_with(written: dict[str, Any], **variables: Any) -> Call:
    return build_call(written, {name: f"[[{name}]]" for name in variables}, scope(**variables))


def test_the_guides_upload_becomes_a_call() -> None:
    written = integration(
        headers={"Authorization": "Bearer [[secret:claims-token]]"},
        request=request(
            "multipart/form-data",
            parts=[{"name": "plate", "value": "[[number]]"}, {"name": "file", "file": "[[file]]"}],
        ),
        url="https://claims.example.com/claims/[[number]]/files",
    )
    call = build_call(
        written, {"file": "[[photo]]", "number": "[[plate]]"}, scope(photo=PHOTO.to_json(), plate="CA 1-2")
    )
    assert call == Call(
        method="POST",
        url="https://claims.example.com/claims/CA%201-2/files",
        headers={"Authorization": "Bearer t0p-s3cret"},
        parts=(Part("plate", "CA 1-2"), Part("file", file=PHOTO)),
        seconds=20.0,
        attempts=3,
    )


HOSTILE_PATHS = [
    ("a?b=c#d", "a%3Fb%3Dc%23d"),
    ("100%", "100%25"),
    ("50%25", "50%2525"),
    ("..a", "..a"),
    ("a..", "a.."),
    ("v1.2", "v1.2"),
    ("#12", "%2312"),
    ("?", "%3F"),
    ("a;b", "a%3Bb"),
    ("@evil.example;x", "%40evil.example%3Bx"),
    ("Zoë 🚗", "Zo%C3%AB%20%F0%9F%9A%97"),
    ("\ud83d", "%3F"),
    ("[[secret:claims-token]]", "%5B%5Bsecret%3Aclaims-token%5D%5D"),
]


@pytest.mark.parametrize(("text", "segment"), HOSTILE_PATHS)
def test_a_value_in_a_path_stays_one_segment(text: str, segment: str) -> None:
    assert call_with(integration(), plate=text).url == f"https://claims.example.com/claims/{segment}/files"


@pytest.mark.parametrize("text", ["", ".", "..", None, "a/b", "../../admin", "a\\..\\b", "a\r\nX: y", "\x00", "a\tb"])
def test_a_value_that_no_encoding_keeps_in_its_segment_is_refused(text: str | None) -> None:
    with pytest.raises(Refused):
        call_with(integration(), plate=text)


DOTS = [
    "..;", "..;x", ".;a=b", "..;..", ";x", ";", "%2e%2e", "%2E%2e", ".%2e", "%2e", "%2e%2e;", "%252e%252e",
    "%25252e%25252e", "..%3b", "..%3bx", "%3b", "..%20", "..%09", "..%00", "..%0a", "..%3f", "..%3fx=y", "..?", "..#",
    "..%23a", "...", "....", "\uff0e\uff0e", "\uff0e", "\u2025", "\u2026", "..%EF%BC%8E", "%EF%BC%8E%EF%BC%8E",
    "..%2f", "..%2f..%2fadmin", "a%2fb", "a%2Fb", "a%5cb", "a%5C..", "a%252fb", "a%25252fb", "\uff0f", "a\uff0fb",
    "..\uff3c", "%2f", "%5c", "%0d%0aX", "a%00b", "%09", ".. ", " ..", "..\u00a0", "\u3000..", " ", "\u00a0", ". .",
    ".. .", "..; x", " ;x", "%20", "%" + "25" * 20 + "2e",
]  # fmt: skip


@pytest.mark.parametrize("text", DOTS)
def test_a_value_that_becomes_dots_or_a_slash_on_the_way_is_refused(text: str) -> None:
    for url in ("https://claims.example.com/claims/[[plate]]/files", "https://claims.example.com/[[plate]]?x=1"):
        with pytest.raises(Refused):
            call_with(integration(url=url), plate=text)


@pytest.mark.parametrize(
    ("url", "values"),
    [
        ("/[[a]][[b]]", ("%2", "f")),
        ("/[[a]][[b]]", ("%2", "e")),
        ("/[[a]]2f[[b]]", ("%", "x")),
        ("/.[[a]][[b]]", ("%2", "e;")),
        ("/[[a]];v=[[b]]", ("..", "1")),
        ("/[[a]];v=[[b]]", (" ", "1")),
    ],
)
def test_values_that_are_dangerous_only_together_are_refused(url: str, values: tuple[str, str]) -> None:
    with pytest.raises(Refused):
        call_with(integration(url=f"https://claims.example.com{url}"), a=values[0], b=values[1])


def test_a_slash_that_the_author_encoded_stays() -> None:
    written = integration(url="https://claims.example.com/group%2F[[plate]]/..%252f")
    assert call_with(written, plate="a b").url == "https://claims.example.com/group%2Fa%20b/..%252f"


def test_dots_that_two_values_make_together_are_refused_too() -> None:
    with pytest.raises(Refused):
        call_with(integration(url="https://claims.example.com/[[a]][[b]]"), a=".", b=".")
    with pytest.raises(Refused):
        call_with(integration(url="https://claims.example.com/%2e[[a]]"), a=".")


@pytest.mark.parametrize(
    "url",
    [
        "https://[[plate]]/claims",
        "https://[[plate]].example.com/claims",
        "https://example.com:[[plate]]/claims",
        "https://[[plate]]@example.com/claims",
        "https://user:pass@example.com/claims",
        "https://example.com[[plate]]",
        "[[plate]]://example.com/",
        "[[plate]]",
        "//example.com/[[plate]]",
        "https://example.com\\[[plate]]",
        "https:///[[plate]]",
        "ftp://example.com/[[plate]]",
        "https://[[claim.a/b]]/",
    ],
)
def test_the_host_never_comes_from_a_template(url: str) -> None:
    with pytest.raises(Refused):
        call_with(integration(url=url), plate="evil.example", claim={"a/b": "evil.example"})


def test_an_authors_own_url_is_kept_as_written() -> None:
    written = integration(url="http://127.0.0.1:9000/a%2Fb/ü x/~c;d?fixed=1&plate=[[plate]]#part")
    assert call_with(written, plate="a&b=c").url == (
        "http://127.0.0.1:9000/a%2Fb/%C3%BC%20x/~c;d?fixed=1&plate=a%26b%3Dc"
    )


def test_query_values_are_encoded_and_repeat_only_as_written() -> None:
    written = integration(
        url="https://claims.example.com/x?own=[[plate]]", query={"q": "[[plate]]", "tag": ["a", "[[plate]]"], "n": 3}
    )
    pairs = parse_qsl(urlsplit(call_with(written, plate="1&q=2#x").url).query, strict_parsing=True)
    assert pairs == [("own", "1&q=2#x"), ("q", "1&q=2#x"), ("tag", "a"), ("tag", "1&q=2#x"), ("n", "3")]


def test_a_list_from_a_variable_does_not_repeat_a_query_name() -> None:
    url = call_with(integration(url="https://claims.example.com/x", query={"q": "[[tags]]"}), tags=["a", "b"]).url
    assert parse_qsl(urlsplit(url).query) == [("q", '["a","b"]')]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a\r\nX-Admin: yes", "aX-Admin: yes"),
        ("a\nb\rc\x00d\x7fe\x85f\u2028g", "abcdefg"),
        ("  spaced\t", "spaced"),
        ("Zoë", "ZoÃ«"),
        ("\ud83d", "?"),
    ],
)
def test_a_value_in_a_header_stays_in_its_line(text: str, value: str) -> None:
    call = call_with(integration(url="https://claims.example.com/", headers={"X-Plate": "[[plate]]"}), plate=text)
    assert call.headers == {"X-Plate": value}
    assert call.headers["X-Plate"].encode("latin-1")


SEPARATED = [
    ("Cookie", "a=b; customer=[[x]]", "1; role=admin"),
    ("Cookie", "a=b; customer=[[x]]", "1;role=admin"),
    ("Cookie", "customer=[[x]]", "1, role=admin"),
    ("cookie", "[[x]]", "a=b; role=admin"),
    ("COOKIE", 'customer="[[x]]"', '1"; role="admin'),
    ("Cookie", 'customer="[[x]]"', "1\\"),
    ("Authorization", "Bearer [[x]]", 'abc, Digest username="admin"'),
    ("Authorization", 'Digest username="[[x]]", realm="a"', 'x", realm="b'),
    ("X-Forwarded-For", "[[x]]", "1.2.3.4, 127.0.0.1"),
    ("Forwarded", "for=[[x]]", "1.2.3.4;host=admin"),
    ("Accept", "[[x]]", "text/html, */*"),
    ("Content-Type", "[[x]]", "text/plain; charset=utf-7"),
    ("Content-Disposition", 'attachment; filename="[[x]]"', 'a"; filename="b'),
    ("Prefer", "[[x]]", "respond-async, wait=100"),
    ("X-Customer", "id=[[x]]", "1;role=admin"),
    ("X-Customer", "id=[[x]]", "1,role=admin"),
    ("X-Roles", "user, [[x]]", "guest, admin"),
    ("X-Roles", "user;level=[[x]]", "1;level=9"),
    ("Cookie", "customer=[[upper:x]]", "1; role=admin"),
    ("Cookie", "token=[[secret:claims-token]]; customer=[[x]]", "1; role=admin"),
]


@pytest.mark.parametrize(("name", "template", "text"), SEPARATED)
def test_a_value_that_would_add_an_element_to_a_header_is_refused(name: str, template: str, text: str) -> None:
    with pytest.raises(Refused, match="separator"):
        call_with(integration(url="https://claims.example.com/", headers={name: template}), x=text)
    assert call_with(integration(url="https://claims.example.com/", headers={name: template}), x="plain 1=2")


@pytest.mark.parametrize("template", ["[[x]]", "note [[x]]", "[[x]] ([[x]])"])
def test_a_header_without_a_structure_takes_what_people_write(template: str) -> None:
    text = 'Main St. 5, Berlin; "rear"'
    call = call_with(integration(url="https://claims.example.com/", headers={"X-Note": template}), x=text)
    assert call.headers == {"X-Note": template.replace("[[x]]", text)}


def test_a_secret_may_be_a_whole_header() -> None:
    secret = 'session=1; csrf="2", x'
    written = integration(url="https://claims.example.com/", headers={"Cookie": "[[secret:jar]]; plate=[[x]]"})
    call = build_call(written, {}, Scope({"x": "B 1"}, secret={"jar": secret}.__getitem__))
    assert call.headers == {"Cookie": f"{secret}; plate=B 1"}


@pytest.mark.parametrize("name", ["Host", "content-length", "Transfer-Encoding", "Connection", "X Y", "X:\r\nY", ""])
def test_headers_that_frame_a_request_are_not_an_authors(name: str) -> None:
    with pytest.raises(Refused):
        call_with(integration(headers={name: "x"}), plate="x")


def test_json_keeps_its_structure_and_its_types() -> None:
    body = {"plate": "[[plate]]", "note": "for [[plate]]", "n": "[[count]]", "deep": [{"yes": "[[flag]]"}]}
    call = call_with(
        integration(request=request("application/json", body=body)), plate='x","admin":true,"y":"', count=3, flag=True
    )
    assert call.headers == {"Content-Type": "application/json"}
    assert json.loads(call.body) == {
        "plate": 'x","admin":true,"y":"',
        "note": 'for x","admin":true,"y":"',
        "n": 3,
        "deep": [{"yes": True}],
    }


def test_half_an_emoji_does_not_stop_a_call() -> None:
    call = call_with(integration(request=request("application/json", body={"t": "[[plate]]"})), plate="a\ud83db")
    assert json.loads(call.body) == {"t": "a?b"}


def test_an_author_may_name_a_finer_content_type() -> None:
    written = integration(
        headers={"content-type": "application/vnd.api+json"}, request=request("application/json", body={})
    )
    assert call_with(written, plate="x").headers == {"content-type": "application/vnd.api+json"}


def test_a_multipart_call_leaves_its_content_type_to_its_boundary() -> None:
    written = integration(
        headers={"Content-Type": "multipart/form-data"},
        request=request("multipart/form-data", parts=[{"name": "a", "value": "1"}]),
    )
    assert call_with(written, plate="x").headers == {}


def test_form_fields_are_encoded() -> None:
    written = integration(
        url="https://claims.example.com/claims",
        request=request("application/x-www-form-urlencoded", fields={"plate": "[[plate]]", "tag": ["a", "b"]}),
    )
    call = call_with(written, plate="1&admin=yes\r\n+ü")
    assert parse_qsl(call.body.decode(), strict_parsing=True) == [
        ("plate", "1&admin=yes\r\n+ü"),
        ("tag", "a"),
        ("tag", "b"),
    ]
    assert call.headers == {"Content-Type": "application/x-www-form-urlencoded"}


def test_parts_repeat_and_keep_their_order() -> None:
    parts = [
        {"name": "tag", "value": "a"},
        {"name": "file", "file": "[[photo]]"},
        {"name": "tag", "value": "[[n]]"},
        {"name": "file", "file": "[[photo]]", "filename": "[[plate]].jpg"},
    ]
    call = call_with(
        integration(request=request("multipart/form-data", parts=parts)), photo=PHOTO.to_json(), n=2, plate="CA1"
    )
    assert [(part.name, part.value, part.file and part.file.filename) for part in call.parts] == [
        ("tag", "a", None),
        ("file", "", "dent.jpg"),
        ("tag", "2", None),
        ("file", "", "CA1.jpg"),
    ]


@pytest.mark.parametrize("held", ["dent.jpg", None, 3, {"key": "media/other"}, [PHOTO.to_json()]])
def test_a_file_part_needs_a_file(held: Any) -> None:
    written = integration(request=request("multipart/form-data", parts=[{"name": "file", "file": "[[photo]]"}]))
    with pytest.raises(Refused, match="'file' must hold a file"):
        call_with(written, photo=held, plate="x")


def test_a_file_in_a_text_part_is_its_name() -> None:
    written = integration(request=request("multipart/form-data", parts=[{"name": "what", "value": "[[photo]]"}]))
    assert call_with(written, photo=PHOTO.to_json(), plate="x").parts == (Part("what", "dent.jpg"),)


def test_a_parameter_hides_a_variable_and_is_not_filled_again() -> None:
    call = build_call(integration(), {"plate": "[[other]]"}, scope(plate="outer", other="[[secret:claims-token]]"))
    assert unquote(call.url).split("/")[4] == "[[secret:claims-token]]"


def test_parameters_cannot_name_secrets() -> None:
    call = build_call(integration(), {"plate": "x[[secret:claims-token]]"}, scope())
    assert "/claims/x/" in call.url


def test_a_missing_secret_is_said() -> None:
    def vault(name: str) -> str:
        raise NotPublished(name)

    with pytest.raises(NotPublished):
        build_call(integration(headers={"A": "[[secret:gone]]"}), {"plate": "x"}, Scope({}, secret=vault))


def test_a_download_says_what_its_file_is_called() -> None:
    response = {"content_type": "file", "filename": "Report [[plate]].pdf"}
    call = call_with(integration(method="get", response=response), plate="CA1")
    assert (call.method, call.expects_file, call.filename) == ("GET", True, "Report CA1.pdf")


def test_what_a_call_prints_holds_no_secret() -> None:
    written = integration(
        url="https://claims.example.com/[[secret:claims-token]]?k=[[secret:claims-token]]",
        headers={"A": "[[secret:claims-token]]"},
        request=request("application/json", body={"k": "[[secret:claims-token]]"}),
    )
    call = call_with(written, plate="x")
    answer = Answer(200, {"set-cookie": "private"}, b'{"private": 1}', attempts=2, milliseconds=31)
    assert "t0p" not in repr(call)
    told = json.dumps(call_summary(written, call, answer))
    assert "t0p" not in told
    assert "private" not in told


def test_a_summary_tells_what_happened_and_nothing_that_was_said() -> None:
    written = integration(
        url="https://claims.example.com/[[plate]]?to=[[contact:address]]&apikey=123",
        query={"q": "[[plate]]"},
        request=request(
            "multipart/form-data", parts=[{"name": "t", "value": "[[plate]]"}, {"name": "file", "file": "[[photo]]"}]
        ),
    )
    call = call_with(written, plate="CA1", photo=PHOTO.to_json())
    assert call_summary(written, call, Answer(503, {}, b"sorry", attempts=3, milliseconds=900)) == {
        "effect": "call",
        "integration": "claims-upload",
        "method": "POST",
        "url": "https://claims.example.com/[[plate]]?to&apikey&q",
        "parts": ["t", "file"],
        "files": [{"part": "file", "bytes": 7, "sha256": "ab" * 32}],
        "status": 503,
        "attempts": 3,
        "milliseconds": 900,
    }


EVERYWHERE = integration(
    url="https://claims.example.com/a/[[x]]/b-[[x]]?own=[[x]]",
    headers={"X-One": "[[x]]", "X-Two": "two [[x]]"},
    query={"q": "[[x]]", "r": ["[[x]]", "-"]},
)
CONTENTS = [
    request("application/json", body={"a": "[[x]]", "b": ["<[[x]]>", {"c": "[[x]]", "n": 1}]}),
    request("application/x-www-form-urlencoded", fields={"a": "[[x]]", "b": ["[[x]]", "2"]}),
    request(
        "multipart/form-data",
        parts=[{"name": "a", "value": "[[x]]"}, {"name": "f", "file": "[[photo]]", "filename": "[[x]]"}],
    ),
]


def shape(call: Call) -> Any:
    url = urlsplit(call.url)
    content: Any = call.parts and [(part.name, part.file is not None) for part in call.parts]
    kind = call.headers.get("Content-Type")
    if kind == "application/json":
        content = json_shape(json.loads(call.body))
    elif kind:
        content = [name for name, _ in parse_qsl(call.body.decode(), keep_blank_values=True, strict_parsing=True)]
    query = [name for name, _ in parse_qsl(url.query, keep_blank_values=True, strict_parsing=True)]
    lines = "".join(f"{name}: {value}\r\n" for name, value in call.headers.items()).encode("latin-1").splitlines()
    return (url.scheme, url.netloc, url.path.count("/"), query, url.fragment, len(lines), sorted(call.headers), content)


def json_shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: json_shape(each) for key, each in value.items()}
    return [json_shape(each) for each in value] if isinstance(value, list) else type(value).__name__


def cannot_stand_in_a_path(text: str) -> bool:
    """Whether some server may read the text as dots, as nothing, or as more than one step."""
    forms = {text.encode("utf-8", "replace").decode()}
    for _ in range(9):
        forms |= {unquote(each) for each in forms}
    forms |= {unicodedata.normalize("NFKC", each) for each in forms}
    steps = {re.split("[;?#]", each)[0].strip() for each in forms}
    unsafe = {*"/\\\x7f", *map(chr, range(32))}
    return any(unsafe & set(each) for each in forms) or any(not each.strip(". \t\u3000\xa0") for each in steps)


hostile = st.text(min_size=1) | st.text(alphabet="/\\.%?#&=\r\n\t\x00\"'[]{}:;@,<>=+ \x85\u2028\ud83daé", min_size=1)


@pytest.mark.parametrize("content", CONTENTS, ids=["json", "form", "multipart"])
@given(text=hostile)
def test_no_text_changes_the_shape_of_a_request(content: dict[str, Any], text: str) -> None:
    written = {**EVERYWHERE, "request": content}
    plain = call_with(written, x="plain", photo=PHOTO.to_json())
    try:
        call = call_with(written, x=text, photo=PHOTO.to_json())
    except Refused:
        assert cannot_stand_in_a_path(text)
        return
    assert shape(call) == shape(plain)
    segments = [unquote(each) for each in urlsplit(call.url).path.split("/")]
    said = text.encode("utf-8", "replace").decode()
    assert segments[1:] == ["a", said, f"b-{said}"]
