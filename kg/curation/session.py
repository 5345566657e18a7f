"""Asking one question after another: what is shown, which keys there are, where one stands.

What is decided about is a thing: a project, a unit or an entry of the review list. The kinds
of session are in `kg/curation/links.py` and `kg/curation/facts.py`.
"""

from __future__ import annotations

import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import date
from typing import Generic, TypeVar

from kg.curation.desk import Desk
from kg.errors import Problem
from kg.extract.decisions import is_agent

Thing = TypeVar("Thing")
_COMMAND = re.compile(r"([a-z?]*)[\s:]*(.*)")


CANCEL = ". = cancel"
_CANCELS = frozenset((".", "。"))
_MEANT_AS_COMMAND = re.compile(r"[a-z?]|[agru]?[\s:]*\d+(?:[\s,、]+\d+)*")
"""A key alone, or with the numbers of goals or projects."""


class Cancelled(Exception):
    """A question was answered by leaving the decision."""


class Ended(Exception):
    """Leaves the session; the text is the sentence to end with."""


class Person:
    """Who decides, asked through a terminal or a pipe: `ask` gives a line, `tell` shows one.

    `ask` raises EOFError when there are no more lines.
    """

    def __init__(
        self, ask: Callable[[str], str], tell: Callable[[str], None], agent: str | None = None
    ) -> None:
        self.ask, self.tell = ask, tell
        self._agent = agent
        self._evidence = dict[str, str]()

    def agent(self) -> str:
        """The identifier of who decides, asked once a session. Raises Cancelled."""
        while self._agent is None:
            question = f"Who decides (an identifier, such as city-planning; {CANCEL})? "
            given = self._words(question)
            if given is not None and is_agent(given):
                self._agent = given
            elif given is not None:
                self.tell("Expected: lower-case letters, digits and hyphens, such as taro-yamada.")
        return self._agent

    def evidence(self, question: str, default: str = "") -> str:
        """The words that speak for a decision; without a default, those given last stand for it.

        Raises Cancelled where who is asked would rather not decide.
        """
        proposed = default or self._evidence.get(question, "")
        hint = f" [{proposed}]" if proposed else ""
        while True:
            given = self._words(f"{question} ({CANCEL}){hint}: ")
            if given is None:
                continue
            if given or proposed:
                self._evidence[question] = given or proposed
                return given or proposed
            self.tell("A decision without it is not published; quote the document, or say why.")

    def _words(self, question: str) -> str | None:
        """An answer in words; None if it was a key, which was meant for the session."""
        given = self.ask(question).strip()
        plain = unicodedata.normalize("NFKC", given).lower()
        if plain in _CANCELS:
            raise Cancelled
        if _MEANT_AS_COMMAND.fullmatch(plain):
            self.tell(f'"{given}" is a key, not an answer to this question ({CANCEL}).')
            return None
        return given


class Session(ABC, Generic[Thing]):
    """One walk over things to be decided. `file` is where the decisions go."""

    file: str
    keys: str

    def __init__(self, desk: Desk, person: Person) -> None:
        self.desk, self.person = desk, person
        self.things: Sequence[Thing] = self.all_things()
        self.place = -1

    @abstractmethod
    def all_things(self) -> Sequence[Thing]:
        """Everything that could be decided about, in the order of the document."""

    @abstractmethod
    def is_open(self, thing: Thing) -> bool:
        """Whether something is left to decide."""

    @abstractmethod
    def show(self, thing: Thing) -> None:
        """Tell what the document says of it, and what was decided."""

    def renew(self, thing: Thing) -> None:
        """Tell what may have changed by a decision."""
        self.show(thing)

    @abstractmethod
    def act(self, thing: Thing, key: str, rest: str) -> bool:
        """Do what a key asks for; False if there is no such key here."""

    @abstractmethod
    def is_near(self, thing: Thing, wanted: str) -> bool:
        """Whether this is the thing that `g` asks for."""

    def run(self) -> None:
        """Ask until all is decided or who decides has enough; says how it ended."""
        before = sum(self.desk.written.values())
        try:
            self._walk()
        except Ended as end:
            ending = str(end)
        except EOFError:
            self.person.tell("")
            ending = "The input ended"
        except KeyboardInterrupt:
            self.person.tell("")
            ending = "Interrupted"
        done = sum(self.desk.written.values()) - before
        self.person.tell(f"{ending}: {_counted(done)} written to {self.desk.folder / self.file}.")

    def _walk(self) -> None:
        self._forward()
        self.person.tell(self.keys)
        shown = -1
        while True:
            thing = self.things[self.place]
            if shown != self.place:
                left = sum(map(self.is_open, self.things))
                self.person.tell(f"\n[{left} of {len(self.things)} left]")
                self.show(thing)
                shown = self.place
            answer = unicodedata.normalize("NFKC", self.person.ask("> ")).strip()
            match = _COMMAND.fullmatch(answer.lower())
            key, rest = (match[1], match[2].strip()) if match else ("", "")
            if key == "q":
                raise Ended("Ended")
            if key == "s":
                self._forward()
            elif key == "b":
                self._back()
            elif key == "g":
                self._go(rest)
            elif not self.act(thing, key, rest):
                self.person.tell(self.keys)

    def decided(self, thing: Thing) -> None:
        """Go on after a decision, or tell what it leaves open."""
        left = [n for n, other in enumerate(self.things) if self.is_open(other)]
        if self.is_open(thing):
            self.renew(thing)
        elif left and left[-1] < self.place:
            self.place = left[0]  # what was skipped, or passed over by going on to another
        else:
            self._forward()

    def _forward(self) -> None:
        later = range(self.place + 1, len(self.things))
        earlier = range(self.place + 1)
        left = [n for n in later if self.is_open(self.things[n])]
        if not left:
            skipped = sum(self.is_open(self.things[n]) for n in earlier)
            raise Ended(
                f"That was the last one, {skipped} left open" if skipped else "Nothing is left open"
            )
        self.place = left[0]

    def _back(self) -> None:
        if self.place == 0:
            self.person.tell("This is the first one.")
        else:
            self.place -= 1

    def _go(self, wanted: str) -> None:
        found = [n for n, thing in enumerate(self.things) if self.is_near(thing, wanted)]
        if found:
            self.place = found[0]
        else:
            self.person.tell(f"There is no {wanted or 'such one'}.")

    def tell_problems(self, problems: Sequence[Problem]) -> bool:
        """Tell why nothing was written; whether there was a reason."""
        for problem in problems:
            self.person.tell(str(problem))
        if problems:
            self.person.tell("This decision was not written.")
        return bool(problems)

    @property
    def day(self) -> date:
        return self.desk.day


def _counted(number: int) -> str:
    return f"{number} change" if number == 1 else f"{number} changes"
