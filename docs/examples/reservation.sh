#!/bin/bash
# Who may use which nodes when: reservation.sh NAME
#
# This version of the API shows reservations; scontrol makes them.
. "$(dirname "$0")/common.sh"

api GET "/slurm/v0.0.39/reservation/$1" | jq -r '.reservations[]
    | "\(.name) \(.node_list) for \(.users) from \(.start_time | todate) to \(.end_time | todate), \(.flags | join(","))"'
