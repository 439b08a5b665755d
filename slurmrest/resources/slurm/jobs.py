"""jobs, job/{job_id}, job/submit."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import falcon

from libslurm.memory import Arena

from ...data_parser.parse import ConversionError, Problem
from ...data_parser.special import parse_signal
from ...data_parser.tables import TABLES
from ...errors import Problems
from ...exchange import query, read_body, unchanged_since
from ..base import Collection, Readable, Resource, tolerated
from .job_id import JobId, parse_job_id
from .submission import Submission

if TYPE_CHECKING:
    from libslurm.owned import Owned

JOBS = Collection("jobs", TABLES["JOB_INFO"], "job_array")

WAITS = frozenset(
    {
        "ESLURM_NODES_BUSY", "ESLURM_RESERVATION_BUSY", "ESLURM_JOB_HELD", "ESLURM_NODE_NOT_AVAIL", "ESLURM_QOS_THRES",
        "ESLURM_ACCOUNTING_POLICY", "ESLURM_RESERVATION_NOT_USABLE", "ESLURM_REQUESTED_PART_CONFIG_UNAVAILABLE",
        "ESLURM_BURST_BUFFER_WAIT", "ESLURM_PARTITION_DOWN", "ESLURM_LICENSES_UNAVAILABLE", "ESLURM_PORTS_BUSY",
    }
)  # fmt: skip
"""What slurmctld says of a job that it took and that cannot start yet: a warning, as in 26.05, for the job is there."""


class Jobs(Readable):
    """/slurm/v0.0.39/jobs"""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """List jobs; 304 where the client has them and none changed."""
        message = self.slurm(req, "Unable to query jobs").load_jobs(unchanged_since(req))
        self.answer_all(req, resp, JOBS, message)


class Job(Readable):
    """/slurm/v0.0.39/job/{job_id}"""

    def on_get(self, req: falcon.Request, resp: falcon.Response, job_id: str) -> None:
        """Show a job: of an array every task, of a heterogeneous job every component, or just the one named."""
        query(req)
        wanted = self._job_id(req, job_id)
        with self.slurm(req, f"Unable to query JobId={job_id}").load_job(wanted.job) as message:
            records = JOBS.records(self.parser, message)
            if wanted.whole and records.addresses:
                self.answer_records(req, resp, JOBS.key, records)
                return
            found = [document for document in records.documents() if wanted.selects(document)]
        if not found:
            raise Problems([Problem(f"Unable to query JobId={job_id}", "job_id", "ESLURM_INVALID_JOB_ID")])
        self.answer(req, resp, jobs=found)

    def on_post(self, req: falcon.Request, resp: falcon.Response, job_id: str) -> None:
        """Change a job, an array task or a het component. The fields stand at the top of the document."""
        query(req)
        wanted = self._job_id(req, job_id)
        slurm = self.slurm(req, "Job update requested failed")
        record, context = slurm.new_job_description(), self.parser.context(Arena())
        record.job_id = wanted.job
        self.parse(TABLES["JOB_DESC_MSG"], read_body(req), record, context)
        record.job_id = wanted.job
        if not wanted.whole:
            record.job_id_str = wanted.text.encode()
        req.context.exchange.warnings += context.warnings
        self._answer_update(req, resp, slurm.update_job(record))

    def _answer_update(self, req: falcon.Request, resp: falcon.Response, message: Owned | None) -> None:
        """Answer with one result per task that slurmctld names, none where all went well."""
        if message is None:
            self.answer(req, resp, results=[])
            return
        with message:
            results = self.parser.dump(TABLES["JOB_ARRAY_RESPONSE_MSG"], message.address)["results"]
        payload: dict[str, Any] = {"results": results}
        if results:
            payload |= {"job_id": results[0]["job_id"], "step_id": None, "job_submit_user_msg": None}
        errors = [self._task_error(result) for result in results if result["error_code"]]
        if errors:
            raise Problems(errors, payload=payload)
        self.answer(req, resp, **payload)

    def _task_error(self, result: dict[str, Any]) -> Problem:
        name = self.cluster.library.layout.error_name(result["error_code"])
        return Problem(f"Update of job {result['job_id']} failed", "slurm_update_job2()", name)

    def on_delete(self, req: falcon.Request, resp: falcon.Response, job_id: str) -> None:
        """Signal a job, an array task or a het component; without `signal` kill it."""
        wanted = self._job_id(req, job_id)
        number = self._signal(query(req, "signal").get("signal"))
        slurm = self.slurm(req, f"Unable to send signal {number} to JobId={job_id}")
        flags = self.cluster.library.layout.constant("KILL_FULL_JOB")
        text = f"Job was already sent signal {number}, or has ended"
        with tolerated("ESLURM_ALREADY_DONE", req.context.exchange, text):
            slurm.kill_job(wanted.text, number, flags)
        self.answer(req, resp)

    def _signal(self, text: str | None) -> int:
        try:
            return parse_signal(text) if text is not None else signal.SIGKILL.value
        except ConversionError as error:
            raise Problems([Problem(error.text, "signal", "ESLURM_REST_INVALID_QUERY")]) from error

    def _job_id(self, req: falcon.Request, text: str) -> JobId:
        wanted = parse_job_id(text)
        if wanted.step is not None:
            req.context.exchange.warn(f'Step "{wanted.step}" was ignored: the whole job is meant', "job_id")
        return wanted


class JobSubmit(Resource):
    """/slurm/v0.0.39/job/submit"""

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Submit a job, or as one heterogeneous job the list under `jobs`."""
        query(req)
        slurm = self.slurm(req, "Batch job submission failed")
        submission = Submission(self.parser, slurm, read_body(req))
        req.context.exchange.warnings += submission.context.warnings
        with submission.submit() as message:
            result = self.parser.dump(TABLES["JOB_SUBMIT_RESPONSE_MSG"], message.address)
        self._answer_result(req, resp, result)

    def _answer_result(self, req: falcon.Request, resp: falcon.Response, result: dict[str, Any]) -> None:
        top = {key: result[key] for key in ("job_id", "step_id", "job_submit_user_msg")}
        payload = {"result": result, **top}
        if result["error_code"]:
            name = self.cluster.library.layout.error_name(result["error_code"])
            if name not in WAITS:
                raise Problems([Problem("", "slurm_submit_batch_job()", name)], payload=payload)
            req.context.exchange.warn(result["error"], "slurm_submit_batch_job()")
        self.answer(req, resp, **payload)
