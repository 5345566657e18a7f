"""What /compare is asked for, what of two plans compares, and who is near: without a server."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from server.compare.chart import lines_of
from server.compare.choice import Choice, Show, choice_of
from server.compare.columns import Column, Kind
from server.compare.names import names_of
from server.compare.nearest import NoneNear, _distance, _nearest
from server.compare.notes import notes_of
from server.compare.tables import comparison_csv, comparison_json


def entry(code: str, year: int, ja: str, en: str = "", slug: str = "plan") -> dict[str, Any]:
    names = {"ja": ja, **({"en": en} if en else {})}
    iri = f"https://example.org/{code}/plan/{slug}/{year}"
    return {"code": code, "year": year, "slug": slug, "municipality": names, "iri": iri,
            "projects": 10, "status": "published", "title": {"ja": f"{ja} {slug}計画"}}  # fmt: skip


ENTRIES = [
    entry("072036", 2020, "郡山市", "Koriyama City"),
    entry("072036", 2021, "郡山市", "Koriyama City"),
    entry("082015", 2021, "例市", "Rei City"),
    entry("082023", 2021, "例市", "Rei City"),
    entry("082031", 2021, "例町", slug="b"),
    entry("082031", 2021, "例町", slug="a"),
]


def chosen(*asked: str, years: tuple[str, ...] = (), show: str = "") -> Choice:
    return choice_of(asked, years, show, ENTRIES)


# --- what is chosen ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["072036", "07203", "郡山市", "郡山", "ｺｵﾘﾔﾏ", "koriyama city", "Kori"]
)
def test_a_municipality_is_known_by_code_or_name(text: str) -> None:
    found = chosen(text)
    if text == "ｺｵﾘﾔﾏ":  # no readings are known
        assert [one.text for one in found.unclear] == [text]
    else:
        assert (found.codes, found.unclear) == (("072036",), ())


def test_a_name_of_two_is_asked_back_and_never_guessed() -> None:
    found = chosen("例市")
    assert (found.codes, found.plans) == ((), ())
    assert [(one.text, one.suggested) for one in found.unclear] == [("例市", ("082015", "082023"))]
    assert chosen("例").unclear[0].suggested == ("082015", "082023", "082031")


def test_without_a_year_the_newest_plans_are_taken_in_the_order_asked() -> None:
    plans = chosen("082031", "072036").plans
    assert [(p["code"], p["slug"], p["year"]) for p in plans] == [
        ("082031", "a", 2021),
        ("082031", "b", 2021),
        ("072036", "plan", 2021),
    ]


def test_years_of_one_city_stand_side_by_side_and_absent_ones_are_told() -> None:
    found = chosen("072036", "082015", years=("2020", "2021"))
    assert [(p["code"], p["year"]) for p in found.plans] == [
        ("072036", 2020), ("072036", 2021), ("082015", 2021)
    ]  # fmt: skip
    assert found.absent == (("082015", 2020),)


def test_more_than_five_plans_are_named_not_dropped_silently() -> None:
    found = chosen("072036", "082015", "082023", "082031", years=("2021", "2020"))
    left_out = [(plan["code"], plan["slug"], plan["year"]) for plan in found.left_out]
    assert (len(found.plans), left_out) == (5, [("082031", "b", 2021)])


def test_what_cannot_be_read_is_told() -> None:
    found = chosen("072036", years=("20二1", "abcd"), show="pie")
    assert found.unreadable == ("20二1", "abcd", "pie")
    assert found.show is Show.COUNT


def test_full_width_digits_and_codes_without_their_zero_are_understood() -> None:
    found = chosen("０７２０３６", "82015", years=("２０２１",))
    assert (found.codes, found.years) == (("072036", "082015"), (2021,))
    assert found.read_as == (("82015", "082015"),)
    assert chosen("7203").read_as == (("7203", "072036"),)
    held = [*ENTRIES, entry("820153", 2021, "別市")]
    exact = choice_of(["82015"], [], "", held)
    assert (exact.codes, exact.read_as) == (("820153",), ())


def test_names_that_two_municipalities_bear_are_told_apart() -> None:
    held = [
        entry("132063", 2021, "府中市", "Fuchu City"),
        entry("342084", 2021, "府中市", "Fuchu City"),
        *ENTRIES,
    ]
    names = names_of(held)
    assert [str(names.municipality(e, "ja")) for e in held[:5]] == [
        "府中市（東京都）", "府中市（広島県）", "郡山市", "郡山市", "例市（082015）"
    ]  # fmt: skip
    assert str(names.municipality(held[0], "en")) == "Fuchu City (Tokyo)"
    titles = [names.title(e, "ja") for e in held if e["code"] in ("082031", "072036")]
    assert [None if t is None else str(t) for t in titles] == [
        None, None, "例町 b計画", "例町 a計画"
    ]  # fmt: skip


def test_plans_of_one_title_are_told_apart_by_their_slug() -> None:
    held = [entry("082031", 2021, "例町", slug="b"), entry("082031", 2021, "例町", slug="a")]
    for one in held:
        one["title"] = {"ja": "計画"}
    assert [str(names_of(held).title(e, "ja")) for e in held] == ["計画（b）", "計画（a）"]


def test_the_address_of_a_choice_gives_the_choice_again() -> None:
    found = chosen("郡山", "082015", years=("2021",), show="per100")
    assert found.query() == "m=072036&m=082015&year=2021&show=per100"
    assert found.query(codes=("082015",), show=Show.COUNT) == "m=082015&year=2021"


# --- what compares ----------------------------------------------------------------------------


def column(letter: str, *, exact: bool = True, year: int = 2021, **bases: int) -> Column:
    counts = {basis: dict.fromkeys(range(1, 18), Decimal(n)) for basis, n in bases.items()}
    return Column(letter, entry("072036", year, "例市"), 10, counts, exact)


def test_a_count_only_plan_beside_a_stated_one_compares_by_number_alone() -> None:
    (note,) = notes_of([column("A", published=3), column("B", published=2, stated=2)])
    assert note.is_comparable
    assert [ja for ja, _ in note.sentences] == [
        "公表件数どうしは比較できます。",
        "事業名どうしは比較できません（Aは、どの事業がどのゴールかが分かりません）。",
    ]


@pytest.mark.parametrize(
    ("a", "b", "ja", "en"),
    [
        (
            column("A", published=3), column("D", exact=False, published=3, stated=2),
            "Aは、どの事業がどのゴールかが分からず、Dは、一部しか分かりません",
            "is not known for A, and only partly known for D.",
        ),
        (
            column("A", exact=False, stated=3), column("D", exact=False, published=3, stated=2),
            "A・Dは、どの事業がどのゴールかが一部しか分かりません",
            "is only partly known for A and D.",
        ),
    ],
)  # fmt: skip
def test_partly_known_links_are_not_called_unknown(a: Column, b: Column, ja: str, en: str) -> None:
    (note,) = notes_of([a, b])
    assert f"事業名どうしは比較できません（{ja}）。" in [one for one, _ in note.sentences]
    assert any(one.endswith(en) for _, one in note.sentences)


def test_published_and_counted_numbers_are_a_rough_guide_and_bounds_are_told() -> None:
    (note,) = notes_of(
        [column("A", published=3), column("B", exact=False, year=2020, stated=2, curated=1)]
    )
    sentences = [en for _, en in note.sentences]
    assert sentences[0].startswith("A is as published, B counts linked projects.")
    assert sentences[1] == "B is a lower bound: some of its links are unknown."
    assert sentences[-1] == "The fiscal years differ (2021 and 2020)."


def test_a_plan_without_numbers_is_not_compared() -> None:
    (note,) = notes_of([column("A", published=3), column("B", expected=3)])
    assert not note.is_comparable
    assert note.sentences[0][1].startswith("B: the document gives no numbers per goal")


def test_an_estimate_is_never_the_number_of_a_column() -> None:
    only = column("A", expected=3)
    assert (only.kind, only.main(1)) == (Kind.NOTHING, None)
    both = column("A", exact=False, stated=2, curated=1, expected=3)
    assert (both.kind, both.main(1), both.zeros) == (Kind.LINKED, 3, [])


def test_the_distance_is_half_the_sum_of_the_differences_of_shares() -> None:
    half, quarter, zero = (Fraction(n) for n in ("1/2", "1/4", "0"))
    assert _distance([half, half], [half, half]) == 0
    assert _distance([half, half, zero], [half, quarter, quarter]) == quarter
    assert _distance([half, half, zero, zero], [zero, zero, half, half]) == 1


def test_why_no_plan_is_near_is_told_truly() -> None:
    real = [
        entry("072036", 2021, "甲市"),
        entry("082015", 2021, "乙市"),
        entry("082023", 2020, "丙"),
    ]
    made_up = {**entry("502014", 2021, "架空市"), "made_up": True}
    even = [Fraction(1, 17)] * 17
    shares = {e["iri"]: even for e in (*real, made_up)}
    every = [*real, made_up]
    assert isinstance(_nearest(real[0], every, (), shares), list)
    assert _nearest(real[0], every, ("082015",), shares) is NoneNear.ALL_CHOSEN
    assert _nearest(real[0], [real[0], made_up], (), shares) is NoneNear.ONLY_MADE_UP
    assert _nearest(made_up, every, (), shares) is NoneNear.ONLY_REAL
    assert _nearest(real[2], every, (), shares) is NoneNear.NONE_HELD
    del shares[real[0]["iri"]]
    assert _nearest(real[0], every, (), shares) is NoneNear.OWN_NUMBERS


NOTHING = choice_of([], [], "", [])


def test_a_plan_without_numbers_has_rows_that_say_so() -> None:
    columns = [column("A", published=3), column("B", expected=2)]
    rows = list(csv.DictReader(io.StringIO(comparison_csv(columns, NOTHING, []).decode())))
    own = [row for row in rows if row["column"] == "B" and row["goal"] == "1"]
    told = [(row["basis"], row["projects"], row["certainty"]) for row in own]
    assert told == [("expected", "2", "estimated"), ("", "", "unknown")]
    assert len([row for row in rows if row["certainty"] == "unknown"]) == 17
    shown = json.loads(comparison_json(columns, NOTHING, "r"))["goals"][0]["values"][1]
    assert (shown["shown"], shown["certainty"]) == (None, {"expected": "estimated"})


def test_lines_are_no_wider_than_they_may_be_and_lose_nothing() -> None:
    text = (
        "出典: A 第二次 plan for community development http://localhost/compare?m=072036&m=502014"
    )
    for width in (60, 100, 200, 328):
        lines = lines_of(text, width)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        wide = [sum(12 if ord(c) > 0x2E80 else 7.2 for c in line) for line in lines]
        assert max(wide) <= max(width, 7.2 * len("development"), 7.2 * len("//localhost"))
    assert lines_of("短い", 100) == ["短い"]
