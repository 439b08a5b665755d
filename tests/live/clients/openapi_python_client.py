"""With the client that openapi-python-client makes."""

import importlib
import json
import sys
import time
from typing import Any

from generated import AuthenticatedClient, models

ENVIRONMENT = ["PATH=/usr/bin:/bin"]
TOMORROW = int(time.time()) + 86400
"""A job that waits for it is cancelled before it runs."""


def call(client: Any, name: str, *arguments: Any, **options: Any) -> Any:
    """Call an operation by its operationId: each is a module of its own."""
    module = importlib.import_module(f"generated.api.slurm.slurm_v0_0_39_{name}")
    return module.sync(*arguments, client=client, **options)


def work(url: str, user: str, token: str) -> dict[str, object]:
    """Use every call once. Returns: what came back."""
    client = AuthenticatedClient(
        url, token, prefix="", auth_header_name="X-SLURM-USER-TOKEN", headers={"X-SLURM-USER-NAME": user}
    )
    job = models.V0039JobDescMsg(
        name="generated",
        environment=ENVIRONMENT,
        current_working_directory="/",
        begin_time=TOMORROW,
        time_limit=models.V0039Uint32NoVal(set_=True, number=5),
    )
    submission = models.V0039JobSubmission(script="#!/bin/sh\nexec sleep 600", job=job)
    pings = call(client, "ping").pings
    submitted = call(client, "submit_job", body=submission)
    number = str(submitted.job_id)
    (shown,) = call(client, "get_job", number).jobs
    listed = [str(one.job_id) for one in call(client, "get_jobs").jobs]
    cancelled = call(client, "cancel_job", number)
    (after,) = call(client, "get_job", number).jobs
    return {
        "pinged": [ping.pinged for ping in pings],
        "nodes": [node.name for node in call(client, "get_nodes").nodes],
        "job": [shown.name, shown.user_name, shown.time_limit.number],
        "listed": number in listed,
        "errors": [*submitted.errors, *submitted.warnings, *cancelled.errors],
        "state": after.job_state,
    }


if __name__ == "__main__":
    json.dump(work(*sys.argv[1:]), sys.stdout)
