"""What a document says of a record, compared after the commit with what slurmdbd has: one query for each kind."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from libslurm.lists import Bitstring, texts
from libslurm.memory import decode

from ....data_parser.fresh import UNSET
from ....data_parser.tres import tres_counts
from ....data_parser.types import INFINITE, INFINITE64, NO_VAL
from .limits import OFF, tres_members

if TYPE_CHECKING:
    from libslurm.owned import OwnedList

    from .batch import Batch

Key = tuple[str, ...]
Said = dict[str, Any]

TEXTS = {
    "slurmdb_account_rec_t": ("description", "organization"),
    "slurmdb_assoc_rec_t": ("parent_acct",),
    "slurmdb_qos_rec_t": ("description",),
    "slurmdb_user_rec_t": ("default_acct", "default_wckey"),
}
"""Struct -> the texts that are compared, without their case, by which slurmdbd tells no names apart."""

NUMBERS = {**UNSET, "slurmdb_user_rec_t": ("admin_level",)}
"""Struct -> the numbers that are compared."""

NONE = (INFINITE, 0xFFFF, INFINITE64, NO_VAL, 0xFFFE)
"""No limit, in every size; slurmdbd is told the first ones, and says either."""

DEFAULTS = ("def_qos_id", "grace_time", "limit_factor", "preempt_mode", "priority", "shares_raw", "usage_factor")
"""What becomes 0 or 1 where it is to be none."""

FLAGS = 0x0FFFFFFF
"""The bits of a QOS's flags that are flags; those above say how they are to be changed."""


@dataclass(frozen=True, eq=False)
class Kind:
    """One kind of records. key: of a record, what names it. fetch: those of some keys, and perhaps others."""

    what: str
    struct: str
    key: Callable[[Any], Key]
    fetch: Callable[[Batch, Collection[Key]], OwnedList]

    def said(self, batch: Batch, record: Any) -> Said:
        """What *record* says, in the form in which it is compared. It must be as parsed, not yet the changes."""
        blank, named = batch.fresh(self.struct), self._values(batch, record)
        said = {name: value for name, value in named.items() if getattr(record, name) != getattr(blank, name)}
        if said.get("is_def") == 0:
            del said["is_def"]
        if "flags" in said and record.flags != said["flags"]:
            del said["flags"]
        return said

    def faults(self, batch: Batch, said: Mapping[Key, Said]) -> Iterator[str]:
        """Say what slurmdbd has not, or has otherwise."""
        with self.fetch(batch, said) as found:
            stored = {_folded(self.key(record)): self._values(batch, record) for record in found}
        for key, wanted in said.items():
            has = stored.get(_folded(key))
            what = " ".join((self.what, "/".join(filter(None, key))))
            if has is None:
                yield what
            else:
                yield from (f"{name} of {what}" for name, value in wanted.items() if not _same(name, value, has[name]))

    def _values(self, batch: Batch, record: Any) -> Said:
        library, members = batch.library, batch.library.layout.structs[self.struct].members
        values: Said = {name: decode(getattr(record, name)).lower() for name in TEXTS[self.struct]}
        values |= {name: getattr(record, name) for name in NUMBERS.get(self.struct, ()) if name in members}
        for name in tres_members(self.struct, library.layout):
            counts = tres_counts(decode(getattr(record, name))).items()
            values[name] = {number: count for number, count in counts if count % (1 << 64) != OFF}
        if "qos_list" in members:
            values["qos_list"] = set(texts(library, record.qos_list)) - {""}
        if "preempt_list" in members:
            said, bits = texts(library, record.preempt_list), Bitstring(library, record.preempt_bitstr)
            values["preempt_list"] = {int(one) for one in said if one.isdigit()} | {bit for bit in bits if bit}
            values["flags"] = record.flags & FLAGS
        if "default_wckey" in values:
            values["default_wckey"] = values["default_wckey"].removeprefix("*")
        return values


def _folded(key: Key) -> Key:
    return tuple(part.lower() for part in key)


def _same(name: str, wanted: Any, has: Any) -> bool:
    """Tell whether what is stored is what was said."""
    if not isinstance(wanted, (int, float)):
        return bool(wanted == has)
    if wanted in NONE:
        return has in NONE or (name in DEFAULTS and has in (0, 1))
    # slurmdbd writes six places of a factor.
    return math.isclose(wanted, has, rel_tol=1e-9, abs_tol=1e-6)
