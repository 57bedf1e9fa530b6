"""Secrets stay out of the log of a program that the log belongs to."""

import logging
import traceback
from collections.abc import Iterable

from chatops.logs import NOISY, REPEATING
from chatops.redactor import Redactor

_OURS = ("alerts", "bot_integration", "chatops", *NOISY, *REPEATING)


def spare(secrets: Iterable[str]) -> None:
    """Take these out of what our modules and our libraries log from now on, before any handler sees it.

    Nothing else of logging is changed: neither handlers nor levels, and a line without a secret stays as it is.
    """
    filtering = _Filter(secrets)
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in _OURS or name in _OURS:
            logger = logging.getLogger(name)
            for former in [one for one in logger.filters if isinstance(one, _Filter)]:
                filtering.secrets |= former.secrets
                logger.removeFilter(former)
            logger.addFilter(filtering)
    filtering.learn()


class _Filter(logging.Filter):
    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        self.secrets = frozenset(secrets)
        self.learn()

    def learn(self) -> None:
        self._redact = Redactor(self.secrets)

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            said = record.getMessage()
        except Exception:  # noqa: BLE001 - a line that somebody wrote wrong must not break whoever logs it
            said = f"{record.msg if isinstance(record.msg, str) else '…'} (its values do not fit)"
            record.msg, record.args = said, None
        clean = self._redact(said)
        if clean != said:
            record.msg, record.args = clean, None
        if record.exc_info and record.exc_info[1] is not None:
            trace = "".join(traceback.format_exception(record.exc_info[1])).rstrip("\n")
            clean = self._redact(trace)
            if clean != trace:
                # A formatter writes the text where there is one; the error itself would tell what was in it.
                record.exc_info, record.exc_text = None, clean
        return True
