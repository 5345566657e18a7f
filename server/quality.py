"""/quality: how the service meets the criteria of the Umaka rating for SPARQL endpoints.

Each criterion is judged by the values measured on the release that is served (server.measures);
the words for people are in server.pages.quality. Source of the criteria:
https://yummydata.org/umaka-score.html and the code of dbcls/umakadata.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response
from rdflib.namespace import RDF, XSD

from server.answers import CACHE_CONTROL, choose_format
from server.context import context
from server.headers import FIXED
from server.hooks import hooks
from server.measures import OWN, Measures, measures
from server.negotiation import DOCUMENT, HTML, PLAIN_JSON

blueprint = Blueprint("quality", __name__)

ORIGIN = "Access-Control-Allow-Origin"


class Met(StrEnum):
    """Whether a criterion is met; VALUE where it only asks for a number."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    VALUE = "value"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion: the group it belongs to, the judgement, the values, where to see."""

    name: str
    area: str
    met: Met
    value: Mapping[str, Any]
    see: str
    """A path of this service, with its query string."""


@blueprint.route("/quality")
def quality() -> Response:
    """The criteria as a page for browsers, else as JSON."""
    page = hooks().quality
    form = choose_format((PLAIN_JSON, HTML))
    response = page() if form is HTML and page is not None else _json()
    response.vary.add("Accept")
    return _finished(response)


@blueprint.route("/quality.json")
def quality_file() -> Response:
    """The same values as JSON."""
    return _finished(_json())


def _json() -> Response:
    here, found = context(), measures()
    document = {
        "release": found.release,
        "created": found.created,
        "endpoint": here.url("sparql"),
        "criteria": [
            {
                "criterion": one.name,
                "area": one.area,
                "met": str(one.met),
                "value": dict(one.value),
                "see": here.url(one.see),
                "about": here.url(f"quality#{one.name}"),
            }
            for one in criteria(found)
        ],
    }
    body = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    return Response(body, content_type=PLAIN_JSON.content_type)


def _finished(response: Response) -> Response:
    response.add_etag()
    response.headers.setdefault("Cache-Control", CACHE_CONTROL)
    return response


def criteria(m: Measures) -> list[Criterion]:
    """Every criterion in the order of the rating."""
    return [*_operation(m), *_usefulness(m), *_validity(m), *_performance(m)]


def asked(m: Measures, name: str) -> str:
    """The path at which a query of the measurement can be seen and sent again."""
    return f"sparql?{urlencode({'query': m.queries[name], 'format': 'json'})}"


def _if(is_met: bool | None) -> Met:
    return Met.UNKNOWN if is_met is None else Met.YES if is_met else Met.NO


def _operation(m: Measures) -> list[Criterion]:
    service, void = m.descriptions["service"], m.descriptions["void"]
    modified = {"service": service["modified"], "void": void["modified"]}
    count = m.triples_of_construct
    return [
        Criterion(
            "alive",
            "availability",
            _if(None if count is None else count > 0),
            {"triples": count},
            f"sparql?{urlencode({'query': m.queries['alive']})}",
        ),
        Criterion(
            "modified",
            "freshness",
            _if(bool(modified["service"] and modified["void"])),
            modified,
            "void.ttl",
        ),
        Criterion(
            "service-description",
            "operation",
            _if(service["triples"] > 0),
            {"triples": service["triples"]},
            "sparql?format=turtle",
        ),
        Criterion(
            "void",
            "operation",
            _if(void["triples"] > 0),
            {"triples": void["triples"]},
            ".well-known/void",
        ),
    ]


def _usefulness(m: Measures) -> list[Criterion]:
    data = (m.resources or {}).get("data")
    names = {"resources": "number", "labelled": "labelled"}
    labels = {name: data[key] if data else None for name, key in names.items()}
    known = {name: _share(m, name) for name in ("classes", "properties")}
    types = None if m.datatypes is None else {r["datatype"]: r["number"] for r in m.datatypes}
    hosts = None if m.links_out is None else {r["host"]: r["number"] for r in m.links_out}
    void, formats = m.descriptions["void"], m.descriptions["service"]["formats"]
    return [
        Criterion(
            "labels",
            "usefulness",
            _part(labels["resources"], labels["labelled"]),
            labels,
            asked(m, "labels"),
        ),
        Criterion(
            "known-ontologies",
            "usefulness",
            _part(*(sum(k[n] for k in known.values() if k) for n in ("all", "known")))
            if all(known.values())
            else Met.UNKNOWN,
            known,
            "void.ttl",
        ),
        Criterion(
            "datatypes",
            "usefulness",
            Met.UNKNOWN if types is None else _part(len(types), sum(map(_is_standard, types))),
            {"literals": types},
            asked(m, "datatypes"),
        ),
        Criterion(
            "links-out",
            "usefulness",
            _if(None if hosts is None else bool(hosts)),
            {"links": hosts},
            asked(m, "links"),
        ),
        Criterion(
            "publisher-and-licence",
            "usefulness",
            _if(bool(void["publishers"] and void["licences"])),
            {"publishers": void["publishers"], "licences": void["licences"]},
            "void.ttl",
        ),
        Criterion(
            "result-formats",
            "usefulness",
            _if(len(formats) > 1),
            {"formats": formats},
            "sparql?format=turtle",
        ),
    ]


