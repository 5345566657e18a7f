"""The 47 prefectures (JIS X 0401), told by the first two digits of a municipality's code."""

from __future__ import annotations

from dataclasses import dataclass

from rdflib import URIRef

from kg.codes import read_codes
from kg.vocab import AREA_CODE


@dataclass(frozen=True, slots=True)
class Prefecture:
    """A prefecture: two digits, and its name in Japanese and English."""

    code: str
    ja: str
    en: str

    @property
    def iri(self) -> URIRef:
        """e-Stat's standard area code, such as C07000 for Fukushima."""
        return AREA_CODE[f"{self.code}000"]


def prefectures() -> tuple[Prefecture, ...]:
    """All of them, by code, from data/codes/prefectures.csv."""
    rows = read_codes("prefectures")
    return tuple(Prefecture(row["code"], row["name_ja"], row["name_en"]) for row in rows)


def prefecture_of(code: str) -> Prefecture | None:
    """The prefecture of the 6-digit local government code; None if it begins with no such one."""
    return next((one for one in prefectures() if one.code == code[:2]), None)
