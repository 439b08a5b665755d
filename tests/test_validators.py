"""ETags: which of a client's tags are taken for the view it asks for."""

from __future__ import annotations

import pytest

from slurmrest.validators import make_content_tag, make_tag, second_of, view_of

VIEW = view_of("/slurm/v0.0.39/jobs", "alice", "application/json", "pretty")
OTHER = view_of("/slurm/v0.0.39/jobs", "bob", "application/json", "pretty")


def test_a_tag_comes_back_as_its_second() -> None:
    assert second_of(make_tag(1795333109, VIEW), VIEW) == 1795333109


def test_the_newest_of_several_tags_counts() -> None:
    tags = ", ".join([make_tag(5, VIEW), make_tag(9, VIEW), make_tag(7, VIEW), make_tag(11, OTHER), '"x"'])
    assert second_of(tags, VIEW) == 9


def test_a_strong_spelling_is_compared_weakly() -> None:
    assert second_of(make_tag(5, VIEW).removeprefix("W/"), VIEW) == 5


@pytest.mark.parametrize("header", [None, "", "*", '"x"', 'W/""', make_tag(5, OTHER), make_tag(5, VIEW)[:-2]])
def test_other_tags_are_none(header: str | None) -> None:
    assert second_of(header, VIEW) == 0


def test_views_differ_by_every_part() -> None:
    assert len({view_of("a", "b"), view_of("ab", ""), view_of("a", "c"), view_of("c", "b"), view_of("a", "b")}) == 4


def test_content_tags_tell_content_and_view() -> None:
    tags = [make_content_tag(payload, view) for payload in ({"a": 1}, {"a": 2}) for view in (VIEW, OTHER)]
    assert len(set(tags)) == 4
    assert make_content_tag({"a": 1}, VIEW) == tags[0]
