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
_BLOCK_TAG = re.compile(r"</?(?:p|br|div|ul|ol|li)(?:\s[^<>]*)?/?>", re.I)
_INLINE_TAG = re.compile(r"</?(?:span|b|i|u|em|strong|sub|sup|font|small)(?:\s[^<>]*)?/?>", re.I)
_ACCOUNT = re.compile(r"^(.*\S)\s*【([^【】]+)】\s*$", re.S)
_SENTENCE = re.compile(r"[^。]+。?")
_DASHES = frozenset("-‐‑‒–—―−ー－")
_TWO_UNITS = re.compile(r"[、,，;；]|[課室係](?!題).*[部局].*[課室係]$")
_DIVIDERS = re.compile(r"\s*[/／>＞→]\s*")


def without_tags(text: str) -> str:
    """The text without HTML left-overs of a conversion, blanks collapsed."""
    return clean(_INLINE_TAG.sub("", _BLOCK_TAG.sub(" ", text)))


def parse_number(text: str) -> int | None:
    """The whole number of a cell such as "12", "１２", "1,700", "No. 3"; None for anything else."""
    key = name_key(text).removeprefix("no").strip(".")
    key = re.sub(r"(?<=\d),(?=\d{3}(?:,|$))", "", key)
    return int(key) if re.fullmatch(r"[0-9]{1,9}", key) else None


def parse_count(text: str) -> int | None:
    """The count in a cell of the balance table: "19", "△ 1" -> 1, "-" and "" -> 0.

    △ and ▲ are the minus signs of public accounts: one project less, so the count is 1
    (docs/decisions/0005, 2). None where the cell is none of these.
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
def _splits() -> tuple[tuple[str, int], ...]:
    """Endings after which a name path is split, each with its rank: 局 above 部 above 保健所."""
    return tuple(
        (row["suffix"], int(row["splits"])) for row in read_codes("unit-types") if row["splits"]
    )


def parse_unit(text: str) -> OrganizationalUnit | None:
    """The unit and those above it: "福祉部保健所予防課" -> three names.

    A path printed with / or → is split there. Otherwise the name is split after the first 局
    or 部, after a 部 below a 局, and after 保健所 (docs/decisions/0005, 7): "教育部教育推進課"
    has two parts, and 総務課 of 水道局 is not 総務部. None for an empty cell.
    """
    printed = clean(text)
    if not printed:
        return None
    if _DIVIDERS.search(printed):
        return OrganizationalUnit(tuple(p for p in _DIVIDERS.split(printed) if p))
    names, rest, rank = [], printed, 0
    while split := _first_split(rest, rank):
        end, rank = split
        names.append(rest[:end].strip())
        rest = rest[end:].strip()
    return OrganizationalUnit((*names, rest) if rest else tuple(names))


def _first_split(text: str, above: int) -> tuple[int, int] | None:
    """Where the name of the next unit ends, and its rank; None if nothing is left to split.

    Only 保健所 may be a name by itself, so 部 and 局 do not count at the very beginning.
    """
    found = [
        (text.find(suffix, 0 if len(suffix) > 1 else 1), suffix, rank)
        for suffix, rank in _splits()
        if rank > above
    ]
    ends = [(at + len(suffix), rank) for at, suffix, rank in found if at >= 0]
    return min(ends) if ends else None


def looks_like_unit(unit: str, project: str) -> bool:
    """False where the cells of unit and project seem to have changed places, or hold a text.

    Any name is believed to be a unit's unless it is a sentence, or two units in one cell, or
    the project's name ends as units do (課, 部 …) and the unit's does not.
    """
    endings = tuple(row["suffix"] for row in read_codes("unit-types"))
    if "。" in unit or _TWO_UNITS.search(unit):
        return False
    return unit.endswith(endings) or not project.endswith(endings)


def delivery_notes(text: str) -> tuple[str, ...]:
    """The sentences of a plan text that say how it is held: online, infection control.

    The sentences stand before the ○ lines, and the ○ lines are sentences of their own;
    deciding words are in `data/codes/delivery-words.csv`.
    """
    words = [row["word"] for row in read_codes("delivery-words")]
    sentences = (clean(s) for s in _SENTENCE.findall(text))
    return tuple(s for s in sentences if any(word in folded(s) for word in words))
