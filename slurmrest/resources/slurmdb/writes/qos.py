"""QOS: limits, flags, preemption."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from libslurm.conditions import condition
from libslurm.lists import Bitstring, text_list, texts
from libslurm.memory import Arena

from ....data_parser.tables import TABLES
from ..base import catalogue
from .batch import INVALID, Batch, Subject, text
from .limits import differ
from .stored import Key, Kind

if TYPE_CHECKING:
    from libslurm.accounting import Accounting
    from libslurm.owned import OwnedList

STRUCT = "slurmdb_qos_rec_t"


def begin(batch: Batch, record: Any) -> None:
    """Add a new QOS that the rest of the document may use: slurmdbd lets nothing use one that is not stored yet."""
    name = text(record.name)
    if not batch.several or not name or record.id or is_there(batch, name):
        return
    made = batch.fresh(STRUCT)
    made.name = made.description = name.encode()
    batch.undoing(lambda: _undo(batch, name))
    batch.db.add_qos([made])
    batch.db.commit()
    batch.parser.names.known.learn(catalogue(batch.db))


def _undo(batch: Batch, name: str) -> None:
    if remove(batch.db, name):
        batch.db.commit()
    batch.parser.names.known.learn(catalogue(batch.db))


def write(batch: Batch, record: Any) -> None:
    """Add or modify one QOS, named by its name, its id, or both."""
    name, number = text(record.name), record.id
    if not name and not number:
        raise batch.refusal(INVALID, "A QOS has a name")
    said = KIND.said(batch, record)
    with batch.db.qos(named(batch.db, batch.arena, name, number)) as found:
        present = next(iter(found), None)
        if present is None and number:
            raise batch.refusal(INVALID, f"There is no QOS {name} with the id {number}")
        if present is None:
            record.description = record.description or record.name
            record.preempt_list = _list(batch, _preempted(batch, record))
            batch.db.add_qos([record])
        else:
            name, number = text(present.name), present.id
            differ(record, present, STRUCT, batch.library.layout)
            record.preempt_list = _list(batch, _preemption(batch, record, present))
            record.name, record.id = None, 0
            batch.db.modify_qos(named(batch.db, batch.arena, name, number), record)
    batch.expect_stored(KIND, (name,), said)


def _preempted(batch: Batch, record: Any) -> list[str]:
    """The ids in a list of what is preempted."""
    return [one for one in texts(batch.library, record.preempt_list) if one.isdigit()]


def _preemption(batch: Batch, record: Any, present: Any) -> list[str]:
    """What changes in what a QOS preempts: "+3", "-4"; nothing where the document does not say.

    slurmdbd cannot be told the whole list where that is empty, nor the one that it has without calling it a loop.
    """
    if not record.preempt_list:
        return []
    wanted = _preempted(batch, record)
    # Bit 0 is no QOS.
    had = [str(bit) for bit in Bitstring(batch.library, present.preempt_bitstr) if bit]
    more = [f"+{number}" for number in wanted if number not in had]
    return more + [f"-{number}" for number in had if number not in wanted]


def _list(batch: Batch, values: list[str]) -> int | None:
    return text_list(batch.library, batch.arena, values) if values else None


def is_there(batch: Batch, name: str) -> bool:
    """Whether slurmdbd knows a QOS."""
    with batch.db.qos(named(batch.db, batch.arena, name)) as found:
        return len(found) > 0


def _fetch(batch: Batch, keys: Collection[Key]) -> OwnedList:
    return batch.db.qos(condition(batch.db, batch.arena, "slurmdb_qos_cond_t", name_list=[name for (name,) in keys]))


KIND = Kind("QOS", STRUCT, lambda record: (text(record.name),), _fetch)


def named(db: Accounting, arena: Arena, name: str, number: int = 0) -> Any:
    """The condition that one QOS matches. name, number: "" and 0 for any."""
    names, numbers = [name] if name else None, [str(number)] if number else None
    return condition(db, arena, "slurmdb_qos_cond_t", name_list=names, id_list=numbers)


def remove(db: Accounting, name: str) -> list[str]:
    """Remove one QOS. Returns: the names removed; none where there is none."""
    arena = Arena()
    return db.remove_qos(named(db, arena, name))


QOS = Subject("qos", TABLES["QOS"], write, begin)
