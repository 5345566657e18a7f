"""The search index of a release: what can be found, the same bytes, and changes one by one."""

from __future__ import annotations

import dataclasses
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import kg.search_index
from kg.errors import ReleaseError
from kg.folding import words_of
from kg.pipeline import Options, build
from kg.release import Release, verify
from kg.search_entries import Kind
from kg.search_index import (
    PLACE_BITS,
    SEARCH_FILE,
    entry_id,
    grams,
    match_expression,
    open_index,
    parts_of_group,
    write_search_index,
)
from kg.settings import Settings
from tests.pipeline.documents import TEXT
from tests.pipeline.versions import edit, raise_version, second_version

NOW = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
QUICK = Options(validator="shacl")

Found = list[tuple[str, str, int, str]]
"""Kind, code, year and name of what was found, in the order of their ids."""


def built(data: Path, var: str = "var", hours: int = 0, options: Options = QUICK) -> Release:
    outcome = build(data, data.parent / var, Settings(), NOW + timedelta(hours=hours), options)
    assert list(map(str, outcome.problems)) == []
    assert outcome.release is not None
    return outcome.release


def found(index: Path, query: str, column: str | None = None) -> Found:
    expression = match_expression([forms[0] for forms in words_of(query)], column)
    with closing(open_index(index)) as engine:
        rows = engine.execute(
            "SELECT entry.id, entry.name FROM gram CROSS JOIN entry ON entry.id = gram.rowid "
            "WHERE gram MATCH ? ORDER BY gram.rowid",
            [expression],
        ).fetchall()
    groups = [(parts_of_group(id_ >> PLACE_BITS), name) for id_, name in rows]
    return [(kind.name.lower(), f"{code:06}", year, name) for (kind, code, year), name in groups]


def everything(index: Path) -> list[list[tuple[object, ...]]]:
    """All that the tables hold, and the entries of every character and pair that occurs."""
    with closing(open_index(index)) as engine:
        tables = [
            engine.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall()
            for name in ("part", "entry", "goal")
        ]
        texts = {name + texts for _, _, _, name, texts, _ in tables[1]}
        words = sorted(
            {w for text in texts for gram in grams(text).split() for w in (gram, gram[0])}
        )
        asked = [
            (
                word,
                column,
                tuple(engine.execute("SELECT rowid FROM gram WHERE gram MATCH ?", [ask])),
            )
            for word in words
            for column in ("name", "text")
            for ask in [match_expression([word], column)]
        ]
    assert len(asked) > 1000
    return [*tables, asked]


def test_koriyama_is_found_by_name_text_target_unit_policy_and_goal(data: Path) -> None:
    index = built(data).path / SEARCH_FILE
    koriyama = ("072036", 2021)
    assert found(index, "水") == [
        ("project", *koriyama, "猪苗代湖岸環境美化事業"),
        ("project", *koriyama, "水辺空間整備事業"),
        ("project", *koriyama, "猪苗代湖の水を守りたい事業"),
        ("project", *koriyama, "食と農推進事業"),
        ("project", *koriyama, "郡山地域産業6次化推進事業"),
        ("target", *koriyama, "水質保全活動回数5回"),
        ("unit", "072036", 0, "上下水道局"),
        ("goal", "000000", 0, "安全な水とトイレを世界中に"),
    ]
    assert [name for *_, name in found(index, "水", "name")] == [
        "水辺空間整備事業", "猪苗代湖の水を守りたい事業", "水質保全活動回数5回", "上下水道局",
        "安全な水とトイレを世界中に",
    ]  # fmt: skip
    assert found(index, "ｗｉ－ｆｉ") == [("change", *koriyama, "Wi-Fi 環境整備事業")]
    assert found(index, "水道事業") == [("project", *koriyama, "猪苗代湖の水を守りたい事業")]
    assert found(index, "上下水道局　湖岸") == [
        ("project", *koriyama, "猪苗代湖の水を守りたい事業")
    ]
    policy = "市民等が持つ資源を生かしたまちづくり"
    assert [kind for kind, *_ in found(index, policy)].count("project") == 19
    assert ("policy", "072036", 0, policy) in found(index, policy)
    assert ("municipality", "072036", 0, "郡山市") in found(index, "072036")
    assert [kind for kind, *_ in found(index, "koriyama city")] == ["plan", "municipality"]
    assert found(index, "水素") == []


