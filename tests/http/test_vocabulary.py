"""/ns and /shapes: terms with examples from the data, the diagram, results of constraints."""

from __future__ import annotations

import html
import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient
from rdflib import OWL, RDF, RDFS, SH, Graph, URIRef

from kg.resources import ontology_dir
from kg.vocab import PREFIXES, SP, SPS
from server.engine import Engine
from server.errors import unavailable
from server.pages import model, shapes, vocabulary
from server.pages.model_drawing import SIZES, wrapped
from server.pages.terms import shortened
from tests.http.reading import BROWSER, ENGLISH, words

PROLOGUE = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())
TERMS = Graph().parse(ontology_dir() / "terms.ttl")
OWN = sorted({str(s) for s in TERMS.subjects() if str(s).startswith(str(SP))})
UNUSED = "公開中のデータでは使われていません。"
REPORT = "/report/072036/kyodo-2/2021"
SVG = "{http://www.w3.org/2000/svg}"


def ask(client: FlaskClient, query: str) -> list[dict[str, str]]:
    answer = client.get("/sparql", query_string={"query": PROLOGUE + query, "format": "json"})
    assert answer.status_code == 200, answer.text
    rows = json.loads(answer.data)["results"]["bindings"]
    return [{name: value["value"] for name, value in row.items()} for row in rows]


def articles(client: FlaskClient, headers: dict[str, str] = BROWSER) -> dict[str, str]:
    """The HTML of each term by its anchor."""
    answer = client.get("/ns", headers=headers)
    assert answer.status_code == 200
    parts = answer.text.split('<article class="term" id="')[1:]
    return {part.partition('"')[0]: part.partition("</article>")[0] for part in parts}


def part(article: str, name: str) -> str | None:
    """What stands beside a name in the article."""
    found = re.search(rf"<dt>{name}</dt><dd>(.*?)</dd>", article, re.DOTALL)
    return None if found is None else found[1]


