"""Log lines: one JSON object each on stderr, whoever wrote them."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog
from gunicorn import glogging

REQUESTS = "sdgplan.request"


def configure_logs(level: str) -> None:
    """Send every log record of this process to stderr as JSON with time, level and logger."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    render = structlog.processors.JSONRenderer(ensure_ascii=False, sort_keys=True, default=str)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            render,
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("sdgplan").setLevel(level.upper())
    requests = logging.StreamHandler(sys.stderr)
    requests.setFormatter(_OfRequests(render))
    logger = logging.getLogger(REQUESTS)
    logger.handlers[:] = [requests]
    logger.propagate = False


class _OfRequests(logging.Formatter):
    """The same line, for the record that every request makes: its `fields`, rendered at once."""

    def __init__(self, render: Any) -> None:
        super().__init__()
        self._render = render
        self._stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "event": record.msg,
            "level": record.levelname.lower(),
            "logger": record.name,
            **record.__dict__["fields"],
        }
        return str(self._render(None, "info", self._stamp(None, "info", fields)))


class FrontLogger(glogging.Logger):  # type: ignore[misc]
    """gunicorn's messages, passed on to the handler of everyone."""

    def setup(self, cfg: Any) -> None:
        self.cfg = cfg
        self._access_log_enabled = False
        self.loglevel = logging.WARNING
        self.error_log.setLevel(self.loglevel)
        self.error_log.propagate = True
