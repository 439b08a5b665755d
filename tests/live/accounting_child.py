"""A process of its own that uses the bindings of slurmdbd, like bindings_child."""

from __future__ import annotations

import os
import statistics
import threading
import time
from typing import Any

from libslurm import (
    Accounting,
    Accountings,
    Arena,
    Connection,
    Identity,
    SlurmError,
    TokenIdentity,
    address_of,
    elements,
    record_at,
    text_list,
)
from libslurm.memory import decode
from tests.live.bindings_child import Child, serve

READS = ("accounts", "associations", "clusters", "jobs", "qos", "tres", "users", "wckeys")


class AccountingChild(Child):
    """The commands."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = Accountings(self.library)
        self.brief = Accountings(self.library, limit=2, idle=0.2, age=0.1)
        self.connection: Connection | None = None

    def who(self, token: str | None) -> Identity:
        """A token's user, or the own."""
        return TokenIdentity(self.library, token) if token else self.own

    def read(self, what: str, token: str | None = None) -> list[str]:
        """The names of everything, or the users of all jobs and associations."""
        member = {"jobs": "user", "associations": "user", "tres": "type"}.get(what, "name")
        with self.pool.reading(self.who(token)) as db, getattr(db, what)() as found:
            return [decode(getattr(record, member)) for record in found]

    def seconds(self, times: int) -> float:
        """The median time of reading all TRES over one connection."""
        with self.pool.reading(self.own) as db:
            return statistics.median(self.timed(db) for _ in range(times))

    def timed(self, db: Accounting) -> float:
        """The time that one call takes."""
        began = time.perf_counter()
        db.tres().close()
        return time.perf_counter() - began

    def kept(self) -> int:
        """How many connections are kept."""
        return self.pool.kept

    def descriptors(self) -> int:
        """How many files and sockets are open."""
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208

    def users_of_jobs(self, tokens: dict[str, str], threads: int, calls: int) -> dict[str, Any]:
        """Let threads list accounted jobs as one user after another. Returns: the calls, and what was wrong."""
        wrong: list[Any] = []
        made: list[int] = []
        turns = list(tokens.items())

        def work(number: int) -> None:
            for call in range(calls):
                user, token = turns[(number + call) % len(turns)]
                found = set(self.read("jobs", token))
                wrong.extend((user, other) for other in found - {user})
                wrong.extend((user, "sees nothing") for _ in range(not found))
                made.append(call)

        running = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
        return {"made": len(made), "wrong": wrong, "kept": self.pool.kept}

    def add(self, account: str, token: str | None = None, *, commit: bool = True) -> None:
        """Add an account, with its association on this cluster."""
        with self.pool.writing(self.who(token)) as db:
            self.added(db, account)
            if commit:
                db.commit()

    def added(self, db: Accounting, name: str) -> None:
        """Add an account; nothing is committed."""
        account, association = db.condition("slurmdb_account_rec_t"), db.condition("slurmdb_assoc_rec_t")
        account.name = association.acct = name.encode()
        account.description = account.organization = b"bindings"
        association.parent_acct = b"root"
        association.cluster = self.library.configuration().cluster_name.encode()
        db.add_accounts([account])
        db.add_associations([association])

    def change(self, account: str, description: str) -> list[str]:
        """Change an account's description."""
        with self.pool.writing(self.own) as db:
            arena = Arena()
            record = db.condition("slurmdb_account_rec_t")
            record.description = description.encode()
            names = db.modify_accounts(self.of(db, arena, "slurmdb_account_cond_t", account), record)
            db.commit()
        return names

    def remove(self, account: str) -> list[str]:
        """Remove an account."""
        with self.pool.writing(self.own) as db:
            arena = Arena()
            names = db.remove_accounts(self.of(db, arena, "slurmdb_account_cond_t", account))
            db.commit()
        return names

    def of(self, db: Accounting, arena: Arena, struct: str, account: str) -> Any:
        """A condition that an account matches."""
        condition, associations = arena.keep(db.condition(struct)), arena.keep(db.condition("slurmdb_assoc_cond_t"))
        associations.acct_list = text_list(self.library, arena, [account])
        condition.assoc_cond = address_of(associations)
        return condition

    def coordinators(self, account: str, user: str) -> list[list[str]]:
        """Who coordinates an account, before and after a user was added, and after the user was removed."""
        seen = [self.coordinators_of(account)]
        with self.pool.writing(self.own) as db:
            db.add_coordinators([account], [user])
            db.commit()
        seen.append(self.coordinators_of(account))
        with self.pool.writing(self.own) as db:
            db.remove_coordinators([account], [user])
            db.commit()
        return [*seen, self.coordinators_of(account)]

    def coordinators_of(self, account: str) -> list[str]:
        """The users whom slurmdbd lists with that account to coordinate."""
        with self.pool.reading(self.own) as db:
            condition = db.condition("slurmdb_user_cond_t")
            condition.with_coords = 1
            with db.users(condition) as users:
                return [decode(user.name) for user in users if account in self.coordinated(user)]

    def coordinated(self, user: Any) -> list[str]:
        """The accounts that a user coordinates."""
        record = self.library.layout.record("slurmdb_coord_rec_t")
        found: list[Any] = [record_at(record, address) for address in elements(self.library, user.coord_accts)]
        return [decode(one.name) for one in found]

    def open(self) -> None:
        """Open a connection, and use it."""
        self.connection = Connection(self.library, self.own)
        Accounting(self.connection).tres().close()

    def reuse(self) -> int:
        """Use that connection again. Returns: how many TRES there are."""
        assert self.connection
        with Accounting(self.connection).tres() as found:
            return len(found)

    def write(self, account: str) -> None:
        """Add an account over that connection, and commit nothing."""
        assert self.connection
        self.added(Accounting(self.connection), account)

    def commit(self) -> None:
        """Commit over that connection."""
        assert self.connection
        self.connection.commit()

    def commit_as_libslurm_does(self) -> None:
        """Commit over that connection by the C function alone."""
        assert self.connection
        with self.own.acting():
            self.library.c.slurmdb_connection_commit(self.connection._address, True)  # noqa: FBT003, SLF001

    def close(self) -> None:
        """Close that connection."""
        assert self.connection
        self.connection.close()

    def limits(self, tokens: dict[str, str]) -> list[int]:
        """How many connections are kept after one for each user, then once all were idle for long enough."""
        for token in tokens.values():
            with self.brief.reading(self.who(token)) as db:
                db.tres().close()
        counts, deadline = [self.brief.kept], time.monotonic() + 10
        while self.brief.kept and time.monotonic() < deadline:
            threading.Event().wait(0.05)
        return [*counts, self.brief.kept]

    def ages(self) -> bool:
        """Whether a connection is given again to who used it, but not once it is too old."""
        with self.brief.reading(self.own) as first:
            first.tres().close()
        with self.brief.reading(self.own) as second:
            second.tres().close()
            assert second.connection is first.connection
        deadline = first.connection.opened + 0.11
        threading.Event().wait(max(0.0, deadline - time.monotonic()))
        with self.brief.reading(self.own) as third:
            return third.connection is not first.connection

    def once_read(self, what: str, token: str | None = None) -> None:
        """Read everything of one kind."""
        self.read(what, token)

    def once_opened(self) -> None:
        """Open a connection, use it, close it."""
        self.open()
        self.close()

    def once_diag(self) -> None:
        """Fetch slurmdbd's counters."""
        with self.pool.reading(self.own) as db:
            db.statistics().close()

    def once_written(self) -> None:
        """Add an account, change it, coordinate it, remove it."""
        self.add("bindings")
        self.change("bindings", "changed")
        self.remove("bindings")

    def once_refused_write(self) -> None:
        """Add what slurmdbd refuses: an account that is not described."""
        try:
            with self.pool.writing(self.own) as db:
                account = db.condition("slurmdb_account_rec_t")
                account.name = b"bindings_nobody_has"
                db.add_accounts([account])
        except SlurmError:
            return
        raise AssertionError

    def once_refused_token(self, token: str) -> None:
        """Read with a token that slurmdbd refuses, or while there is none."""
        try:
            self.read("tres", token)
        except SlurmError:
            return
        raise AssertionError

    def once_down(self) -> None:
        """Read while there is no slurmdbd."""
        try:
            self.read("tres")
        except SlurmError:
            return
        raise AssertionError


if __name__ == "__main__":
    serve(AccountingChild())
