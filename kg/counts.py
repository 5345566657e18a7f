"""How much of what a release holds, for VoID: by graph, property, class, and property of a class.

Counted from the N-Quads that are published, not by queries, so that one changed plan costs one
municipality: what is said of things below a municipality's IRI stands in its own plans only,
and is kept with the release; the rest is little (fiscal years, vocabulary, catalogue).
Triples are those of the merged graph: one that stands in two graphs counts once, but for the
sizes of the graphs themselves.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.figures import (
    Figures,
    Own,
    Statements,
    add_figures,
    figures_of,
    sorted_figures,
    subtract_figures,
)
from kg.vocab import PREFIXES, RDF

COUNTS_FILE = "counts.json"
_TYPE = f"<{RDF.type}>"


@dataclass(slots=True)
class Counts:
    """Numbers by IRI; `triples` of the merged graph."""

    triples: int = 0
    graphs: Counter[str] = field(default_factory=Counter)
    properties: Counter[str] = field(default_factory=Counter)
    classes: Counter[str] = field(default_factory=Counter)
    """The instances of each class."""
    properties_of_classes: dict[str, Counter[str]] = field(default_factory=dict)
    """The triples of each property whose subjects are instances of the class."""
    figures: Figures = field(default_factory=dict)
    """What the resources are like; see `kg.figures`."""

    def add(self, other: Counts) -> None:
        """Add the counts of things that are not counted here."""
        self.triples += other.triples
        self.graphs.update(other.graphs)
        self.properties.update(other.properties)
        self.classes.update(other.classes)
        for iri, counter in other.properties_of_classes.items():
            self.properties_of_classes.setdefault(iri, Counter()).update(counter)
        add_figures(self.figures, other.figures)

    def subtract(self, other: Counts) -> None:
        """Take away counts that were added; nothing is left of what is then nowhere."""
        self.triples -= other.triples
        subtract_figures(self.figures, other.figures)
        _subtract(self.graphs, other.graphs)
        _subtract(self.properties, other.properties)
        _subtract(self.classes, other.classes)
        for iri, less in other.properties_of_classes.items():
            _subtract(self.properties_of_classes[iri], less)
            if not self.properties_of_classes[iri]:
                del self.properties_of_classes[iri]

    def as_json(self) -> dict[str, object]:
        return {
            "triples": self.triples,
            "graphs": dict(sorted(self.graphs.items())),
            "properties": dict(sorted(self.properties.items())),
            "classes": dict(sorted(self.classes.items())),
            "properties_of_classes": {
                iri: dict(sorted(counter.items()))
                for iri, counter in sorted(self.properties_of_classes.items())
            },
            "figures": sorted_figures(self.figures),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Counts:
        return cls(
            triples=value["triples"],
            graphs=Counter(value["graphs"]),
            properties=Counter(value["properties"]),
            classes=Counter(value["classes"]),
            properties_of_classes={
                iri: Counter(counts) for iri, counts in value["properties_of_classes"].items()
            },
            # releases of earlier programs have none
            figures={group: Counter(n) for group, n in value.get("figures", {}).items()},
        )


@dataclass(frozen=True, slots=True)
class Part:
    """What the plans of one municipality hold: counted, and the lines about things of all."""

    counts: Counts
    shared: list[str]

    def as_json(self) -> dict[str, object]:
        return {"counts": self.counts.as_json(), "shared": self.shared}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Part:
        return cls(Counts.from_json(value["counts"]), value["shared"])


def municipality_part(iri: str, files: Iterable[Path], ours: Own) -> Part:
    """The counts of all plans of the municipality `iri`, from their N-Quads files."""
    own, shared = f"<{iri}", set()
    graphs: Counter[str] = Counter()
    lines: dict[str, None] = {}
    for path in files:
        for line in lines_of(path):
            triple, graph = _split(line)
            graphs[graph] += 1
            if line.startswith((f"{own}/", f"{own}>", f"{own}#")):
                lines[triple] = None
            else:
                shared.add(triple)
    return Part(_counted(graphs, lines, ours), sorted(shared))


def lines_of(path: Path) -> list[str]:
    """The lines of an N-Quads file; only the line feed ends one."""
    return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")


@dataclass(frozen=True, slots=True)
class Sum:
    """All parts in one, which parts are added to and taken from."""

    counts: Counts = field(default_factory=Counts)
    shared: Counter[str] = field(default_factory=Counter)
    """A line about things of all -> in how many parts it is."""

    def add(self, part: Part) -> None:
        self.counts.add(part.counts)
        self.shared.update(part.shared)

    def take_away(self, part: Part) -> None:
        """The part is one that was added."""
        self.counts.subtract(part.counts)
        _subtract(self.shared, Counter(part.shared))

    def as_json(self) -> dict[str, object]:
        return {"counts": self.counts.as_json(), "shared": dict(sorted(self.shared.items()))}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Sum:
        return cls(Counts.from_json(value["counts"]), Counter(value["shared"]))


class Total:
    """The counts of the whole: the parts, and further lines about things in none of them."""

    def __init__(self, parts: Sum, others: Iterable[str], ours: Own) -> None:
        self._ours = ours
        self._parts = parts.counts
        self._graphs: Counter[str] = Counter()
        self._shared: dict[str, None] = dict.fromkeys(parts.shared)
        self._take(others, self._graphs, self._shared)
        self._counted = _counted(self._graphs, self._shared, ours)

    def with_lines(self, lines: Iterable[str]) -> Counts:
        """The counts with these lines too, whose things are in none of the other lines."""
        graphs: Counter[str] = Counter()
        own: dict[str, None] = {}
        self._take(lines, graphs, own)
        total = Counts()
        total.add(self._parts)
        total.add(self._counted)
        new = [triple for triple in own if triple not in self._shared]
        total.add(_counted(graphs, new, self._ours))
        return total

    @staticmethod
    def _take(lines: Iterable[str], graphs: Counter[str], triples: dict[str, None]) -> None:
        for line in lines:
            triple, graph = _split(line)
            graphs[graph] += 1
            triples[triple] = None


def write_counts(folder: Path, counts: Counts) -> None:
    """Keep the counts with a release."""
    text = json.dumps(counts.as_json(), ensure_ascii=False, indent=1) + "\n"
    (folder / COUNTS_FILE).write_text(text, encoding="utf-8")


def read_counts(folder: Path) -> Counts | None:
    """The counts of a release; None for one that has none."""
    try:
        return Counts.from_json(json.loads((folder / COUNTS_FILE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def part_name(iri: str) -> str:
    """A short ASCII name for a class or property in the IRI of its partition."""
    for prefix, namespace in PREFIXES.items():
        local = iri.removeprefix(namespace)
        if local != iri and local.replace("-", "").replace("_", "").isalnum() and local.isascii():
            return f"{prefix}.{local}"
    return hashlib.sha256(iri.encode()).hexdigest()[:8]


def _subtract(counter: Counter[str], less: Mapping[str, int]) -> None:
    counter.subtract(less)
    for key in less:
        if not counter[key]:
            del counter[key]


def _split(line: str) -> tuple[str, str]:
    # "<s> <p> o <g> ." → "<s> <p> o", "g"; a graph name holds no blank
    head, _, graph = line.removesuffix(" .").rpartition(" ")
    return head, graph[1:-1]


def _counted(graphs: Mapping[str, int], triples: Iterable[str], ours: Own) -> Counts:
    found = Counts(graphs=Counter(graphs))
    subjects: dict[str, list[tuple[str, str]]] = {}
    for triple in triples:
        subject, term, value = triple.split(" ", 2)
        subjects.setdefault(subject, []).append((term, value))
    for statements in subjects.values():
        found.triples += len(statements)
        properties = [term[1:-1] for term, _ in statements]
        found.properties.update(properties)
        for iri in _classes(statements):
            found.classes[iri] += 1
            found.properties_of_classes.setdefault(iri, Counter()).update(properties)
    found.figures = figures_of(subjects, ours)
    return found


def _classes(statements: Statements) -> set[str]:
    return {value[1:-1] for term, value in statements if term == _TYPE}
