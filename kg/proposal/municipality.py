"""The lines of plan.toml about the municipality: from its code, or from what the document says."""

from __future__ import annotations

import json
from collections.abc import Iterator

from kg.errors import WrongUse
from kg.municipalities import Municipality, called, with_code
from kg.plan_settings import PLACEHOLDER
from kg.proposal.evidence import Found


def chosen(code: str) -> Municipality | None:
    """Who has the code; None for an empty code. Raises WrongUse if nobody has it today."""
    if not code:
        return None
    found = with_code(code)
    if found is None:
        raise WrongUse(
            f"{code} is the code of no municipality. Expected: one of "
            "data/codes/municipalities.csv that is in use, such as 072036 for 郡山市."
        )
    return found


def municipality_lines(
    city: Found | None, given: Municipality | None, unsure: str
) -> Iterator[str]:
    """The table [municipality]; lines that begin with `unsure` are questions."""
    yield from ("", "[municipality]")
    if given is not None:
        yield f"# {given.kana}, {given.prefecture}; by data/codes/municipalities.csv"
        yield f'code = "{given.code}"'
        if city and given not in called(city.value):
            yield f"{unsure} the document seems to name another, {city.value}, in {city.where}"
        yield '# an English name is welcome: en = "Rei City"'
        yield f"name = {{ ja = {json.dumps(given.name, ensure_ascii=False)} }}"
        return
    yield "# six digits, from the list of the Ministry of Internal Affairs and Communications"
    yield f'code = "{PLACEHOLDER}"'
    if city:
        yield f"{unsure} perhaps {city.value}, which stands in {city.where}"
        today = (one for one in called(city.value) if one.until is None)
        yield from (
            f"{unsure}   {one.code} is {one.name}, {one.kana}, {one.prefecture}" for one in today
        )
    yield '# as in { ja = "例市", en = "Rei City" }'
    yield f'name = {{ ja = "{PLACEHOLDER}" }}'
