"""`sdgplan serve`: gunicorn with one process of threads in front of the query workers."""

from __future__ import annotations

import resource
import socket
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

from kg.errors import WrongUse
from kg.release import current_release
from kg.settings import Settings
from server import create_app
from server.connections import MOST_WAITING, FrontWorker
from server.logs import FrontLogger, configure_logs

GRACE_S = 10
"""After SIGTERM, how long running answers may take, in seconds."""
LONGEST_LINE_BYTES = 8190
"""The longest request line gunicorn takes; longer GET queries get a 414 and go by POST."""


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, settings: Settings, var: Path, listener: socket.socket) -> None:
        self.settings = settings
        self._var = var
        self._listener = listener
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": f"fd://{self._listener.fileno()}",
            "workers": 1,
            "worker_class": FrontWorker,
            "threads": self.settings.threads,
            # twice as many, because kept-alive connections without a request need no thread
            "worker_connections": 2 * self.settings.threads,
            "logger_class": FrontLogger,
            "timeout": 60,
            "graceful_timeout": GRACE_S,
            "keepalive": 5,
            "limit_request_line": LONGEST_LINE_BYTES,
            "control_socket_disable": True,
            "proc_name": "sdgplan",
            "loglevel": "warning",
            "worker_exit": _end_workers,
            "post_request": _log_request,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        # called in the forked process, so the engine's threads and workers belong to it
        return create_app(self.settings, self._var)


def _log_request(_worker: Any, _request: Any, environ: dict[str, Any], response: Any) -> None:
    from server.operations import write_log_line

    write_log_line(environ, getattr(response, "sent", None))


def _end_workers(_arbiter: Any, worker: Any) -> None:
    from server.application import close_app

    if getattr(worker, "wsgi", None) is not None:
        close_app(worker.wsgi)


def serve(settings: Settings, var: Path, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve the current release in `var` until SIGTERM or SIGINT; does not return.

    Raises ReleaseError if there is no release, WrongUse if host and port cannot be used.
    """
    release = current_release(var)
    configure_logs(settings.log_level)
    _raise_file_limit(4 * settings.threads)
    listener = _listen(host, port)
    shown = f"[{host}]" if ":" in host else host
    print(
        f"Serving release {release.id} at http://{shown}:{listener.getsockname()[1]}/ "
        "(stop with Ctrl-C)",
        flush=True,
    )
    _Server(settings, var, listener).run()


def _raise_file_limit(files: int) -> None:
    """Allow this process and its children as many open files as connections may need."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max(soft, 1024 + files)
    resource.setrlimit(
        resource.RLIMIT_NOFILE,
        (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard),
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise WrongUse(
            f"{host}:{port} cannot be listened on: {error.strerror or error}. "
            "Fix: stop what runs there, or choose another with --port."
        ) from error
    listener.listen(MOST_WAITING)
    return listener
