"""Printed amounts of money: `12億8,263万円`, `1,234千円`, `△5` under a heading in 千円 -> yen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from kg.text import folded

SCALES = {
    "兆": Decimal(10) ** 12,
    "億": Decimal(10) ** 8,
    "百万": Decimal(10) ** 6,
    "万": Decimal(10) ** 4,
    "千": Decimal(10) ** 3,
    "": Decimal(1),
}
UNITS = {f"{scale}円": factor for scale, factor in SCALES.items()}
"""Units of money as headings name them -> yen."""

MINUS = "△▲−-"
_DASHES = frozenset("-‐‑‒–—―−ー")
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_AMOUNT = re.compile(rf"¥?([{MINUS}]?)¥?((?:(?:{_NUMBER})(?:兆|億|百万|万|千)?)+)(円?)")
_PART = re.compile(rf"({_NUMBER})(兆|億|百万|万|千)?")
_UNIT = re.compile(r"[(\[](?:単位[:・]?)?((?:百万|[兆億万千])?円)[)\]]")


@dataclass(frozen=True, slots=True)
class Amount:
    """What a cell of money holds. `yen` is None if there is no number, or one without a unit.

    `is_none` is an empty cell or a dash: no amount is printed. `is_bare` is a number that has no
    unit, `is_wrong` is figures that are no amount.
    """

    yen: Decimal | None = None
    is_none: bool = False
    is_bare: bool = False
    is_wrong: bool = False


def parse_amount(text: str, unit: str = "") -> Amount:
    """The amount that a cell prints; `unit` is that of its heading, for a number without one.

    △, ▲ and - are minus signs. Brackets [ ] and 【 】 around an amount are left out; round ones
    are not, since they mark amounts that are counted elsewhere.
    """
    key = folded(text).strip("[]【】")
    if not key or (len(key) == 1 and key in _DASHES):
        return Amount(is_none=True)
    match = _AMOUNT.fullmatch(key)
    if match is None:
        return Amount(is_wrong=any(c.isdigit() for c in key))
    yen, last, is_scaled = Decimal(0), None, False
    for number, scale in _PART.findall(match[2]):
        factor = SCALES[scale]
        if last is not None and factor >= last:
            return Amount(is_wrong=True)
        yen, last = yen + Decimal(number.replace(",", "")) * factor, factor
        is_scaled = is_scaled or bool(scale)
    has_yen = bool(match[3]) or "¥" in key
    if is_scaled and last == 1 and not has_yen:
        return Amount(is_wrong=True)  # 12億8,263: of what unit is the rest?
    if not is_scaled and not has_yen:
        if unit not in UNITS:
            return Amount(is_bare=True)
        yen *= UNITS[unit]
    return Amount(-yen if match[1] and yen else yen)


def unit_named(text: str) -> str:
    """The unit of money in brackets in a heading or caption, as （単位：千円）; or empty."""
    match = _UNIT.search(folded(text))
    return match[1] if match else ""


def without_unit(text: str) -> str:
    """The folded text without the unit of money in brackets."""
    return _UNIT.sub("", folded(text))
