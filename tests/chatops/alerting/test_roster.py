"""Who stands behind the words of a policy, and who stands in where somebody is not reached."""

from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from alerts.model import Target, TargetKind
from alerts.policy import Whom
from alerts.severity import Severity
from chatops.habits import Habits
from chatops.ids import uuid7
from chatops.link import Connected
from chatops.messages import Message, Posting
from chatops.owed import Kind, Owed, State
from chatops.people import Role
from chatops.personal import Personal
from chatops.preferences import Preferences
from chatops.room import Room
from chatops.storage.database import Database
from chatops.storage.personal import PostgresPersonal
from chatops.storage.preferences import PostgresPreferences
from tests.chatops.alerting.desk import OPS, SLACK, Desk, person
from tests.chatops.storage.owing import NOON

WEEK = timedelta(weeks=1)


def posted(room: Room, kind: Kind = Kind.ALERT) -> Owed:
    return Owed(uuid7(), room, Posting(Message("HF 0.148")), NOON, kind=kind, severity=Severity.CRITICAL)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_each_word_means_rooms_people_or_channels(desk: Desk) -> None:
    desk.links["apprise"] = Connected(NOON)
    rooms, people = ["room:ops", "room:slack-ops"], ["person:ada", "person:bob", "person:cyn"]
    assert desk.told(Whom.ROOMS) == rooms
    assert desk.told(Whom.ONCALL) == ["person:ada"]
    assert desk.told(Whom.NEXT) == ["person:bob"]
    assert desk.told(Whom.OPERATORS) == people
    assert desk.told(Whom.ADMINS) == ["person:cyn"]
    assert desk.told(Whom.CHANNELS) == ["channel:pager"]
    assert desk.told(Whom.EVERYONE) == [*rooms, *people, "channel:pager"]


def test_a_name_means_one_in_whatever_case_as_long_as_it_may_be_told(desk: Desk) -> None:
    assert desk.told("room:NIGHT") == ["room:night"]
    assert desk.told("person:VIC") == ["person:vic"]
    assert desk.told("room:gone") == desk.told("person:gone") == desk.told("channel:gone") == []
    # Somebody without an account is nowhere.
    assert desk.told("person:nowhere") == []
    desk.muted.add(OPS)
    assert desk.told("room:ops") == []
    assert [name for name in ("ops", "night", "gone") if desk.roster.muted(Target(TargetKind.ROOM, name))] == ["ops"]
    assert desk.told(Whom.ROOMS) == ["room:slack-ops"]


def test_the_turn_goes_on_and_somebody_may_stand_in(desk: Desk) -> None:
    desk.now = NOON + WEEK
    assert (desk.told(Whom.ONCALL), desk.told(Whom.NEXT)) == (["person:bob"], ["person:ada"])


async def test_who_stands_in_is_on_call(desk: Desk) -> None:
    desk.stands_in("cyn", NOON + timedelta(hours=2))
    await desk.shifts.load()
    assert desk.told(Whom.ONCALL) == ["person:cyn"]
    desk.now += timedelta(hours=2)
    assert desk.told(Whom.ONCALL) == ["person:ada"]


def test_a_rule_may_be_told_in_some_rooms_alone_also_where_no_other_alert_is(desk: Desk) -> None:
    desk.terms["health_factor"] = replace(desk.terms["health_factor"], rooms=("Night",))
    assert desk.told(Whom.ROOMS) == ["room:night"]


def test_with_a_platform_away_the_rooms_of_another_are_told_too(desk: Desk) -> None:
    desk.terms["health_factor"] = replace(desk.terms["health_factor"], rooms=("ops",))
    assert desk.told(Whom.ROOMS) == ["room:ops"]
    desk.away("telegram")
    # What is owed to the first goes out when it is back.
    assert desk.told(Whom.ROOMS) == ["room:ops", "room:slack-ops"]
    assert desk.told(Whom.ROOMS, Severity.WARNING) == ["room:ops"]


