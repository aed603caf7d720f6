"""Markdown of comments: what people write looks as meant, and does nothing."""

import re

import pytest

from incidents.markdown import as_html, as_words, named_people


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
        "[click](//evil.example/b)",
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


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Ask @asha.", "<p>Ask <strong>@asha</strong>.</p>"),
        ("@a.b, @c_d and @é", "<p><strong>@a.b</strong>, <strong>@c_d</strong> and <strong>@é</strong></p>"),
        ("*so @asha said*", "<p><em>so <strong>@asha</strong> said</em></p>"),
        ("mail a@b.example or @", "<p>mail a@b.example or @</p>"),
        ("`@asha` is no person", "<p><code>@asha</code> is no person</p>"),
        ("    @asha", "<pre><code>@asha\n</code></pre>"),
        ("@<b>x</b>", "<p>@&lt;b&gt;x&lt;/b&gt;</p>"),
        ("@asha<script>", "<p><strong>@asha</strong>&lt;script&gt;</p>"),
    ],
)
def test_people_who_are_named_stand_out(text: str, html: str) -> None:
    assert as_html(text).strip() == html


def test_a_name_in_a_link_is_part_of_the_link() -> None:
    assert ">see @asha</a>" in as_html("[see @asha](https://a.example)")


def test_people_are_named_with_an_at_sign() -> None:
    assert named_people("@asha and (@ben.lead). Not mail@example.org, but @zoë!") == {"asha", "ben.lead", "zoë"}


def test_words_are_told_without_signs_in_one_line() -> None:
    text = "Called **the bank**, see [it](https://x.example).\n\n- @asha knows\n- `code` & <b>\n\n```\nline\n```"
    assert as_words(text) == "Called the bank, see it. @asha knows code & <b> line"
