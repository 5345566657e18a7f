"""The texts of the pages: every one has an English form, and what data says is only text."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from flask import Flask
from jinja2.ext import babel_extract

from kg.release import write_manifest
from kg.settings import Settings
from server import create_app
from server.application import close_app
from tests.releases import new_release, write_store

SERVER = Path(__file__).resolve().parents[2] / "server"
PLAN = "doc/072036/plan/kyodo-2/2021"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


class Reader(HTMLParser):
    """The elements of a page and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_every_text_has_an_english_one() -> None:
    texts = {}
    options = {"trim_blocks": "true", "lstrip_blocks": "true"}
    for path in (SERVER / "templates").glob("*.html"):
        with path.open("rb") as file:
            for _, _, found, _ in babel_extract(file, ("_", "gettext", "ngettext"), [], options):
                texts[found if isinstance(found, str) else found[0]] = path.name
    for path in (SERVER / "pages").glob("*.py"):
        with path.open("rb") as file:
            for _, found, _, _ in extract("python", file, {"_": None, "gettext": None}):
                texts[found if isinstance(found, str) else found[0]] = path.name
    with (SERVER / "translations/en/LC_MESSAGES/messages.po").open("rb") as file:
        catalog = read_po(file, locale="en")
    known = {m.id[0] if isinstance(m.id, tuple) else m.id: m.string for m in catalog if m.id}
    assert set(texts) - set(known) == set()
    assert set(known) - set(texts) == set()
    slots = re.compile(r"%\(\w+\)s")
    for text, english in known.items():
        for one in english if isinstance(english, tuple) else (english,):
            assert one, text
            assert sorted(slots.findall(text)) == sorted(slots.findall(one)), text


def test_every_english_text_takes_the_fields_of_its_japanese_one() -> None:
    """Templates format each text, code only those with fields; a bare % breaks the page."""
    options = {"trim_blocks": "true", "lstrip_blocks": "true"}
    in_templates = set()
    for path in (SERVER / "templates").glob("*.html"):
        with path.open("rb") as file:
            for _, _, found, _ in babel_extract(file, ("_", "gettext", "ngettext"), [], options):
                in_templates.add(found if isinstance(found, str) else found[0])
    with (SERVER / "translations/en/LC_MESSAGES/messages.po").open("rb") as file:
        catalog = read_po(file, locale="en")
    for message in catalog:
        for text in message.id if isinstance(message.id, tuple) else (message.id,):
            fields = dict.fromkeys(re.findall(r"%\((\w+)\)s", text), "1")
            is_formatted = bool(fields) or text in in_templates
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            for one in (text, *strings) if message.id else ():
                if is_formatted:
                    assert "%(" not in one % fields, one
                else:
                    assert "%%" not in one, one


def test_no_text_calls_every_municipality_a_city() -> None:
    """Wards, towns and villages have plans too; a name may stand in its place."""
    with (SERVER / "translations/en/LC_MESSAGES/messages.po").open("rb") as file:
        catalog = read_po(file, locale="en")
    for message in catalog:
        for text in message.id if isinstance(message.id, tuple) else (message.id,):
            assert not re.search("(?<![\u4e00-\u9fff])市[のがは]", text), text
        for text in message.string if isinstance(message.string, tuple) else (message.string,):
            assert not re.search(r"\b(the|this|a) city\b", text), text


HOSTILE = ("<script>alert(1)</script>", "{{7*7}}", "\u202eabc", '" onload="x', "]]>&amp;")


