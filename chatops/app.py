"""The composition root: everything is made here, from the ground up, and closed in the opposite order."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, tzinfo
from functools import partial
from importlib.metadata import version
from zoneinfo import ZoneInfo

from bot_integration import Bot
from bot_integration.clock import utc_now
from chatops.adapters.base import Adapter
from chatops.adapters.telegram.adapter import TelegramAdapter
from chatops.adapters.telegram.inbound import PLATFORM
from chatops.adapters.telegram.webhook import WebhookAt
from chatops.alert_settings import alert_terms
from chatops.bots import open_bot
from chatops.channels import open_channels
from chatops.desk import BACKLOG, build_desk
from chatops.fleet import Fleet
from chatops.grammar import only_reads
from chatops.guard.permissions import Permissions
from chatops.health import HealthServer, Probe
from chatops.lately import Lately
from chatops.link import Link, both
from chatops.metrics import Counts, Metrics
from chatops.notices.kinds import USUAL
from chatops.opened import Deaths, Open
from chatops.outbox import Outbox
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
from chatops.settings import Concern, Settings, TelegramSettings
from chatops.storage.backlog import Backlog
from chatops.storage.claim import claim
from chatops.storage.delivery_search import DeliverySearch
from chatops.storage.lasting_inbox import LastingInbox
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
) -> AsyncIterator[Open]:
    """Everything that the settings name, running until the block ends.

    `faces` are adapters that somebody else runs, such as the terminal of the demo, and `rooms` theirs that are told
    what happens; `bots` are others' too, before those of the settings; `directory` goes before the people of the
    settings. Without `health` nothing listens.
    `announce` is given the code for the first admin, where there is no admin yet: to be shown where the program runs,
    and in no log.
    """
    directory = directory or settings.directory()
    patience = settings.confirm.patience
    permissions = Permissions(settings.policy())
    deaths = Deaths()
    alerted = [*rooms, *(one.room for one in settings.rooms if Concern.ALERTS in one.receives)]
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(settings))
        claimed = await stack.enter_async_context(claim(database))
        named = [await stack.enter_async_context(open_bot(bot, now)) for bot in settings.bots]
        fleet = Fleet([*bots, *named])
        backlog = Backlog(settings.desk.data_dir / BACKLOG)
        vocabulary = Vocabulary(fleet)
        telegram = None
        if settings.telegram is not None:
            telegram = TelegramAdapter(
                settings.telegram.token.get_secret_value(),
                LastingInbox(database, backlog),
                directory,
                now=now,
                permissions=permissions,
                base_url=settings.telegram.base_url,
                stale_after=patience.stale,
                webhook=_webhook(settings.telegram),
                rooms=[one.room for one in settings.rooms],
                reread=settings.telegram.reread_token,
                on_trouble=lambda reason: desk.outbox.heard_nobody(PLATFORM, reason),
                on_back=lambda: desk.outbox.note_open(PLATFORM),
                only_reads=lambda text: only_reads(text, fleet.names, vocabulary.now),
                words=lambda: vocabulary.now,
            )
            vocabulary.on_learnt(telegram.look_at_menus)
        channels = await stack.enter_async_context(open_channels(settings.channels, now))
        adapters = [*faces, *([telegram] if telegram else []), *channels]
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
            patience=patience,
            permissions=permissions,
            spool=settings.desk.data_dir / SPOOL,
            backlog=backlog,
            totp_key=TotpKey.under(settings.desk.data_dir, settings.totp.given),
            redact=Redactor(settings.secrets(), shortest=SHORTEST_SHOWN),
            named={one.name: one.room for one in settings.rooms},
            rooms=alerted,
            notices={**dict.fromkeys(rooms, USUAL), **{one.room: one.told for one in settings.rooms}},
            zone_of=partial(_zone, settings),
            vocabulary=vocabulary,
            links=lambda: _links(desk.outbox, telegram),
            embedded=settings.database.url is None,
            alerts=alert_terms(settings, rooms),
        )
        await desk.preferences.load()
        await desk.roster.load()
        await desk.alerting.load()
        if announce is not None and (code := await desk.admission.claim(THE_DESK)) is not None:
            announce(code)
        await warn_of_moves(settings.rooms, DeliverySearch(database).moved)
        leftover = await desk.settling.take_stock()
        await desk.desired.load()
        if telegram is not None:
            # Closed last: what is on its way when we stop is sent.
            stack.push_async_callback(telegram.close)
            await telegram.start(desk.gateway.receive)
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
            (desk.status.run, "the pinned status"),
            (desk.settling.expire_for_ever, "expiring"),
            (partial(forget_for_ever, database, now), "forgetting"),
        ):
            await stack.enter_async_context(running(part(), name, died=deaths.note))
        await stack.enter_async_context(running(desk.settling.settle(leftover), "settling"))
        search = DeliverySearch(database)
        waiting = await stack.enter_async_context(Lately(search.waiting, fresh_s=ASKED_EVERY_S, within_s=SAID_WITHIN_S))
        auditing = await stack.enter_async_context(
            watching_the_watch(desk, fleet, waiting, alerted, settings.heartbeat, died=deaths.note)
        )
        opened = Open(desk, fleet, database, telegram, claimed, deaths)
        if health:
            look_back = Lately(partial(search.lost, LOST_LATELY), fresh_s=ASKED_EVERY_S, within_s=SAID_WITHIN_S)
            lost = await stack.enter_async_context(look_back)
            links = partial(_links, desk.outbox, telegram)
            probes: dict[str, Callable[[], Awaitable[Probe]]] = {
                "database": DatabaseProbe(waiting, lambda: backlog.count),
                "deliveries": lambda: deliveries_probe(waiting, lost),
                "alerts": lambda: alerts_probe(auditing.figures()),
                "bots": lambda: bots_probe(fleet, now()),
                **({"telegram": lambda: link_probe(links()[telegram.platform], now())} if telegram else {}),
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


def _links(outbox: Outbox, telegram: TelegramAdapter | None) -> Mapping[str, Link]:
    """How each platform is: away if it is so for what goes out, or for what comes in."""
    links = dict(outbox.links)
    if telegram is not None:
        links[telegram.platform] = both(links[telegram.platform], telegram.state)
    return links


def _zone(settings: Settings, room: Room) -> tzinfo:
    """Where the times of the day are that people in this room mean."""
    own = (one.timezone for one in settings.rooms if one.room in (room, room.without_topic) and one.timezone)
    return ZoneInfo(next(own, settings.desk.timezone))


def _webhook(telegram: TelegramSettings) -> WebhookAt | None:
    if telegram.webhook_url is None or telegram.webhook_secret is None:
        return None
    return WebhookAt(telegram.webhook_url, telegram.webhook_listen, telegram.webhook_secret.get_secret_value())
