"""gunicorn's own messages, in the same form and to the same place as ours."""

from __future__ import annotations

from typing import Any

from gunicorn.glogging import Logger as BaseLogger

from .logs import log


class Logger(BaseLogger):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's logger, with our handlers and level where logs.start has made them."""

    def setup(self, cfg: Any) -> None:
        """Take up gunicorn's settings, then ours."""
        super().setup(cfg)
        if log.handlers:
            self.error_log.handlers = list(log.handlers)
            self.error_log.propagate = False
            self.error_log.setLevel(log.level)
