"""What libslurm says, as Python gets it."""

from __future__ import annotations

import pytest

from libslurm.messages import parse
from tests.bindings.interpreter import run_python

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdW4iOiJyb290In0.c2lnbmF0dXJl-_x"  # noqa: S105 - nobody's


@pytest.mark.parametrize(
    ("line", "level", "text"),
    [
        ("[2026-11-22T11:02:20.342] error: no such thing", "error", "no such thing"),
        ("[2026-11-22T11:02:20.342] debug2: deep: down", "debug2", "deep: down"),
        ("[2026-11-22T11:02:20.342] select/linear: init: loaded", "info", "select/linear: init: loaded"),
        ("fatal: the end", "fatal", "the end"),
        ("", "info", ""),
        (f"debug:  it is {TOKEN}, look", "debug", "it is [token], look"),
        (f"debug:  cut {TOKEN[:20]}", "debug", "cut [token]"),
        (
            'NET_RAW: send: packed auth_cred [0016/0177] 0x4f 69 4a "OiJ"',
            "info",
            "NET_RAW: send: packed auth_cred [0016/0177] (not shown)",
        ),
    ],
)
def test_a_line_has_a_level_and_a_text(line: str, level: str, text: str) -> None:
    assert parse(line) == (level, text)


def test_messages_come_to_python_and_nowhere_else() -> None:
    code = """
        import libslurm
        from libslurm.messages import Messages
        library = libslurm.Library.open()
        heard = []
        messages = Messages(library, 2, lambda *message: heard.append(message))
        for text in (b"n[3-1]", b"n[5-4]"):
            try:
                library.c.slurm_hostlist_create(text)
            except libslurm.SlurmError:
                pass
        messages.close()
        print(len(heard), {level for level, _ in heard}, "3-1" in str(heard), "5-4" in str(heard))
    """
    done = run_python(code)
    assert (done.stdout, done.stderr) == ("2 {'error'} True True\n", "")


def test_many_messages_come_whole_and_in_order() -> None:
    code = """
        import libslurm
        from libslurm.messages import Messages
        library = libslurm.Library.open()
        heard = []
        messages = Messages(library, 2, lambda *message: heard.append(message[1]))
        for number in range(3000):
            try:
                library.c.slurm_hostlist_create(b"n[%d-1]" % (number + 2))
            except libslurm.SlurmError:
                pass
        messages.close()
        print(len(heard), all(f"{number + 2}-1" in text for number, text in enumerate(heard)))
    """
    assert run_python(code).stdout == "3000 True\n"
