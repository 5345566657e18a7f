"""The description of a release: DCAT-AP, counts that are true, identifiers that stay."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pyshacl
import pytest
from rdflib import Graph, URIRef

from kg import pipeline
from kg.catalog.pages import PAGE_SIZE, catalog_document, identifiers, page_count, state_of
from kg.catalog.site import site_of
from kg.counts import read_counts
from kg.release import Release, current_release
from kg.settings import Settings
from kg.store import Store, open_release
from kg.vocab import DCAT, DCTERMS, FOAF, HYDRA, RDF, SDG, VCARD
from kg.writers import document

ROOT = Path(__file__).resolve().parents[2]
SHAPES = ROOT.parent / "shared" / "reference" / "dcat-ap-3.0.1"
BASE = "https://w3id.org/jp-sdgplan/id/"
NOW = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Koriyama beside the made-up municipalities."""
    folder = tmp_path_factory.mktemp("catalog")
    plans = folder / "data" / "plans"
    plans.mkdir(parents=True)
    for source in (ROOT / "data" / "plans", ROOT / "examples" / "plans"):
        for plan in source.iterdir():
            (plans / plan.name).symlink_to(plan)
    return folder


@pytest.fixture(scope="module")
def release(data: Path) -> Release:
    options = pipeline.Options(validator="shacl")
    assert pipeline.build(data / "data", data / "var", Settings(), NOW, options).release
    return current_release(data / "var")


@pytest.fixture(scope="module")
def store(release: Release) -> Store:
    return open_release(release.path)


def numbers(store: Store, query: str) -> dict[str, int]:
    return {str(row["one"]): int(row["n"]) for row in store.select(query)}


