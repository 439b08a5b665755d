"""Batch: one transaction with slurmdbd, and the document that asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from libslurm.errors import SlurmError
from libslurm.lists import UNSAFE
from libslurm.memory import Arena, decode

from ....data_parser.fresh import fresh
from ....data_parser.parse import Problem, kind_of
from ....errors import Problems

if TYPE_CHECKING:
    from libslurm.accounting import Accounting

    from ....data_parser.convert import JSON
    from ....data_parser.fields import Table
    from ....data_parser.parser import Parser
    from .stored import Key, Kind, Said

LONGEST = 255
"""Bytes of a name that MariaDB keeps; slurmdbd lets it cut off the rest."""

LONG = {"description": 65535, "organization": 65535}
"""Keys of texts that may be longer."""

INVALID = "ESLURM_REST_INVALID_QUERY"


@dataclass
class Subject:
    """What a document may hold a list of.

    key: of the list, in any case. table: of its elements. write: one of them. begin: what is done with each of them
    before the first is written.
    """

    key: str
    table: Table
    write: Callable[[Batch, Any], None]
    begin: Callable[[Batch, Any], None] | None = None


class Batch:
    """One transaction: what is written, what must be there afterwards, and how to undo what slurmdbd cannot.

    db: slurmdbd over a connection of its own. context: of the parse, with the path and the warnings. several: whether
    the document may hold more than one subject.
    """

    def __init__(self, parser: Parser, db: Accounting) -> None:
        self.parser, self.db, self.library = parser, db, parser.library
        self.arena = Arena()
        self.context = parser.context(self.arena)
        self.several = False
        self._after: list[tuple[str, Callable[[], bool]]] = []
        self._stored: dict[Kind, dict[Key, Said]] = {}
        self._later: list[tuple[str, Callable[[], None]]] = []
        self._undo: list[Callable[[], None]] = []

    @property
    def cluster(self) -> str:
        """The cluster that is meant where none is named."""
        return self.library.configuration().cluster_name

    def fresh(self, struct: str) -> Any:
        """Make a record in which nothing is said."""
        return fresh(struct, self.library.layout, self.arena)

    def write(self, document: JSON, *subjects: Subject) -> None:
        """Write what *document* holds of each subject. Raises: Problems; then nothing may be committed."""
        if not isinstance(document, dict):
            raise self.refusal("ESLURM_DATA_EXPECTED_DICT", f"Expected dictionary but got {kind_of(document)}")
        keys = {key.lower(): key for key in document}
        self.several = len(subjects) > 1
        for subject in subjects:
            key = keys.pop(subject.key.lower(), None)
            if key is not None and document[key] is not None:
                self._write_list(subject, key, document[key])
            elif not self.several:
                self.context.warn(f'ignoring empty or non-existent "{subject.key}" array')
        for key in set(keys.values()) - {"meta", "errors", "warnings"}:
            with self.context.at(key):
                self.context.warn(f'Unknown key "{key}" was ignored')
        for path, action in self._later:
            with self.context.at(path):
                action()

    def commit(self) -> None:
        """Read it, store it, and read it again. Raises: Problems where it is not as it should be; SlurmError."""
        # From 24.11 on slurmdbd says of some associations that it refuses that it added them. Coordinators it shows
        # only when they are stored.
        if otherwise := ", ".join(self._faults()):
            text = f"slurmdbd refused it, or did otherwise: {otherwise}"
            raise Problems([Problem(text, "", "SLURM_ERROR")], self.context.warnings, status=422)
        self.db.commit()
        self._undo.clear()
        # slurmdbd's transaction may have begun anew within the commit, and would show that time for ever.
        self.db.rollback()
        missing = [what for what, is_there in self._after if not is_there()]
        if otherwise := ", ".join((*missing, *self._faults())):
            text = f"slurmdbd stored it, and has it not, or otherwise: {otherwise}"
            raise Problems([Problem(text, "slurmdb_connection_commit()", "ESLURM_DB_CONNECTION")])

    def _faults(self) -> Iterator[str]:
        """Say what slurmdbd has otherwise than it was said."""
        for kind, said in self._stored.items():
            yield from kind.faults(self, said)

    def undo(self) -> None:
        """Undo everything, also what no rollback undoes. A connection that failed is undone by slurmdbd itself."""
        if self._undo and not self.db.connection.failed:
            self.db.rollback()
            for action in reversed(self._undo):
                action()

    def expect(self, what: str, is_there: Callable[[], bool]) -> None:
        """Have something looked at after the commit. what: for the error where it is not as it should be."""
        self._after.append((what, is_there))

    def expect_stored(self, kind: Kind, key: Key, said: Said) -> None:
        """Have a record compared with what was said of it, before and after the commit; the last word counts."""
        self._stored.setdefault(kind, {}).setdefault(key, {}).update(said)

    def later(self, path: str, action: Callable[[], None]) -> None:
        """Do something after all else was written."""
        self._later.append((path, action))

    def undoing(self, action: Callable[[], None]) -> None:
        """Have something done where the transaction fails."""
        self._undo.append(action)

    def refusal(self, name: str, text: str, status: int | None = None) -> Problems:
        """Make the error for where the document is now. name: Slurm's. status: where it is not that name's."""
        return Problems([Problem(text, self.context.source, name)], self.context.warnings, status=status)

    @contextmanager
    def blaming(self) -> Iterator[None]:
        """Give an error of slurmdbd that says nothing the path of what it is about.

        It is the request's fault: of a slurmdbd that is away another error tells.
        """
        try:
            yield
        except SlurmError as error:
            if error.name not in ("", "SLURM_ERROR"):
                raise
            raise self.refusal("SLURM_ERROR", f"slurmdbd refused it: {error.function}()", 422) from error

    def _write_list(self, subject: Subject, key: str, documents: JSON) -> None:
        with self.context.at(key):
            if documents == {}:
                documents = []
            if not isinstance(documents, list):
                raise self.refusal("ESLURM_DATA_EXPECTED_LIST", f"Expected list but got {kind_of(documents)}")
            records = [self._parse(subject.table, index, one) for index, one in enumerate(documents)]
            if self.context.errors:
                raise Problems(self.context.errors, self.context.warnings)
            for step in filter(None, (subject.begin, subject.write)):
                for index, record in enumerate(records):
                    with self.context.at(index), self.blaming():
                        step(self, record)
            if self.context.errors:
                raise Problems(self.context.errors, self.context.warnings)

    def _parse(self, table: Table, index: int, document: JSON) -> Any:
        record = self.fresh(table.struct or "")
        with self.context.at(index):
            self._refuse_unsafe(document)
            self.parser.parse(table, document, record, self.context)
        return record

    def _refuse_unsafe(self, document: JSON, longest: int = LONGEST) -> None:
        if isinstance(document, str):
            if UNSAFE.search(document):
                self.context.error(INVALID, "slurmdbd cannot store quotes ('), backslashes and control characters")
            elif len(document.encode("utf-8", "replace")) > longest:
                self.context.error(INVALID, f"slurmdbd stores {longest} bytes of it at most")
        elif isinstance(document, dict):
            for key, value in document.items():
                with self.context.at(key):
                    self._refuse_unsafe(value, LONG.get(key, LONGEST))
        elif isinstance(document, list):
            for index, value in enumerate(document):
                with self.context.at(index):
                    self._refuse_unsafe(value)


def text(value: bytes | None) -> str:
    """A member that is a text; "" for NULL."""
    return decode(value)
