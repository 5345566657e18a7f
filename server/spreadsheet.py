"""CSV for people who open it in a spreadsheet: Japanese readable, text never run as a formula."""

from __future__ import annotations

import csv
import io
import tempfile
from typing import BinaryIO

from kg.text import for_spreadsheet

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def for_spreadsheets(source: BinaryIO) -> tuple[BinaryIO, int]:
    """A CSV as a spreadsheet needs it, in a file from its start, and its size in bytes.

    With a byte order mark, because Excel takes UTF-8 for something else without one. A text
    that a spreadsheet would run as a formula gets an apostrophe before it, which spreadsheets
    do not show; numbers stay as they are. The plain CSV of the protocol is never changed.
    """
    out = tempfile.TemporaryFile(prefix="sdgplan-sheet-")  # noqa: SIM115  (closed by the response)
    out.write(BYTE_ORDER_MARK)
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\r\n")
    for row in csv.reader(io.TextIOWrapper(source, encoding="utf-8", newline="")):
        writer.writerow([for_spreadsheet(cell) for cell in row])
    text.detach()
    size = out.tell()
    out.seek(0)
    return out, size


def with_mark(body: bytes) -> bytes:
    """A small CSV as a spreadsheet needs it, see `for_spreadsheets`."""
    file, _ = for_spreadsheets(io.BytesIO(body))
    with file:
        return file.read()
