"""Errors as HTTP answers: which status, which body. The only place that knows both Slurm's numbers and HTTP's.

Exception
 ├─ SlurmError           libslurm or a Slurm daemon refused (raised by libslurm)
 ├─ Refusal              the daemon itself refuses before Slurm is asked: a short text, as the C daemon answers
 └─ Problems             a request that was understood and cannot be done: the usual document, with its errors
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .data_parser.parse import Problem

if TYPE_CHECKING:
    from libslurm.library import Library


class Refusal(Exception):
    """The daemon itself refuses a request. status: HTTP's; text: the body, without a newline."""

    def __init__(self, status: int, text: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self.status, self.text, self.headers = status, text, dict(headers or {})


UNAUTHENTICATED = "Authentication failure"


@dataclass
class Problems(Exception):
    """Errors for the `errors` of the document. payload: the rest of it. status: where it is not the first error's."""

    errors: list[Problem]
    warnings: Iterable[Problem] = ()
    payload: Mapping[str, Any] | None = None
    status: int | None = None


STATUS: dict[str, int] = {
    "SLURM_SUCCESS": 200,
    "SLURM_NO_CHANGE_IN_DATA": 304,
    "ESLURM_REST_FAIL_PARSING": 400,
    "ESLURM_REST_INVALID_JOBS_DESC": 400,
    "ESLURM_REST_BAD_REQUEST": 400,
    "ESLURM_AUTH_CRED_INVALID": 401,
    "ESLURM_AUTH_EXPIRED": 401,
    "ESLURM_AUTH_SKIP": 401,
    "ESLURM_REST_AUTH_FAIL": 401,
    "ESLURM_AUTH_UNABLE_TO_GENERATE_TOKEN": 401,
    "EINVAL": 422,
    "EPERM": 403,
    "ESLURM_ACCESS_DENIED": 403,
    "ESLURM_USER_ID_MISSING": 403,
    "ESLURM_INVALID_JOB_ID": 404,
    "ESLURM_REST_UNKNOWN_URL": 404,
    "ESLURM_URL_INVALID_PATH": 404,
    "ESLURM_INVALID_NODE_NAME": 404,
    "ESLURM_REST_UNKNOWN_URL_METHOD": 405,
    "ESLURM_DATA_UNKNOWN_MIME_TYPE": 415,
    "ESLURM_REST_INVALID_QUERY": 422,
    "ESLURM_REST_MISSING_UID": 422,
    "ESLURM_REST_MISSING_GID": 422,
    "SLURM_PROTOCOL_SOCKET_ZERO_BYTES_SENT": 502,
    "SLURM_COMMUNICATIONS_CONNECTION_ERROR": 502,
    "SLURM_PROTOCOL_VERSION_ERROR": 502,
    "ESLURM_DB_CONNECTION": 502,
    "SLURM_PROTOCOL_SOCKET_IMPL_TIMEOUT": 504,
    "SLURM_PROTOCOL_AUTHENTICATION_ERROR": 511,
}
"""Status by the name of Slurm's error. Every other name goes by the prefixes and ranges below."""

PREFIXES = (
    ("SLURM_COMMUNICATIONS_", 502),
    ("SLURMCTLD_COMMUNICATIONS_", 502),
    ("ESLURM_DATA_", 422),
)

RANGES = ((2000, 3000, 422), (7000, 8000, 422))
"""Numbers of slurmctld's and slurmdbd's own errors: what they refuse is the request's fault."""

OURS: dict[str, tuple[int, str]] = {
    "ESLURM_REST_INVALID_QUERY": (9000, "The request is empty or malformed"),
    "ESLURM_REST_FAIL_PARSING": (9001, "The request could not be parsed"),
    "ESLURM_REST_INVALID_JOBS_DESC": (9002, "The description of the jobs is missing or malformed"),
    "ESLURM_REST_MISSING_UID": (9004, "No such user"),
    "ESLURM_REST_MISSING_GID": (9005, "No such group"),
    "ESLURM_DATA_PATH_NOT_FOUND": (9200, "A required field is missing"),
    "ESLURM_DATA_CONV_FAILED": (9202, "The value cannot be converted"),
    "ESLURM_DATA_UNKNOWN_MIME_TYPE": (9204, "Unknown media type"),
    "ESLURM_DATA_FLAGS_INVALID_TYPE": (9206, "Not a list of flags"),
    "ESLURM_DATA_FLAGS_INVALID": (9207, "Unknown flag"),
    "ESLURM_DATA_AMBIGUOUS_MODIFY": (9210, "More than one object would be changed"),
    "ESLURM_DATA_AMBIGUOUS_QUERY": (9211, "More than one object was found"),
    "ESLURM_DATA_EXPECTED_LIST": (9208, "Not a list"),
    "ESLURM_DATA_EXPECTED_DICT": (9209, "Not an object"),
    "ESLURM_INVALID_JOB_ID_ZERO": (2137, "A job id is never zero"),
    "ESLURM_INVALID_JOB_ID_NEGATIVE": (2138, "A job id is never negative"),
    "ESLURM_INVALID_JOB_ID_TOO_LARGE": (2139, "The job id is larger than any job has"),
    "ESLURM_INVALID_JOB_ID_NON_NUMERIC": (2140, "The job id is not a number"),
}
"""Errors of v0.0.39 that this daemon raises itself, with their numbers: the loaded libslurm may lack them.

The text is for a libslurm that does not know the number; one that does is asked.
"""

MARIADB: dict[int, str] = {
    1264: "A number is too large for the database",
    1267: "A text has characters that the database cannot compare",
    1300: "A text has characters that the database does not know",
    1366: "A text has characters that the database cannot store",
    1406: "A text is too long for the database",
}
"""What the database refuses of what a request says: its own numbers, which slurmdbd passes on as they are."""


def status_of(name: str | None, number: int) -> int:
    """Give the HTTP status of a Slurm error."""
    if name in STATUS:
        return STATUS[name]
    for prefix, status in PREFIXES:
        if name and name.startswith(prefix):
            return status
    if number in MARIADB:
        return 422
    for low, high, status in RANGES:
        if low <= number < high:
            return status
    return 500


def number_of(name: str | None, library: Library) -> int:
    """Give the number of a Slurm error by its name; 0 for an error without one."""
    if name in OURS:
        return OURS[name][0]
    return library.layout.constants.get(name, -1) if name else 0


def entry(problem: Problem, library: Library) -> dict[str, Any]:
    """Make one entry of `errors`: description, error_number, error, source; what is not known is left out."""
    number = number_of(problem.name, library)
    document: dict[str, Any] = {"description": problem.text} if problem.text else {}
    if number:
        document |= {"error_number": number, "error": _text(problem.name, number, library)}
    if problem.source:
        document["source"] = problem.source
    return document


def _text(name: str | None, number: int, library: Library) -> str:
    if name in OURS and name not in library.layout.constants:
        return OURS[name][1]
    return library.strerror(number)


def warning(problem: Problem) -> dict[str, Any]:
    """Make one entry of `warnings`."""
    return {"description": problem.text, "source": problem.source}
