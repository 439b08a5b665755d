#!/bin/bash
# What a user's jobs of the last month used, by state: usage.sh USER [STATE,...]
. "$(dirname "$0")/common.sh"
user=$1 states=${2:-completed,failed,cancelled,timeout}

api GET "/slurmdb/v0.0.39/jobs?users=$user&state=$states&start_time=now-30days&end_time=now" | jq -r '
    .jobs | group_by(.state.current)[]
    | [.[0].state.current, length, (map(.time.elapsed) | add), (map(.tres.allocated[] | select(.type == "cpu").count) | add)]
    | "\(.[0]): \(.[1]) jobs, \(.[2]) s, \(.[3]) CPUs"'
