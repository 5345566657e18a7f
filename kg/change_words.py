"""The words for what changes: resources, properties and values, in Japanese and English."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from rdflib import Literal, URIRef
from rdflib.term import Node

from kg.changes import Quad
from kg.renames import Renamed
from kg.sentences import Facts, shortened
from kg.text import excerpt
from kg.vocab import DCTERMS, ORG, PREFIXES, PROV, RDF, RDFS, SKOS, SP

LINK_KINDS = {
    SP.statedSdgGoal: ("自治体の資料に記載", "in the municipality's document"),
    SP.curatedSdgGoal: ("人が確認して付与", "confirmed by a person"),
}
LINE_PROPERTIES = frozenset(
    (
        *(SP.sourceLine, SP.projectCountLine, SP.linkCountLine),
        *(SP.sourcePage, SP.sourceSheet, SP.projectCountSheet, SP.linkCountSheet),
    )
)
BORROWED = {
    SKOS.prefLabel: ("名称", "name"),
    SKOS.altLabel: ("別名", "other name"),
    RDFS.comment: ("説明", "comment"),
    DCTERMS.title: ("題名", "title"),
    DCTERMS.description: ("事業計画", "plan text"),
    DCTERMS.license: ("利用条件", "licence"),
    DCTERMS.rights: ("権利の表示", "rights statement"),
    ORG.classification: ("組織種別", "unit type"),
    ORG.subOrganizationOf: ("所属", "higher unit"),
    PROV.wasAttributedTo: ("決めた人", "person who decided"),
    PROV.generatedAtTime: ("決めた日", "day of the decision"),
}
"""The words for properties that are not ours; changes of others are counted only."""

LEADERS = {
    SP.nameKey: (SKOS.prefLabel, SP.projectName),
    SP.printedName: (SKOS.prefLabel, SP.projectName),
    SP.versionOf: (SKOS.prefLabel,),
    SP.printedUnit: (SP.responsibleUnit,),
    SP.cellText: (SP.projectCount,),
    SP.targetLabel: (SP.targetText,),
    SP.targetValue: (SP.targetText,),
    SP.targetUnit: (SP.targetText,),
    SP.targetKind: (SP.targetText,),
    SP.dueFiscalYear: (SP.targetText,),
}
"""Properties that change along with another one of the same subject, and are told with it."""

UNTOLD = frozenset((RDF.type, SP.sdgGoal, SP.order))
SHOWN_CHARACTERS = 64
"""Longest quotation of a value; a SHA-256 is whole."""
_DIGITS = re.compile(r"(\d+)")


class ChangeFacts(Facts):
    """The facts of one version, projects called as in a sentence about changes."""

    def name(self, subject: Node, language: str) -> str:
        name = super().name(subject, language)
        identifier = self.value(subject, DCTERMS.identifier)
        return str(identifier) if name == str(subject) and identifier is not None else name

    def of_class(self, wanted: URIRef) -> list[Node]:
        """The subjects of a class."""
        return [s for s, found in self._about.items() if wanted in found.get(RDF.type, ())]

    def described(self, subject: Node, language: str) -> str:
        kinds = self.values(subject, RDF.type)
        ja = language == "ja"
        name = shortened(self.name(subject, language))
        if SP.Project in kinds:
            number = self.value(subject, SP.number)
            return f"事業{number}「{name}」" if ja else f"project {number} “{name}”"
        if ORG.OrganizationalUnit in kinds:
            return f"部署「{name}」" if ja else f"unit “{name}”"
        if SP.ContinuingProject in kinds:
            return f"年度をまたぐ事業「{name}」" if ja else f"continuing project “{name}”"
        if SP.SourceDocument in kinds:
            return f"出典文書「{name}」" if ja else f"document “{name}”"
        return super().described(subject, language)


def words_of(predicate: URIRef, labels: Mapping[tuple[Node, str], str]) -> tuple[str, str] | None:
    """The property's name in both languages; None if its changes are counted only."""
    if predicate in UNTOLD or predicate in LINE_PROPERTIES:
        return None
    if predicate in BORROWED:
        return BORROWED[predicate]
    if predicate not in SP._NS or (predicate, "ja") not in labels:
        return None
    return labels[predicate, "ja"], labels[predicate, "en"]


