"""Records built by hand for the tests of computed values, and Names that need no libslurm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from libslurm import lists
from libslurm.layout import Layout
from libslurm.memory import Arena, address_of
from slurmrest.data_parser import reference
from slurmrest.data_parser.bind import bind
from slurmrest.data_parser.compile import compile_dump
from slurmrest.data_parser.fields import V0_0_39, Version
from slurmrest.data_parser.parse import Context, ConversionError, parse_record
from slurmrest.data_parser.tables import TABLES

from .records import library

OLD, NEW = Layout.exact((22, 5, 0)), Layout.exact((25, 11, 0))
V0_0_39_8: Version = (39, 8)
LAYOUTS = [Layout.exact(release) for release in Layout.releases()]


@dataclass
class FakeNames:
    """Names without a libslurm; bitmaps are the keys of *bitmaps*."""

    layout: Layout = OLD
    bitmaps: dict[int, list[int]] = field(default_factory=dict)
    allocation: tuple[Any, ...] = (3, 512, "cpu=3,mem=512M", 3.5)

    @property
    def library(self) -> Any:
        """Give what is used of a Library."""
        return SimpleNamespace(layout=self.layout, node_allocation=lambda _address: self.allocation)

    def user(self, uid: int) -> str:
        """As Names.user."""
        return {0: "root", 1001: "restd"}.get(uid, "")

    def bits(self, bitmap: int) -> list[int]:
        """Give the bits that the test set."""
        return self.bitmaps.get(bitmap, [])

    def expand_hostlist(self, hosts: str) -> list[str]:
        """Split at commas."""
        return hosts.split(",") if hosts else []

    def hosts(self, hosts: str) -> tuple[str, ...]:
        """Split at commas."""
        return tuple(self.expand_hostlist(hosts))

    def step_distribution(self, number: int) -> str:
        """Give a made-up name."""
        return f"Distribution{number}"

    def database_message(self, number: int) -> str:
        """Give a made-up name."""
        return f"DBD_{number}"

    def tres(self, number: int) -> tuple[str, str]:
        """Know two."""
        return {1: ("cpu", ""), 1001: ("gres", "gpu")}.get(number, ("", ""))

    def tres_id(self, type_: str, name: str) -> int | None:
        """Know the same two."""
        return {("cpu", ""): 1, ("gres", "gpu"): 1001}.get((type_.lower(), name.lower()))

    def qos(self, number: int) -> str | None:
        """Know two."""
        return {1: "normal", 4: "high"}.get(number)

    def qos_id(self, name: str) -> int | None:
        """Know the same two."""
        return {"normal": 1, "high": 4}.get(name.lower())

    def elements(self, address: int) -> Sequence[int]:
        """Read a real list."""
        return lists.elements(library(), address)

    def texts(self, address: int) -> list[str]:
        """Read a real list."""
        return lists.texts(library(), address)

    def make_list(self, addresses: list[int], arena: Arena) -> int:
        """Make a real list."""
        made: lists.List = arena.keep(lists.List(library(), addresses))
        return made.address

    def group(self, gid: int) -> str | None:
        """As Names.group."""
        return "root" if gid == 0 else None

    def job_state(self, number: int) -> str:
        """Give a made-up name."""
        return f"STATE_{number}"

    def job_reason(self, number: int) -> str:
        """Give a made-up name."""
        return f"REASON_{number}"

    def if_cores_allocated(self, count: int) -> int:
        """This cluster allocates cores."""
        return count

    def if_cpus_allocated(self, _count: int) -> int:
        """This cluster allocates cores."""
        return 0

    def step_id(self, step: int) -> str:
        """As Names.step_id."""
        return "batch" if step == 0xFFFFFFFB else str(step)

    def message_type(self, number: int) -> str:
        """Give a made-up name."""
        return f"MESSAGE_{number}"

    def error_text(self, number: int) -> str:
        """Give a made-up text."""
        return f"error {number}"

    def task_distribution(self, number: int) -> str:
        """Know two distributions."""
        return {3: "plane", 4: "block:cyclic"}.get(number, "unknown")

    def parse_distribution(self, text: str) -> tuple[int, int | None]:
        """Know these two."""
        return (3, int(text[6:])) if text.startswith("plane=") else (4, None)

    def parse_cpu_frequency(self, text: str) -> tuple[int, int, int]:
        """Know one text."""
        if text != "low-high:OnDemand":
            raise ConversionError("ESLURM_DATA_CONV_FAILED", f'Invalid CPU frequency "{text}"')
        constants = self.layout.constants
        return tuple(constants[f"CPU_FREQ_{name}"] for name in ("LOW", "HIGH", "ONDEMAND"))  # type: ignore[return-value]


class Made:
    """A record of a table, and its documents."""

    def __init__(self, table: str, layout: Layout = OLD, names: FakeNames | None = None, **values: Any) -> None:
        self.table, self.layout, self.names = TABLES[table], layout, names or FakeNames(layout)
        self.arena = Arena()
        self.record = self.arena.record(layout.record(self.table.struct or ""))
        for name, value in values.items():
            setattr(self.record, name, value)

    def array(self, kind: Any, *values: int) -> int:
        """Put a C array where the record can point to it."""
        return self.arena.array(kind, values)

    def dump(self, version: Version = V0_0_39) -> dict[str, Any]:
        """Dump by both ways, which must agree."""
        names: Any = self.names
        expected = reference.dump(bind(self.table, version, self.layout), address_of(self.record), names)
        found: dict[str, Any] = compile_dump(self.table, version, self.layout)(address_of(self.record), names)
        assert found == expected
        return found

    def parse(self, document: dict[str, Any], version: Version = V0_0_39) -> Context:
        """Parse *document* into the record; what was found is in the context."""
        names: Any = self.names
        context = Context(names, self.arena)
        parse_record(document, self.record, bind(self.table, version, self.layout), context)
        return context
