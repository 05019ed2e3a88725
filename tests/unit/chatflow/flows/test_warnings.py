"""What does not prevent publishing, though customers would miss it."""

from __future__ import annotations

import pytest

from chatflow.flows.validation import check, warnings
from tests.fakes.flow_folders import FlowFolder

FLOW = """\
chatflow: 1
flow: other
title: Other
start: get
nodes:
  get: {{type: api_integration, integration: report, save_as: report, exits: {{success: send, failure: end}}}}
  send: {{type: media, direction: outbound, source: {{media: "[[report]]"}}, {more}exits: {{sent: end, failed: end}}}}
"""
REPORT = """\
integration: report
method: GET
url: https://example.com/report
response: {content_type: file}
"""


def told(folder: FlowFolder, more: str) -> list[str]:
    project = folder.project({"other.yaml": FLOW.format(more=more), "integrations/report.yaml": REPORT})
    assert check(project) == []
    return [str(each) for each in warnings(project)]


def test_a_caption_on_a_document_is_a_warning(folder: FlowFolder) -> None:
    [warning] = told(folder, "caption: Your report, filename: Report.pdf, ")
    assert warning.startswith(
        "other.yaml:7: send > caption: WhatsApp shows a document with its name, without a caption."
    )


@pytest.mark.parametrize("more", ["", "caption: Your car, ", "filename: Report.pdf, "])
def test_what_customers_see_needs_no_warning(more: str, folder: FlowFolder) -> None:
    assert told(folder, more) == []


def test_a_broken_project_has_problems_and_no_warnings(folder: FlowFolder) -> None:
    project = folder.project({"other.yaml": FLOW.format(more="caption: a, filename: b, nothing: 1, ")})
    assert check(project)
    assert warnings(project) == []
