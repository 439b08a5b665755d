"""Structs that Slurm's headers only declare, but that records point to. Data, and the rule that C lays them out by.

generate.py cannot find these: they are in src/common of Slurm's source, never installed. What keeps them true is
that the live tests compare them with what scontrol prints. Whoever adds a release compares job_resources.h.
"""

from __future__ import annotations

from typing import Any

Release = tuple[int, int, int]

_JOB_RESOURCES_1 = (
    ("core_bitmap", "bitstr_t *"), ("core_bitmap_used", "bitstr_t *"), ("cpu_array_cnt", "uint32_t"),
    ("cpu_array_value", "uint16_t *"), ("cpu_array_reps", "uint32_t *"), ("cpus", "uint16_t *"),
    ("cpus_used", "uint16_t *"), ("cores_per_socket", "uint16_t *"), ("cr_type", "uint16_t"),
    ("memory_allocated", "uint64_t *"), ("memory_used", "uint64_t *"),
)  # fmt: skip
_NEXT_STEP = (("next_step_node_inx", "uint32_t"),)
_JOB_RESOURCES_2 = (("nhosts", "uint32_t"), ("node_bitmap", "bitstr_t *"))
_NODE_RANKS = (("node_ranks", "uint32_t *"),)
_JOB_RESOURCES_3 = (
    ("node_req", "uint32_t"), ("nodes", "char *"), ("ncpus", "uint32_t"), ("sock_core_rep_count", "uint32_t *"),
    ("sockets_per_node", "uint16_t *"), ("tasks_per_node", "uint16_t *"), ("threads_per_core", "uint16_t"),
    ("whole_node", "uint8_t"),
)  # fmt: skip

PRIVATE: tuple[tuple[str, Release, tuple[tuple[str, str], ...]], ...] = (
    ("job_resources_t", (22, 5, 0), _JOB_RESOURCES_1 + _JOB_RESOURCES_2 + _JOB_RESOURCES_3),
    ("job_resources_t", (24, 11, 0), _JOB_RESOURCES_1 + _NEXT_STEP + _JOB_RESOURCES_2 + _JOB_RESOURCES_3),
    ("job_resources_t", (26, 5, 0), _JOB_RESOURCES_1 + _NEXT_STEP + _JOB_RESOURCES_2 + _NODE_RANKS + _JOB_RESOURCES_3),
    (
        "cron_entry_t",
        (22, 5, 0),
        (
            ("flags", "uint32_t"), ("minute", "bitstr_t *"), ("hour", "bitstr_t *"), ("day_of_month", "bitstr_t *"),
            ("month", "bitstr_t *"), ("day_of_week", "bitstr_t *"), ("cronspec", "char *"), ("command", "char *"),
            ("line_start", "uint32_t"), ("line_end", "uint32_t"),
        ),
    ),
    (
        "xlist",
        (22, 5, 0),
        (
            ("magic", "uint32_t"), ("head", "struct listNode *"), ("tail", "struct listNode **"), ("iNext", "void *"),
            ("fDel", "void *"), ("count", "int32_t"),
        ),
    ),
    (
        "xlist",
        (24, 11, 0),
        (
            ("magic", "uint32_t"), ("count", "int32_t"), ("head", "struct listNode *"), ("tail", "struct listNode **"),
            ("iNext", "void *"), ("fDel", "void *"),
        ),
    ),
    ("listNode", (22, 5, 0), (("data", "void *"), ("next", "struct listNode *"))),
)  # fmt: skip
"""(struct, first release, members in order as (name, C type)). Of one struct the newest that is not too new applies.

xlist is what a list_t is, as far as it is read here: its lock and its free nodes follow."""

_SIZES = {"uint8_t": 1, "uint16_t": 2, "uint32_t": 4, "int32_t": 4}


def private_structs(release: Release) -> dict[str, Any]:
    """Give the private structs of *release* in the form of a layout file: size, and [name, C type, offset]."""
    newest = {name: members for name, since, members in PRIVATE if since <= release}
    return {name: _laid_out(members) for name, members in newest.items()}


def _laid_out(members: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """Place members as C does on LP64: each at a multiple of its size, the whole a multiple of a pointer's."""
    placed, position = [], 0
    for name, c_type in members:
        size = _SIZES.get(c_type, 8)
        position = -(-position // size) * size
        placed.append([name, c_type, position])
        position += size
    return {"size": -(-position // 8) * 8, "members": placed}