def _validity(m: Measures) -> list[Criterion]:
    settings = context().settings
    places = m.resources or {}
    kinds = ("queries", "extensions", "ports", "users")
    own = [places[place] for place in ("data", "vocabulary") if place in places]
    bad = {kind: sum(place[kind] for place in own) for kind in kinds}
    others = places.get("description", {})
    documents = m.documents or {}
    is_here = settings.base_iri.startswith(settings.public_url)
    answered = _part(documents.get("number"), documents.get("answers"))
    data = places.get("data", {}).get("number")
    not_http = None if m.resources is None else places.get("no-http", {}).get("number", 0)
    linked = None if data is None or m.without_links is None else data - m.without_links
    offered = [form.media_type for form in DOCUMENT]
    return [
        Criterion(
            "cool-iris",
            "validity",
            _if(None if m.resources is None else not any(bad.values())),
            {
                "iris": sum(place["number"] for place in own),
                **bad,
                "of_the_server": others.get("number", 0),
                "of_the_server_with_port": others.get("ports", 0),
            },
            asked(m, "resources"),
        ),
        Criterion(
            "http-iris",
            "validity",
            _if(None if not_http is None else not_http == 0),
            {"resources": sum(place["number"] for place in places.values()), "others": not_http},
            asked(m, "resources"),
        ),
        Criterion(
            "dereference",
            "validity",
            Met.PARTLY if answered is Met.YES and not is_here else answered,
            {
                "documents": documents.get("number"),
                "answered": documents.get("answers"),
                "base_iri": settings.base_iri,
                "server": settings.public_url,
                "is_own_address": is_here,
            },
            _example(),
        ),
        Criterion(
            "negotiation",
            "validity",
            _if({"text/html", "text/turtle", "application/rdf+xml"} <= set(offered)),
            {"formats": offered},
            _example(),
        ),
        Criterion(
            "links-in-rdf",
            "validity",
            _part(data, linked),
            {"resources": data, "linked": linked},
            asked(m, "without-links"),
        ),
    ]


def _performance(m: Measures) -> list[Criterion]:
    pairs = {n: {"listed": m.listed.get(n), "held": m.held[n]} for n in ("classes", "graphs")}
    is_known = all(None not in pair.values() for pair in pairs.values())
    return [
        Criterion(
            "response-time",
            "performance",
            Met.VALUE if m.seconds else Met.UNKNOWN,
            {"seconds": {name: round(value, 4) for name, value in m.seconds.items()}},
            asked(m, "classes"),
        ),
        Criterion(
            "complete",
            "performance",
            _if(all(p["listed"] == p["held"] for p in pairs.values()) if is_known else None),
            pairs,
            asked(m, "graphs"),
        ),
        Criterion(
            "allow-origin",
            "cors",
            _if(FIXED.get(ORIGIN) == "*"),
            {ORIGIN: FIXED.get(ORIGIN)},
            "void.ttl",
        ),
    ]


def _example() -> str:
    """The path of a resource: the first plan's; of the start page if there is none."""
    here = context()
    for plan in here.release.manifest["plans"]:
        if plan.get("status") != "withdrawn" and plan["iri"].startswith(here.settings.base_iri):
            return "id/" + str(plan["iri"]).removeprefix(here.settings.base_iri)
    return ""


def _part(total: int | None, met: int | None) -> Met:
    """All, some or none of them."""
    if not total or met is None:
        return Met.UNKNOWN
    return Met.YES if met == total else Met.PARTLY if met else Met.NO


def _share(m: Measures, kind: str) -> dict[str, int] | None:
    if m.terms is None:
        return None
    known = sum(n[kind] for prefix, n in m.terms.items() if prefix and prefix not in OWN)
    return {"all": sum(numbers[kind] for numbers in m.terms.values()), "known": known}


def _is_standard(datatype: str) -> bool:
    return datatype.startswith(str(XSD)) or datatype == str(RDF.langString)
