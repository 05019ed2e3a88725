"""What is wrong with an integration, in words its author understands."""

from __future__ import annotations

import pytest

from chatflow.errors import Refused
from chatflow.flows.integrations import _RESERVED_HEADERS
from chatflow.integrations.request_building import build_call
from chatflow.templating import Scope
from tests.fakes.flow_folders import FlowFolder

BASE = {"integration": "tested", "method": "POST", "url": '"https://api.example.com/files"'}


def told(folder: FlowFolder, **fields: str) -> list[str]:
    """What is wrong with an integration with these fields, each as YAML."""
    written = "".join(f"{name}: {value}\n" for name, value in {**BASE, **fields}.items())
    problems = folder.problems({"integrations/tested.yaml": written})
    return [each.removeprefix("integrations/tested.yaml: ") for each in problems]


def test_the_smallest_integration_is_sound(folder: FlowFolder) -> None:
    assert told(folder) == []


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("https://[[plate]].example.com/", "The host must be written out"),
        ("https://[[contact:name]]/", "The host must be written out"),
        ("[[url]]", "A url begins with https://, or with one [[deployment:name]]."),
        ("ftp://example.com/", "A url begins with https://, or with one [[deployment:name]]."),
        ("//example.com/", "A url begins with https://"),
        ("http://example.com/", "Customers' data travels only by https://."),
        ("https://ann:pass@example.com/", "A url holds no user name or password."),
        ("https://example.com:99999/", '"example.com:99999" is not the name of a host.'),
        ("https:///files", '"" is not the name of a host.'),
        ("https://exa mple.com/", '"exa mple.com" is not the name of a host.'),
        ("https://example.com/#top", "What follows a # is never sent."),
        ("https://example.com/[[no name]]", "[[no name]] is not the name of a variable."),
        ("https://example.com/[[deployment:business_url]]", "[[deployment:business_url]] may stand only at the start"),
        ("[[deployment:unknown]]/files", 'deployment.yaml has no value "unknown".'),
    ],
)
def test_a_url_leads_to_a_host_that_no_customer_chooses(folder: FlowFolder, url: str, message: str) -> None:
    problems = told(folder, url=f'"{url}"')
    assert len(problems) == 1
    assert problems[0].startswith(f"url: {message}")


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com",
        "https://api.example.com:8443/claims/[[plate]]?kind=[[kind]]",
        "https://192.0.2.1/files",
        "https://[2001:db8::1]:8443/files",
        "http://127.0.0.1:8000/files",
        "http://localhost:8000/files",
    ],
)
def test_a_url_may_hold_variables_after_its_host(folder: FlowFolder, url: str) -> None:
    assert told(folder, url=f'"{url}"') == []


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        (
            {"request": '{parts: [{name: file, file: "[[file]]"}]}'},
            'request.parts: A file can be uploaded only as "multipart/form-data". '
            "Write content_type: multipart/form-data.",
        ),
        (
            {"request": '{content_type: application/json, body: {a: 1}, parts: [{name: file, file: "[[file]]"}]}'},
            'request.parts: A file can be uploaded only as "multipart/form-data". '
            "Write content_type: multipart/form-data.",
        ),
        (
            {"request": '{content_type: multipart/form-data, body: {a: 1}, parts: [{name: a, value: "1"}]}'},
            'request.body: "body" is sent only with content_type: application/json.',
        ),
        (
            {"request": "{fields: {a: x}}"},
            'request.fields: "fields" is sent only with content_type: application/x-www-form-urlencoded.',
        ),
        (
            {"request": "{content_type: multipart/form-data}"},
            'request.parts: "parts" is missing: it is what a body of type multipart/form-data holds.',
        ),
        (
            {"method": "GET", "request": "{content_type: application/json, body: {a: 1}}"},
            "request: A GET sends no body. Use POST, or put the values under query.",
        ),
        (
            {"request": "{content_type: multipart/form-data, parts: [{name: a}]}"},
            "request.parts[0]: A part is either a text (value) or a file (file). Write one of them.",
        ),
        (
            {"request": '{content_type: multipart/form-data, parts: [{name: a, file: "file [[x]]"}]}'},
            'request.parts[0].file: A file is one whole variable, such as "[[file]]".',
        ),
        (
            {"request": "{content_type: multipart/form-data, parts: [{name: a, value: x, filename: y}]}"},
            "request.parts[0].filename: Only a part with a file has a filename.",
        ),
        (
            {"request": "{content_type: text/plain}"},
            'request.content_type: "text/plain" is not taken. Write "multipart/form-data", "application/json" or '
            '"application/x-www-form-urlencoded".',
        ),
        (
            {"response": "{base_element: claim}"},
            "response.base_element: This is not a JSONPath",
        ),
        (
            {"response": '{element_validation: "$.claim["}'},
            "response.element_validation: This is not a JSONPath",
        ),
        (
            {"response": '{content_type: file, base_element: "$.a"}'},
            "response.base_element: A file has no elements. Leave base_element out.",
        ),
        (
            {"response": '{content_type: file, element_validation: "$.a"}'},
            "response.element_validation: A file has no elements.",
        ),
        (
            {"response": "{filename: a.pdf}"},
            "response.filename: Only a downloaded file has a filename: write content_type: file.",
        ),
        ({"response": "{success: [20]}"}, "response.success[0]: The smallest number here is 100."),
        ({"headers": '{"X Y": a}'}, "headers.X Y: This is not a header's name. It has letters, digits and - only."),
        (
            {"headers": "{Content-Length: \"1\"}"},
            'headers.Content-Length: Chatflow writes the header "Content-Length" itself. Leave it out.',
        ),
        ({"headers": '{A: "a\\nb"}'}, "headers.A: A header is one line. Take the line breaks out."),
        ({"headers": '{A: "[[secret:Bad_Name]]"}'}, "headers.A: A secret's name has small letters, digits, _ and -"),
        ({"timeout": "5m"}, "timeout: Write a time from 1s to 1m."),
        ({"retry": "{attempts: 9}"}, "retry.attempts: The largest number here is 5."),
        ({"method": "FETCH"}, 'method: "FETCH" is not taken. Write "GET", "POST", "PUT", "PATCH" or "DELETE".'),
        ({"header": "{}"}, 'header: There is no field "header" here. Did you mean "headers"?'),
    ],
)  # fmt: skip
def test_an_integration_is_told_what_is_wrong(folder: FlowFolder, fields: dict[str, str], problem: str) -> None:
    problems = told(folder, **fields)
    assert len(problems) == 1
    assert problems[0].startswith(problem)


