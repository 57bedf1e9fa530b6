"""How the parts of a desk are, for /readyz. What is said there is for everybody who reaches the port."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from alerts.auditor import ANYTHING_WITHIN_S, URGENT_WITHIN_S
from alerts.durations import span
from chatops.alert_figures import AlertFigures
from chatops.fleet import Fleet
from chatops.health import Probe
from chatops.link import Away, Link
from chatops.storage.delivery_facts import Waiting, oldest_s
from chatops.storage.errors import StorageError

log = logging.getLogger(__name__)

#: Asks what is yet to go out; raises `StorageError` or `TimeoutError` where PostgreSQL does not say.
AskWaiting = Callable[[], Awaitable[Sequence[Waiting]]]

#: Asks how many urgent ones ended dead or ambiguous within `LOST_LATELY`; raises the same.
AskLost = Callable[[], Awaitable[int]]

#: However many ask, the database is asked what waits once in this time.
ASKED_EVERY_S = 1.0
#: What it has not said by then it does not say: short of what /readyz gives a part, and of a scraper's patience.
SAID_WITHIN_S = 1.5
#: Longer than this the auditor is not left unheard: it looks every few seconds.
AUDITED_WITHIN_S = 20.0
#: So long it counts that an urgent one was given up: a monitor that looks every few minutes sees it, and by then
#: whoever has to know has looked into it.
LOST_LATELY = timedelta(hours=1)


class DatabaseProbe:
    """Whether PostgreSQL answers. What it says instead goes to the log, once for each time that it goes away.

    `aside` counts what was asked meanwhile and waits for it on disk.
    """

    def __init__(self, ask: AskWaiting, aside: Callable[[], int] = lambda: 0) -> None:
        self._ask = ask
        self._aside = aside
        self._answers = True

    async def __call__(self) -> Probe:
        """Ask."""
        try:
            await self._ask()
        except (StorageError, TimeoutError) as error:
            if self._answers:
                log.warning("the database does not answer: %s", str(error) or type(error).__name__)
            self._answers = False
            return Probe(False, f"PostgreSQL does not answer; see the log of the desk{self._said_aside()}")
        self._answers = True
        return Probe(True, f"answers{self._said_aside()}")

    def _said_aside(self) -> str:
        count = self._aside()
        return f"; {count} records of asks wait on disk" if count else ""


async def deliveries_probe(ask: AskWaiting, ask_lost: AskLost) -> Probe:
    """Whether what is owed goes out, and in time."""
    try:
        waiting, lost = await asyncio.gather(ask(), ask_lost())
    except (StorageError, TimeoutError):
        return Probe(False, "not known while PostgreSQL does not answer")
    return judge(waiting, lost)


def judge(waiting: Sequence[Waiting], lost: int = 0) -> Probe:
    """Whether this is no more, and no older, than limits and short outages make.

    `lost` is how many urgent ones were given up lately: of an emergency that nobody may have been told of somebody has
    to hear some other way.
    """
    judged = _judge_waiting(waiting)
    if not lost:
        return judged
    return Probe(False, f"{judged.detail}; {lost} urgent dead or ambiguous within {_span(LOST_LATELY.total_seconds())}")


def _judge_waiting(waiting: Sequence[Waiting]) -> Probe:
    if not waiting:
        return Probe(True, "nothing waits")
    oldest, urgent = oldest_s(waiting), oldest_s([one for one in waiting if one.lane.is_urgent])
    by_state = {
        state: sum(one.count for one in waiting if one.state is state) for state in {one.state for one in waiting}
    }
    said = f"{', '.join(f'{by_state[state]} {state}' for state in sorted(by_state))}; the oldest for {_span(oldest)}"
    if urgent > URGENT_WITHIN_S:
        return Probe(False, f"{said}; an urgent one for {_span(urgent)}")
    return Probe(oldest <= ANYTHING_WITHIN_S, said)


async def link_probe(link: Link, now: datetime) -> Probe:
    """Whether a platform answers."""
    since = span(now - link.since)
    if isinstance(link, Away):
        return Probe(False, f"away for {since}: {link.reason}")
    return Probe(True, "; ".join(part for part in (f"connected for {since}", link.note) if part))


async def alerts_probe(figures: AlertFigures) -> Probe:
    """Whether what goes wrong is told in time, and what stands."""
    stands = ", ".join(f"{count} {severity}" for severity, count in reversed(list(figures.open.items())) if count)
    said = f"open: {stands or 'none'}"
    if figures.is_over:
        return Probe(False, f"{said}; another desk watches now")
    if figures.audited_s is None or figures.audited_s > AUDITED_WITHIN_S:
        unheard = "never audited" if figures.audited_s is None else f"not audited for {_span(figures.audited_s)}"
        return Probe(False, f"{said}; {unheard}")
    if figures.troubles:
        return Probe(False, "; ".join((said, *figures.troubles)))
    return Probe(True, f"{said}; all in time")


async def bots_probe(fleet: Fleet, now: datetime) -> Probe:
    """How old the facts of each bot are. One that is away is told, and no reason to restart its gateway."""
    said = [
        f"{bot.name}: {span(now - snapshot.at)} old" if snapshot else f"{bot.name}: nothing heard yet"
        for bot, snapshot in fleet.snapshots()
    ]
    return Probe(True, "; ".join(said) or "none", required=False)


def _span(seconds: float) -> str:
    return span(timedelta(seconds=seconds))