def test_what_the_document_lists_as_new_is_found_once(data: Path) -> None:
    """The review list names it too, but it is a listed project."""
    index = built(data).path / SEARCH_FILE
    kinds = [kind for kind, *_ in found(index, "スポーツイノベーション事業")]
    assert kinds == ["project"]
    changes = [name for kind, *_, name in found(index, "事業", "name") if kind == "change"]
    assert changes == [
        "地域子ども教室事業", "減災プロジェクト事業", "Wi-Fi 環境整備事業",
        "元気な遊びのひろば事業", "児童生徒安全安心推進事業", "古本市事業",
    ]  # fmt: skip


def test_texts_that_are_not_published_are_not_searched(data: Path) -> None:
    settings = data / "plans" / "koriyama-2021" / "plan.toml"
    text = settings.read_text(encoding="utf-8")
    assert text.count("publish_texts = true") == 1
    settings.write_text(text.replace("texts = true", "texts = false"), encoding="utf-8")
    index = built(data).path / SEARCH_FILE
    assert "砂浜清掃機" in TEXT
    assert found(index, "砂浜清掃機") == []
    # what is printed as a target is published all the same
    assert [kind for kind, *_ in found(index, "水質保全活動回数")] == ["project", "target"]


def test_an_index_built_twice_has_the_same_bytes(data: Path) -> None:
    one, other = (built(data, var).path / SEARCH_FILE for var in ("var", "fresh"))
    assert one.read_bytes() == other.read_bytes()
    assert sorted(path.name for path in one.parent.glob("search*")) == [SEARCH_FILE]


def test_a_small_index_after_a_change_has_the_bytes_of_one_from_scratch(data: Path) -> None:
    built(data)
    second_version(data)
    changed = built(data, hours=1).path / SEARCH_FILE
    assert changed.read_bytes() == (built(data, "fresh").path / SEARCH_FILE).read_bytes()


