"""The App Home: a page for each person who opens it, shown anew while they may be looking at it.

It is drawn from what the desk knows now, so nothing of it is stored: what was lost comes with the next opening. One
loop draws all pages, one after another; what fails there reaches nothing else.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from chatops.adapters.base import Fault
from chatops.adapters.slack.api import SlackApi
from chatops.adapters.slack.at_home import opening
from chatops.adapters.slack.blocks import Block
from chatops.adapters.slack.errors import Refused, SlackError, send_error
from chatops.adapters.slack.home_view import home_view, page_blocks
from chatops.adapters.slack.inbound import PLATFORM, account
from chatops.adapters.slack.senders import Known, WhyNot
from chatops.home import Homes, Page
from chatops.people import Identity
from chatops.room import Room

log = logging.getLogger(__name__)

#: For so long a page that was opened is kept up to date.
LIVE = timedelta(minutes=10)
#: So many pages are; who comes then sees theirs once for each press.
MOST_LIVE = 100
#: So many may wait for their page; who comes then has to open it again.
MOST_WAITING = 300
#: Between two looks whether a page says something else, in seconds.
LOOK_EVERY_S = 5.0
#: One page is not shown more often than this: by itself, and where somebody asks for it.
EVERY = timedelta(seconds=20)
ASKED_EVERY = timedelta(seconds=3)
#: Contract, methods.views.publish is of tier 4, a hundred a minute in all: what nobody waits for leaves some free.
A_MINUTE, A_MINUTE_UNASKED = 90, 60
_MINUTE = timedelta(minutes=1)
_NEVER = datetime.min.replace(tzinfo=UTC)
#: So long Slack is left alone after it did not answer, and after it refused what a person has to mend.
PAUSE, LONG_PAUSE = timedelta(seconds=30), timedelta(minutes=5)
#: What Slack says where the tab is off.
NOT_ENABLED = "not_enabled"
HOW_TO_ENABLE = "the Home tab is off: switch it on under App Home, Show Tabs, Home Tab (not_enabled)"


@dataclass(frozen=True, slots=True)
class _Opened:
    """One page that somebody opened."""

    room: Room
    #: Whether they wait for it.
    is_asked: bool = True
    #: When it was looked at, when it was shown, and what it said then; None where that is not known.
    looked: datetime | None = None
    at: datetime | None = None
    said: list[Block] | None = None
    hash: str = ""
    #: Until when it says that it is kept up to date.
    until: datetime | None = None


class HomeTab:
    """The pages of one app. `homes` is asked for each time: the desk may not run yet."""

    def __init__(
        self,
        api: SlackApi,
        homes: Callable[[], Homes | None],
        *,
        known: Known,
        why_not: WhyNot,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._api = api
        self._homes = homes
        self._known = known
        self._why_not = why_not
        self._now = now
        self._sleep = sleep
        self._opened: dict[Identity, _Opened] = {}
        self._news = asyncio.Event()
        self._shown: deque[datetime] = deque()
        self._paused_until: datetime | None = None
        #: What a person has to mend, as it was said last.
        self._trouble = ""

    def told(self, body: Mapping[str, Any]) -> None:
        """Slack tells that somebody opened theirs. Strangers cause one call: what they see then stays the same."""
        found = opening(body)
        if found is None:
            return
        known = self._known(found.sender)
        if known is not None or not found.is_closed:
            sender = known or found.sender
            self.opened(sender, Room(PLATFORM, account(sender)), found.shown)

    def opened(self, identity: Identity, room: Room, shown: str = "") -> None:
        """Somebody opened their page, or asked for it anew; `shown` is the hash of what they see now."""
        before = self._opened.get(identity)
        if before is None and len(self._opened) >= MOST_WAITING:
            log.warning("slack: too many homes were opened at once: that of %s is not shown", identity)
            return
        one = before or _Opened(room)
        if one.at is not None and one.hash != shown and self._now() - one.at >= EVERY:
            # Something else is there than we think. Right after it was shown they may have seen what was before.
            one = replace(one, said=None)
        self._opened[identity] = replace(one, is_asked=True)
        self._news.set()

    async def tick(self) -> None:
        """Have the pages looked at every few seconds, until cancelled."""
        while True:
            await self._sleep(LOOK_EVERY_S)
            self._news.set()

    async def run(self) -> None:
        """Show them, until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            await self._look()

    # ------------------------------------------------------------------------ inside

    async def _look(self) -> None:
        homes = self._homes()
        if homes is None:
            return
        # Who waits goes first, then who was shown theirs longest ago.
        for identity, _ in sorted(self._opened.items(), key=lambda item: (not item[1].is_asked, item[1].at or _NEVER)):
            one = self._opened[identity]
            if not one.is_asked and (one.until is None or self._now() >= one.until):
                del self._opened[identity]
            elif self._may_show(one):
                try:
                    await self._bring(identity, one, homes)
                except Exception:
                    log.exception("slack: the home of %s is not shown", identity)
                    del self._opened[identity]
                # A page of a large fleet takes milliseconds, and there may be a hundred.
                await asyncio.sleep(0)

    def _may_show(self, one: _Opened) -> bool:
        now = self._now()
        last, every = (one.at, ASKED_EVERY) if one.is_asked else (one.looked, EVERY)
        if (self._paused_until is not None and now < self._paused_until) or (last is not None and now - last < every):
            return False
        while self._shown and now - self._shown[0] >= _MINUTE:
            self._shown.popleft()
        return len(self._shown) < (A_MINUTE if one.is_asked else A_MINUTE_UNASKED)

    async def _bring(self, identity: Identity, one: _Opened, homes: Homes) -> None:
        page = await self._page(identity, one.room, homes)
        said, now = page_blocks(page), self._now()
        if said == one.said and not (one.is_asked and one.at is not None and now - one.at >= EVERY):
            self._opened[identity] = replace(one, is_asked=False, looked=now)
            return
        until = self._live_until(one, now) if page.is_open else None
        view = home_view(page, said, live=None if until is None else until - now)
        self._shown.append(now)
        try:
            answer = await self._api.call("views.publish", {"user_id": account(identity), "view": view})
        except SlackError as error:
            self._failed(identity, one, error)
            return
        if self._trouble:
            log.info("slack: homes are shown again")
            self._trouble = ""
        shown = answer.get("view")
        known = str(shown.get("hash", "")) if isinstance(shown, dict) else ""
        # Who asked for it meanwhile has it now.
        self._opened[identity] = replace(one, is_asked=False, at=now, looked=now, said=said, hash=known, until=until)

    async def _page(self, identity: Identity, room: Room, homes: Homes) -> Page:
        page = homes.page(identity, room)
        if page.is_open and await self._why_not(identity) is not None:
            return homes.closed()
        return page

    def _live_until(self, one: _Opened, now: datetime) -> datetime | None:
        if not one.is_asked:
            return one.until
        others = sum(1 for other in self._opened.values() if other.until is not None and other.until > now)
        return now + LIVE if one.until is not None or others < MOST_LIVE else None

    def _failed(self, identity: Identity, one: _Opened, error: SlackError) -> None:
        now, meant = self._now(), send_error(error)
        # What they see now nobody knows.
        self._opened[identity] = replace(one, said=None)
        if meant.fault is Fault.RETRY_AFTER:
            log.info("slack: homes wait: %s", meant)
            self._paused_until = now + timedelta(seconds=meant.wait_s or 0.0)
        elif isinstance(error, Refused) and error.code == NOT_ENABLED:
            self._pause(now + LONG_PAUSE, HOW_TO_ENABLE)
        elif meant.fault is Fault.DEAD_CREDENTIAL:
            self._pause(now + LONG_PAUSE, str(meant))
        elif meant.fault in (Fault.BACKOFF, Fault.AMBIGUOUS):
            self._pause(now + PAUSE, str(meant))
        else:
            # Of this page alone.
            log.warning("slack: the home of %s is not shown: %s", identity, meant)
            del self._opened[identity]

    def _pause(self, until: datetime, why: str) -> None:
        self._paused_until = until
        if why != self._trouble:
            self._trouble = why
            log.warning("slack: no home is shown: %s", why)
