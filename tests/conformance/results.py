"""Results as the suite writes them, read without the engine, and when two of them are the same."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from rdflib import RDF, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic, to_isomorphic
from rdflib.term import Node

from server.wire import term_from_json

RS = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
SRX = "{http://www.w3.org/2005/sparql-results#}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

Term = tuple[str, str, str]
"""Kind, value, and language or datatype; comparable without rdflib's own ideas of equality."""
Row = dict[str, Term]

_TSV_TERM = re.compile(
    r'<(?P<iri>[^>]*)>|_:(?P<blank>\S+)|"(?P<text>(?:[^"\\]|\\.)*)"(?:@(?P<language>[\w-]+)'
    r"|\^\^<(?P<datatype>[^>]*)>)?|(?P<number>[-+.\dEe]+)|(?P<boolean>true|false)"
)
_ESCAPES = {"\\t": "\t", "\\n": "\n", "\\r": "\r", '\\"': '"', "\\'": "'", "\\\\": "\\"}


@dataclass(frozen=True, slots=True)
class Solutions:
    """What a SELECT or ASK gave; `boolean` None = solutions."""

    variables: tuple[str, ...]
    rows: list[Row]
    boolean: bool | None = None


def term_of(node: Node) -> Term:
    """The term; numbers and booleans of one type by their value, so that 2.0 is 2.00."""
    if isinstance(node, URIRef):
        return ("iri", str(node), "")
    if isinstance(node, BNode):
        return ("blank", str(node), "")
    assert isinstance(node, Literal)
    if node.language:
        return ("text", str(node), node.language.lower())
    datatype = node.datatype or XSD.string
    return ("text", _canonical(str(node), datatype), str(datatype))


def _canonical(text: str, datatype: URIRef) -> str:
    if datatype == XSD.boolean:
        return {"1": "true", "0": "false"}.get(text, text)
    try:
        if datatype == XSD.integer:
            return str(int(text))
        if datatype == XSD.decimal:
            return format(Decimal(text).normalize(), "f")
        if datatype in (XSD.double, XSD.float):
            return repr(float(text))
    except (ValueError, InvalidOperation):
        pass  # a form that the type does not have, as the suite tests it
    return text


def from_json(data: bytes) -> Solutions:
    document = json.loads(data)
    if "boolean" in document:
        return Solutions((), [], document["boolean"])
    rows = [
        {name: term_of(term_from_json(term)) for name, term in row.items()}
        for row in document["results"]["bindings"]
    ]
    return Solutions(tuple(document["head"]["vars"]), rows)


def from_xml(data: bytes) -> Solutions:
    root = ElementTree.fromstring(data)
    boolean = root.find(f"{SRX}boolean")
    if boolean is not None:
        return Solutions((), [], (boolean.text or "").strip() == "true")
    names = tuple(v.attrib["name"] for v in root.findall(f"{SRX}head/{SRX}variable"))
    rows = [
        {b.attrib["name"]: _of_element(b[0]) for b in result.findall(f"{SRX}binding")}
        for result in root.findall(f"{SRX}results/{SRX}result")
    ]
    return Solutions(names, rows)


def _of_element(element: ElementTree.Element) -> Term:
    text = element.text or ""
    kind = element.tag.removeprefix(SRX)
    if kind == "uri":
        return term_of(URIRef(text))
    if kind == "bnode":
        return term_of(BNode(text))
    assert kind == "literal", kind
    if XML_LANG in element.attrib:
        return term_of(Literal(text, lang=element.attrib[XML_LANG]))
    datatype = element.attrib.get("datatype")
    return term_of(
        Literal(text, datatype=URIRef(datatype), normalize=False) if datatype else Literal(text)
    )


def from_tsv(data: bytes) -> Solutions:
    lines = data.decode("utf-8").rstrip("\n").split("\n")
    names = tuple(name.strip().removeprefix("?") for name in lines[0].split("\t"))
    rows = []
    for line in lines[1:]:
        cells = zip(names, line.split("\t"), strict=True)
        rows.append({name: _of_tsv(cell) for name, cell in cells if cell})
    return Solutions(names, rows)


