"""A difference in words, Japanese and English, so that no changed statement is lost.

Every added and removed statement belongs to exactly one sentence; the last sentence counts
those that no other tells of. `事業40「…」の担当課が「A」から「B」に変わりました。`
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rdflib import URIRef
from rdflib.term import Node

from kg.change_words import (
    LEADERS,
    LINE_PROPERTIES,
    LINK_KINDS,
    ChangeFacts,
    capital,
    natural,
    place,
    renaming,
    short,
    statements,
    value_change,
    values_in_words,
    words_of,
)
from kg.changes import Difference, Quad, quads_of
from kg.renames import TOLD, renamed_projects
from kg.resources import ontology_dir
from kg.sentences import shortened
from kg.validators import Ontology, read_ontology
from kg.vocab import ORG, RDF, SP

NAMES = TOLD | {SP.printedName}
PARTS = frozenset((SP.target, SP.note))
"""Properties that say no more than that a resource belongs to another."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A change in both languages, and the statements it tells of."""

    ja: str
    en: str
    added: tuple[Quad, ...]
    removed: tuple[Quad, ...]


def sentences_of(difference: Difference) -> list[Sentence]:
    """The difference as sentences: projects, links, what else came or went, values, the rest."""
    telling = _Telling(difference, read_ontology(ontology_dir()))
    steps = (
        telling.of_projects,
        telling.of_links,
        telling.of_candidates,
        telling.of_reviews,
        telling.of_resources,
        telling.of_renames,
        telling.of_values,
        telling.of_lines,
        telling.of_the_rest,
    )
    told = (sentence for step in steps for sentence in step())
    return [sentence for sentence in told if sentence.added or sentence.removed]


