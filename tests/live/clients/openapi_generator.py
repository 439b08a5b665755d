"""With the client that openapi-generator makes."""

import json
import sys
import time

import generated

ENVIRONMENT = ["PATH=/usr/bin:/bin"]
TOMORROW = int(time.time()) + 86400
"""A job that waits for it is cancelled before it runs."""


def work(url: str, user: str, token: str) -> dict[str, object]:
    """Use every call once. Returns: what came back."""
    settings = generated.Configuration(host=url, api_key={"user": user, "token": token})
    with generated.ApiClient(settings) as link:
        api = generated.SlurmApi(link)
        job = generated.V0039JobDescMsg(
            name="generated",
            environment=ENVIRONMENT,
            current_working_directory="/",
            begin_time=TOMORROW,
            time_limit=generated.V0039Uint32NoVal(set=True, number=5),
        )
        submission = generated.V0039JobSubmission(script="#!/bin/sh\nexec sleep 600", job=job)
        pings = api.slurm_v0039_ping().pings
        submitted = api.slurm_v0039_submit_job(submission)
        number = str(submitted.job_id)
        (shown,) = api.slurm_v0039_get_job(number).jobs
        listed = [str(one.job_id) for one in api.slurm_v0039_get_jobs().jobs]
        cancelled = api.slurm_v0039_cancel_job(number)
        (after,) = api.slurm_v0039_get_job(number).jobs
        return {
            "pinged": [ping.pinged for ping in pings],
            "nodes": [node.name for node in api.slurm_v0039_get_nodes().nodes],
            "job": [shown.name, shown.user_name, shown.time_limit.number],
            "listed": number in listed,
            "errors": [*submitted.errors, *submitted.warnings, *cancelled.errors],
            "state": after.job_state,
        }


if __name__ == "__main__":
    json.dump(work(*sys.argv[1:]), sys.stdout)