def _links(plan: str, ns: str, graph: str) -> list[str]:
    """Project 1 has a stated goal, 2 a curated one, 3 an estimated one, 4 none; 5 is silent."""
    sdg, integer = "http://metadata.un.org/sdg", "<http://www.w3.org/2001/XMLSchema#integer>"
    prov, rdf = "http://www.w3.org/ns/prov#", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    lines = []
    for number, kind, basis, icons in (
        (1, "stated", "stated", 1),
        (2, "curated", "curated", 1),
        (3, "candidate", "count-only", 1),
        (4, "", "none", 0),
    ):
        project, record = f"<{plan}/project/{number}>", f"<{plan}/project/{number}/sdg/11>"
        lines += [
            f"{project} <{ns}sdgLinkBasis> <{ns}basis-{basis}> {graph}",
            f'{project} <{ns}iconCount> "{icons}"^^{integer} {graph}',
        ]
        if kind:
            of_record = "inferred" if kind == "candidate" else kind
            lines += [
                f"{project} <{ns}{kind}SdgGoal> <{sdg}/11> {graph}",
                f"{record} <{rdf}type> <{ns}SdgLink> {graph}",
                f"{record} <{ns}linkedProject> {project} {graph}",
                f"{record} <{ns}linkedGoal> <{sdg}/11> {graph}",
                f"{record} <{ns}basis> <{ns}basis-{of_record}> {graph}",
                f'{record} <{ns}evidence> "根拠の文"@ja {graph}',
            ]
        if kind == "curated":
            time = '"2026-11-24T10:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>'
            lines += [
                f"{record} <{prov}wasAttributedTo> <{plan}/agent/tanaka> {graph}",
                f"{record} <{prov}generatedAtTime> {time} {graph}",
            ]
    return lines


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("hostile")
    plan = "https://w3id.org/jp-sdgplan/id/072036/plan/kyodo-2/2021"
    rdf_type = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    ns, graph = "https://w3id.org/jp-sdgplan/ns#", f"<{plan}/graph/source> ."
    integer = "<http://www.w3.org/2001/XMLSchema#integer>"
    city = "<https://w3id.org/jp-sdgplan/id/072036>"
    lines = [
        f"<{plan}> {rdf_type} <{ns}ImplementationPlan> {graph}",
        f"<{plan}> <{ns}municipality> {city} {graph}",
        f"{city} {rdf_type} <{ns}Municipality> {graph}",
        f"{city} {rdf_type} <{ns}MadeUpMunicipality> {graph}",
    ]
    for number, name in enumerate(HOSTILE, 1):
        project, text = f"<{plan}/project/{number}>", json.dumps(name, ensure_ascii=False)
        lines += [
            f"{project} {rdf_type} <{ns}Project> {graph}",
            f"{project} <http://www.w3.org/2004/02/skos/core#prefLabel> {text}@ja {graph}",
            f"{project} <http://purl.org/dc/terms/description> {text}@ja {graph}",
            f"{project} <{ns}inPlan> <{plan}> {graph}",
            f'{project} <{ns}number> "{number}"^^{integer} {graph}',
        ]
    lines += _links(plan, ns, graph)
    with new_release(folder, "2b" * 32, datetime(2026, 11, 24, tzinfo=UTC)) as draft:
        count = write_store(draft.path / "store", ("\n".join(lines) + "\n").encode())
        (draft.path / "dumps").mkdir()
        write_manifest(draft, program_version="0", quads=count, plans=[])
    app = create_app(Settings(query_workers=1, rate_limit=""), folder)
    yield app
    close_app(app)


@pytest.mark.parametrize("number", range(1, len(HOSTILE) + 1))
def test_a_hostile_name_is_only_text(hostile: Flask, number: int) -> None:
    name = HOSTILE[number - 1]
    for path in (f"{PLAN}/project/{number}", PLAN):
        text = hostile.test_client().get(f"/{path}", headers=BROWSER).text
        page = Reader(text)
        assert name in page.text
        scripts = [
            attributes.get("src", "") for tag, attributes in page.elements if tag == "script"
        ]
        assert all((source or "").startswith("/static/plan.js?v=") for source in scripts)
        assert all("onload" not in attributes for _, attributes in page.elements)
        escaped = str(html.escape(name)).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")
        assert f"<bdi>{escaped}</bdi>" in text


@pytest.mark.parametrize("path", ["", "doc/072036", PLAN, f"{PLAN}/project/1"])
def test_a_made_up_city_says_so_in_the_heading(hostile: Flask, path: str) -> None:
    text = hostile.test_client().get(f"/{path}", headers=BROWSER).text
    heading = text.partition("<h1>")[2].partition("</h1>")[0]
    assert '<span class="chip">試験用データ</span>' in heading


GOAL_11 = '<span class="goal g11" aria-hidden="true">11</span>'
SQUARE = '<span class="square">'


@pytest.mark.parametrize(
    ("number", "squares", "tiles", "words"),
    [
        (1, 0, 1, "資料のこの行に示されています。"),
        (2, 1, 1, "<bdi>tanaka</bdi>が2026年11月24日に、この文を根拠に付けました。"),
        (3, 1, 0, "不明（絵で掲載のため）"),
        (4, 0, 0, "— ゴールの表示なし"),
        (5, 0, 0, "不明（資料の文字データに無し）"),
    ],
)
def test_goals_are_shown_by_what_is_known_of_them(
    hostile: Flask, number: int, squares: int, tiles: int, words: str
) -> None:
    text = hostile.test_client().get(f"/{PLAN}/project/{number}", headers=BROWSER).text
    assert (text.count(SQUARE), text.count(GOAL_11)) == (squares, tiles)
    assert words in text


def test_the_kinds_of_links_differ_in_a_table(hostile: Flask) -> None:
    text = hostile.test_client().get(f"/{PLAN}", headers=BROWSER).text
    assert 'aria-label="自治体の資料に記載: ゴール11"' in text
    assert 'aria-label="人が確認して付与: ゴール11"' in text
    table, _, legend = text.partition('<dl class="legend">')
    assert (table.count(GOAL_11), table.count(SQUARE)) == (2, 1)
    kinds = re.findall("<dd>(.*?)</dd>", legend.partition("</dl>")[0])
    assert kinds == ["自治体の資料に記載", "人が確認して付与", "件数のみ判明",
                     "資料でこの事業にゴールは示されていません。"]  # fmt: skip


def test_an_estimated_record_says_so_and_has_no_colour(hostile: Flask) -> None:
    text = hostile.test_client().get(f"/{PLAN}/project/3/sdg/11", headers=BROWSER).text
    assert "自治体の公表ではありません。" in text
    assert "goal g11" not in text
    stated = hostile.test_client().get(f"/{PLAN}/project/1/sdg/11", headers=BROWSER).text
    assert GOAL_11 in stated and "No.1とゴール11の関連付け" in stated
