"""The composition root: everything is made here, from the ground up, and closed in the opposite order."""

import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, tzinfo
from functools import partial
from importlib.metadata import version
from zoneinfo import ZoneInfo

from bot_integration import Bot
from bot_integration.clock import utc_now
from chatops.adapters.base import Adapter
from chatops.alert_settings import alert_terms
from chatops.bots import open_bot
from chatops.channels import open_channels
from chatops.charts.studio import Studio
from chatops.chats import links_of, make_chats
from chatops.desk import BACKLOG, build_desk
from chatops.elsewhere.taking import Taking, expect_all
from chatops.fleet import Fleet
from chatops.guard.permissions import Permissions
from chatops.health import HealthServer, Probe
from chatops.home_pages import HomePages
from chatops.lately import Lately
from chatops.link import Link
from chatops.metrics import Counts, Metrics
from chatops.notices.kinds import USUAL
from chatops.opened import Deaths, Open
from chatops.own_database import open_database
from chatops.people import THE_DESK, Directory
from chatops.probes import (
    ASKED_EVERY_S,
    LOST_LATELY,
    SAID_WITHIN_S,
    DatabaseProbe,
    alerts_probe,
    bots_probe,
    deliveries_probe,
    link_probe,
)
from chatops.redactor import SHORTEST_SHOWN, Redactor
from chatops.room import Room
from chatops.room_moves import warn_of_move, warn_of_moves
from chatops.second_watch import watching_the_watch
from chatops.settings import Concern, Settings
from chatops.storage.backlog import Backlog
from chatops.storage.claim import claim
from chatops.storage.delivery_search import DeliverySearch
from chatops.storage.elsewhere import Elsewhere
from chatops.storage.lasting_inbox import LastingInbox
from chatops.storage.metrics.keeping import metrics_for_ever
from chatops.storage.retention import forget_for_ever
from chatops.storage.totp_key import TotpKey
from chatops.storage.wakeup import DELIVERIES, PEOPLE, Wakeup
from chatops.tasks import heed_stop, running
from chatops.vocabulary import Vocabulary

log = logging.getLogger(__name__)

#: In the data directory: what is owed while the database is away.
SPOOL = "spool"


