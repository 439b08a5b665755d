"""The OpenAPI document, at four URLs. It needs neither slurmctld nor slurmdbd."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import falcon

from .. import media
from ..exchange import query
from .base import Readable

if TYPE_CHECKING:
    from ..cluster import Cluster

BY_NAME = {".json": "application/json", ".yaml": "application/x-yaml"}
"""What the end of a URL asks for, where no Accept header asks for anything in particular."""


class OpenApi(Readable):
    """/openapi, /openapi.json, /openapi.yaml, /openapi/v3"""

    def __init__(self, cluster: Cluster, make: Callable[[], Any]) -> None:
        super().__init__(cluster)
        self.make = make
        self._encoded: dict[tuple[str, str], bytes] = {}

    @cached_property
    def document(self) -> Any:
        """The document, made when it is first asked for."""
        return self.make()

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show the document in the format that the request asks for."""
        query(req)
        codec = self._codec(req)
        resp.content_type = codec.content_type
        resp.data = self._encode(codec)

    def _codec(self, req: falcon.Request) -> media.Codec:
        wanted = BY_NAME.get(req.path[-5:])
        if wanted and req.get_header("Accept") in (None, "*/*"):
            return media.codec(wanted)
        codec: media.Codec = req.context.exchange.codec
        return codec

    def _encode(self, codec: media.Codec) -> bytes:
        key = (codec.content_type, codec.style)
        if key not in self._encoded:
            self._encoded[key] = codec.encode(self.document)
        return self._encoded[key]