def plain(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", text)).split())


def test_every_term_has_its_anchor_its_iri_and_an_example_or_a_word(pages: FlaskClient) -> None:
    found = articles(pages)
    assert sorted(f"{SP}{name}" for name in found) == OWN
    for name, text in found.items():
        assert f'<span class="mono copyable">{SP}{name}</span>' in text
        assert part(text, "例"), name


def test_an_example_is_the_one_of_the_data(pages: FlaskClient) -> None:
    query = """SELECT ?project ?number ?name ?icons { ?project sp:iconCount ?icons ;
      sp:number ?number ; skos:prefLabel ?name } ORDER BY DESC(?icons) ?number LIMIT 1"""
    (row,) = ask(pages, query)
    own = part(articles(pages)["iconCount"], "例") or ""
    assert plain(own) == f"No.{row['number']} {row['name']}: {row['icons']}"
    assert plain(own) == "No.63 セーフコミュニティ推進事業: 6"
    assert 'href="/doc/072036/plan/kyodo-2/2021/project/63"' in own
    english = articles(pages, ENGLISH)
    policy = part(english["policy"], "Example") or ""
    assert plain(policy).startswith("No.63 セーフコミュニティ推進事業: ")
    assert '<bdi lang="ja">' in policy
    basis = plain(part(english["basis-count-only"], "Example") or "")
    assert basis == "No.63 セーフコミュニティ推進事業 → link basis → count only"
    counted = plain(part(english["countedUnder"], "Example") or "")
    assert counted == "abolished: completed or abolished"
    year = plain(part(english["ImplementationPlan"], "Example") or "")
    assert "fiscal 2021" in year


def test_estimates_among_the_examples_are_marked(pages: FlaskClient) -> None:
    found = articles(pages)
    estimated = {n for n, text in found.items() if ">推定</span>" in (part(text, "例") or "")}
    assert {"candidateSdgGoal", "confidence", "expectedProjectCount", "basis-inferred"} <= estimated
    assert not {"iconCount", "projectCount", "Project", "evidence-none"} & estimated


def test_the_links_of_the_examples_lead_somewhere(pages: FlaskClient) -> None:
    found = articles(pages)
    addresses = {
        html.unescape(address)
        for text in found.values()
        for address in re.findall(r'href="(/[^"]*)"', part(text, "例") or "")
    }
    assert len(addresses) > 60
    for address in sorted(addresses):
        path, _, anchor = address.partition("#")
        if path == "/ns":
            assert anchor in found, address
        else:
            assert pages.get(path, headers=BROWSER).status_code == 200, address


def test_a_term_that_nothing_uses_says_so_and_no_other(pages: FlaskClient) -> None:
    used = {row["term"] for row in ask(pages, "SELECT DISTINCT ?term { ?s ?term ?o }")}
    query = f"""SELECT DISTINCT ?term {{ ?s ?p ?term FILTER(STRSTARTS(STR(?term), "{SP}"))
      FILTER(!STRSTARTS(STR(?s), "{SP}")) }}"""
    used |= {row["term"] for row in ask(pages, query)}
    silent = {n for n, text in articles(pages).items() if UNUSED in text}
    assert silent
    assert {name for name in silent if f"{SP}{name}" in used} == set()
    # of the others, those without a use of their own are shown by what belongs to them
    by_others = {n for n, t in articles(pages).items() if "これに属する用語の例" in t}
    others = {iri.removeprefix(str(SP)) for iri in OWN} - silent - by_others
    assert {name for name in others if f"{SP}{name}" not in used} == set()
    assert {"Plan", "Statistic", "scheme-status", "component-plan"} <= by_others
    assert {"SdgRejection", "rejectedGoal"} <= silent


def test_the_numbers_of_resources_and_statements_are_those_of_sparql(pages: FlaskClient) -> None:
    classes = "SELECT ?term (COUNT(DISTINCT ?s) AS ?n) { ?s a ?term } GROUP BY ?term"
    properties = """SELECT ?term (COUNT(*) AS ?n) {
      { SELECT DISTINCT ?s ?term ?o { ?s ?term ?o } } } GROUP BY ?term"""
    expected = {r["term"]: int(r["n"]) for q in (classes, properties) for r in ask(pages, q)}
    shown = {}
    for name, text in articles(pages).items():
        number = part(text, "公開中のデータ")
        if number is not None:
            shown[f"{SP}{name}"] = int(re.sub(r"\D", "", number))
    kinds = set(TERMS.subjects(RDF.type, OWL.Class)) | set(TERMS.subjects(RDF.type, RDF.Property))
    assert shown == {k: n for k, n in expected.items() if URIRef(k) in kinds}


def test_koriyama_comes_first_and_made_up_plans_are_marked(demo: FlaskClient) -> None:
    found = articles(demo)
    assert plain(part(found["iconCount"], "例") or "").endswith(": 6")
    versions = part(found["PlanVersion"], "例") or ""
    assert "/doc/072036/plan/kyodo-2/2021/version/1" in versions
    linked = part(found["sdgGoal"], "例") or ""
    assert "試験用データ" in linked and "市（架空）" in linked
    code = re.search(r'href="/doc/(\d{6})/', linked)
    assert code is not None and code[1] != "072036"


def test_examples_take_a_few_queries_for_each_release(
    koriyama: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    select = Engine.select

    def counting(engine: Engine, text: str, *arguments: Any) -> Any:
        asked.append(text)
        return select(engine, text, *arguments)

    vocabulary._examples.forget()
    monkeypatch.setattr(shapes, "_kept", {})
    monkeypatch.setattr(Engine, "select", counting)
    client = koriyama.test_client()
    for times in range(2):
        assert client.get(f"/ns?again={times}", headers=BROWSER).status_code == 200
        assert client.get(f"/shapes?again={times}", headers=BROWSER).status_code == 200
    assert len(asked) == 4 + 3
    # each pattern takes one solution; the last query names what was found
    assert all(text.count("LIMIT 1 }") == text.count("AS ?term)") for text in asked[:3])


def test_without_an_answer_of_the_engine_the_pages_stay(
    koriyama: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(engine: Engine, text: str, *arguments: Any) -> Any:
        raise unavailable("Query timeout", "Too long.", None)

    vocabulary._examples.forget()
    monkeypatch.setattr(shapes, "_kept", {})
    client = koriyama.test_client()
    with monkeypatch.context() as broken:
        broken.setattr(Engine, "select", refusing)
        for path, sentence in (("/ns", "例を示せません。"), ("/shapes", "結果の数を示せません。")):
            answer = client.get(f"{path}?busy", headers=BROWSER)
            assert answer.status_code == 200
            assert sentence in answer.text and UNUSED not in answer.text
            assert answer.headers["Cache-Control"] == "no-cache"
    for path in ("/ns", "/shapes"):
        answer = client.get(f"{path}?busy", headers=BROWSER)
        assert "示せません。" not in answer.text
        assert answer.headers["Cache-Control"] != "no-cache"


def test_results_of_constraints_are_those_of_the_report(pages: FlaskClient) -> None:
    text = pages.get("/shapes", headers=BROWSER).text
    assert "郡山市 2021での結果" in words(text)
    assert "公開中の計画" not in text.partition("<table")[2]
    rows = dict(re.findall(r'<tr role="row" id="(C\d+)">(.*?)</tr>', text, re.DOTALL))
    assert f'<a href="{REPORT}#C14">72件のご注意</a>' in rows["C14"]
    assert 'id="C14"' in pages.get(REPORT, headers=BROWSER).text
    for number, row in rows.items():
        assert ("問題なし" in row) == (number != "C14"), number


def test_results_over_all_plans_are_those_of_sparql(demo: FlaskClient) -> None:
    query = """SELECT ?rule (COUNT(?r) AS ?n) (COUNT(DISTINCT ?g) AS ?plans) {
      GRAPH ?g { ?r a sh:ValidationResult ; sh:sourceShape ?shape
        OPTIONAL { ?r sh:sourceConstraint ?c } } BIND(COALESCE(?c, ?shape) AS ?rule)
    } GROUP BY ?rule"""
    found = {r["rule"].removeprefix(str(SPS)): (r["n"], r["plans"]) for r in ask(demo, query)}
    assert found["C14"][1] == "5"
    text = demo.get("/shapes?lang=en", headers=BROWSER).text
    assert "Result for all 7 published plans" in text
    for number, row in re.findall(r'<tr role="row" id="(C\d+)">(.*?)</tr>', text, re.DOTALL):
        cell = row.rpartition('data-label="Result for all 7 published plans">')[2]
        if number not in found:
            assert plain(cell) == "No problem"
            continue
        results, plans = found[number]
        assert plain(cell) == f"{results} notesin {plans} plans"
        address = re.search(r'href="([^"]+)"', cell)
        assert address is not None
        path, _, anchor = address[1].partition("#")
        assert f'id="{anchor}"' in demo.get(path, headers=BROWSER).text


def test_every_constraint_is_on_the_page(pages: FlaskClient) -> None:
    graph = Graph().parse(ontology_dir() / "shapes.ttl")
    numbers = {str(s).partition("#")[2] for s in graph.subjects(SH.message)}
    text = pages.get("/shapes", headers=BROWSER).text
    assert {n for n in numbers if f' id="{n}"' not in text} == set()


def test_the_diagram_is_shown_at_two_widths_with_a_text_and_a_list(pages: FlaskClient) -> None:
    for language, headers in (("ja", BROWSER), ("en", ENGLISH)):
        text = pages.get("/ns", headers=headers).text
        figure = text.partition('<figure class="chart">')[2].partition("</figure>")[0]
        for name, size in SIZES.items():
            measures = f'width="{size.width}" height="{size.height}"'
            assert f'"/ns/model-{language}-{name}.svg" {measures}' in figure
        table = text.partition("</figure>")[2].partition("</table>")[0]
        rows = table.partition("<tbody")[2].split("<tr ")[1:]
        cells = [re.findall(r'<span class="mono small">([^<]+)</span>', row) for row in rows]
        with_names = [tuple(shortened(one) for one in relation) for relation in model.relations()]
        assert sorted(tuple(cell) for cell in cells) == sorted(with_names)
        drawn = [tuple(shortened(one) for one in relation) for relation in model.DRAWN]
        assert [tuple(cell) for cell in cells[: len(drawn)]] == drawn


def test_what_the_diagram_borrows_is_in_the_data(pages: FlaskClient) -> None:
    """The vocabulary itself says nothing of borrowed properties, so the data must."""
    for subject, item, value in model.BORROWED:
        query = (
            f"SELECT ?s {{ ?s {item.n3()} ?o . ?s a {subject.n3()} . ?o a {value.n3()} }} LIMIT 1"
        )
        assert ask(pages, query), (subject, item, value)
    assert ask(pages, "SELECT ?p { ?b sp:policyScheme/^skos:inScheme ?p . ?p a sp:Policy } LIMIT 1")
    assert set(model.DRAWN) <= set(model.relations())
    ranges = {
        (subject, item, value)
        for item in TERMS.subjects(RDF.type, RDF.Property)
        for subject in TERMS.objects(item, RDFS.domain)
        for value in TERMS.objects(item, RDFS.range)
        if {subject, value} <= set(model.PLACES)
    }
    assert len(ranges) > 10 and ranges <= set(model.relations())


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("name", list(SIZES))
def test_the_drawing_is_plain_svg_of_all_boxes(
    pages: FlaskClient, language: str, name: str
) -> None:
    address = f"/ns/model-{language}-{name}.svg"
    answer = pages.get(address)
    assert (answer.status_code, answer.content_type) == (200, "image/svg+xml")
    again = pages.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    root = ElementTree.fromstring(answer.data)
    size = SIZES[name]
    assert (root.get("width"), root.get("height")) == (str(size.width), str(size.height))
    assert {e.tag.removeprefix(SVG) for e in root.iter()} == {
        "svg", "title", "desc", "rect", "line", "polygon", "text"
    }  # fmt: skip
    assert not [e for e in root.iter() if "style" in e.attrib]
    boxes = [e for e in root.iter(f"{SVG}rect") if e.get("rx")]
    assert len(boxes) == len(model.PLACES) == 13
    assert all(float(b.attrib["x"]) + float(b.attrib["width"]) <= size.width for b in boxes)
    texts = [e.text or "" for e in root.iter(f"{SVG}text")]
    label = {"ja": "基本計画", "en": "basic plan"}[language]
    assert label in texts
    assert [t.split()[0] for t in texts if re.match(r"1[0-6]\b", t)] == [
        str(n) for n in range(10, 17) for _ in range(2)
    ]
    model._drawn.cache_clear()
    assert pages.get(address).data == answer.data


def test_no_other_drawing_is_there(pages: FlaskClient) -> None:
    for name in ("model-fr-wide", "model-ja-tall", "model-ja", "other"):
        assert pages.get(f"/ns/{name}.svg").status_code == 404


@pytest.mark.parametrize(
    ("text", "room", "lines"),
    [
        ("SDGsとの関連付け", 88, ["SDGsとの", "関連付け"]),
        ("yearly implementation plan", 96, ["yearly", "implementation", "plan"]),
        ("計画、事業", 60, ["計画、事業"]),
        ("organizational", 20, ["organizational"]),
        ("", 20, [""]),
    ],
)
def test_texts_are_wrapped_between_words_in_lines_of_like_length(
    text: str, room: int, lines: list[str]
) -> None:
    assert wrapped(text, room) == lines
