"""Labels: every resource that we describe has one, in both languages where we made it."""

from __future__ import annotations

from pathlib import Path

from rdflib import Graph
from rdflib.namespace import SKOS

from kg.mapping.names import ITEMS
from kg.release import current_release
from kg.resources import ontology_dir
from kg.store import open_release
from kg.vocab import SP

IDS = "https://w3id.org/jp-sdgplan/id/"
REISHI = f"{IDS}990019/plan/kyodo/2021/"
UNLABELLED = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
SELECT DISTINCT ?s { ?s a ?class FILTER(STRSTARTS(STR(?s), ?base))
  FILTER NOT EXISTS { ?s rdfs:label|skos:prefLabel|dcterms:title|foaf:name ?text } } ORDER BY ?s"""
LABELS = """
SELECT ?text { ?s <http://www.w3.org/2000/01/rdf-schema#label> ?text } ORDER BY LANG(?text)"""


def test_only_the_contact_of_the_catalogue_has_no_label(two_cities: Path) -> None:
    # vcard:fn is its name; CKAN would take a label for that of the publisher
    query = UNLABELLED.replace("?base", f'"{IDS}"')
    found = open_release(current_release(two_cities).path).select(query)
    assert [str(row["s"]) for row in found] == [f"{IDS}catalog#contact"]


def test_resources_without_a_name_are_called_by_their_numbers(two_cities: Path) -> None:
    store = open_release(current_release(two_cities).path)
    iris = (
        "cube/sdg-goal/11",
        "cube/balance/1/new-or-added",
        "cube/balance-total/current",
        "project/2/target/1",
        "project/6/sdg/17",
        "change/2",
        "graph/report#report",
        "dataset#graph-links",
        "dataset#period",
    )
    found = {}
    for iri in iris:
        rows = store.select(LABELS.replace("?s", f"<{REISHI}{iri}>"))
        found[iri] = [(str(row["text"]), getattr(row["text"], "language", None)) for row in rows]
    assert found == {
        "cube/sdg-goal/11": [
            ("published projects of goal 11, fiscal 2021", "en"),
            ("ゴール11の公表事業数（2021年度）", "ja"),
        ],
        "cube/balance/1/new-or-added": [
            ("projects of policy 1: new or added, fiscal 2021", "en"),
            ("基本施策1の事業数：新規・追加（2021年度）", "ja"),
        ],
        "cube/balance-total/current": [
            ("projects in total: current year, fiscal 2021", "en"),
            ("全体の事業数：当年度事業数（2021年度）", "ja"),
        ],
        "project/2/target/1": [
            ("target 1 of project 2, fiscal 2021", "en"),
            ("事業2の計画値1（2021年度）", "ja"),
        ],
        "project/6/sdg/17": [
            ("link of project 6 to goal 17, fiscal 2021", "en"),
            ("事業6とゴール17の関連付け（2021年度）", "ja"),
        ],
        "change/2": [
            ("review list: “古本市事業”, fiscal 2021", "en"),
            ("見直し一覧の「古本市事業」（2021年度）", "ja"),
        ],
        "graph/report#report": [("validation report", "en"), ("検証報告", "ja")],
        "dataset#graph-links": [("graph of goal links", "en"), ("関連付けのグラフ", "ja")],
        "dataset#period": [("fiscal 2021", "en"), ("2021年度", "ja")],
    }


def test_the_items_of_the_balance_are_called_as_the_vocabulary_calls_them() -> None:
    terms = Graph().parse(ontology_dir() / "terms.ttl")
    for item, (ja, en) in ITEMS.items():
        names = {
            name.language: str(name) for name in terms.objects(SP[f"item-{item}"], SKOS.prefLabel)
        }
        assert names == {"ja": ja, "en": en}
