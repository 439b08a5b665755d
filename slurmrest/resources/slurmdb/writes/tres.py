"""TRES: slurmctld tells slurmdbd which there are, by AccountingStorageTRES; nobody else can add one."""

from __future__ import annotations

from typing import Any

from libslurm.conditions import condition

from ....data_parser.parse import Problem
from ....data_parser.tables import TABLES
from ....errors import Problems
from .batch import Batch, Subject, text


def write(batch: Batch, record: Any) -> None:
    """Accept a TRES that is there. Raises: Problems 422 for any other."""
    kind, name = text(record.type), text(record.name)
    if not is_there(batch, kind, name):
        what = f"{kind}/{name}" if name else kind
        problem = f"TRES {what} cannot be added: slurmctld adds those of AccountingStorageTRES in slurm.conf"
        raise Problems([Problem(problem, batch.context.source, "ESLURM_NOT_SUPPORTED")])


def is_there(batch: Batch, kind: str, name: str) -> bool:
    """Whether slurmdbd knows a TRES; it lists one that is deleted too, which only marks where others begin."""
    with batch.db.tres(condition(batch.db, batch.arena, "slurmdb_tres_cond_t", "with_deleted")) as found:
        return (kind.lower(), name.lower()) in {(text(one.type).lower(), text(one.name).lower()) for one in found}


TRES = Subject("TRES", TABLES["TRES"], write)