def _of_tsv(cell: str) -> Term:
    found = _TSV_TERM.fullmatch(cell)
    assert found is not None, cell
    if found["iri"] is not None:
        return term_of(URIRef(found["iri"]))
    if found["blank"] is not None:
        return term_of(BNode(found["blank"]))
    if found["text"] is not None:
        text = re.sub(r"\\.", lambda m: _ESCAPES.get(m[0], m[0]), found["text"])
        if found["language"]:
            return term_of(Literal(text, lang=found["language"]))
        datatype = URIRef(found["datatype"] or XSD.string)
        return term_of(Literal(text, datatype=datatype, normalize=False))
    if found["boolean"]:
        return term_of(Literal(cell, datatype=XSD.boolean))
    kind = XSD.double if "e" in cell.lower() else XSD.decimal if "." in cell else XSD.integer
    return term_of(Literal(cell, datatype=kind, normalize=False))


def from_csv(data: bytes) -> Solutions:
    """CSV has no types: cells are texts, and those that start with _: blank nodes."""
    header, *lines = csv.reader(io.StringIO(data.decode("utf-8"), newline=""))
    rows = [
        {
            name: ("blank", cell, "") if cell.startswith("_:") else ("text", cell, "")
            for name, cell in zip(header, line, strict=True)
        }
        for line in lines
    ]
    return Solutions(tuple(header), rows)


def from_graph(graph: Graph) -> Solutions | Graph:
    """The result set that a graph describes; the graph itself if it describes none."""
    node = graph.value(None, RDF.type, RS.ResultSet)
    if node is None:
        return graph
    boolean = graph.value(node, RS.boolean)
    if boolean is not None:
        return Solutions((), [], str(boolean) == "true")
    rows = [
        {
            str(graph.value(binding, RS.variable)): term_of(graph.value(binding, RS.value))
            for binding in graph.objects(solution, RS.binding)
        }
        for solution in graph.objects(node, RS.solution)
    ]
    return Solutions(tuple(map(str, graph.objects(node, RS.resultVariable))), rows)


def assert_same(found: Solutions | Graph, expected: Solutions | Graph) -> None:
    """Isomorphic graphs, or the same multiset of solutions under a renaming of blank nodes."""
    if isinstance(expected, Graph):
        assert isinstance(found, Graph)
        assert isomorphic(found, expected), _difference(found, expected)
        return
    assert isinstance(found, Solutions)
    assert found.boolean == expected.boolean
    assert set(found.variables) == set(expected.variables)
    assert _match(found.rows, expected.rows), (
        f"{len(found.rows)} solutions: {found.rows}, expected {len(expected.rows)}: {expected.rows}"
    )


def _match(found: list[Row], expected: list[Row]) -> bool:
    if _shapes(found) != _shapes(expected):
        return False
    has, wants = (
        [row for row in rows if any(term[0] == "blank" for term in row.values())]
        for rows in (found, expected)
    )
    return _renamed(wants, has, {})


def _shapes(rows: Iterable[Row]) -> Counter[frozenset[tuple[str, Term]]]:
    """The rows with their blank nodes made alike: equal if the results are."""
    return Counter(
        frozenset((n, ("blank", "", "") if t[0] == "blank" else t) for n, t in row.items())
        for row in rows
    )


def _renamed(expected: list[Row], found: list[Row], names: dict[str, str]) -> bool:
    """Whether a one-to-one renaming of blank nodes makes each expected row one of the found."""
    if not expected:
        return True
    row, rest = expected[0], expected[1:]
    for at, other in enumerate(found):
        extended = _extended(row, other, names)
        if extended is not None and _renamed(rest, found[:at] + found[at + 1 :], extended):
            return True
    return False


def _extended(row: Row, other: Row, names: dict[str, str]) -> dict[str, str] | None:
    if row.keys() != other.keys():
        return None
    names = dict(names)
    for name, (kind, value, more) in row.items():
        their_kind, their_value, their_more = other[name]
        if kind != their_kind:
            return None
        if kind == "blank":
            if names.setdefault(value, their_value) != their_value:
                return None
        elif (value, more) != (their_value, their_more):
            return None
    return names if len(set(names.values())) == len(names) else None


def _difference(found: Graph, expected: Graph) -> str:
    has, wants = (
        sorted(" ".join(term.n3() for term in triple) for triple in to_isomorphic(graph))
        for graph in (found, expected)
    )
    return "found:\n" + "\n".join(has) + "\nexpected:\n" + "\n".join(wants)
