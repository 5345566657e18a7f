"""What a remote store has loaded, as a graph in the store itself tells it.

    <…graph/loaded>  dcterms:identifier  "20261124T101500Z-1a2b3c4d"   the release
                     dcterms:type        "complete", or "loading" while it is written
                     dcterms:source      which `sdgplan push` wrote last, never twice the same
                     dcterms:extent      "10000": rows after which the store cuts answers; or "0"
    <a graph>        dcterms:identifier  its fingerprint, or "writing"

Plain literals only: there is no store that rewrites them. A store whose load broke off says
"loading" until a push has come to its end, and a graph that was being written says "writing".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

COMPLETE, LOADING, WRITING = "complete", "loading", "writing"

_DCTERMS = "http://purl.org/dc/terms/"
_RELEASE, _PHASE = f"{_DCTERMS}identifier", f"{_DCTERMS}type"
_PUSH, _MOST_ROWS = f"{_DCTERMS}source", f"{_DCTERMS}extent"


@dataclass(frozen=True, slots=True)
class Names:
    """The graphs of ours in a remote store that are no part of a release."""

    loaded: str
    """What the store has loaded."""
    merged: str
    """The merge of all graphs, each triple once: what queries without GRAPH are about."""
    nowhere: str
    """A graph that does not exist."""

    @classmethod
    def of(cls, base_iri: str) -> Names:
        """Those of a publisher's base IRI."""
        return cls(*(f"{base_iri}graph/{name}" for name in ("loaded", "merged", "none")))


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a store says that it has loaded; all empty if it says nothing."""

    release: str = ""
    phase: str = ""
    push: str = ""
    """Which push wrote it."""
    most_rows: int = 0
    """The rows after which the store cuts answers without an error; 0 = it does not."""
    graphs: Mapping[str, str] = field(default_factory=dict)
    """Graph -> fingerprint or WRITING; only where it was asked for."""

    def with_notes(self, notes: Mapping[str, str | None]) -> Loaded:
        """The same with other notes about some graphs; None takes one away."""
        after = {**self.graphs, **notes}
        return replace(self, graphs={n: note for n, note in after.items() if note is not None})

    def why_not(self, release_id: str) -> tuple[str, str] | None:
        """Title and sentences if the store cannot answer for that release; None if it can."""
        if not self.phase:
            return (
                "Remote store not loaded",
                "The remote store says of no release that it has it. sdgplan push loads one.",
            )
        if self.phase != COMPLETE:
            return (
                "Remote store half loaded",
                f"Release {self.release} is being loaded into the remote store, or a load of it "
                "broke off; sdgplan push ends it. Until then no answer is given, for it might be "
                "a wrong one.",
            )
        if self.release != release_id:
            return (
                "Remote store has another release",
                f"The remote store has release {self.release}; this service has {release_id}. "
                "sdgplan push brings the store up to date.",
            )
        return None

    def lines(self, names: Names) -> list[str]:
        """The triples of the graph, as lines of N-Triples."""
        notes = [note_line(graph, text) for graph, text in sorted(self.graphs.items())]
        return self.own_lines(names) + notes

    def own_lines(self, names: Names) -> list[str]:
        """Those about the store as a whole."""
        about = {_RELEASE: self.release, _PHASE: self.phase, _PUSH: self.push}
        about[_MOST_ROWS] = str(self.most_rows)
        return [f'<{names.loaded}> <{name}> "{text}" .\n' for name, text in about.items()]


def note_line(graph: str, note: str) -> str:
    """What the graph of what is loaded says of one graph."""
    return f'<{graph}> <{_RELEASE}> "{note}" .\n'


def loaded_query(names: Names) -> str:
    """The SELECT that `loaded_of` reads: a handful of rows."""
    return f"SELECT ?p ?o FROM <{names.loaded}> WHERE {{ <{names.loaded}> ?p ?o }}"


def notes_query(names: Names, limit: int, offset: int) -> str:
    """The SELECT of graphs and their notes, a page of it."""
    return (
        f"SELECT ?graph ?note FROM <{names.loaded}> WHERE {{ ?graph <{_RELEASE}> ?note . "
        f"FILTER(?graph != <{names.loaded}>) }} LIMIT {limit} OFFSET {offset}"
    )


def loaded_of(rows: Sequence[Mapping[str, str]]) -> Loaded:
    """What the solutions of `loaded_query` say.

    Two values of one kind are those of two pushes, or of one that is half written: then the
    store is loading, whatever it says.
    """
    found: dict[str, str] = {}
    is_single = True
    for row in rows:
        is_single &= row["p"] not in found
        found[row["p"]] = row["o"]
    if not found:
        return Loaded()
    is_whole = is_single and {_RELEASE, _PHASE, _PUSH, _MOST_ROWS} <= found.keys()
    most_rows = found.get(_MOST_ROWS, "0")
    return Loaded(
        found.get(_RELEASE, "(not told)"),
        found[_PHASE] if is_whole else LOADING,
        found.get(_PUSH, ""),
        int(most_rows) if most_rows.isdecimal() else 0,
    )
