"""jobs, job/{job_id}: what was accounted for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import falcon

from libslurm.conditions import condition
from libslurm.memory import Arena, decode, record_at

from ...data_parser.parse import Problem
from ...data_parser.parser import Records
from ...data_parser.tables import TABLES
from ...errors import Problems
from ...exchange import query
from .job_query import every_job, job_query, kept, step_list
from .reading import Reading

if TYPE_CHECKING:
    from libslurm.accounting import Accounting

AT_ONCE = 2000
"""Associations asked for in one call."""


class Accounted(Reading):
    """A URL that shows accounted jobs."""

    key, table = "jobs", TABLES["JOB"]

    @property
    def job_class(self) -> Any:
        """The record of a job."""
        return self.cluster.library.layout.record("slurmdb_job_rec_t")

    def learn(self, db: Accounting, addresses: Sequence[int]) -> None:
        """Ask for the associations that jobs ran under, where they are not known yet."""
        known, record_class = self.parser.names.known, self.job_class
        jobs = (record_at(record_class, address) for address in addresses)
        under = {(decode(job.cluster), job.associd) for job in jobs}
        unknown = [one for one in under if one[1] and known.association(*one) is None]
        for start in range(0, len(unknown), AT_ONCE):
            known.learn_associations(associations(db, unknown[start : start + AT_ONCE]))


class Jobs(Accounted):
    """/slurmdb/v0.0.39/jobs"""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """List the jobs that the query asks for, without one all there are."""
        wanted, arena = job_query(req, self.parser.names), Arena()
        with self.slurmdb(req, "Unable to query jobs") as db:
            found = db.jobs(wanted.condition(db, arena))
            addresses: Sequence[int] = found.addresses()
            test = wanted.keeps()
            if test is not None:
                addresses = list(kept(addresses, test, self.job_class))
            self.learn(db, addresses)
            if not addresses:
                req.context.exchange.warn("Found nothing", "slurmdb_jobs_get()")
            # The first records are encoded while there is a connection left to ask what an id stands for.
            records = Records(self.parser, self.table, addresses)
            req.context.exchange.answer_all(resp, self.key, records, None, found.close)


class Job(Accounted):
    """/slurmdb/v0.0.39/job/{job_id}"""

    def on_get(self, req: falcon.Request, resp: falcon.Response, job_id: str) -> None:
        """Show a job: of an array every task, of a heterogeneous job every component, or just what is named."""
        query(req)
        arena = Arena()
        with self.slurmdb(req, f"Unable to query JobId={job_id}") as db:
            record = every_job(db, arena, cluster_list=[db.library.configuration().cluster_name])
            record.step_list = step_list(db, arena, [job_id])
            with db.jobs(record) as found:
                self.learn(db, found.addresses())
                documents = self.documents(self.table, found)
        if not documents:
            problem = Problem(f"Unable to query JobId={job_id}", "slurmdb_jobs_get()", "ESLURM_INVALID_JOB_ID")
            raise Problems([problem], payload={"jobs": []})
        self.answer_tagged(req, resp, {"jobs": documents})


def associations(db: Accounting, wanted: Sequence[tuple[str, int]]) -> dict[tuple[str, int], tuple[str, str, str]]:
    """Fetch associations by cluster and number, deleted ones too: their account, partition and user."""
    clusters, numbers = {cluster for cluster, _ in wanted}, {str(number) for _, number in wanted}
    arena, lists = Arena(), {"cluster_list": sorted(clusters), "id_list": sorted(numbers)}
    asked = ("with_deleted", "without_parent_info", "without_parent_limits")
    with db.associations(condition(db, arena, "slurmdb_assoc_cond_t", *asked, **lists)) as found:
        return {
            (decode(one.cluster), one.id): (decode(one.acct), decode(one.partition), decode(one.user)) for one in found
        }