def value_change(
    whose: tuple[str, str],
    words: tuple[str, str] | None,
    old: Mapping[str, list[str]],
    new: Mapping[str, list[str]],
) -> tuple[str, str]:
    """What became of one property of one resource: came, went, or another value.

    `whose` and `words` are the resource and the property in both languages (None where the
    resource is called by what is counted), `old` and `new` the values, see `values_in_words`.
    """
    if len(old["ja"]) == len(new["ja"]) == 1:
        pairs = {language: _contrast(old[language][0], new[language][0]) for language in old}
        old = {language: [pair[0]] for language, pair in pairs.items()}
        new = {language: [pair[1]] for language, pair in pairs.items()}
    of_ja, of_en = (f"{whose[0]}の{words[0]}", f"the {words[1]}") if words else (whose[0], "")
    begin_en = f"{whose[1]}: " if words else whose[1]
    was_ja, is_ja = ("・".join(f"「{v}」" for v in side["ja"]) for side in (old, new))
    was_en, is_en = (", ".join(f"“{v}”" for v in side["en"]) for side in (old, new))
    if not was_ja:
        return (
            f"{of_ja}に{is_ja}が加わりました。",
            f"{begin_en}{of_en.removeprefix('the ')} {is_en} was added.",
        )
    if not is_ja:
        return (
            f"{of_ja}から{was_ja}がなくなりました。",
            f"{begin_en}{of_en.removeprefix('the ')} {was_en} was removed.",
        )
    return (
        f"{of_ja}が{was_ja}から{is_ja}に変わりました。",
        f"{begin_en}{of_en} changed from {was_en} to {is_en}.",
    )


def renaming(whose_ja: str, whose_en: str, renamed: Renamed) -> tuple[str, str]:
    """That a project has another name, and so is a version of another continuing project."""
    ja = f"{whose_ja}の名称が「{renamed.old}」から「{renamed.new}」に変わり、"
    en = f"{capital(whose_en)}: the name changed from “{renamed.old}” to “{renamed.new}”, "
    ja += "年度をまたぐ事業としては別のものになりました"
    en += "which makes it a version of another continuing project"
    if renamed.line is not None:
        ja += f"（plan.tomlの[aliases]に {renamed.line} と書けば、同じ事業として続きます）"
        en += f" ({renamed.line} under [aliases] in plan.toml would keep it the same)"
    return f"{ja}。", f"{en}."


def values_in_words(
    quads: Iterable[Quad], term: Callable[[Node, str], str]
) -> dict[str, list[str]]:
    """The values by language of the sentence, each once; `term` names a resource."""
    found: dict[str, list[str]] = {}
    for language in ("ja", "en"):
        words = []
        for value in sorted({q.object for q in quads}, key=str):
            text = " ".join(value.split()) if isinstance(value, Literal) else term(value, language)
            tag = getattr(value, "language", None)
            words.append(f"{text} ({tag})" if tag and tag != "ja" else text)
        found[language] = list(dict.fromkeys(words))
    return found


def _contrast(old: str, new: str) -> tuple[str, str]:
    """Long texts cut to where they begin to differ."""
    if max(len(old), len(new)) <= SHOWN_CHARACTERS:
        return old, new
    pairs = enumerate(zip(old, new, strict=False))
    same = next((n for n, (a, b) in pairs if a != b), min(len(old), len(new)))
    start = max(0, same - SHOWN_CHARACTERS // 4)
    return excerpt(old, start, SHOWN_CHARACTERS), excerpt(new, start, SHOWN_CHARACTERS)


def statements(count: int) -> str:
    return f"{count} statement" if count == 1 else f"{count} statements"


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def short(iri: URIRef) -> str:
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace):
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return f"<{iri}>"


def place(quad: Quad) -> tuple[object, ...]:
    return (natural(quad.subject), quad.predicate, natural(quad.object))


def natural(term: Node) -> tuple[tuple[int, int, str], ...]:
    parts = _DIGITS.split(str(term))
    return tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts if p)
