"""Version against version: as data, as sentences, and nothing lost."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from rdflib import Literal, URIRef

from kg.change_sentences import sentences_of
from kg.changes import content_of, difference, quads_of
from kg.dumps import nquads
from kg.history import compared_dumps
from tests.pipeline.versions import publish, publish_three, reishi_data

PLAN = "https://w3id.org/jp-sdgplan/id/990019/plan/kyodo/2021"


class Versions(list[list[bytes]]):
    """The dumps of the versions, oldest first."""

    def __repr__(self) -> str:
        return "Versions"


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Versions:
    """The dumps of three versions of the plan of 例市."""
    folder = tmp_path_factory.mktemp("versions")
    publish_three(folder / "data", folder / "var")
    history = folder / "var/history/990019/kyodo/2021"
    return Versions(compared_dumps(history / name) for name in "123")


def told(versions: Versions, before: int, after: int) -> list[tuple[str, str]]:
    pair = (content_of(versions[place - 1]) for place in (before, after))
    return [(s.ja, s.en) for s in sentences_of(difference(*pair))]


def test_changed_values_are_told_in_both_languages(versions: Versions) -> None:
    sentences = told(versions, 1, 2)
    assert sentences[:-1] == [
        (
            "事業4「ごみ減量事業」に、ゴール11との関連付け（自治体の資料に記載）が加わりました。",
            "Project 4 “ごみ減量事業”: the link to goal 11 (in the municipality's document) "
            "was added.",
        ),
        (
            "事業4「ごみ減量事業」の、ゴール13との関連付け（自治体の資料に記載）がなくなりました。",
            "Project 4 “ごみ減量事業”: the link to goal 13 (in the municipality's document) "
            "was removed.",
        ),
        (
            "事業5「読書の会事業」の名称が「読書会事業」から「読書の会事業」に変わり、"
            "年度をまたぐ事業としては別のものになりました（plan.tomlの[aliases]に"
            ' "読書の会事業" = "読書会事業" と書けば、同じ事業として続きます）。',
            "Project 5 “読書の会事業”: the name changed from “読書会事業” to “読書の会事業”, which "
            'makes it a version of another continuing project ("読書の会事業" = "読書会事業" under '
            "[aliases] in plan.toml would keep it the same).",
        ),
        (
            "ゴール11の公表事業数が「1」から「2」に変わりました。",
            "Published count for goal 11 changed from “1” to “2”.",
        ),
        (
            "ゴール13の公表事業数が「1」から「0」に変わりました。",
            "Published count for goal 13 changed from “1” to “0”.",
        ),
        (
            "事業1「健康づくり教室事業」の事業計画が「教室を開きます。 ○教室 12回」から"
            "「教室を開きます。 ○教室 15回」に変わりました。",
            "Project 1 “健康づくり教室事業”: the plan text changed from "
            "“教室を開きます。 ○教室 12回” to “教室を開きます。 ○教室 15回”.",
        ),
        (
            "事業1「健康づくり教室事業」の計画値が「教室 12回」から「教室 15回」に変わりました。",
            "Project 1 “健康づくり教室事業”: the target changed from “教室 12回” to “教室 15回”.",
        ),
        (
            "事業3「まちあるき事業」の担当課が「市民課」から「清掃課」に変わりました。",
            "Project 3 “まちあるき事業”: the responsible unit changed from “市民課” to “清掃課”.",
        ),
    ]
    assert sentences[-1][0].startswith(
        "出典文書「例市協働計画 2021年度実施計画（架空）」のSHA-256が「"
    )


def test_a_new_project_is_told_with_its_unit_and_the_moved_lines_are_counted(
    versions: Versions,
) -> None:
    sentences = told(versions, 2, 3)
    assert sentences[:5] == [
        (
            "事業7「花いっぱい事業」が加わりました（担当課: 公園課）。",
            "Project 7 “花いっぱい事業” was added (responsible unit: 公園課).",
        ),
        (
            "見直し一覧に「花いっぱい事業」（新規・追加）が加わりました。",
            "“花いっぱい事業” (new or added) was added to the review list.",
        ),
        (
            "見直し一覧の並びが変わりました（記述の追加18件、削除14件）。",
            "The order of the review list changed: 18 statements added, 14 removed.",
        ),
        ("部署「公園課」が加わりました。", "Unit “公園課” was added."),
        (
            "例市協働計画 2021年度実施計画（架空）の公表のべ取り組み数が"
            "「8」から「9」に変わりました。",
            "Reishi collaboration plan, fiscal 2021 (made up): the published number of links "
            "changed from “8” to “9”.",
        ),
    ]
    assert sentences[-1] == (
        "原文の行の位置が55か所で変わりました。",
        "The line in the document changed in 55 places.",
    )
    assert told(versions, 3, 2)[0] == (
        "事業7「花いっぱい事業」が一覧からなくなりました（担当課: 公園課）。",
        "Project 7 “花いっぱい事業” is no longer listed (responsible unit: 公園課).",
    )


def test_curation_is_told_with_who_has_confirmed_it(versions: Versions, tmp_path: Path) -> None:
    data = reishi_data(tmp_path / "data")
    (data / "plans/reishi-2021/links.csv").write_text(
        "number,goal,evidence,agent,decided_on\n", encoding="utf-8"
    )
    publish(data, tmp_path / "var")
    bare = compared_dumps(tmp_path / "var/history/990019/kyodo/2021/1")
    sentences = [s[1] for s in told(Versions([bare, versions[0]]), 1, 2)]
    assert sentences[0] == (
        "Project 6 “交流会事業”: the link to goal 17 (confirmed by a person) was added."
    )
    assert sentences[1:] == [
        # only this project's icons were unknown
        "Machine estimates (for reference) changed: 0 statements added, 101 removed.",
        "Project 6 “交流会事業”: the link basis changed from “count only” to “curated”.",
    ]


def test_a_rejection_is_told_and_so_is_its_end(tmp_path: Path) -> None:
    data, before = reishi_data(tmp_path / "data"), tmp_path / "var/history/990019/kyodo/2021/1"
    links = data / "plans/reishi-2021/links.csv"
    header = "number,goal,decision,evidence,agent,decided_on\n"
    links.write_text(header, encoding="utf-8")
    publish(data, tmp_path / "var")
    links.write_text(header + "6,5,reject,男女の別はない,a,2026-11-24\n", encoding="utf-8")
    settings = data / "plans/reishi-2021/plan.toml"
    text = settings.read_text(encoding="utf-8").replace('version = "1"', 'version = "2"')
    settings.write_text(text, encoding="utf-8")
    publish(data, tmp_path / "var")
    both = Versions([compared_dumps(before), compared_dumps(before.with_name("2"))])
    assert (
        "事業6「交流会事業」とゴール5の関連付けの却下が加わりました。",
        "Project 6 “交流会事業”, rejection of the link to goal 5 was added.",
    ) in told(both, 1, 2)
    assert (
        "事業6「交流会事業」とゴール5の関連付けの却下がなくなりました。",
        "Project 6 “交流会事業”, rejection of the link to goal 5 was removed.",
    ) in told(both, 2, 1)


def test_without_a_difference_nothing_is_told(versions: Versions) -> None:
    assert told(versions, 2, 2) == []


def test_the_hash_is_that_of_the_sorted_canonical_lines(versions: Versions) -> None:
    dump = versions[0][0]
    dataset = ox.Dataset(ox.parse(dump, format=ox.RdfFormat.N_QUADS))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    lines = sorted(f"{quad} .\n" for quad in dataset)
    content = content_of([dump])
    assert sorted(content.lines) == [line.removesuffix("\n") for line in lines]
    assert content.sha256 == hashlib.sha256("".join(lines).encode()).hexdigest()
    assert content_of([]).sha256 == hashlib.sha256(b"").hexdigest()


ANY_TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
IRIS = st.sampled_from([URIRef(f"{PLAN}/x/{n}") for n in range(4)])
LITERALS = st.one_of(
    ANY_TEXT.map(Literal),
    ANY_TEXT.map(lambda text: Literal(text, lang="ja")),
    st.integers().map(Literal),
)
TRIPLES = st.lists(st.tuples(IRIS, IRIS, st.one_of(IRIS, LITERALS)), max_size=8)


def canonical(text: str) -> str:
    """A literal's text as RDFC-1.0 section 5 writes it."""
    named = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
    named |= {'"': '\\"', "\\": "\\\\"}
    return "".join(
        named.get(c) or (f"\\u{ord(c):04X}" if ord(c) < 0x20 or ord(c) == 0x7F else c) for c in text
    )


