"""Where the engine's answers go, and what their XML may hold."""

from __future__ import annotations

import re
from typing import BinaryIO

from kg.errors import FormatError

_NOT_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")  # XML 1.0, 2.2: Char


class AnswerOut:
    """Passes bytes on and keeps what the receiver raised, to tell it from the engine's errors.

    In XML a carriage return is written as a reference, since readers take the character itself
    for a line feed (XML 1.0, 2.11), and what XML cannot hold at all is refused: the engine
    writes both as they are.
    """

    def __init__(self, out: BinaryIO, *, is_xml: bool) -> None:
        self._out = out
        self._is_xml = is_xml
        self._before = b""
        self.raised: Exception | None = None

    def write(self, data: bytes) -> int:
        try:
            if not self._is_xml:
                return self._out.write(data)
            found = _NOT_XML.search(self._before + data)
            if found:
                character = found[0].decode("utf-8")
                raise FormatError(
                    f"The answer holds the character U+{ord(character):04X}, which XML cannot "
                    "hold. Ask for JSON or CSV, or a graph as Turtle or JSON-LD."
                )
            self._before = data[-2:]  # such a character may come in two parts
            self._out.write(data.replace(b"\r", b"&#xD;"))
            return len(data)
        except Exception as error:
            self.raised = error
            raise

    def flush(self) -> None:
        self._out.flush()
