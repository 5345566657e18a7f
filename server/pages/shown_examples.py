"""Examples of terms as the page shows them: who, which property, what, each with its link."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext
from rdflib import Graph, Literal, URIRef

from kg.vocab import QB, RDF, RDFS, SKOS, SP
from server.pages.facts import Term, goal_of, in_language, natural
from server.pages.frame import plan_entries
from server.pages.language import page_language
from server.pages.links import href, resource_path, site
from server.pages.subject import crumb_name
from server.pages.term_examples import Examples, Use
from server.pages.terms import borrowed_label, shortened, term_labels

LONGEST_TEXT = 120
"""Longer texts are cut."""
ESTIMATED = ("/sdg-candidate/", "/expected-unit/", "/goal-expected/", "/graph/candidate")
"""In the IRIs of what tells estimates."""


@dataclass(frozen=True, slots=True)
class Link:
    """A text with the address it leads to, if any."""

    text: Literal | str
    url: str | None = None
    short: str = ""
    """The prefixed name of a term."""


@dataclass(frozen=True, slots=True)
class Example:
    """A statement, or of a class only its subject. `of` is another term that it is an example of.

    `place` names the municipality where it is not that of the other examples.
    """

    subject: Link
    property: Link | None
    value: Link | None
    of: Link | None
    place: Literal | str | None
    is_made_up: bool
    is_estimate: bool


class ShownExamples:
    """The examples of a release in the language of the page."""

    def __init__(self, graph: Graph, examples: Examples) -> None:
        self._graph, self._examples = graph, examples
        self._language = page_language()
        self._places = {str(e["code"]): e for e in plan_entries() if "code" in e}

    def of(self, term: URIRef) -> Example | None:
        """An example of the term, else of one that stands for it; None if nothing uses it."""
        use = self._examples.uses.get(term)
        if use is not None:
            return self._shown(use, None)
        for other in self._instead(term):
            use = self._examples.uses.get(other)
            if use is not None:
                return self._shown(use, other)
        return self._in_vocabulary(term)

    def _instead(self, term: URIRef) -> Iterable[URIRef]:
        """Narrower classes and properties, the concepts of a scheme, the structures of a part."""
        narrower = (RDFS.subClassOf, RDFS.subPropertyOf, SKOS.inScheme, SKOS.broader, QB.component)
        found = {s for item in narrower for s in self._graph.subjects(item, term)}
        return sorted((s for s in found if isinstance(s, URIRef)), key=natural)

    def _in_vocabulary(self, term: URIRef) -> Example | None:
        """What only the vocabulary itself says."""
        instances = sorted(self._graph.subjects(RDF.type, term), key=natural)
        if instances and isinstance(instances[0], URIRef):
            return self._shown(Use(instances[0]), None)
        pairs = sorted(self._graph.subject_objects(term), key=lambda pair: natural(pair[0]))
        for subject, value in pairs:
            if isinstance(subject, URIRef) and isinstance(value, URIRef):
                return self._shown(Use(subject, term, value), None)
        return None

    def _shown(self, use: Use, of: URIRef | None) -> Example:
        code = (resource_path(use.subject) or "").partition("/")[0]
        entry = self._places.get(code)
        is_elsewhere = entry is not None and entry["code"] != (self._examples.plan or {}).get(
            "code"
        )
        names = dict(entry.get("municipality", {})) if entry is not None else {}
        place = next(
            (Literal(names[c], lang=c) for c in (self._language, "ja") if c in names), None
        )
        said = (use.subject, use.property, use.value)
        return Example(
            subject=self._link(use.subject),
            property=None if use.property is None else self._property(use.property),
            value=None if use.value is None else self._link(use.value),
            of=None if of is None else Link(shortened(of), href(of), shortened(of)),
            place=place if is_elsewhere else None,
            is_made_up=bool(entry is not None and entry.get("made_up")),
            is_estimate=SP.candidateSdgGoal in said
            or any(part in use.subject for part in ESTIMATED),
        )

    def _property(self, iri: URIRef) -> Link:
        label = in_language(term_labels(iri), self._language) or borrowed_label(iri)
        return Link(label or shortened(iri), href(iri), shortened(iri))

    def _link(self, term: Term) -> Link:
        if isinstance(term, Literal):
            return Link(_cut(term))
        if not isinstance(term, URIRef):
            return Link(str(term))
        goal, facts = goal_of(term), self._examples.facts
        if goal is not None:
            name = in_language(term_labels(term), self._language)
            return Link(gettext("ゴール%(number)s", number=f"{goal} {name}"), site(f"goals/{goal}"))
        name = facts.name(term, self._language)
        if name is None:
            return Link(resource_path(term) or shortened(term), href(term))
        if facts.is_a(term, SP.Project):
            name = Literal(f"{crumb_name(facts, term, self._language)} {name}", lang=name.language)
        return Link(_cut(name), href(term))


def _cut(text: Literal) -> Literal:
    """The text as far as it is short."""
    if len(text) <= LONGEST_TEXT:
        return text
    return Literal(f"{text[:LONGEST_TEXT]}…", lang=text.language)