@given(TRIPLES)
def test_dumps_are_read_back_as_they_were_and_are_canonical(
    triples: list[tuple[URIRef, URIRef, URIRef | Literal]],
) -> None:
    graph = URIRef(f"{PLAN}/graph/source")
    content = content_of([nquads(triples, graph)])
    quads = content.quads()
    assert {(q.subject, q.predicate, str(q.object)) for q in quads} == {
        (s, p, str(o)) for s, p, o in triples
    }
    assert {q.graph for q in quads} <= {graph}
    for quad in quads:
        if isinstance(quad.object, Literal):
            assert any(f' "{canonical(quad.object)}"' in line for line in content.lines)


@examples(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 60), st.integers(0, 60), TRIPLES)
def test_every_changed_statement_belongs_to_one_sentence(
    versions: Versions,
    seed: int,
    lost: int,
    exchanged: int,
    foreign: list[tuple[URIRef, URIRef, URIRef | Literal]],
) -> None:
    """Whatever is lost, exchanged between subjects or properties, or came from nowhere."""
    dice = random.Random(seed)
    lines = sorted(content_of(versions[dice.randrange(3)]).lines)
    after = set(lines) - set(dice.sample(lines, lost))
    parts = [line.split(" ", 2) for line in dice.sample(lines, exchanged)]
    others = dice.sample(parts, len(parts))
    after |= {f"{a[0]} {b[1]} {b[2]}" for a, b in zip(parts, others, strict=True)}
    text = "".join(f"{line}\n" for line in after).encode()
    more = nquads(foreign, URIRef(f"{PLAN}/graph/candidate"))
    change = difference(content_of(versions[0]), content_of([text, more]))
    sentences = sentences_of(change)
    for side, wanted in (("added", change.added), ("removed", change.removed)):
        found = Counter(quad for sentence in sentences for quad in getattr(sentence, side))
        assert found == Counter(quads_of(wanted))
    for sentence in sentences:
        assert sentence.added or sentence.removed
        assert "\n" not in sentence.ja + sentence.en
    rest = [s for s in sentences if s.en.startswith("Other statements: ")]
    for sentence in rest:
        added, removed = len(sentence.added), len(sentence.removed)
        assert sentence.en.startswith(f"Other statements: {added} added, {removed} removed (")
        assert sentence.ja.startswith(f"このほかの記述: 追加{added}件、削除{removed}件（")
