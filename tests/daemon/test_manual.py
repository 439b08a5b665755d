"""The manual page: made from the settings, complete, and without a fault that man would find."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from slurmrest.daemon.config import options_of
from slurmrest.daemon.manual import escape, fill
from slurmrest.daemon.settings import SECURITY, SETTINGS

DOCS = Path(__file__).parent.parent.parent / "docs"
PAGE = DOCS / "slurmrestd.8"


def formatted(*options: str) -> subprocess.CompletedProcess[str]:
    """Have it formatted, with every warning there is."""
    command = ("groff", "-man", "-ww", "-Tascii", "-P-cbou", "-rLL=200n", *options, str(PAGE))
    return subprocess.run(command, capture_output=True, text=True, check=True)


@pytest.fixture(scope="module")
def text() -> str:
    """What a reader sees, blanks as they come."""
    return " ".join(formatted().stdout.split())


def test_the_page_is_what_the_settings_say() -> None:
    made = fill((DOCS / "slurmrestd.8.in").read_text())
    assert PAGE.read_text() == made, "python -m slurmrest.daemon.manual < docs/slurmrestd.8.in > docs/slurmrestd.8"


def test_man_finds_nothing_to_complain_of() -> None:
    assert formatted("-z").stderr == ""


@pytest.mark.parametrize("row", SETTINGS, ids=lambda row: row.name)
def test_every_setting_is_described(text: str, row: Any) -> None:
    for word in (*options_of(row), row.variable, row.text):
        assert word in text


@pytest.mark.parametrize(
    "word", [*SECURITY, "SIGINT", "SIGTERM", "SIGHUP", "SIGPIPE", "rest_auth/local", "inetd", "80 KiB", "4096"]
)
def test_what_else_there_is(text: str, word: str) -> None:
    assert word in text


def test_text_is_shown_as_it_is() -> None:
    assert escape("a-b\\n") == "a\\-b\\en"
    assert escape(".SH is no heading") == "\\&.SH is no heading"
    assert escape("'tis") == "\\&'tis"
