"""The data parser as the app uses it: one API version of one loaded libslurm."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from libslurm.memory import Arena

from .bind import bind
from .compile import Dump, compile_dump
from .convert import JSON
from .encode import Encoder, make_encoder
from .fields import V0_0_39, Table, Version
from .names import Names
from .parse import Context, parse_record

if TYPE_CHECKING:
    from libslurm.library import Library


class Parser:
    """Dumps and parses the tables of one API version against one libslurm."""

    def __init__(self, library: Library, version: Version = V0_0_39) -> None:
        self.library, self.version = library, version
        self.names = Names(library)
        self._encoders: dict[tuple[str, bool], Encoder] = {}
        self._lock = threading.Lock()

    def dumper(self, table: Table) -> Dump:
        """Give the compiled dump of *table*, called with (address, names)."""
        return compile_dump(table, self.version, self.library.layout)

    def dump(self, table: Table, record: Any) -> JSON:
        """Make the document of one record. record: its address, or the object of a table without a struct."""
        return self.dumper(table)(record, self.names)

    def dump_all(self, table: Table, records: Iterable[Any]) -> Iterator[JSON]:
        """Make the documents of many records, one after the other."""
        dump, names = self.dumper(table), self.names
        return (dump(record, names) for record in records)

    def encoder(self, table: Table, *, pretty: bool) -> Encoder:
        """Give the encoder of *table* in a style, made once."""
        with self._lock:
            if (table.name, pretty) not in self._encoders:
                layout = self.library.layout
                encoder = make_encoder(table, self.version, layout, self.names, pretty=pretty)
                self._encoders[table.name, pretty] = encoder
            return self._encoders[table.name, pretty]

    def context(self, arena: Arena) -> Context:
        """Give the context of one parse. arena: holds what the records point to, as long as they are used."""
        return Context(self.names, arena)

    def parse(self, table: Table, document: JSON, record: Any, context: Context) -> bool:
        """Fill in *record* from *document*; what is wrong goes to *context*. Returns: whether there was no error."""
        return parse_record(document, record, bind(table, self.version, self.library.layout), context)


class Records(NamedTuple):
    """Records of one message, to be made documents or JSON. Good as long as the message is."""

    parser: Parser
    table: Table
    addresses: Sequence[int]

    def documents(self) -> Iterator[JSON]:
        """Make the documents, one after the other."""
        return self.parser.dump_all(self.table, self.addresses)

    def encoded(self, *, pretty: bool) -> Iterator[bytes]:
        """Give the documents as JSON, as they stand in an array, so many at a time."""
        return self.parser.encoder(self.table, pretty=pretty).chunks(self.addresses)
