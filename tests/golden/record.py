"""Recorded requests and answers, as cases/*.json have them, one a line.

case        the name of the recording
request     method and target. {running} stands for a job or a node of stage.py
as          the user whose name and token are sent. token: whose token, where it is another's: "expired" for an old one
headers     sent besides
json, body  the body: a document, or text as it is
wire        instead of all these: the bytes of the whole request. pipelined: how often they are sent at once;
            answers: how many came back. split: the bytes of a first packet; half_close: nothing more is sent after it
via         "unix" for the unix socket, without a token. peer: who connects, where it is not root
status      null where there was no answer: the C daemon crashed
type        of a document that is not JSON
errors      number and path of each; 0 where it has none, "" where its source is no path in the request
warnings    path of each, likewise
document    the shapes of what follows meta, errors and warnings; none where the answer is text or nothing
head        the first keys, where they are others than these three
cut         the last key of a record that the C daemon left unfinished

<JWT> stands for a token, <x*500> for five hundred x.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from .shapes import FOLDER, Shape


@dataclass(frozen=True)
class Answer:
    """What is compared of an answer."""

    status: int | None
    type: str | None = None
    errors: list[list[Any]] | None = None
    warnings: list[str] | None = None
    document: dict[str, Shape] | None = None
    head: list[str] | None = None
    cut: str | None = None
    answers: int = 1


@dataclass(frozen=True)
class Case:
    """One recording. sent: the part of it that says what was sent."""

    name: str
    sent: dict[str, Any]
    answer: Answer = field(repr=False)

    def __str__(self) -> str:
        return self.name


def _case(line: dict[str, Any]) -> Case:
    names = Answer.__dataclass_fields__.keys()
    answer = Answer(**{key: value for key, value in line.items() if key in names})
    return Case(line["case"], {key: value for key, value in line.items() if key not in names}, answer)


def load(name: str) -> list[Case]:
    """Load cases/*name*.json."""
    return [_case(line) for line in json.loads((FOLDER / "cases" / f"{name}.json").read_text())]
