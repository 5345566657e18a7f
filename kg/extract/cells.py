"""One cell to its parts: numbers, unit chain, lost icons, account, delivery notes.

Every function takes the cell as printed and never corrects it; what it gives stands
beside the printed text. Words that decide are read from `data/codes/`.
"""

from __future__ import annotations

import re
from functools import cache

from kg.codes import meanings, read_codes
from kg.records import OrganizationalUnit, Status
from kg.text import clean, folded, name_key

# what conversions from PDF leave behind; any other <…> is the document's own text
_LEFT_OVER_TAG = re.compile(
    r"</?(?:p|br|div|span|ul|ol|li|b|i|u|em|strong|sub|sup|font|small)(?:\s[^<>]*)?/?>", re.I
)
_ACCOUNT = re.compile(r"^(.*\S)\s*【([^【】]+)】\s*$", re.S)
_SENTENCE = re.compile(r"[^。]+。?")
_DASHES = frozenset("-‐‑‒–—―−ー－")
_DIVIDERS = re.compile(r"\s*[/／>＞→]\s*")


def without_tags(text: str) -> str:
    """The text without HTML left-overs of a conversion, blanks collapsed."""
    return clean(_LEFT_OVER_TAG.sub(" ", text))


def parse_number(text: str) -> int | None:
    """The whole number of a cell such as "12", "１２", "1,700", "No. 3"; None for anything else."""
    key = name_key(text).removeprefix("no").strip(".")
    key = re.sub(r"(?<=\d),(?=\d{3}(?:,|$))", "", key)
    return int(key) if re.fullmatch(r"[0-9]{1,9}", key) else None


def parse_count(text: str) -> int | None:
    """The count in a cell of the balance table: "19", "△ 1" -> 1, "-" and "" -> 0.

    △ and ▲ are the minus signs of public accounts: one project less, so the count is 1
    (model.md 7.2). None where the cell is none of these.
    """
    key = folded(text)
    if not key or (len(key) == 1 and key in _DASHES):
        return 0
    return parse_number(key[1:] if key[0] in "△▲-−" else key)


def is_negative(text: str) -> bool:
    """Whether a count is printed with a minus sign."""
    return folded(text)[:1] in ("△", "▲", "-", "−") and parse_count(text) != 0


def parse_status(text: str) -> Status | None:
    """The listing or review status a cell prints; CONTINUED for an empty cell, None if unknown."""
    key = name_key(text)
    if not key:
        return Status.CONTINUED
    status = meanings("statuses", "printed", "status").get(key)
    return Status(status) if status else None


def split_account(name: str) -> tuple[str, str | None]:
    """A project name without the funding account behind it: "…事業【介護保険】" -> account."""
    match = _ACCOUNT.match(name)
    return (clean(match[1]), clean(match[2])) if match else (clean(name), None)


def lost_icons(cell: str) -> int | None:
    """How many icons a blank cell held: n+1 spaces stand for n; None if the cell has text.

    Only U+0020 counts; other blanks make the cell unreadable for this rule (None).
    """
    spaces = "".join(c for c in cell if c not in "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")
    if spaces.strip(" "):
        return None
    return max(len(spaces) - 1, 0)


@cache
def _splits() -> tuple[tuple[str, ...], tuple[str, ...]]:
    rows = read_codes("unit-types")
    top = tuple(row["suffix"] for row in rows if row["splits"] == "1")
    middle = tuple(row["suffix"] for row in rows if row["splits"] == "2")
    return top, middle


def parse_unit(text: str) -> OrganizationalUnit | None:
    """The unit and those above it: "福祉部保健所予防課" -> three names.

    A path printed with / or → is split there. Otherwise the name is split after the first
    部 or 局 and then after 保健所 (model.md 7.11): "教育部教育推進課" has two parts,
    and 総務課 of 水道局 is not 総務部. None for an empty cell.
    """
    printed = clean(text)
    if not printed:
        return None
    if _DIVIDERS.search(printed):
        return OrganizationalUnit(tuple(p for p in _DIVIDERS.split(printed) if p))
    top, middle = _splits()
    first, rest = _split_after(printed, top, alone=False)
    second, third = _split_after(rest, middle, alone=True)
    return OrganizationalUnit(
        tuple(part.strip() for part in (first, second, third) if part.strip())
    )


def looks_like_unit(unit: str, project: str) -> bool:
    """False where the cells of unit and project seem to have changed places, or hold a text.

    Any name is believed to be a unit's unless it is a sentence, or the project's name ends
    as units do (課, 部 …) and the unit's does not.
    """
    endings = tuple(row["suffix"] for row in read_codes("unit-types"))
    return "。" not in unit and (unit.endswith(endings) or not project.endswith(endings))


def _split_after(text: str, suffixes: tuple[str, ...], *, alone: bool) -> tuple[str, str]:
    """The text parted after its first suffix; only 保健所 may be a name by itself (`alone`)."""
    ends = [text.find(s) + len(s) for s in suffixes if text.find(s) >= (0 if alone else 1)]
    if not ends:
        return "", text
    return text[: min(ends)], text[min(ends) :]


def delivery_notes(text: str) -> tuple[str, ...]:
    """The sentences of a plan text that say how it is held: online, infection control.

    The sentences stand before the ○ lines, and the ○ lines are sentences of their own;
    deciding words are in `data/codes/delivery-words.csv`.
    """
    words = [row["word"] for row in read_codes("delivery-words")]
    sentences = (clean(s) for s in _SENTENCE.findall(text))
    return tuple(s for s in sentences if any(word in folded(s) for word in words))