def test_with_every_room_away_any_other_one_is_told(desk: Desk) -> None:
    desk.away("slack")
    desk.ways.note(posted(OPS), State.DEAD)
    assert desk.told(Whom.ROOMS) == ["room:ops", "room:slack-ops", "room:night"]


def test_who_is_on_call_and_not_reached_has_the_next_one_told_now(desk: Desk) -> None:
    desk.away("telegram")
    assert desk.told(Whom.ONCALL) == ["person:ada"]
    desk.away("slack")
    assert desk.told(Whom.ONCALL) == ["person:ada", "person:bob"]


def test_a_recipient_who_took_nothing_is_not_reached_until_something_arrives(desk: Desk) -> None:
    bob, direct = Target(TargetKind.PERSON, "bob"), Room("telegram", "2")
    assert desk.roster.is_reached(bob)
    desk.ways.note(posted(direct), State.DEAD)
    assert not desk.roster.is_reached(bob)
    assert desk.ways.news.is_set()
    desk.ways.note(posted(direct, Kind.ANSWER), State.SENT)
    assert desk.roster.is_reached(bob)


def test_a_closed_room_is_tried_again_after_a_while(desk: Desk) -> None:
    desk.ways.note(posted(SLACK), State.DEAD)
    assert not desk.roster.is_reached(Target(TargetKind.ROOM, "slack-ops"))
    desk.now += timedelta(minutes=11)
    assert desk.roster.is_reached(Target(TargetKind.ROOM, "slack-ops"))


def test_quiet_hours_are_a_room_s_and_nobody_else_s(desk: Desk) -> None:
    night = NOON.replace(hour=23)
    ops, ada = Target(TargetKind.ROOM, "ops"), Target(TargetKind.PERSON, "ada")
    assert desk.roster.hushed(ops, Severity.WARNING, night) == (NOON + timedelta(days=1)).replace(hour=7)
    assert desk.roster.hushed(ops, Severity.WARNING, NOON) is None
    assert desk.roster.hushed(ada, Severity.WARNING, night) is None


def test_a_person_is_told_on_every_platform(desk: Desk) -> None:
    assert desk.roster.rooms_of(Target(TargetKind.PERSON, "ada")) == (Room("slack", "U1"), Room("telegram", "1"))
    assert desk.roster.rooms_of(Target(TargetKind.ROOM, "ops")) == (OPS,)
    # Nobody sends there yet.
    assert desk.roster.rooms_of(Target(TargetKind.CHANNEL, "pager")) == ()


def test_nobody_hears_of_a_bot_that_is_not_theirs() -> None:
    bob = replace(person("bob", Role.OPERATOR, telegram="2"), bots=frozenset({"beta"}))
    desk = Desk([bob, person("cyn", Role.ADMIN, slack="U3")])
    assert desk.told(Whom.OPERATORS) == ["person:cyn"]
    assert desk.told("person:bob") == []


async def test_a_persons_own_quiet_hours_hold_what_can_wait_and_channels_have_none(database: Database) -> None:
    desk = Desk()
    personal = Personal(PostgresPersonal(database))
    rooms = Preferences(PostgresPreferences(database), {})
    desk.roster._habits = Habits(lambda room: UTC, rooms, personal)
    ada, ops = Target(TargetKind.PERSON, "ada"), Target(TargetKind.ROOM, "ops")
    assert desk.roster.hushed(ada, Severity.WARNING, NOON) is None
    await personal.choose("ada", "quiet", "11:00-13:00")
    assert desk.roster.hushed(ada, Severity.WARNING, NOON) == NOON + timedelta(hours=1)
    # What a room chose goes before what the settings say.
    await rooms.choose(OPS, "quiet", "11:30-14:00", "bob")
    assert desk.roster.hushed(ops, Severity.WARNING, NOON) == NOON + timedelta(hours=2)
    await rooms.choose(OPS, "quiet", "off", "bob")
    assert desk.roster.hushed(ops, Severity.WARNING, NOON) is None
    assert desk.roster.hushed(Target(TargetKind.CHANNEL, "pager"), Severity.WARNING, NOON) is None