def test_the_counts_are_those_of_the_store_its_own_description_included(
    release: Release, store: Store
) -> None:
    """S-18: VoID says of the store what queries find in it."""
    counts = read_counts(release.path)
    assert counts is not None
    (row,) = store.select("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    assert counts.triples == int(row["n"])
    by_graph = "SELECT ?one (COUNT(*) AS ?n) { GRAPH ?one { ?s ?p ?o } } GROUP BY ?one"
    assert dict(counts.graphs) == numbers(store, by_graph)
    by_property = "SELECT ?one (COUNT(*) AS ?n) { ?s ?one ?o } GROUP BY ?one"
    assert dict(counts.properties) == numbers(store, by_property)
    by_class = "SELECT ?one (COUNT(DISTINCT ?s) AS ?n) { ?s a ?one } GROUP BY ?one"
    assert dict(counts.classes) == numbers(store, by_class)
    both: dict[str, dict[str, int]] = {}
    query = "SELECT ?c ?p (COUNT(*) AS ?n) { ?s a ?c ; ?p ?o } GROUP BY ?c ?p"
    for row in store.select(query):
        both.setdefault(str(row["c"]), {})[str(row["p"])] = int(row["n"])
    assert {iri: dict(c) for iri, c in counts.properties_of_classes.items()} == both


def test_void_in_the_store_has_the_same_numbers(release: Release, store: Store) -> None:
    """S-18: partitions inside the store."""
    counts = read_counts(release.path)
    assert counts is not None
    void = "PREFIX void: <http://rdfs.org/ns/void#> "
    classes = "SELECT ?one ?n { ?d void:classPartition [ void:class ?one ; void:entities ?n ] }"
    assert numbers(store, void + classes) == dict(counts.classes)
    properties = (
        "SELECT ?one ?n { <http://localhost:8000/sparql#default-graph> void:propertyPartition "
        "[ void:property ?one ; void:triples ?n ] }"
    )
    assert numbers(store, void + properties) == dict(counts.properties)


def test_examples_and_prefixes_are_in_the_store(store: Store) -> None:
    """S-18: as editors look for them."""
    sh = "PREFIX sh: <http://www.w3.org/ns/shacl#> "
    found = store.select(sh + "SELECT ?q { ?q a sh:SPARQLExecutable ; sh:select ?text }")
    assert len(found) == 24
    declared = store.select(sh + "SELECT ?p { ?o sh:declare [ sh:prefix ?p ; sh:namespace ?n ] }")
    assert {"sp", "sdg", "dcat"} <= {str(row["p"]) for row in declared}


@pytest.mark.parametrize("name", ["shapes", "range", "deprecateduris"])
def test_the_catalogue_conforms_to_dcat_ap(release: Release, name: str) -> None:
    """H-21: no violation and no warning."""
    if not SHAPES.is_dir():
        pytest.skip("needs ../shared/reference/dcat-ap-3.0.1")
    graph = Graph().parse(release.path / "catalog.ttl", format="turtle")
    shapes = Graph().parse(SHAPES / f"{name}.ttl", format="turtle")
    conforms, _, text = pyshacl.validate(graph, shacl_graph=shapes, advanced=True)
    assert conforms, text


def test_of_what_dcat_ap_recommends_only_coordinates_are_missing(release: Release) -> None:
    """H-21: without a named source there are none; see docs/decisions/0006."""
    if not SHAPES.is_dir():
        pytest.skip("needs ../shared/reference/dcat-ap-3.0.1")
    graph = Graph().parse(release.path / "catalog.ttl", format="turtle")
    shapes = Graph().parse(SHAPES / "shapes_recommended.ttl", format="turtle")
    _, report, _ = pyshacl.validate(graph, shacl_graph=shapes, advanced=True)
    assert isinstance(report, Graph)
    path = URIRef("http://www.w3.org/ns/shacl#resultPath")
    places = {str(o) for o in graph.subjects(RDF.type, DCTERMS.Location)}
    assert Counter(report.objects(None, path)) == {
        URIRef("http://www.w3.org/ns/dcat#bbox"): len(places),
        URIRef("http://www.w3.org/ns/dcat#centroid"): len(places),
    }


def test_every_form_says_the_same(release: Release) -> None:
    """H-23."""
    forms = {"ttl": "turtle", "rdf": "xml", "jsonld": "json-ld"}
    graphs = [
        set(Graph().parse(release.path / f"catalog.{extension}", format=name))
        for extension, name in forms.items()
    ]
    assert graphs[0] == graphs[1] == graphs[2]
    assert len(graphs[0]) > 700


def test_themes_are_the_goals_that_the_document_counts(release: Release) -> None:
    """The four goals with a published count of 0 are no themes."""
    graph = Graph().parse(release.path / "catalog.ttl", format="turtle")
    dataset = URIRef(f"{BASE}072036/plan/kyodo-2/2021/dataset")
    goals = {
        int(str(theme).rpartition("/")[2])
        for theme in graph.objects(dataset, DCAT.theme)
        if theme in SDG
    }
    assert goals == set(range(1, 18)) - {7, 12, 14, 15}


def test_the_operator_publishes_and_the_city_made_the_plan() -> None:
    """http.md, "Who says it": nothing is made up that the settings lack."""
    catalog, publisher = URIRef(f"{BASE}catalog"), URIRef(f"{BASE}catalog#publisher")
    contact = URIRef(f"{BASE}catalog#contact")

    def graph(**settings: str) -> Graph:
        triples = catalog_document([], site_of(Settings(**settings)))  # type: ignore[arg-type]
        return Graph().parse(data=document(triples, "text/turtle"), format="turtle")

    bare = graph()
    assert bare.value(catalog, DCTERMS.publisher) == publisher
    assert str(bare.value(publisher, FOAF.name)) == "localhost:8000"
    assert bare.value(contact, VCARD.hasURL) == URIRef("http://localhost:8000/")
    assert bare.value(contact, VCARD.hasEmail) is None
    known = graph(operator_name="例の会", operator_contact="info@data.example")
    assert str(known.value(publisher, FOAF.name)) == "例の会"
    assert known.value(contact, VCARD.hasEmail) == URIRef("mailto:info@data.example")


def entries(count: int) -> list[dict[str, object]]:
    template = {
        "slug": "kyodo", "year": 2021, "made_up": True, "municipality": {"ja": "例市"},
        "title": {"ja": "計画"}, "basic_plan": {"ja": "基本計画"}, "projects": 1, "targets": 0,
        "published_links": None, "bases": {}, "version": "1", "issued": "2026-11-24",
        "modified": "2026-11-24", "status": "published", "withdrawn": "", "reason": "",
        "licence": "https://creativecommons.org/licenses/by/4.0/",
    }  # fmt: skip
    return [
        {**template, "code": f"{990000 + n}", "iri": f"{BASE}{990000 + n}/plan/kyodo/2021"}
        for n in range(count)
    ]


def test_a_walk_through_the_pages_meets_each_dataset_once() -> None:
    """H-07: the last page has no next one; no page is like another."""
    plans, site = entries(2 * PAGE_SIZE + 1), site_of(Settings())
    assert page_count(plans) == 3
    seen: Counter[str] = Counter()
    pages = []
    for number in (1, 2, 3):
        triples = catalog_document(plans, site, number)
        pages.append(document(triples, "text/turtle"))
        graph = Graph().parse(data=pages[-1], format="turtle")
        seen.update(map(str, graph.subjects(RDF.type, DCAT.Dataset)))
        (view,) = graph.subjects(RDF.type, HYDRA.PartialCollectionView)
        state = state_of(plans)
        assert str(view) == f"http://localhost:8000/catalog/{state}/{number}.ttl"
        following = graph.value(view, HYDRA.next)
        assert (str(following) if following else None) == (
            None if number == 3 else str(view).replace(f"{number}.ttl", f"{number + 1}.ttl")
        )
        assert int(str(graph.value(URIRef(f"{BASE}catalog"), HYDRA.totalItems))) == len(plans)
    assert len(seen) == len(plans)
    assert set(seen.values()) == {1}
    assert len(set(pages)) == 3
    assert max(map(len, pages)) < 5_000_000


def test_one_page_needs_no_paging() -> None:
    """H-07."""
    triples = catalog_document(entries(PAGE_SIZE), site_of(Settings()), 1)
    assert not [t for t in triples if str(t[1]).startswith(str(HYDRA))]


def test_identifiers_stay_when_another_plan_of_the_year_is_added() -> None:
    """H-10: `<code>-<year>`, then -2, in the order of first publication."""
    (first,) = entries(1)
    later = {**first, "slug": "a", "iri": f"{BASE}990000/plan/a/2021", "issued": "2026-12-01"}
    assert identifiers([first]) == {first["iri"]: "990000-2021"}
    assert identifiers([later, first]) == {
        first["iri"]: "990000-2021",
        later["iri"]: "990000-2021-2",
    }


def test_the_state_changes_with_any_dataset_and_not_with_a_rebuild() -> None:
    (plan,) = entries(1)
    assert state_of([plan | {"seconds": {"dump": 1}}]) == state_of([plan | {"seconds": {}}])
    assert state_of([plan | {"version": "2"}]) != state_of([plan])
