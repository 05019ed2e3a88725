"""What a downloaded file is called, by whoever sent it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow.integrations.attachment_name import attachment_name


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="report.pdf"', "report.pdf"),
        ("attachment; filename=report.pdf", "report.pdf"),
        ("inline;filename=report.pdf;size=3", "report.pdf"),
        ('ATTACHMENT; FILENAME="report.pdf"', "report.pdf"),
        ('attachment; filename="a \\"quoted\\" name.pdf"', 'a "quoted" name.pdf'),
        ('attachment; filename="a;b.pdf"', "a;b.pdf"),
        ("attachment; filename*=UTF-8''na%C3%AFve%20r%C3%A9sum%C3%A9.pdf", "naïve résumé.pdf"),
        ("attachment; filename*=iso-8859-1'en'%A3%20rates.pdf", "£ rates.pdf"),
        ("attachment; filename=\"plain.pdf\"; filename*=utf-8''%e2%82%ac.pdf", "€.pdf"),
        ("attachment; filename*=utf-8''%e2%82%ac.pdf; filename=\"plain.pdf\"", "€.pdf"),
        ("attachment; filename=\"plain.pdf\"; filename*=utf-16''%00a", "plain.pdf"),
        ('attachment; filename="na\u00c3\u00afve.pdf"', "naïve.pdf"),
        ('attachment; filename="na\u00efve.pdf"', "naïve.pdf"),
        ('attachment; filename="r%C3%A9sum%C3%A9.pdf"', "résumé.pdf"),
        ("attachment", "42"),
        ("", "42"),
        ('attachment; filename=""', "42"),
        ('attachment; filename="unclosed.pdf', "unclosed.pdf"),
    ],
)
def test_the_name_that_a_server_gives(disposition: str, name: str) -> None:
    headers = {"content-disposition": disposition} if disposition else {}
    assert attachment_name(headers, "https://files.example.com/reports/42?name=x.pdf") == name


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://files.example.com/reports/my%20report.pdf?x=1#y", "my report.pdf"),
        ("https://files.example.com/reports/", ""),
        ("https://files.example.com", ""),
        ("https://files.example.com/%2e%2e%2fpasswd", "../passwd"),
    ],
)
def test_the_url_names_a_file_when_the_server_does_not(url: str, name: str) -> None:
    assert attachment_name({}, url) == name


@given(st.text(st.characters(max_codepoint=255)))
def test_any_header_can_be_read(disposition: str) -> None:
    assert isinstance(attachment_name({"content-disposition": disposition}, "https://x.example/a"), str)
