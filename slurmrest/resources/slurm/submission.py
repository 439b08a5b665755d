"""The document of job/submit: {script, job} or {script, jobs}, made into the records that slurmctld is sent.

Nothing is submitted unless all of it could be understood.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from libslurm.memory import Arena

from ...data_parser.convert import to_bytes
from ...data_parser.parse import Problem, kind_of
from ...data_parser.tables import TABLES
from ...errors import Problems

if TYPE_CHECKING:
    from libslurm.controller import Controller
    from libslurm.owned import Owned

    from ...data_parser.parser import Parser

KEYS = ("script", "job", "jobs")

MAX_COMPONENTS = 128
"""Most components a heterogeneous job may have: MAX_HET_JOB_COMPONENTS of slurmctld."""

USUAL = (("work_dir", b"/tmp", (23, 11, 0), ("container", "container_id")),)
"""Member, what to send where the request does not say, the first release whose slurmctld refuses to choose by itself,
and members that do without it: before 23.11 a job without a directory was started in that one by slurmd."""


class Submission:
    """One request to submit, parsed. Raises: Problems, with everything that is wrong with it."""

    def __init__(self, parser: Parser, slurm: Controller, document: Any) -> None:
        self.parser, self.slurm = parser, slurm
        self.context = parser.context(Arena())
        self.heterogeneous = False
        self.records = self._records(document)
        if self.context.errors:
            raise Problems(self.context.errors, self.context.warnings)

    def submit(self) -> Owned:
        """Submit. Returns: the submit_response_msg_t. Raises: SlurmError."""
        if self.heterogeneous:
            return self.slurm.submit_batch_het_job(self.records)
        return self.slurm.submit_batch_job(self.records[0])

    def _records(self, document: Any) -> list[Any]:
        if not isinstance(document, dict):
            raise self._refused("ESLURM_DATA_EXPECTED_DICT", f"Expected dictionary but got {kind_of(document)}")
        self._warn_unknown(document)
        script = self._script(document)
        if ("job" in document) == ("jobs" in document):
            raise self._refused("ESLURM_REST_INVALID_QUERY", 'Specify exactly one of "job" and "jobs" to submit a job')
        if "job" in document:
            record = self._record(document["job"], "job")
            if script is not None:
                record.script = script
            return [record]
        return self._components(document["jobs"], script)

    def _components(self, documents: Any, script: bytes | None) -> list[Any]:
        if not isinstance(documents, list):
            raise self._refused("ESLURM_DATA_EXPECTED_LIST", f'"jobs" is a list of jobs, not a {kind_of(documents)}')
        if not 1 <= len(documents) <= MAX_COMPONENTS:
            text = f'"jobs" has {len(documents)} components, 1 to {MAX_COMPONENTS} expected'
            raise self._refused("ESLURM_REST_INVALID_JOBS_DESC", text)
        records = [self._record(document, "jobs", index) for index, document in enumerate(documents)]
        if script is not None and not records[0].script:
            records[0].script = script
        self.heterogeneous = len(records) > 1
        return records

    def _record(self, document: Any, *path: str | int) -> Any:
        record = self.slurm.new_job_description()
        with self.context.at(*path):
            self.parser.parse(TABLES["JOB_DESC_MSG"], document, record, self.context)
        for member, value, since, instead in USUAL:
            given = any(getattr(record, name, None) for name in (member, *instead))
            if self.slurm.library.release >= since and not given:
                setattr(record, member, value)
        return record

    def _script(self, document: dict[str, Any]) -> bytes | None:
        if "script" not in document:
            return None
        script = document["script"]
        if not isinstance(script, str) or not script:
            found = "an empty string" if script == "" else kind_of(script)
            raise self._refused("ESLURM_REST_INVALID_QUERY", f'"script" is the text of the script, not {found}')
        with self.context.at("script"):
            converted: Any = self.context.try_(to_bytes, script)
        return converted if isinstance(converted, bytes) else None

    def _warn_unknown(self, document: dict[str, Any]) -> None:
        for key in document:
            if key not in KEYS:
                with self.context.at(key):
                    self.context.warn(f'Unknown key "{key}" was ignored')

    def _refused(self, name: str, text: str) -> Problems:
        return Problems([Problem(text, "#/", name)], self.context.warnings)
