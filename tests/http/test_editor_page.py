"""The page of the query editor: what it loads, what it allows, and what is left without it."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from server.headers import CONTENT_SECURITY_POLICY
from server.pages import editor
from server.pages.frame import version_of
from tests.browser.editing import needs_editor

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
STATIC = Path(__file__).parents[2] / "server/static"
SCRIPTS = sorted((STATIC / "editor").glob("*.js"))


def page_of(pages: FlaskClient, language: str = "ja") -> str:
    return pages.get(f"/sparql?lang={language}", headers=BROWSER).text


@needs_editor
def test_the_editor_has_the_policy_of_every_page(pages: FlaskClient) -> None:
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    assert policy == CONTENT_SECURITY_POLICY
    for path in ("/sparql", "/sparql?example=cq04", "/", "/static/vendor/yasqe.js"):
        answer = pages.get(path, headers=BROWSER)
        assert answer.headers.getlist("Content-Security-Policy") == [policy], path


@needs_editor
def test_the_page_loads_our_own_files_by_the_hash_of_their_content(pages: FlaskClient) -> None:
    text = page_of(pages)
    loaded = re.findall(r'<script defer src="([^"]*)"></script>', text)
    assert loaded == [f"/static/{name}?v={version_of(name)}" for name in editor.SCRIPTS]
    assert {Path(name).name for name in editor.SCRIPTS} == {
        "yasqe.js", *(path.name for path in SCRIPTS),
    }  # fmt: skip
    sheets = re.findall(r'<link rel="stylesheet" href="/static/([^"?]*)', text)
    assert sheets == ["style.css", "vendor/yasqe.css", "editor/editor.css"]
    for address in loaded:
        answer = pages.get(address)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        for other in (address.partition("?")[0], f"{address}0"):
            cached = pages.get(other).headers["Cache-Control"]
            assert cached == "no-cache, max-age=86400" or "immutable" not in cached


def test_without_the_built_files_the_page_is_the_plain_form(
    pages: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editor, "BUILT", ("vendor/none.js",))
    text = page_of(pages, "ja&built=no")  # an address of its own: pages are kept
    form = text.partition('<form class="query-form"')[2].partition("</form>")[0]
    assert "<script defer" not in text and "by-script" not in text
    assert form.startswith(' method="get" action="/sparql">')
    assert form.count("<textarea") == form.count('<button type="submit">') == 1


@needs_editor
@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_scripts_have_every_word_they_say(pages: FlaskClient, language: str) -> None:
    data = re.search(r'data-words="([^"]*)"', page_of(pages, language))
    assert data
    words = json.loads(html.unescape(data[1]))
    code = "\n".join(path.read_text(encoding="utf-8") for path in SCRIPTS)
    assert set(words) == set(re.findall(r"\bwords\.(\w+)", code))
    assert all(words.values())
    if language == "en":
        assert not re.search("[\u3040-\u9fff]", "".join(words.values()))


def test_the_scripts_put_no_markup_together() -> None:
    """What data says is text in them, and nothing is drawn with a style of its own."""
    for path in SCRIPTS:
        code = path.read_text(encoding="utf-8")
        for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", ".style", "cssText"):
            assert word not in code, (path.name, word)
