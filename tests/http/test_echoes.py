"""What pages quote back: addresses and words of the data, in their language, without controls."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from tests.http.reading import BROWSER, ENGLISH, words

PLAN = "doc/072036/plan/kyodo-2/2021"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


@pytest.mark.parametrize(
    ("path", "status", "shown"),
    [
        (f"{PLAN}?policy=a%00b%1B%7F", 200, "a\ufffdb\ufffd\ufffd"),
        ("compare?m=a%00b", 200, "a\ufffdb"),
        ("changes/072036/kyodo-2/2021?from=a%00b", 404, "a\ufffdb"),
        ("changes.jsonld?since=a%00%C2%85b", 400, "a\ufffd\ufffdb"),
        ("nothing%00%08here", 404, "/nothing\ufffd\ufffdhere"),
        ("search?q=a%00b", 200, "a\ufffdb"),
    ],
)
def test_a_control_character_is_not_echoed(
    pages: FlaskClient, path: str, status: int, shown: str
) -> None:
    answer = pages.get(f"/{path}", headers=BROWSER)
    assert answer.status_code == status
    assert shown in answer.text and not _CONTROL.search(answer.text)
    if status != 200:
        plain = pages.get(f"/{path}", headers={"Accept": "text/plain"})
        assert shown in plain.text and not _CONTROL.search(plain.text)


def test_a_missing_page_is_told_in_the_language_of_the_page(pages: FlaskClient) -> None:
    text = pages.get("/nothing/here", headers=BROWSER).text
    assert "404 この住所には何も公開していません: /nothing/here" in words(text)
    assert 'lang="en"' not in text.partition("<main")[2].partition("</main>")[0]
    english = words(pages.get("/nothing/here", headers=ENGLISH).text)
    assert "404 Nothing is published at this address: /nothing/here" in english


def test_names_in_english_pages_of_changes_are_marked_as_japanese(pages: FlaskClient) -> None:
    text = pages.get(f"/{PLAN}/change/2", headers=ENGLISH).text
    main = text.partition("<body")[2]
    assert '“<bdi lang="ja">SDGs 推進全世代健康都市圏事業</bdi>”, fiscal 2021' in main
    assert '<bdi lang="ja">sdgs推進全世代健康都市圏事業</bdi>' in main
    left = re.sub(r'<(\w+)\b[^>]*lang="ja"[^>]*>.*?</\1>', "", main, flags=re.DOTALL)
    assert re.findall("[\u3040-\u30ff\u3400-\u9fff]+", left) == []
