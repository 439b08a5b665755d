# Sourced by the examples: where the daemon is, whose token is used, and curl with both.
#
# SLURMREST_SOCKET  the daemon's unix socket
# SLURM_JWT         a token; without one it is fetched for the user who runs the example

set -eu
SLURMREST_SOCKET=${SLURMREST_SOCKET:-/run/slurmrestd/slurmrestd.sock}
SLURM_JWT=${SLURM_JWT:-$(scontrol token lifespan=600 | cut -d= -f2)}

# api METHOD PATH [JSON]: the answer on standard output; what was wrong on standard error, and status 22
api() {
    method=$1 path=$2
    shift 2
    if [ $# -gt 0 ]; then
        set -- --header 'Content-Type: application/json' --data-raw "$1"
    fi
    curl --silent --show-error --fail-with-body --unix-socket "$SLURMREST_SOCKET" \
        --header "X-SLURM-USER-TOKEN: $SLURM_JWT" --request "$method" "$@" "http://localhost$path" || {
        status=$?
        echo "$method $path failed" >&2
        exit "$status"
    }
}
