"""What slurmdbd's ids stand for: asked for once a request, renewed when old or when something is not known."""

from __future__ import annotations

import threading

import pytest

from slurmrest.data_parser.known import KEPT, MOST_ASSOCIATIONS, Catalogue, Known

FIRST = Catalogue({1: ("cpu", ""), 1001: ("gres", "gpu")}, {1: "normal", 2: "old"}, frozenset({2}))
SECOND = Catalogue({**FIRST.tres, 1002: ("license", "matlab")}, {1: "normal", 3: "new"})


class Source:
    """A slurmdbd that is asked, and how often it was."""

    def __init__(self, *answers: Catalogue) -> None:
        self.answers, self.asked = list(answers), 0

    def __call__(self) -> Catalogue:
        """Answer."""
        self.asked += 1
        return self.answers[min(self.asked, len(self.answers)) - 1]


def test_the_first_request_asks_and_the_next_does_not() -> None:
    known, source = Known(clock=lambda: 5.0), Source(FIRST)
    for _ in range(2):
        with known.asking(source):
            assert known.tres(1001) == ("gres", "gpu")
            assert known.tres_id("GRES", "gpu") == 1001
            assert known.qos(1) == "normal"
    assert source.asked == 1


def test_what_is_old_is_asked_for_again() -> None:
    now = [0.0]
    known, source = Known(clock=lambda: now[0]), Source(FIRST, SECOND)
    with known.asking(source):
        now[0] = KEPT + 1
    with known.asking(source):
        assert known.qos_id("new") == 3
    assert source.asked == 2


def test_what_is_not_known_is_asked_for_once_a_request() -> None:
    known, source = Known(clock=lambda: 5.0), Source(FIRST, SECOND)
    with known.asking(source):
        assert known.qos_id("nosuch") is None
    with known.asking(source):
        assert known.tres(1002) == ("license", "matlab")
        assert known.tres(9999) == ("", "")
        assert known.qos(77) is None
        assert known.tres_id("gres", "nosuch") is None
    assert source.asked == 2


def test_nobody_asks_outside_of_a_request_or_in_another_thread() -> None:
    known, source = Known(clock=lambda: 5.0), Source(FIRST)
    assert known.tres(1) == ("", "")
    with known.asking(source):
        found: list[str | None] = []
        thread = threading.Thread(target=lambda: found.append(known.qos(77)))
        thread.start()
        thread.join()
    assert (found, source.asked) == ([None], 1)


def test_a_deleted_qos_has_a_name_but_is_not_found_by_it() -> None:
    known = Known()
    known.learn(FIRST)
    assert (known.qos(2), known.qos_id("old"), known.qos_id("Normal")) == ("old", None, 1)


def test_an_error_of_the_source_is_passed_on_and_the_next_request_asks_again() -> None:
    def fail() -> Catalogue:
        raise ConnectionError

    known, source = Known(clock=lambda: 5.0), Source(FIRST)
    with pytest.raises(ConnectionError), known.asking(fail):
        pass
    with known.asking(source):
        assert known.tres(1) == ("cpu", "")


def test_associations_are_of_a_cluster_and_do_not_pile_up() -> None:
    known = Known()
    known.learn_associations({("dev", 7): ("sub1", "", "daemon")})
    assert known.association("dev", 7) == ("sub1", "", "daemon")
    assert known.association("other", 7) is None
    known.learn_associations({("dev", number): ("a", "", "u") for number in range(MOST_ASSOCIATIONS)})
    assert known.association("dev", 7) == ("a", "", "u")
    known.learn_associations({("dev", MOST_ASSOCIATIONS): ("b", "", "u")})
    assert known.association("dev", 7) is None
