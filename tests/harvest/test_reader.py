"""CKAN's own harvester on a catalogue served over HTTP: the records it makes, and its objections.

The catalogue is 例市's (data/catalog.ttl), a city that does not exist. `make golden` rewrites the
expected records.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from rdflib import DCAT, RDF, Graph, Literal, Namespace, URIRef

from tests.harvest.conftest import Site
from tests.harvest.harvests import DATA, GOLDEN, Harvest, Harvester, content_of

HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
CATALOG = (DATA / "catalog.ttl").read_text(encoding="utf-8")
KYODO = "https://w3id.org/jp-sdgplan/id/990019/plan/kyodo"
DATASET_2020 = f"{KYODO}/2020/dataset"
DATASET_2021 = f"{KYODO}/2021/dataset"
PDL = "https://www.digital.go.jp/resources/open_data/public_data_license_v1.0"
OTHER_FORMATS = {
    "catalog.rdf": ("xml", "application/rdf+xml"),
    "catalog.jsonld": ("json-ld", "application/ld+json"),
}


@pytest.fixture(scope="module")
def japanese(site: Site, harvest: Harvester) -> Harvest:
    return harvest(site.put("/catalog.ttl", CATALOG), "ja")


@pytest.fixture(scope="module")
def english(site: Site, harvest: Harvester) -> Harvest:
    return harvest(site.put("/catalog.ttl", CATALOG), "en")


def changed(old: str, new: str) -> str:
    """The catalogue with one text in place of another, which must occur."""
    assert old in CATALOG
    return CATALOG.replace(old, new)


def check_golden(harvest: Harvest, name: str) -> None:
    """Fail unless names and records are those of the golden file, field by field."""
    records = [
        {"guid": each.guid, "name": each.name, "record": each.record}
        for each in sorted(harvest.datasets, key=lambda each: each.guid)
    ]
    golden = GOLDEN / name
    if os.environ.get("SDGPLAN_GOLDEN") == "write":
        text = json.dumps(records, ensure_ascii=False, indent=1)
        golden.write_text(f"{text}\n", encoding="utf-8")
    assert records == json.loads(golden.read_text(encoding="utf-8"))


def test_a_japanese_portal_has_the_expected_records(japanese: Harvest) -> None:
    check_golden(japanese, "ja.json")


def test_an_english_portal_has_the_expected_records(english: Harvest) -> None:
    check_golden(english, "en.json")


def test_the_harvester_asks_for_the_head_first(site: Site, japanese: Harvest) -> None:
    assert [(each.method, each.url, each.status) for each in japanese.requests] == [
        ("HEAD", f"{site.base}/catalog.ttl", 200),
        ("GET", f"{site.base}/catalog.ttl", 200),
    ]
    assert {each.content_type for each in japanese.requests} == {"text/turtle; charset=utf-8"}


def test_only_datasets_are_harvested_not_their_series(japanese: Harvest) -> None:
    assert sorted(japanese.guids) == [DATASET_2020, DATASET_2021]
    assert (japanese.errors, japanese.warnings, japanese.deleted) == ((), (), ())


@pytest.mark.parametrize("locale", ["japanese", "english"])
def test_names_tags_and_records_pass_validators_of_ckan(
    locale: str, request: pytest.FixtureRequest
) -> None:
    harvest: Harvest = request.getfixturevalue(locale)
    wrong = [
        (each.guid, each.name_errors, each.tag_errors, each.schema_errors)
        for each in harvest.datasets
        if each.name_errors or each.tag_errors or each.schema_errors
    ]
    assert wrong == []


def test_validators_of_ckan_refuse_keywords_with_signs(site: Site, harvest: Harvester) -> None:
    text = changed('"SDG 11"@en', '"SDG 11/12"@en , "a"@en')
    found = harvest(site.put("/keywords.ttl", text)).dataset(DATASET_2021)
    assert found.tag_errors == {
        "SDG 11/12": [
            'Tag "SDG 11/12" can only contain alphanumeric characters, spaces (" "), '
            'hyphens ("-"), underscores ("_") or dots (".")'
        ],
        "a": ['Tag "a" length is less than minimum 2'],
    }
    assert list(found.schema_errors) == ["tags"]


@pytest.mark.parametrize("name", OTHER_FORMATS)
def test_other_formats_give_the_same_records(
    name: str, site: Site, harvest: Harvester, japanese: Harvest
) -> None:
    rdflib_format, content_type = OTHER_FORMATS[name]
    text = Graph().parse(data=CATALOG).serialize(format=rdflib_format)
    other = harvest(site.put(f"/{name}", text, content_type), "ja")
    assert sorted(other.guids) == sorted(japanese.guids)
    for each in japanese.datasets:
        assert content_of(other.dataset(each.guid).record) == content_of(each.record)


def licences(harvest: Harvest) -> dict[str, str]:
    """The licence that CKAN itself knows, by fiscal year; empty where it knows none."""
    ids = {each.guid: each.record["license_id"] for each in harvest.datasets}
    return {"2020": ids[DATASET_2020], "2021": ids[DATASET_2021]}


def test_ckan_knows_the_licence_by_its_english_title(japanese: Harvest, english: Harvest) -> None:
    assert licences(japanese) == licences(english) == {"2020": "", "2021": "cc-by"}


def test_ckan_translates_its_licences_only_within_a_request(site: Site, harvest: Harvester) -> None:
    # `ckan harvester run-test`; the gather consumer of a running portal is not within one
    url = site.put("/catalog.ttl", CATALOG)
    assert licences(harvest(url, "ja", in_request=True)) == {"2020": "", "2021": ""}


def test_a_portal_with_a_list_of_its_own_knows_licences_by_their_iri(
    site: Site, harvest: Harvester, tmp_path: Path
) -> None:
    licence = {"id": "pdl-1.0", "title": "公共データ利用規約（第1.0版）", "url": PDL}
    (tmp_path / "licences.json").write_text(json.dumps([licence]), encoding="utf-8")
    settings = {"licenses_group_url": f"file://{tmp_path}/licences.json"}
    url = site.put("/catalog.ttl", CATALOG)
    found = licences(harvest(url, "ja", settings=settings))
    assert found == {"2020": "pdl-1.0", "2021": ""}


def test_a_withdrawn_plan_is_marked_where_ckan_shows_it(english: Harvest) -> None:
    record = english.dataset(DATASET_2020).record
    extras = {extra["key"]: extra["value"] for extra in record["extras"]}
    assert "status" not in extras  # the harvester reads adms:status of distributions alone
    assert extras["version_notes"] == "Withdrawn on 2026-11-26: the plan was revised."
    assert {"name": "withdrawn"} in record["tags"]
    assert record["notes"].startswith("Withdrawn. ")
    assert [resource["status"] for resource in record["resources"]] == [
        "http://purl.org/adms/status/Withdrawn"
    ]


def page_of(dataset: str, page: str, following: str | None) -> str:
    """A page of the catalogue that holds one dataset, with the address of the page after it."""
    graph = Graph().parse(data=CATALOG)
    for other in set(graph.subjects(RDF.type, DCAT.Dataset)) - {URIRef(dataset)}:
        for triple in list(graph):
            if str(triple[0]).startswith(str(other)) or triple[2] == other:
                graph.remove(triple)
    graph.add((URIRef(page), RDF.type, HYDRA.PartialCollectionView))
    graph.add((URIRef(page), HYDRA.totalItems, Literal(2)))
    if following:
        graph.add((URIRef(page), HYDRA.next, URIRef(following)))
    return graph.serialize(format="turtle")


def test_pages_are_followed_and_give_the_same_records(
    site: Site, harvest: Harvester, japanese: Harvest
) -> None:
    first, second = (f"{site.base}/paged.ttl?page={number}" for number in (1, 2))
    site.put("/paged.ttl?page=1", page_of(DATASET_2021, first, second))
    site.put("/paged.ttl?page=2", page_of(DATASET_2020, second, None))
    paged = harvest(first, "ja")
    assert [each.url for each in paged.requests] == [first, first, second, second]
    assert paged.guids == [DATASET_2021, DATASET_2020]
    assert (paged.errors, paged.warnings) == ((), ())
    for each in japanese.datasets:
        assert content_of(paged.dataset(each.guid).record) == content_of(each.record)


def test_a_catalogue_without_end_is_given_up(site: Site, harvest: Harvester) -> None:
    first, second = (f"{site.base}/endless.ttl?page={number}" for number in (1, 2))
    site.put("/endless.ttl?page=1", page_of(DATASET_2021, first, second))
    site.put("/endless.ttl?page=2", page_of(DATASET_2020, second, second))
    with pytest.raises(AssertionError) as caught:
        harvest(first)
    assert str(caught.value).startswith("The catalogue has no end: 100 requests were made.\n")


REFUSED: dict[str, tuple[str, str, list[str]]] = {
    "plain text": (CATALOG, "text/plain", ["Error parsing the RDF file: No plugin registered"]),
    "a BOM": ("\ufeff" + CATALOG, "text/turtle", ["Error parsing the RDF file: at line 1"]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_the_harvester_cannot_read_is_told_in_its_words(
    case: str, site: Site, harvest: Harvester
) -> None:
    text, content_type, expected = REFUSED[case]
    refused = harvest(site.put("/refused.ttl", text, content_type))
    assert refused.datasets == ()
    assert [error[: len(start)] for error, start in zip(refused.errors, expected, strict=True)] == (
        expected
    )
