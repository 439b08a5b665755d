"""Whether the layout fits the library, looked at in the library itself before anything is served from it.

A wrong layout is no error to C: members come out of the middle of others, and the numbers look like numbers. What
tells is how many bytes libslurm itself clears or allocates for a record, and texts that are known to be in it.
"""

from __future__ import annotations

import ctypes
import re
from typing import Any

from . import memory
from .layout import LayoutError
from .library import Library
from .memory import decode

INITIALISERS: tuple[tuple[str, str, tuple[Any, ...]], ...] = (
    ("slurm_init_job_desc_msg", "job_desc_msg_t", ()),
    ("slurm_init_update_node_msg", "update_node_msg_t", ()),
    ("slurmdb_init_assoc_rec", "slurmdb_assoc_rec_t", (False,)),
    ("slurmdb_init_cluster_cond", "slurmdb_cluster_cond_t", (False,)),
    ("slurmdb_init_cluster_rec", "slurmdb_cluster_rec_t", (False,)),
    ("slurmdb_init_qos_rec", "slurmdb_qos_rec_t", (False, 0)),
    ("slurmdb_init_tres_cond", "slurmdb_tres_cond_t", (False,)),
    ("slurmdb_init_wckey_rec", "slurmdb_wckey_rec_t", (False,)),
)
"""Function that clears a whole record, the struct of the record, the function's arguments after it."""

KNOWN_TEXTS = {
    "authtype": r"auth/\w+",
    "cluster_name": r"\S+",
    "schedtype": r"sched/\w+",
    "select_type": r"select/\w+",
    "slurm_conf": r"/.+",
    "version": r"\d+\.\d+\.\d+.*",
}
"""Member of slurm_conf_t -> what its text is like in every configuration of every release."""

_FILLED = 0xA5
"""No function initialises a member to this."""
_MARGIN = 4096
"""Bytes that a record may be longer than its layout says and still be found out rather than written past."""


def check_library(library: Library) -> None:
    """Compare the records that libslurm clears, and the slurm.conf it read, with the layout; after init.

    Raises: LayoutError.
    """
    for name, struct, arguments in INITIALISERS:
        if library.has(name):
            _compare(library, struct, cleared(getattr(library.c, name), library.layout.structs[struct].size, arguments))
    conf: Any = library.layout.record("slurm_conf_t").in_dll(library.handle, "slurm_conf")
    _known(library, conf, ("cluster_name", "authtype", "select_type", "slurm_conf"))


def check_controller(library: Library) -> None:
    """Fetch slurmctld's own configuration, and compare its size, and texts in it, with the layout.

    Raises: LayoutError; SlurmError where slurmctld did not answer, and nothing is known.
    Source: slurm_load_ctl_conf, slurm.h.
    """
    pointer = ctypes.c_void_p()
    library.c.slurm_load_ctl_conf(0, ctypes.byref(pointer))
    if not pointer.value:
        return
    _compare(library, "slurm_conf_t", memory.allocated(pointer.value))
    _known(library, memory.record_at(library.layout.record("slurm_conf_t"), pointer.value), tuple(KNOWN_TEXTS))
    (library.c.slurm_free_conf if library.has("slurm_free_conf") else library.c.slurm_free_ctl_conf)(pointer.value)


def cleared(function: Any, expected: int, arguments: tuple[Any, ...] = ()) -> int:
    """How many bytes a function sets of a record, which is its size. expected: what the layout says."""
    record = (ctypes.c_ubyte * (expected + _MARGIN))(*[_FILLED] * (expected + _MARGIN))
    function(ctypes.addressof(record), *arguments)
    return len(bytes(record).rstrip(bytes([_FILLED])))


def _compare(library: Library, struct: str, found: int) -> None:
    expected = library.layout.structs[struct].size
    if found != expected:
        raise LayoutError(
            f"{struct} has {found} bytes in libslurm {library.release_text} ({library.path}), "
            f"and {expected} in layout {library.layout.release_text}"
        )


def _known(library: Library, conf: Any, members: tuple[str, ...]) -> None:
    for name in members:
        text = decode(getattr(conf, name))
        if not re.fullmatch(KNOWN_TEXTS[name], text):
            raise LayoutError(
                f"slurm_conf_t.{name} of libslurm {library.release_text} ({library.path}) reads {text[:40]!r} "
                f"by layout {library.layout.release_text}"
            )
