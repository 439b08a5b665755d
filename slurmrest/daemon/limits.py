"""Sizes and times that the server holds its clients to, in one table."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True)
class Limits:
    """Every limit of one worker process. Sizes are bytes, times seconds."""

    head: int = 80 * KIB
    """Request line and headers together, as in the C daemon."""
    fields: int = 256
    """Header fields of one request."""
    body: int = 50 * MIB
    """A body, after its chunks were put together; more is 413."""
    body_in_memory: int = 256 * KIB
    """A body larger than this waits in a temporary file."""
    chunk_overhead: int = 64 * KIB
    """What the framing of a chunked body may cost beyond twice the body itself."""

    silent: float = 60.0
    """From connecting to the first byte of a request."""
    reading_head: float = 20.0
    """From the first byte of a request to the end of its headers."""
    stalled: float = 30.0
    """Without one byte moving, in a body or in an answer."""
    transfer: float = 60.0
    """For a whole body or answer, however slow; beyond it the client must keep up *rate* on average."""
    rate: int = 16 * KIB
    """Bytes a second, see *transfer*."""
    keep_alive: float = 90.0
    """Idle between two requests. nginx keeps its upstream connections for 60 s, and must be the first to close."""
    lingering: float = 2.0
    """For a client to see the end of an answer after which the server closes."""
    lingering_at_most: float = 30.0
    """The same, for a client that goes on sending what nobody will read."""

    parking: float = 0.05
    """A connection that has had its slot for so long without a whole request gives it to others that want one: new,
    between two requests, or in the middle of one. It stays open."""
    parked: int = 64 * MIB
    """Memory for the parts of requests on such connections, in one worker; beyond it the oldest are refused."""
    held: int = 4096
    """Connections open in one worker, silent ones included; beyond it the longest silent are closed."""

    requests: int = 200_000
    """After so many requests a worker is replaced; plus up to a tenth more, so that not all go at once."""
    resident: int = 768 * MIB
    """A worker that holds more memory than this while no request is under way is replaced."""
    stuck: float = 300.0
    """Without a thread becoming free while requests wait for one: the worker is taken to hang, and is killed."""
    replacing: float = 30.0
    """How long a worker to be replaced waits for a moment without requests before it stops taking connections."""
    parting: float = 1.0
    """A worker that is replaced leaves idle connections open for so long: a request may be on its way."""
    stopping: float = 3.0
    """On the way out, for the rest of a request that has begun to arrive."""
