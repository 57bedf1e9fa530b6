"""Telegram or Slack away: who would be told there is told on the other, and it is put right once it is back."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest

from alerts.policy import Policy, Rung, Whom
from alerts.quiet import QuietHours
from alerts.severity import Severity
from chatops.alerting.building import AlertTerms
from chatops.alerting.places import Place
from chatops.guard.permissions import Permissions
from chatops.people import Directory, Principal, Role
from chatops.storage.database import Database
from tests.flows.both_places import EITHER, SLACK, TELEGRAM, UNTHROTTLED, Both, known_as, met, on_both
from tests.flows.chats import TelegramChat
from tests.flows.conftest import ADA, BOB, Clock, Trader, near_alone, people
from tests.flows.crew import BY_TWO, CYD, Crew
from tests.flows.nights import ROTATION
from tests.flows.slack_chat import SlackChat

pytestmark = near_alone

either = pytest.mark.parametrize(("here", "there"), EITHER)
Open = Callable[..., AbstractAsyncContextManager[Both]]


@pytest.fixture
def opened(database: Database, clock: Clock, trader: Trader) -> Open:
    """A desk on both, as a story wants it."""

    def of(
        alerts: Callable[[TelegramChat, SlackChat], AlertTerms],
        directory: Directory | None = None,
        permissions: Permissions | None = None,
    ) -> AbstractAsyncContextManager[Both]:
        return on_both(database, clock, trader, directory or people(), alerts=alerts, permissions=permissions)

    return of


def one_room(platform: str) -> Callable[[TelegramChat, SlackChat], AlertTerms]:
    """Alerts go to the room there alone; the other room is in the settings too."""

    def terms(telegram: TelegramChat, slack: SlackChat) -> AlertTerms:
        places = [Place(chat.platform, chat.room, receives=chat.platform == platform) for chat in (telegram, slack)]
        return AlertTerms(places=tuple(places), terms=UNTHROTTLED, rotation=ROTATION)

    return terms


def oncall_first(telegram: TelegramChat, slack: SlackChat) -> AlertTerms:
    """Who is on call is told at once, and nobody else for a long time."""
    rungs = (Rung(timedelta(), (Whom.ONCALL,)), Rung(timedelta(hours=9), (Whom.ROOMS,)))
    policy = Policy("night", rungs, repeat=None, ack_lapse=timedelta(minutes=30))
    return AlertTerms(
        places=(Place("group", telegram.room), Place("channel", slack.room)),
        terms=UNTHROTTLED,
        rotation=ROTATION,
        policies=dict.fromkeys(Severity, policy),
    )


@either
async def test_what_a_room_that_is_away_would_be_told_is_told_in_the_other_marked_so_and_put_right_after(
    opened: Open, here: str, there: str
) -> None:
    async with opened(one_room(here)) as both:
        with both.away(here):
            both.falls(0.148)
            await both.in_time(lambda: bool(both.read(there)))
            (told,) = both.read(there)
            assert f"In place of room:{here}, which is not reached." in told.text
            await both.on(there).press(ADA, "Ack", told)
            await both.in_time(lambda: "ada has it in hand" in both.read(there)[0].text)
            assert both.read(here) == []
        await both.in_time(lambda: "ada has it in hand" in both.text(here))
        await both.settled()
        (card,) = both.read(here)
        assert "Ack" not in card.labels
        assert both.text(there).count("HF 0.148 · #1") == 2


@either
async def test_a_platform_that_is_known_to_be_away_is_stood_in_for_from_the_first_word(
    opened: Open, here: str, there: str
) -> None:
    async with opened(one_room(here)) as both:
        with both.away(here):
            await both.world.desk.alerting.try_out(Severity.WARNING, "ada")
            await both.in_time(lambda: not both.is_reached(here))
            both.falls(0.148)
            await both.in_time(lambda: bool(both.read(there)))
            assert f"In place of room:{here}, which is not reached." in both.read(there)[-1].text
        # Of those that it would have told twice it hears once.
        await both.in_time(lambda: "HF 0.148 · #1" in both.text(here))
        await both.settled()
        assert both.text(here).count("HF 0.148 · #1") == 1
        await both.on(here).press(BOB, "Ack")
        await both.in_time(lambda: all("bob has it in hand" in both.text(one) for one in (here, there)))


@either
async def test_who_is_on_call_on_both_is_reached_on_the_other_and_nobody_stands_in_for_them(
    opened: Open, here: str, there: str
) -> None:
    async with opened(oncall_first) as both:
        await met(both, ADA, BOB)
        before = {platform: len(both.read(platform, ADA)) for platform in (here, there)}
        with both.away(here):
            both.falls(0.148)
            await both.in_time(lambda: "HF 0.148" in both.text(there, ADA))
            await both.in_time(lambda: not both.is_reached(here))
            await both.on(there).press(ADA, "Ack", room=both.alone(there, ADA))
            await both.in_time(lambda: "You have alert 1 in hand" in both.text(there, ADA))
        await both.in_time(lambda: "ada has it in hand" in both.text(here, ADA))
        await both.settled()
        assert len(both.read(here, ADA)) == before[here] + 1
        assert "HF 0.148" not in both.text(here, BOB) + both.text(there, BOB)


def apart(here: str, there: str) -> Directory:
    """Ada is on one platform alone, bob on the other."""
    crew = (("ada", here, ADA), ("bob", there, BOB))
    return Directory(Principal(name, Role.ADMIN, frozenset({known_as(on, who)})) for name, on, who in crew)


@either
async def test_in_place_of_who_is_on_call_on_the_platform_that_is_away_the_next_one_is_told_on_the_other(
    opened: Open, here: str, there: str
) -> None:
    async with opened(oncall_first, apart(here, there)) as both:
        await both.on(there).say(BOB, "/whoami", room=both.alone(there, BOB))
        # On Telegram a chat is there once somebody has looked into it: not only when what is owed goes out already.
        assert both.read(here, ADA) == []
        with both.away(here, dead_token=True):
            both.falls(0.148)
            await both.in_time(lambda: "In place of person:ada, which is not reached." in both.text(there, BOB))
            # Somebody has to mend a token: that is said at once.
            await both.in_time(lambda: f"{here.capitalize()} is away since" in both.text(there))
            await both.on(there).press(BOB, "Ack", room=both.alone(there, BOB))
        await both.in_time(lambda: f"{here.capitalize()} is back" in both.text(there))
        await both.in_time(lambda: "bob has it in hand" in both.text(here, ADA))
        await both.settled()
        (card,) = both.read(here, ADA)
        assert "Ack" not in card.labels


@either
async def test_an_outage_is_told_on_the_other_once_it_has_lasted(opened: Open, here: str, there: str) -> None:
    async with opened(one_room(there)) as both:
        with both.away(here):
            await both.on(here).say(ADA, "/status")
            await both.in_time(lambda: f"{here.capitalize()} is away since" in both.text(there))
            (said,) = both.read(there)
            assert "What is owed there is kept, and goes out in order when it is back." in said.text
        await both.in_time(lambda: f"{here.capitalize()} is back since" in both.text(there))
        # What was asked while it was away is answered there, once.
        await both.in_time(lambda: "alpha is well" in both.text(here))
        assert [len(both.read(platform)) for platform in (here, there)] == [1, 2]


@either
async def test_a_drill_goes_to_the_person_on_the_other_and_its_report_to_where_it_was_begun(
    opened: Open, here: str, there: str
) -> None:
    async with opened(oncall_first) as both:
        await met(both, ADA)
        await both.on(there).say(ADA, "/drill")
        with both.away(here):
            await both.on(there).press(ADA, "Confirm")
            await both.in_time(lambda: "DRILL 🔴" in both.text(there, ADA))
            await both.on(there).press(ADA, "Ack", room=both.alone(there, ADA))
            await both.in_time(lambda: "Drill #1 over: ada answered" in both.text(there))
        await both.settled()
        # Of what she was called to she reads there that it is over, and is not called.
        assert [one.message.title[:10] for one in both.read(here, ADA)[1:]] == ["DRILL ✅ RE"]


@either
async def test_a_request_that_was_settled_while_the_other_was_away_has_no_buttons_there(
    opened: Open, here: str, there: str
) -> None:
    async with opened(one_room(here), Crew(), BY_TWO) as both:
        await met(both, CYD)
        with both.away(there):
            await both.on(here).say(ADA, "/close SOL-1")
            await both.on(here).press(ADA, "Confirm")
            await both.in_time(lambda: not both.is_reached(there))
            await both.on(here).press(CYD, "Approve")
        await both.in_time(lambda: "Approved by cyd" in both.text(there, CYD))
        await both.settled()
        assert [one.labels for one in both.read(there, CYD)[1:]] == [[]]
        assert both.world.bot.closed == [("SOL-1", 100)]


@either
async def test_what_was_asked_where_nothing_arrives_any_more_is_approved_on_the_other_and_told_there_after(
    opened: Open, here: str, there: str
) -> None:
    async with opened(one_room(here), Crew(), BY_TWO) as both:
        await met(both, CYD)
        await both.on(here).say(ADA, "/close SOL-1")
        await both.on(here).press(ADA, "Confirm")
        await both.in_time(lambda: "Approve" in both.read(there, CYD)[-1].labels)
        card = both.read(here)[-1]
        with both.away(here):
            await both.on(there).press(CYD, "Approve", both.read(there, CYD)[-1])
            assert both.world.bot.closed == [("SOL-1", 100)]
            await both.in_time(lambda: "Approved by cyd" in both.text(there, CYD))
        await both.in_time(lambda: "Asked by ada, approved by cyd." in both.text(here))
        await both.settled()
        assert [(one.id, one.labels) for one in both.read(here) if "SOL-1" in one.text] == [(card.id, ["Positions"])]


# ---------------------------------------------------------------------------- each room has its own rules


async def test_each_room_keeps_its_own_quiet_hours_and_each_person_their_rooms_and_bots(opened: Open) -> None:
    night = QuietHours(time(0), time(23, 59), ZoneInfo("UTC"))

    def terms(telegram: TelegramChat, slack: SlackChat) -> AlertTerms:
        places = (Place("group", telegram.room), Place("channel", slack.room, quiet=night))
        return AlertTerms(places=places, terms=UNTHROTTLED)

    crew = Crew()
    async with opened(terms, crew) as both:
        # A warning can wait until the morning in the one room, and not in the other; what is critical cannot.
        both.falls(0.19)
        await both.in_time(lambda: "HF 0.190" in both.text(TELEGRAM))
        assert both.read(SLACK) == []
        both.falls(0.148)
        await both.in_time(lambda: all("HF 0.148" in both.text(one) for one in both.platforms))
        (ada,) = (one for one in crew.people if one.name == "ada")
        crew.change("ada", replace(ada, rooms=frozenset({both.slack.room})))
        refused = await both.answered(TELEGRAM, ADA, "/close SOL-1")
        assert refused.message.title == "You may not ask here, ada: the settings bind you to other rooms."
        assert (await both.answered(SLACK, ADA, "/close SOL-1")).labels == ["Confirm", "Cancel"]
        (bob,) = (one for one in crew.people if one.name == "bob")
        crew.change("bob", replace(bob, bots=frozenset({"beta"})))
        for platform in both.platforms:
            shown = await both.answered(platform, BOB, "/close SOL-1")
            assert shown.message.title == "There are no open positions."