def replaced(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let small indexes be carried over too; gives the codes whose entries are then dropped."""
    monkeypatch.setattr(kg.search_index, "_SMALL_ENTRIES", 0)
    monkeypatch.setattr(kg.search_index, "_MOST_CHANGED", 1)
    dropped: list[int] = []
    drop = kg.search_index._drop

    def watched(engine: sqlite3.Connection, code: int) -> None:
        dropped.append(code)
        drop(engine, code)

    monkeypatch.setattr(kg.search_index, "_drop", watched)
    return dropped


def test_a_carried_index_answers_as_one_from_scratch(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dropped = replaced(monkeypatch)
    before = everything(built(data).path / SEARCH_FILE)
    assert dropped == []
    second_version(data)
    second = built(data, hours=1)
    assert dropped == [990019]
    fresh = everything(built(data, "fresh-1").path / SEARCH_FILE)
    assert everything(second.path / SEARCH_FILE) == fresh != before
    assert verify(second) == []
    plan, aside = data / "plans" / "reishi-2021", data.parent / "aside"
    plan.rename(aside)
    third = built(data, hours=2, options=dataclasses.replace(QUICK, withdraw=("reishi-2021",)))
    assert found(third.path / SEARCH_FILE, "例市") == []
    assert everything(third.path / SEARCH_FILE) == everything(
        built(data, "fresh-2").path / SEARCH_FILE
    )
    aside.rename(plan)
    fourth = built(data, hours=3)
    assert everything(fourth.path / SEARCH_FILE) == fresh
    assert dropped == [990019, 990019]


def test_a_damaged_or_missing_index_is_made_anew(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dropped = replaced(monkeypatch)
    for number, spoil in enumerate(
        (
            lambda index: index.write_bytes(index.read_bytes().replace("水".encode(), b"abc")),
            lambda index: index.write_bytes(b"?"),
            lambda index: index.unlink(),
        )
    ):
        index = built(data, hours=number).path / SEARCH_FILE
        spoil(index)
        raise_version(data, str(number + 2))
        edit_number(data, number)
        assert [kind for kind, *_ in found(built(data, hours=9).path / SEARCH_FILE, "水")]
        assert dropped == []
        shutil.rmtree(data.parent / "var")


def edit_number(data: Path, number: int) -> None:
    old, new = (("教室 12回", "教室 13回"), ("教室 13回", "教室 14回"), ("教室 14回", "教室 15回"))[
        number
    ]
    edit(data, "plan.md", (old, new))


def test_after_many_copies_the_index_is_written_from_scratch(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dropped = replaced(monkeypatch)
    monkeypatch.setattr(kg.search_index, "_MOST_COPIES", 1)
    first = built(data)
    second_version(data)
    second = built(data, hours=1)
    assert dropped == [990019]
    edit(data, "plan.md", ("○教室 15回", "○教室 16回"))
    raise_version(data, "3")
    third = built(data, hours=2)
    assert dropped == [990019]
    copies = []
    for release in (first, second, third):
        with closing(open_index(release.path / SEARCH_FILE)) as engine:
            copies += engine.execute("PRAGMA user_version").fetchone()
    assert copies == [0, 1, 0]


def test_the_index_belongs_to_a_complete_release(data: Path) -> None:
    release = built(data)
    index = release.path / SEARCH_FILE
    assert release.manifest["files"][SEARCH_FILE]["bytes"] == index.stat().st_size
    assert verify(release) == []
    index.write_bytes(index.read_bytes() + b"\0")
    assert verify(release) == [f"{SEARCH_FILE} is not the file that was published."]
    index.unlink()
    assert verify(release) == [f"{SEARCH_FILE} is missing."]


def test_an_index_of_another_format_is_none(data: Path) -> None:
    index = built(data).path / SEARCH_FILE
    with closing(sqlite3.connect(index)) as engine:
        engine.execute(f"PRAGMA application_id = {kg.search_index.FORMAT + 1}")
    for path in (index, index.with_name("nothing.sqlite")):
        with pytest.raises(FileNotFoundError):
            open_index(path)


def test_a_reader_cannot_write(data: Path) -> None:
    with (
        closing(open_index(built(data).path / SEARCH_FILE)) as engine,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        engine.execute("DELETE FROM entry")


def test_ids_sort_by_kind_code_newest_year_and_place() -> None:
    ordered = [(1, 72036, 2021, 0), (1, 72036, 2021, 1), (1, 72036, 2020, 0), (1, 72044, 2022, 0),
               (2, 11002, 2021, 0), (8, 990019, 0, 0)]  # fmt: skip
    ids = [entry_id(*parts) for parts in ordered]
    assert ids == sorted(ids)
    assert max(ids) < 1 << 63
    groups = [parts_of_group(id_ >> PLACE_BITS) for id_ in ids]
    assert groups == [(Kind(kind), code, year) for kind, code, year, _ in ordered]
    with pytest.raises(ReleaseError, match="Municipality 072036 has too many entries"):
        entry_id(1, 72036, 2021, 1 << PLACE_BITS)


def test_candidates_are_kept_apart_from_links(data: Path) -> None:
    release = built(data)
    folder = release.path / "dumps/072036/kyodo-2/2021"
    plan = "https://w3id.org/jp-sdgplan/id/072036/plan/kyodo-2/2021"
    term = "https://w3id.org/jp-sdgplan/ns#candidateSdgGoal"
    lines = [
        f"<{plan}/project/{number}> <{term}> <http://metadata.un.org/sdg/{goal}> "
        f"<{plan}/graph/candidate> .\n"
        for number, goal in ((25, 6), (25, 15), (26, 14))
    ]
    (folder / "candidate.nq").write_text("".join(lines), encoding="utf-8")
    (release.path / SEARCH_FILE).unlink()
    write_search_index(release.path, release.manifest["plans"], None)
    with closing(open_index(release.path / SEARCH_FILE)) as engine:
        rows = engine.execute(
            "SELECT number, goals, estimated FROM goal JOIN entry USING (id) "
            "WHERE iri GLOB ? ORDER BY id",
            [f"{plan}/*"],
        ).fetchall()
        linked = engine.execute("SELECT count(*) FROM goal WHERE goals").fetchone()
    assert rows == [("25", 0, 1 << 6 | 1 << 15), ("26", 0, 1 << 14)]
    assert linked == (6,)  # of 例市's six projects


def test_no_word_reaches_over_the_end_of_a_text() -> None:
    assert grams("水辺\n公園") == "水辺 辺 公園 園"
    assert grams("") == ""
    assert match_expression(["水"]) == '"水" *'
    assert match_expression(["水辺の", '"'], "name") == '{name} : ("水辺 辺の" AND "＂" *)'
