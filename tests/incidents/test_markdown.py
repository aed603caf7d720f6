"""Markdown of comments: what people write looks as meant, and does nothing."""

import re

import pytest

from incidents.markdown import as_html, named_people


def test_what_a_comment_needs_is_there() -> None:
    html = as_html(
        "**bold** and `code`\n\n- one\n- two\n\n> said\n\n|a|b|\n|-|-|\n|1|2|\n\n[here](https://example.org)"
    )
    for part in ("<strong>bold</strong>", "<code>code</code>", "<li>one</li>", "<blockquote>", "<td>1</td>"):
        assert part in html
    assert '<a href="https://example.org" rel="noopener noreferrer nofollow">here</a>' in html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "![a picture](https://example.org/who-reads-this.png)",
        "[click](javascript:alert(1))",
        "[click](data:text/html,<script>alert(1)</script>)",
        '<a href="https://example.org" style="x" onclick="y">z</a>',
        "|a|\n|:-:|\n|1|",
        "# Not a heading of the page",
    ],
)
def test_markup_of_the_writers_own_pictures_and_scripts_are_words_at_most(text: str) -> None:
    harmless = r'</?(p|a|table|thead|tbody|tr|th|td)( href="https:[^"]*" rel="[a-z ]*")?>'
    tags = re.findall("<[^>]*>", as_html(text))
    assert all(re.fullmatch(harmless, tag) for tag in tags), tags


def test_people_are_named_with_an_at_sign() -> None:
    assert named_people("@asha and (@ben.lead). Not mail@example.org, but @zoë!") == {"asha", "ben.lead", "zoë"}