class _Telling:
    """The statements that no sentence tells of yet, and the facts of both versions."""

    def __init__(self, difference: Difference, ontology: Ontology) -> None:
        self._added = dict.fromkeys(quads_of(difference.added))
        self._removed = dict.fromkeys(quads_of(difference.removed))
        self._before, self._after = (
            ChangeFacts(
                tuple((q.subject, q.predicate, q.object) for q in content.quads()), ontology
            )
            for content in (difference.before, difference.after)
        )
        self._labels = ontology.labels

    def of_projects(self) -> Iterator[Sentence]:
        """Projects that one version lists and the other does not, with all that is theirs."""
        for project in self._only_in(self._after, self._before, self._added, SP.Project):
            unit = self._named(self._after, project, SP.responsibleUnit)
            yield self._sentence(
                f"{self._after.described(project, 'ja')}が加わりました{unit[0]}。",
                f"{capital(self._after.described(project, 'en'))} was added{unit[1]}.",
                added=self._theirs(project, self._added, self._after),
            )
        for project in self._only_in(self._before, self._after, self._removed, SP.Project):
            unit = self._named(self._before, project, SP.responsibleUnit)
            yield self._sentence(
                f"{self._before.described(project, 'ja')}が一覧からなくなりました{unit[0]}。",
                f"{capital(self._before.described(project, 'en'))} is no longer listed{unit[1]}.",
                removed=self._theirs(project, self._removed, self._before),
            )

    def of_links(self) -> Iterator[Sentence]:
        """Goals linked and no longer linked, each with its record."""
        for quads, facts, words in (
            (self._added, self._after, ("に、{}との関連付け（{}）が加わりました", "was added")),
            (
                self._removed,
                self._before,
                ("の、{}との関連付け（{}）がなくなりました", "was removed"),
            ),
        ):
            for link in sorted((q for q in quads if q.predicate in LINK_KINDS), key=place):
                goals = facts.term(link.object, "ja"), facts.term(link.object, "en")
                kinds = LINK_KINDS[link.predicate]
                record = f"{link.subject}/sdg/{str(link.object).rpartition('/')[2]}"
                told = [
                    q
                    for q in quads
                    if q == link
                    or str(q.subject) == record
                    or q[:3] == (link.subject, SP.sdgGoal, link.object)
                ]
                is_new = quads is self._added
                yield self._sentence(
                    f"{facts.described(link.subject, 'ja')}{words[0].format(goals[0], kinds[0])}。",
                    f"{capital(facts.described(link.subject, 'en'))}: the link to {goals[1]} "
                    f"({kinds[1]}) {words[1]}.",
                    added=told if is_new else (),
                    removed=() if is_new else told,
                )

    def of_candidates(self) -> Iterator[Sentence]:
        """Machine estimates, in one sentence: they are no facts of the plan."""
        added, removed = (
            [q for q in quads if str(q.graph).endswith("/graph/candidate")]
            for quads in (self._added, self._removed)
        )
        if added or removed:
            yield self._sentence(
                "機械による推定（参考）が変わりました"
                f"（記述の追加{len(added)}件、削除{len(removed)}件）。",
                "Machine estimates (for reference) changed: "
                f"{statements(len(added))} added, {len(removed)} removed.",
                added=added,
                removed=removed,
            )

    def of_reviews(self) -> Iterator[Sentence]:
        """Entries of the review list: they are numbered, so one more moves all below it."""
        was, now = (self._reviews(facts) for facts in (self._before, self._after))
        moved = {s for s in {*was, *now} if was.get(s) != now.get(s)}
        for facts, entries, others, ja, en in (
            (self._after, now, was, "に{}が加わりました", "was added to"),
            (self._before, was, now, "から{}がなくなりました", "was removed from"),
        ):
            quads = self._added if entries is now else self._removed
            known = set(others.values())
            for subject in sorted(moved & set(entries), key=natural):
                if entries[subject] in known:
                    continue
                kind = facts.value(subject, SP.changeKind)
                kinds = facts.term(kind, "ja"), facts.term(kind, "en")
                name = shortened(facts.name(subject, "ja"))
                told = [q for q in quads if q.subject == subject]
                yield self._sentence(
                    f"見直し一覧{ja.format(f'「{name}」（{kinds[0]}）')}。",
                    f"“{name}” ({kinds[1]}) {en} the review list.",
                    added=told if entries is now else (),
                    removed=told if entries is was else (),
                )
        added, removed = (
            [q for q in quads if q.subject in moved] for quads in (self._added, self._removed)
        )
        if added or removed:
            yield self._sentence(
                "見直し一覧の並びが変わりました"
                f"（記述の追加{len(added)}件、削除{len(removed)}件）。",
                "The order of the review list changed: "
                f"{statements(len(added))} added, {len(removed)} removed.",
                added=added,
                removed=removed,
            )

    def _reviews(self, facts: ChangeFacts) -> dict[Node, tuple[str, str]]:
        """Each entry of the review list with what makes it the same: its kind and its name."""
        return {
            subject: (
                str(facts.value(subject, SP.changeKind)),
                str(facts.value(subject, SP.nameKey)),
            )
            for subject in facts.of_class(SP.ProjectChange)
        }

    def of_resources(self) -> Iterator[Sentence]:
        """Targets, units, policies, reviews, notes and published counts that came or went."""
        for facts, other, quads, ja, en in (
            (self._after, self._before, self._added, "が加わりました", "was added"),
            (self._before, self._after, self._removed, "がなくなりました", "was removed"),
        ):
            is_new = quads is self._added
            for subject in self._only_in(facts, other, quads, None):
                kinds = facts.values(subject, RDF.type)
                if SP.ContinuingProject in kinds or not any(
                    str(kind).startswith(str(SP)) or kind == ORG.OrganizationalUnit
                    for kind in kinds
                ):
                    continue
                told = [
                    q
                    for q in quads
                    if q.subject == subject or (q.object == subject and q.predicate in PARTS)
                ]
                yield self._sentence(
                    f"{facts.described(subject, 'ja')}{ja}。",
                    f"{capital(facts.described(subject, 'en'))} {en}.",
                    added=told if is_new else (),
                    removed=() if is_new else told,
                )

    def of_renames(self) -> Iterator[Sentence]:
        """Projects with a name that makes them versions of another continuing project."""
        added, removed = (
            [q for q in quads if q.predicate in NAMES] for quads in (self._added, self._removed)
        )
        for one in renamed_projects((q[:3] for q in removed), (q[:3] for q in added)):
            whose = [self._after.described(one.project, language) for language in ("ja", "en")]
            yield self._sentence(
                *renaming(whose[0], whose[1], one),
                added=self._with_continuing([q for q in added if q.subject == one.project]),
                removed=self._with_continuing([q for q in removed if q.subject == one.project]),
            )

    def of_values(self) -> Iterator[Sentence]:
        """Properties of resources that both versions have."""
        groups: dict[tuple[URIRef, URIRef], tuple[list[Quad], list[Quad]]] = {}
        for side, quads in enumerate((self._added, self._removed)):
            for quad in quads:
                found = groups.setdefault((quad.subject, quad.predicate), ([], []))
                found[side].append(quad)
        for subject, predicate in sorted(groups, key=lambda key: (natural(key[0]), key[1])):
            words = words_of(predicate, self._labels)
            leaders = LEADERS.get(predicate, ())
            if words is None or any((subject, leader) in groups for leader in leaders):
                continue
            added, removed = groups[subject, predicate]
            if {q.object for q in added} == {q.object for q in removed}:
                continue  # the same statements in another graph
            followers = [
                groups[subject, follower]
                for follower, its in LEADERS.items()
                if predicate in its and (subject, follower) in groups
            ]
            yield self._sentence(
                *self._of_value(subject, words, removed, added),
                added=self._with_continuing([*added, *(q for f in followers for q in f[0])]),
                removed=self._with_continuing([*removed, *(q for f in followers for q in f[1])]),
            )

    def of_lines(self) -> Iterator[Sentence]:
        """Other lines of the document: one sentence, for one line more moves all below it."""
        added, removed = (
            [q for q in quads if q.predicate in LINE_PROPERTIES]
            for quads in (self._added, self._removed)
        )
        places = len({q.subject for q in (*added, *removed)})
        if places:
            yield self._sentence(
                f"原文の行の位置が{places}か所で変わりました。",
                f"The line in the document changed in {places} "
                f"{'place' if places == 1 else 'places'}.",
                added=added,
                removed=removed,
            )

    def of_the_rest(self) -> Iterator[Sentence]:
        """All that is left, counted by property."""
        added, removed = list(self._added), list(self._removed)
        if not added and not removed:
            return
        counts = [Counter(short(q.predicate) for q in quads) for quads in (added, removed)]
        names = sorted({*counts[0], *counts[1]})
        ja = "、".join(f"{name} 追加{counts[0][name]}・削除{counts[1][name]}" for name in names)
        en = ", ".join(f"{name} +{counts[0][name]} −{counts[1][name]}" for name in names)
        yield self._sentence(
            f"このほかの記述: 追加{len(added)}件、削除{len(removed)}件（{ja}）。",
            f"Other statements: {len(added)} added, {len(removed)} removed ({en}).",
            added=added,
            removed=removed,
        )

    def _sentence(
        self, ja: str, en: str, added: Iterable[Quad] = (), removed: Iterable[Quad] = ()
    ) -> Sentence:
        """The sentence, with those of the statements that no other tells of already."""
        new = tuple(q for q in dict.fromkeys(added) if q in self._added)
        gone = tuple(q for q in dict.fromkeys(removed) if q in self._removed)
        for quad in new:
            del self._added[quad]
        for quad in gone:
            del self._removed[quad]
        return Sentence(ja, en, new, gone)

    def _only_in(
        self, facts: ChangeFacts, other: ChangeFacts, quads: Iterable[Quad], kind: URIRef | None
    ) -> list[URIRef]:
        """Subjects of the class that the other version knows nothing of, in natural order."""
        found = {
            q.subject
            for q in quads
            if q.predicate == RDF.type and (kind is None or q.object == kind)
        }
        return sorted((s for s in found if not other.values(s, RDF.type)), key=natural)

    def _theirs(self, project: URIRef, quads: Iterable[Quad], facts: ChangeFacts) -> list[Quad]:
        """What is said of a project and of what is named below it."""
        own = {str(project), *map(str, facts.values(project, SP.versionOf))}
        is_below = f"{project}/"
        return [q for q in quads if str(q.subject) in own or q.subject.startswith(is_below)]

    def _named(self, facts: ChangeFacts, subject: URIRef, predicate: URIRef) -> tuple[str, str]:
        value = facts.value(subject, predicate)
        if value is None:
            return "", ""
        ja, en = words_of(predicate, self._labels) or ("", "")
        names = facts.term(value, "ja"), facts.term(value, "en")
        return f"（{ja}: {names[0]}）", f" ({en}: {names[1]})"

    def _with_continuing(self, quads: list[Quad]) -> list[Quad]:
        """With what is said of the continuing projects they point to: their names go along."""
        pointed = {q.object for q in quads if q.predicate == SP.versionOf}
        both = (*self._added, *self._removed)
        return [*quads, *(q for q in both if q.subject in pointed)]

    def _of_value(
        self, subject: URIRef, words: tuple[str, str] | None, removed: list[Quad], added: list[Quad]
    ) -> tuple[str, str]:
        facts = self._after if self._after.values(subject, RDF.type) else self._before
        whose = facts.described(subject, "ja"), capital(facts.described(subject, "en"))
        if words == words_of(SP.projectCount, self._labels):
            words = None
        elif words == words_of(SP.targetText, self._labels):
            project = facts.project_of(subject)
            if project is not None:
                whose = facts.described(project, "ja"), capital(facts.described(project, "en"))
                words = ("計画値", "target")
        old = values_in_words(removed, self._before.term)
        return value_change(whose, words, old, values_in_words(added, self._after.term))