def test_two_integrations_cannot_have_one_name(folder: FlowFolder) -> None:
    again = (folder.path / "integrations/tell.yaml").read_text()
    assert folder.problems({"integrations/zzz.yaml": again}) == [
        'integrations/zzz.yaml: integration: The integration "tell" stands in integrations/tell.yaml too. '
        "Give one of them another name."
    ]


def test_an_integration_with_problems_hides_none_of_the_flows_that_call_it(folder: FlowFolder) -> None:
    broken = (folder.path / "integrations/tell.yaml").read_text() + "reponse: {}\n"
    folder.project({"integrations/tell.yaml": broken})
    call = "type: api_integration, integration: tell, save_as: a, exits: {success: use, failure: use}"
    use = '{type: text, say: "[[a.b]]", then: end}'
    problem = 'integrations/tell.yaml: reponse: There is no field "reponse" here. Did you mean "response"?'
    sound = f"  call: {{{call}, parameters: {{note: x}}}}\n  use: {use}\n"
    assert folder.flow_problems(sound) == [problem]
    assert folder.flow_problems(f"  call: {{{call}}}\n  use: {use}\n") == [
        problem,
        'call > parameters.note: "tell" needs [[note]]. Give it: parameters: {note: ...}.',
    ]


@pytest.mark.parametrize("part", ["5", "{value: 5}", "{file: 5, name: file}"])
def test_a_broken_part_may_be_the_one_that_a_parameter_is_for(folder: FlowFolder, part: str) -> None:
    upload = (folder.path / "integrations/upload.yaml").read_text()
    broken = upload.replace('{name: file, file: "[[file]]"}', part)
    assert broken != upload
    problems = folder.problems({"integrations/upload.yaml": broken, "flow.yaml": UPLOADING})
    assert [each for each in problems if not each.startswith("integrations/upload.yaml: request.parts[1]")] == []


UPLOADING = """\
chatflow: 1
flow: flow
start: photo
nodes:
  photo: {type: media, direction: inbound, prompt: A photo, save_as: photo, then: upload}
  upload:
    type: api_integration
    integration: upload
    parameters: {file: "[[photo]]", plate: X}
    exits: {success: end, failure: end}
"""


@pytest.mark.parametrize("name", sorted(_RESERVED_HEADERS))
def test_the_headers_that_are_refused_here_are_those_that_a_call_refuses(name: str) -> None:
    call = {
        "method": "GET",
        "url": "https://x.example.com/",
        "headers": {name: "a"},
        "timeout": 1,
        "retry": {"attempts": 1},
    }
    with pytest.raises(Refused):
        build_call(call, {}, Scope({}))


@pytest.mark.parametrize("number", ["0", "-1", "1001", "2.5", "many"])
def test_at_most_is_a_number_of_calls_that_can_be_made(folder: FlowFolder, number: str) -> None:
    problems = told(folder, at_most=number)
    assert len(problems) == 1
    assert problems[0].startswith("at_most: ")


def test_integrations_of_one_host_have_the_same_slots(folder: FlowFolder) -> None:
    """The host and its port count, not the name of the integration or the path."""
    shared = 'integration: second\nmethod: GET\nurl: "https://API.example.com:443/other"\n'
    elsewhere = 'integration: third\nmethod: GET\nurl: "https://api.example.com:8443/other"\nat_most: 7\n'
    first = "".join(f"{name}: {value}\n" for name, value in {**BASE, "at_most": "3"}.items())
    files = {"integrations/tested.yaml": first, "integrations/third.yaml": elsewhere}
    assert folder.problems({**files, "integrations/second.yaml": shared + "at_most: 3\n"}) == []
    for different in ("", "at_most: 4\n"):
        (problem,) = folder.problems({**files, "integrations/second.yaml": shared + different})
        assert "at_most: " in problem
        assert "at api.example.com:443 at the same time. Integrations of one host share them" in problem
