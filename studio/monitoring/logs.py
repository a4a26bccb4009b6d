"""The log: to people or, with LOG_FORMAT=json, one JSON object a line. Each says for whom it was written, and no secret.

Django and gunicorn both read this before any setting is there.
"""

import json
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sessions_app.core import trace
from sessions_app.core.secret import hide

FORMATS = ("human", "json")


class Carried(logging.Filter):
    """Puts request, job, session and tenant on the record, as they are where it was written."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.carried = trace.carried()
        return True


class _Discreet(logging.Formatter):
    def __init__(self, secrets: Sequence[str] = ()) -> None:
        super().__init__()
        self.secrets = tuple(secrets)

    def _message(self, record: logging.LogRecord) -> str:
        return hide(record.getMessage(), self.secrets)

    def _traceback(self, record: logging.LogRecord) -> str:
        lines = [self.formatException(record.exc_info)] if record.exc_info else []
        lines += [self.formatStack(record.stack_info)] if record.stack_info else []
        return hide("\n".join(lines), self.secrets)


class Human(_Discreet):
    """`2026-03-14 10:00:00 WARNING media_app.jobs: what happened  [job_id=…]`."""

    def format(self, record: logging.LogRecord) -> str:
        known = " ".join(f"{name}={value}" for name, value in getattr(record, "carried", {}).items())
        line = f"{self.formatTime(record)} {record.levelname} {record.name}: {self._message(record)}"
        return "\n".join(filter(None, (f"{line}  [{known}]" if known else line, self._traceback(record))))


class JsonLines(_Discreet):
    """`{"at", "level", "logger", "message", "request_id"?, "job_id"?, "session_id"?, "tenant"?, "traceback"?, …}`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self._message(record),
            **getattr(record, "carried", {}),
            **getattr(record, "facts", {}),
        }
        if traceback := self._traceback(record):
            line["traceback"] = traceback
        return json.dumps(line, ensure_ascii=False, default=str)


def configuration(form: str, level: str, secrets: Sequence[str] = ()) -> dict[str, Any]:
    """For `logging.config.dictConfig`, which Django calls."""
    formatter = {
        "()": "studio.monitoring.logs.JsonLines" if form == "json" else "studio.monitoring.logs.Human",
        "secrets": list(secrets),
    }
    console = {"class": "logging.StreamHandler", "formatter": "chosen", "filters": ["carried"]}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"carried": {"()": "studio.monitoring.logs.Carried"}},
        "formatters": {"chosen": formatter},
        "handlers": {"console": console},
        "root": {"handlers": ["console"], "level": level},
        # Django's own handlers would say everything twice, in its own words.
        "loggers": {
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "level": "INFO", "propagate": True},
            # One line per request, which reads well in a file and not on a terminal.
            "studio.requests": {"level": "INFO" if form == "json" else "WARNING"},
        },
    }
