"""Structured logs without personal data: one JSON object per line, an allow-list of keys, numbers blanked.

Names, numbers of people, amounts and addresses belong to the access log in the database, never to a log file.
"""

import logging.config
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

# Only these keys pass; a developer who adds another one must think about it here.
ALLOWED_KEYS = frozenset(
    {
        "event", "event_id", "level", "logger", "timestamp", "request_id", "method", "status", "view", "milliseconds",
        "run_id", "job_id", "stage", "chunk", "count", "attempt", "seconds", "topic", "consumer", "layout", "code",
        "error_type", "where", "pid", "worker", "signal", "version", "queries",
    }
)  # fmt: skip
LONG_NUMBER = re.compile(r"(?<!\d)\d{7,}(?!\d)")
SPACED_NUMBER = re.compile(r"(?<!\d)\d{4}[ -]\d{4}[ -]\d{4}(?!\d)")


def blank_numbers(text: str) -> str:
    """`text` with every run of seven or more digits (numbers of people, accounts, notices) replaced by ＊."""
    return LONG_NUMBER.sub("***", SPACED_NUMBER.sub("***", text))


def keep_allowed(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog processor: drop keys that are not allowed, blank long numbers in the texts that stay."""
    kept: dict[str, Any] = {}
    for key, value in event.items():
        if key in ALLOWED_KEYS or key.startswith("_"):
            kept[key] = blank_numbers(value) if isinstance(value, str) and key != "timestamp" else value
    return kept


def name_the_error(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog processor: an exception becomes its type and place; its text may quote a person and is not logged."""
    info = event.pop("exc_info", None)
    record = event.get("_record")
    if info in (None, True) and record is not None:
        info = record.exc_info
    if isinstance(info, tuple) and info[0] is not None:
        event["error_type"] = info[0].__name__
        trace = info[2]
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        if trace is not None:
            event["where"] = f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"
    event.pop("exception", None)
    event.pop("stack", None)
    return event


SHARED_PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    name_the_error,
    keep_allowed,
]


def logging_settings(level: str) -> dict[str, Any]:
    """Django's LOGGING dictionary: everything to standard error as JSON lines."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED_PROCESSORS,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.JSONRenderer(ensure_ascii=False),
                ],
                "keep_exc_info": False,
                "keep_stack_info": False,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # The text of a statement or of its parameters is personal data.
            "django.db.backends": {"level": "WARNING"},
            "django.request": {"level": "ERROR"},
            "django.server": {"level": "WARNING"},
            "axes": {"level": "CRITICAL"},
            "fontTools": {"level": "ERROR"},
        },
    }


def configure(settings: dict[str, Any]) -> None:
    """Django's LOGGING_CONFIG hook: the standard library's loggers and structlog's, through the same processors."""
    logging.config.dictConfig(settings)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED_PROCESSORS,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