@asynccontextmanager
async def open_desk(
    settings: Settings,
    *,
    bots: Sequence[Bot] = (),
    directory: Directory | None = None,
    faces: Sequence[Adapter] = (),
    rooms: Sequence[Room] = (),
    health: bool = True,
    announce: Callable[[str], None] | None = None,
    now: Callable[[], datetime] = utc_now,
    elapsed: Callable[[], float] = time.monotonic,
) -> AsyncIterator[Open]:
    """Everything that the settings name, running until the block ends.

    `faces` are adapters that somebody else runs, such as the terminal of the demo, and `rooms` theirs that are told
    what happens; `bots` are others' too, before those of the settings; `directory` goes before the people of the
    settings. Without `health` nothing listens.
    `announce` is given the code for the first admin, where there is no admin yet: to be shown where the program runs,
    and in no log.
    `elapsed` counts the seconds that alerts go by: those of `now`, however fast they pass, but for its being set.
    """
    directory = directory or settings.directory()
    patience = settings.confirm.patience
    permissions = Permissions(settings.policy())
    deaths = Deaths()
    redact = Redactor(settings.secrets(), shortest=SHORTEST_SHOWN)
    alerted = [*rooms, *(one.room for one in settings.rooms if Concern.ALERTS in one.receives)]
    own = {bot.name: bot.own_history for bot in settings.bots if bot.own_history is not None}
    await expect_all(own)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(settings))
        claimed = await stack.enter_async_context(claim(database))
        named = [await stack.enter_async_context(open_bot(bot, now)) for bot in settings.bots]
        fleet = Fleet([*bots, *named])
        backlog = Backlog(settings.desk.data_dir / BACKLOG)
        vocabulary = Vocabulary(fleet)
        chats = make_chats(
            settings,
            lambda: LastingInbox(database, backlog),
            directory,
            lambda: desk.outbox,
            fleet=fleet,
            vocabulary=vocabulary,
            permissions=permissions,
            now=now,
            homes=lambda: homes,
            forms=lambda: desk.forms,
        )
        channels = await stack.enter_async_context(open_channels(settings.channels, now))
        adapters = [*faces, *chats, *channels]
        counts = Counts(adapter.platform for adapter in adapters)
        desk = build_desk(
            name=settings.desk.name,
            version=version("quarterdeck"),
            database=database,
            fleet=fleet,
            directory=directory,
            adapters=adapters,
            counted=counts.ended,
            moved=partial(warn_of_move, settings.rooms),
            now=now,
            elapsed=elapsed,
            patience=patience,
            permissions=permissions,
            spool=settings.desk.data_dir / SPOOL,
            backlog=backlog,
            totp_key=TotpKey.under(settings.desk.data_dir, settings.totp.given),
            redact=redact,
            named={one.name: one.room for one in settings.rooms},
            rooms=alerted,
            notices={**dict.fromkeys(rooms, USUAL), **{one.room: one.told for one in settings.rooms}},
            zone_of=partial(_zone, settings),
            vocabulary=vocabulary,
            links=lambda: links_of(desk.outbox, chats),
            embedded=settings.database.url is None,
            alerts=alert_terms(settings, rooms),
            reports=settings.report_terms(rooms),
            # Its process takes 90 MB, and starts when somebody asks for a picture.
            studio=await stack.enter_async_context(Studio(is_eager=False)),
        )
        await desk.load()
        links = partial(links_of, desk.outbox, chats)
        homes = HomePages.of_desk(desk, directory, permissions, fleet, links=links, now=now, redact=redact)
        if announce is not None and (code := await desk.admission.claim(THE_DESK)) is not None:
            announce(code)
        await warn_of_moves(settings.rooms, DeliverySearch(database).moved)
        leftover = await desk.settling.take_stock()
        await desk.desired.load()
        for chat in chats:
            # Closed last: what is on its way when we stop is sent.
            stack.push_async_callback(chat.close)
            await chat.start(desk.gateway.receive)
        await stack.enter_async_context(desk.outbox.open())
        listening = Wakeup(database.url).run({DELIVERIES: desk.outbox.wake, PEOPLE: desk.roster.stir})
        await stack.enter_async_context(running(listening, "listening for news", died=deaths.note))
        for part, name in (
            (desk.roster.run, "people"),
            (vocabulary.run, "words of bots"),
            (desk.desired.run, "desired state"),
            (desk.late.run, "late ends"),
            (desk.alerting.run, "alerts"),
            (desk.drills.run, "drills"),
            (desk.herald.run, "notices"),
            (desk.reports.run, "reports"),
            (desk.status.run, "the pinned status"),
            (desk.recording.run, "history"),
            (Taking(own, Elsewhere(database), now).run, "histories of bots"),
            (desk.settling.expire_for_ever, "expiring"),
            (partial(forget_for_ever, database, now), "forgetting"),
            (partial(metrics_for_ever, database, now), "metrics"),
        ):
            await stack.enter_async_context(running(part(), name, died=deaths.note))
        await stack.enter_async_context(running(desk.settling.settle(leftover), "settling"))
        search = DeliverySearch(database)
        waiting = await stack.enter_async_context(Lately(search.waiting, fresh_s=ASKED_EVERY_S, within_s=SAID_WITHIN_S))
        auditing = await stack.enter_async_context(
            watching_the_watch(desk, fleet, waiting, alerted, settings.heartbeat, died=deaths.note)
        )
        opened = Open(desk, fleet, database, claimed, deaths)
        if health:
            look_back = Lately(partial(search.lost, LOST_LATELY), fresh_s=ASKED_EVERY_S, within_s=SAID_WITHIN_S)
            lost = await stack.enter_async_context(look_back)
            probes: dict[str, Callable[[], Awaitable[Probe]]] = {
                "database": DatabaseProbe(waiting, lambda: backlog.count),
                "deliveries": lambda: deliveries_probe(waiting, lost),
                "alerts": lambda: alerts_probe(auditing.figures()),
                "bots": lambda: bots_probe(fleet, now()),
                **{chat.platform: partial(_link_probe, links, chat.platform, now) for chat in chats},
            }
            metrics = Metrics(waiting, counts, links, fleet, now, alerts=auditing.figures)
            await stack.enter_async_context(HealthServer(settings.http.listen, probes, metrics=metrics))
        heed_stop()
        yield opened


async def run(settings: Settings, announce: Callable[[str], None] | None = None) -> None:
    """Run the desk until cancelled; `announce` as in `open_desk`.

    Raises `DatabaseInUse` where another one has its database.
    """
    async with open_desk(settings, announce=announce) as opened:
        log.info("the desk %s is open: bots %s", settings.desk.name, ", ".join(opened.fleet.names) or "none")
        try:
            await opened.claim.lost()
        finally:
            log.info("the desk %s closes", settings.desk.name)


async def _link_probe(links: Callable[[], Mapping[str, Link]], platform: str, now: Callable[[], datetime]) -> Probe:
    return await link_probe(links()[platform], now())


def _zone(settings: Settings, room: Room) -> tzinfo:
    """Where the times of the day are that people in this room mean."""
    own = (one.timezone for one in settings.rooms if one.room in (room, room.without_topic) and one.timezone)
    return ZoneInfo(next(own, settings.desk.timezone))
