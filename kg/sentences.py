"""A finding in words, Japanese and English: what it is about, which line, the figures, the number.

`No. 3 まちあるき事業（52行目）: 関連付け0件、アイコン6個です。（C14）`
"""

from __future__ import annotations

from collections.abc import Mapping

from rdflib import Literal, URIRef
from rdflib.term import Node

from kg.mapping.provenance import MEDIA_TYPES
from kg.origin import COUNTED_IN_ROWS, Place
from kg.text import excerpt
from kg.validators import PLACEHOLDER, Constraint, Finding, Ontology, Triple
from kg.vocab import DCTERMS, RDF, RDFS, SDG, SKOS, SP

SHOWN_VALUES = 3
"""Values quoted when a property has the wrong ones."""

SHOWN_CHARACTERS = 120
"""Longest quotation of a name or text, in characters."""

PLACE_OF_TOTAL = {
    SP.publishedProjectCount: (SP.projectCountLine, SP.projectCountSheet),
    SP.publishedLinkCount: (SP.linkCountLine, SP.linkCountSheet),
}
"""Where a published total stands: the properties of its line and of its sheet."""

PARTS_OF_PROJECTS = frozenset((SP.target, SP.budget, SP.indicator, SP.indicatorValue))
NAMES_ITS_PROJECT = (SP.linkedProject, SP.rejectedProject, SP.ofProject)

ROW_FORMATS = frozenset(MEDIA_TYPES[ending] for ending in COUNTED_IN_ROWS)
"""Media types of documents whose places are rows, not lines."""


class Facts:
    """What the plan's triples say of the things a finding is about."""

    def __init__(self, triples: tuple[Triple, ...], ontology: Ontology) -> None:
        self.ontology = ontology
        self._about: dict[Node, dict[Node, list[Node]]] = {}
        self._owner: dict[Node, Node] = {}
        self.has_rows = False
        for subject, predicate, term in triples:
            self._about.setdefault(subject, {}).setdefault(predicate, []).append(term)
            if predicate in PARTS_OF_PROJECTS:
                self._owner[term] = subject
            elif predicate == DCTERMS["format"]:
                self.has_rows |= str(term) in ROW_FORMATS

    def values(self, subject: Node, predicate: URIRef) -> list[Node]:
        return sorted(self._about.get(subject, {}).get(predicate, []), key=str)

    def value(self, subject: Node, predicate: URIRef) -> Node | None:
        return next(iter(self.values(subject, predicate)), None)

    def subject_of(self, finding: Finding, constraint: Constraint) -> Node:
        """What the finding is about: the culprit a query returned, else the focus node."""
        culprit = finding.value
        if (
            constraint.is_sparql
            and culprit is not None
            and RDF.type in self._about.get(culprit, {})
        ):
            return culprit
        return finding.focus

    def project_of(self, subject: Node) -> Node | None:
        """The project that a resource is, or belongs to."""
        if SP.Project in self.values(subject, RDF.type):
            return subject
        owner = self._owner.get(subject)
        if owner is not None:
            return self.project_of(owner)
        named = (self.value(subject, term) for term in NAMES_ITS_PROJECT)
        return next((project for project in named if project is not None), None)

    def number_of(self, subject: Node) -> int | None:
        """The number of the project that a resource is, or belongs to."""
        project = self.project_of(subject)
        text = str(self.value(project, SP.number)) if project is not None else ""
        return int(text) if text.isdecimal() else None

    def places_of(self, subject: Node, focus: Node, constraint: Constraint) -> tuple[Place, ...]:
        """The places of the subject, else of its project, and of the published total."""
        places = self._places(subject, SP.sourceLine, SP.sourceSheet)
        if not places and (project := self.project_of(subject)) is not None:
            places = self._places(project, SP.sourceLine, SP.sourceSheet)
        if constraint.total is not None:
            places |= self._places(focus, *PLACE_OF_TOTAL[constraint.total])
        return tuple(sorted(places))

    def _places(self, subject: Node, line: URIRef, sheet: URIRef) -> set[Place]:
        name = self.value(subject, sheet)
        numbers = map(str, self.values(subject, line))
        return {Place(str(name or ""), int(n)) for n in numbers if n.isdecimal()}

    def in_words(self, places: tuple[Place, ...]) -> tuple[str, str]:
        """`シート「事業」12・13行目`, `sheet “事業”, rows 12, 13`; without rows `line 12`."""
        by_sheet: dict[str, list[str]] = {}
        for place in places:
            by_sheet.setdefault(place.sheet, []).append(str(place.number))
        ja, en = [], []
        for sheet, numbers in by_sheet.items():
            word = "row" if self.has_rows else "line"
            word = word if len(numbers) == 1 else f"{word}s"
            ja.append((f"シート「{sheet}」" if sheet else "") + "・".join(numbers) + "行目")
            en.append((f"sheet “{sheet}”, " if sheet else "") + f"{word} {', '.join(numbers)}")
        return "、".join(ja), "; ".join(en)

    def name(self, subject: Node, language: str) -> str:
        """The label in the language, else in Japanese, else the IRI."""
        named = (SKOS.prefLabel, SP.targetText, SP.projectName, SP.noteText, RDFS.label)
        for predicate in named:
            texts = {
                text.language: str(text)
                for text in self.values(subject, predicate)
                if isinstance(text, Literal)
            }
            if texts:
                return texts.get(language) or texts.get("ja") or next(iter(texts.values()))
        labels = self.ontology.labels
        return labels.get((subject, language)) or labels.get((subject, "ja")) or str(subject)

    def described(self, subject: Node, language: str) -> str:
        """The resource as a person would point at it: `No. 63 …`, `施策6「統合」の欄`."""
        ja = language == "ja"
        kinds = self.values(subject, RDF.type)
        name = shortened(self.name(subject, language))
        if SP.Project in kinds:
            number = self.value(subject, SP.number)
            return name if number is None else f"No. {number} {name}"
        if SP.GoalCountObservation in kinds:
            goal = self.term(self.value(subject, SP.dimGoal), language)
            return f"{goal}の公表事業数" if ja else f"published count for {goal}"
        if SP.BalanceObservation in kinds or SP.BalanceTotalObservation in kinds:
            return self._cell(subject, language)
        if SP.ProjectChange in kinds:
            return f"見直し一覧の「{name}」" if ja else f"review entry “{name}”"
        if SP.PlanNote in kinds:
            return f"注記「{name}」" if ja else f"note “{name}”"
        if {SP.SdgLink, SP.SdgRejection, SP.PlannedTarget} & set(kinds):
            return self._part_of_project(subject, kinds, language)
        if SP.Policy in kinds:
            number = self.value(subject, SKOS.notation)
            return f"施策{number} {name}" if ja else f"policy {number} {name}"
        return name

    def _cell(self, subject: Node, language: str) -> str:
        item = self.term(self.value(subject, SP.dimItem), language)
        policy = self.value(subject, SP.dimPolicy)
        if policy is None:
            return f"計「{item}」の欄" if language == "ja" else f"total, cell “{item}”"
        number = self.value(policy, SKOS.notation)
        return (
            f"施策{number}「{item}」の欄" if language == "ja" else f"policy {number}, cell “{item}”"
        )

    def _part_of_project(self, subject: Node, kinds: list[Node], language: str) -> str:
        ja = language == "ja"
        project = self.project_of(subject)
        owner = self.described(project, language) if project is not None else "?"
        if SP.PlannedTarget in kinds:
            text = shortened(self.name(subject, language))
            return f"{owner}の計画値「{text}」" if ja else f"{owner}, target “{text}”"
        if SP.SdgRejection in kinds:
            goal = self.term(self.value(subject, SP.rejectedGoal), language)
            return (
                f"{owner}と{goal}の関連付けの却下"
                if ja
                else f"{owner}, rejection of the link to {goal}"
            )
        goal = self.term(self.value(subject, SP.linkedGoal), language)
        return f"{owner}と{goal}の関連付け" if ja else f"{owner}, link to {goal}"

    def term(self, term: Node | None, language: str) -> str:
        """A value in words: a goal by its number, a resource by its name, a literal as it is."""
        if term is None:
            return "?"
        if not isinstance(term, URIRef):
            return shortened(str(term))
        if term.startswith(str(SDG)):
            number = term.removeprefix(str(SDG))
            return f"ゴール{number}" if language == "ja" else f"goal {number}"
        return self.name(term, language)


