"""What Prometheus reads is there whatever is away, costs the database little, and is of this desk alone."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import ClientSession
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from alerts.severity import Severity
from bot_integration import BotController
from chatops.alert_figures import AlertFigures
from chatops.fleet import Fleet
from chatops.health import HealthServer
from chatops.ids import uuid7
from chatops.lately import Lately
from chatops.link import Away, Connected, Link
from chatops.messages import Message, Posting
from chatops.metrics import Counts, Metrics
from chatops.owed import Kind, Lane, Owed, State
from chatops.probes import AskWaiting
from chatops.room import Room
from chatops.settings import Address
from chatops.storage.database import Database
from chatops.storage.delivery_facts import Waiting
from chatops.storage.delivery_search import DeliverySearch
from chatops.storage.errors import DatabaseAway
from tests.chatops.deliveries import owe
from tests.chatops.views.facts import alpha

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
#: Elsewhere there is no /proc to read.
ON_LINUX = sys.platform == "linux"

Samples = dict[tuple[str, frozenset[str]], float]


def samples(page: str) -> Samples:
    return {
        (sample.name.removeprefix("quarterdeck_"), frozenset(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def at(name: str, *labels: str) -> tuple[str, frozenset[str]]:
    return name, frozenset(labels)


def fleet(names: Iterable[str] = ("alpha",)) -> Fleet:
    bots = [BotController(name) for name in names]
    for bot in bots:
        bot.publish(alpha(bot=bot.name, at=NOW - timedelta(seconds=4)))
    return Fleet([*bots, BotController("silent")])


def an_owed(platform: str, kind: Kind) -> Owed:
    return Owed(uuid7(), Room(platform, "1"), Posting(Message("SOL-1 closed")), NOW, kind)


class Desk:
    """What the metrics are made of."""

    def __init__(self) -> None:
        self.counts = Counts(["telegram"])
        self.link: Link = Connected(NOW)
        self.alerts: AlertFigures | None = None

    def metrics(self, ask: AskWaiting) -> Metrics:
        return Metrics(
            ask, self.counts, lambda: {"telegram": self.link}, fleet(), lambda: NOW, alerts=lambda: self.alerts
        )

    @asynccontextmanager
    async def listening(self, ask: AskWaiting) -> AsyncIterator[str]:
        async with HealthServer(Address("127.0.0.1", 0), {}, metrics=self.metrics(ask)) as server:
            yield f"http://{server.address}/metrics"


async def scraped(url: str) -> Samples:
    async with ClientSession() as session, session.get(url) as response:
        assert response.status == 200
        assert response.content_type == "text/plain"
        assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        return samples(await response.text())


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def book(database: Database) -> AsyncIterator[AskWaiting]:
    async with Lately(DeliverySearch(database).waiting, fresh_s=1.0, within_s=60, clock=lambda: 0.0) as lately:
        yield lately


async def test_a_scrape_says_what_waits_and_how_everything_is(desk: Desk, book: AskWaiting, database: Database) -> None:
    await owe(database, lane=Lane.EMERGENCY, age=timedelta(seconds=90))
    await owe(database, lane=Lane.EMERGENCY, state=State.SENDING)
    await owe(database, platform="slack", age=timedelta(seconds=5))
    desk.link = Away(NOW, "no answer")
    async with desk.listening(book) as url:
        seen = await scraped(url)
    assert seen[at("deliveries_pending", "telegram", "emergency")] == 2
    assert seen[at("deliveries_pending", "slack", "info")] == 1
    assert seen[at("deliveries_pending", "telegram", "info")] == 0
    assert 90 <= seen[at("deliveries_oldest_pending_seconds", "telegram")] < 150
    assert 5 <= seen[at("deliveries_oldest_pending_seconds", "slack")] < 60
    assert seen[at("platform_up", "telegram")] == 0
    assert seen[at("bot_facts_age_seconds", "alpha")] == 4
    assert at("bot_facts_age_seconds", "silent") not in seen
    assert seen[at("database_up")] == 1


async def test_an_idle_desk_shows_zeros_rather_than_nothing(desk: Desk, book: AskWaiting) -> None:
    async with desk.listening(book) as url:
        seen = await scraped(url)
    assert seen[at("deliveries_oldest_pending_seconds", "telegram")] == 0
    assert [seen[at("deliveries_pending", "telegram", lane.name.lower())] for lane in Lane] == [0] * 5
    assert seen[at("deliveries_total", "telegram", "alert", "sent")] == 0
    assert seen[at("platform_up", "telegram")] == 1


async def test_what_was_delivered_is_counted(desk: Desk, book: AskWaiting) -> None:
    for _ in range(3):
        desk.counts.ended(an_owed("telegram", Kind.ALERT), State.SENT)
    desk.counts.ended(an_owed("memory", Kind.ANSWER), State.DEAD)
    async with desk.listening(book) as url:
        seen = await scraped(url)
    assert seen[at("deliveries_total", "telegram", "alert", "sent")] == 3
    assert seen[at("deliveries_total", "memory", "answer", "dead")] == 1
    assert seen[at("deliveries_total", "telegram", "answer", "sent")] == 0


async def test_alerts_show_what_stands_and_what_is_late(desk: Desk, book: AskWaiting) -> None:
    async with desk.listening(book) as url:
        assert at("alert_steps_late") not in await scraped(url)
        desk.alerts = AlertFigures({**dict.fromkeys(Severity, 0), Severity.CRITICAL: 3}, 2.5, 0.5, None, 4)
        seen = await scraped(url)
    assert [seen[at("alerts_open", severity)] for severity in Severity] == [0, 0, 3, 0]
    assert seen[at("alert_steps_late")] == 4
    assert (seen[at("alerts_age_seconds", "evaluation")], seen[at("alerts_age_seconds", "tick")]) == (2.5, 0.5)
    assert at("alerts_age_seconds", "audit") not in seen


async def test_many_scrapers_cost_the_database_one_query(desk: Desk) -> None:
    asked = 0

    async def ask() -> Sequence[Waiting]:
        nonlocal asked
        asked += 1
        return ()

    async with Lately(ask, fresh_s=1.0, within_s=60, clock=lambda: 0.0) as lately, desk.listening(lately) as url:
        await asyncio.gather(*(scraped(url) for _ in range(20)))
    assert asked == 1


async def test_while_the_database_is_away_the_rest_is_told(desk: Desk) -> None:
    async def ask() -> Sequence[Waiting]:
        raise DatabaseAway("CANARY")

    async with Lately(ask, fresh_s=1.0, within_s=60) as lately, desk.listening(lately) as url:
        seen = await scraped(url)
    assert seen[at("database_up")] == 0
    assert seen[at("platform_up", "telegram")] == 1
    assert at("deliveries_total", "telegram", "alert", "sent") in seen
    assert not [name for name, _ in seen if name.startswith("deliveries_") and "pending" in name]


async def test_a_database_that_hangs_holds_no_scrape_up(desk: Desk, database: Database, database_url: str) -> None:
    async with (
        # Nobody gives it up but the scrape.
        Database.open(database_url, min_size=1, statement_timeout_s=600) as hanging,
        database.transaction() as connection,
        Lately(DeliverySearch(hanging).waiting, fresh_s=1.0, within_s=0.2) as lately,
        desk.listening(lately) as url,
    ):
        await connection.execute("LOCK TABLE deliveries IN ACCESS EXCLUSIVE MODE")
        async with asyncio.timeout(60):
            seen = await scraped(url)
        assert seen[at("database_up")] == 0


async def test_it_tells_of_its_process_and_leaves_the_library_s_own_registry_alone(
    desk: Desk, book: AskWaiting
) -> None:
    before = {family.name for family in REGISTRY.collect()}
    async with desk.listening(book) as url, Desk().listening(book) as other:
        seen = await scraped(url)
        await scraped(other)
    assert {family.name for family in REGISTRY.collect()} == before
    assert (seen.get(at("process_resident_memory_bytes"), 0) > 1_000_000) == ON_LINUX


async def test_without_metrics_there_is_no_such_page() -> None:
    async with (
        HealthServer(Address("127.0.0.1", 0), {}) as server,
        ClientSession() as session,
        session.get(f"http://{server.address}/metrics") as response,
    ):
        assert response.status == 404
