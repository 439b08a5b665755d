"""POST job: what slurmctld answered."""

from __future__ import annotations

from ..computed import job, step_id
from ..fields import Computed, Field, Table
from ..types import ERROR, STEP_ID, STRING, UINT32, Document

JOB_ARRAY_RESULTS = Document(
    "JOB_ARRAY_RESPONSE_MSG",
    {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "job_id": {"type": "string", "description": "Job ID, with the indexes of the array"},
                "error_code": {
                    "type": "integer",
                    "format": "int32",
                    "description": "Slurm error number, 0 for success",
                },
                "error": {"type": "string", "description": "What the number means"},
                "why": {"type": "string", "description": "More about it"},
            },
        },
    },
    [],
)

JOB_ARRAY_RESPONSE_MSG = Table(
    "JOB_ARRAY_RESPONSE_MSG",
    "job_array_resp_msg_t",
    "What became of a change of a job, for each part of an array",
    (
        Computed(
            "results",
            JOB_ARRAY_RESULTS,
            job.array_results,
            "One result per part of the array",
            uses=("job_array_count", "job_array_id", "error_code", "err_msg"),
        ),
    ),
)

JOB_SUBMIT_RESPONSE_MSG = Table(
    "JOB_SUBMIT_RESPONSE_MSG",
    "submit_response_msg_t",
    "What became of a submission",
    (
        Computed("job_id", UINT32, step_id.job_of, "Job ID", uses=step_id.JOB_MEMBERS),
        Computed("step_id", STEP_ID, step_id.step_of, "Step", uses=step_id.STEP_MEMBERS),
        Field("error_code", UINT32, "error_code", "Slurm error number, 0 for success"),
        Field("error", ERROR, "error_code", "What the number means"),
        Field("job_submit_user_msg", STRING, "job_submit_user_msg", "Message of the job submit plugin"),
    ),
)