def shortened(text: str) -> str:
    """The text on one line, at most 120 characters of it."""
    text = " ".join(text.split())
    return text if len(text) <= SHOWN_CHARACTERS else excerpt(text, 0, SHOWN_CHARACTERS - 1)


def sentences(
    finding: Finding,
    constraint: Constraint,
    figures: Mapping[str, str],
    subject: Node,
    places: tuple[Place, ...],
    facts: Facts,
) -> tuple[str, str]:
    """The finding in Japanese and in English."""
    ja, en = (
        _filled(template, figures, facts, language)
        for template, language in ((constraint.ja, "ja"), (constraint.en, "en"))
    )
    if not constraint.is_sparql:
        found_ja, found_en = _found(finding, facts)
        ja, en = f"{ja}{found_ja}", f"{en} {found_en}".rstrip()
    where_ja, where_en = facts.in_words(places)
    where_ja, where_en = (f"（{where_ja}）", f" ({where_en})") if places else ("", "")
    return (
        f"{facts.described(subject, 'ja')}{where_ja}: {ja}（{constraint.number}）",
        f"{facts.described(subject, 'en')}{where_en}: {en} ({constraint.number})",
    )


def _filled(template: str, figures: Mapping[str, str], facts: Facts, language: str) -> str:
    def words(name: str) -> str:
        text = figures.get(name, "?")
        is_iri = text.startswith(("http://", "https://"))
        return facts.term(URIRef(text) if is_iri else Literal(text), language)

    return PLACEHOLDER.sub(lambda match: words(match[1]), template)


def _found(finding: Finding, facts: Facts) -> tuple[str, str]:
    """What stands there instead; nothing to say where the shape is about a whole resource."""
    if finding.path is None:
        return "", ""
    values = [finding.value] if finding.value is not None else []
    values = values or facts.values(finding.focus, finding.path)
    if not values:
        return "値はありません。", "Found: nothing."
    ja, en = (
        [_with_iri(value, facts, language) for value in values[:SHOWN_VALUES]]
        for language in ("ja", "en")
    )
    more = "…" if len(values) > SHOWN_VALUES else ""
    return f"値は{'、'.join(ja)}{more}です。", f"Found: {', '.join(en)}{more}."


def _with_iri(value: Node, facts: Facts, language: str) -> str:
    """A wrong IRI is shown as it is: its name would hide what is wrong with it."""
    is_goal = isinstance(value, URIRef) and "metadata.un.org" in value
    return str(value) if is_goal else facts.term(value, language)
