"""How to ask one of the example queries from a program: texts to be copied, which the tests run."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator

from rdflib import Literal
from rdflib.namespace import XSD

from kg.examples import Example
from server.context import context
from server.solutions import Solutions

NUMERIC = frozenset((XSD.integer, XSD.decimal, XSD.double, XSD.float))

_LIKE_A_NUMBER = re.compile(r"[0-9]+")


def snippets(example: Example, solutions: Solutions) -> list[tuple[str, str]]:
    """Language and text, in the order in which they are shown."""
    return [
        ("Python", _python(example)),
        ("R", _r(example, solutions)),
        ("curl", _curl(example)),
    ]


def _python(example: Example) -> str:
    raw = "r" if "\\" in example.text else ""
    return (
        "from SPARQLWrapper import JSON, SPARQLWrapper\n\n"
        f"endpoint = SPARQLWrapper({_quoted(context().url('sparql'))}, returnFormat=JSON)\n"
        f'endpoint.setQuery({raw}"""{example.text}""")\n'
        'for row in endpoint.queryAndConvert()["results"]["bindings"]:\n'
        '    print({name: term["value"] for name, term in row.items()})\n'
    )


def _r(example: Example, solutions: Solutions) -> str:
    """Base R reads the CSV; codes keep their leading zeros."""
    url = _quoted(context().url(f"queries/{example.name}.csv"))
    codes = ", ".join(f'{name} = "character"' for name in codes_of(solutions))
    classes = f", colClasses = c({codes})" if codes else ""
    return f'answer <- read.csv({url}, encoding = "UTF-8"{classes})\nprint(answer)\n'


def _curl(example: Example) -> str:
    file = f"{example.name}.rq"
    return (
        f"curl -sO {shlex.quote(context().url(f'queries/{file}'))}\n"
        f"curl -s {shlex.quote(context().url('sparql'))} -H 'Accept: text/csv' "
        f"--data-urlencode query@{file}\n"
    )


def codes_of(solutions: Solutions) -> Iterator[str]:
    """The variables whose texts are digits, such as 072036, which programs take for numbers."""
    for place, name in enumerate(solutions.columns):
        for term in (row[place] for row in solutions.rows):
            is_text = isinstance(term, Literal) and term.datatype in (None, XSD.string)
            if is_text and _LIKE_A_NUMBER.fullmatch(str(term)):
                yield name
                break


def numeric_columns(solutions: Solutions) -> frozenset[int]:
    """The places of the columns that hold numbers only."""
    found = set()
    for place in range(len(solutions.columns)):
        terms = [row[place] for row in solutions.rows if row[place] is not None]
        if terms and all(isinstance(t, Literal) and t.datatype in NUMERIC for t in terms):
            found.add(place)
    return frozenset(found)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
