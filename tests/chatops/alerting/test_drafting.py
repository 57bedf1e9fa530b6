"""What is told becomes messages: which of them changes what, and where the buttons stand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.model import Advance, Alert, Form, Target, TargetKind, Telling
from alerts.severity import Severity
from alerts.why import Why
from chatops.adapters.memory import MemoryAdapter
from chatops.alerting.cards import Buttons, card_key
from chatops.alerting.drafting import Drafting
from chatops.drafts import Drafts
from chatops.owed import Kind, Owed
from chatops.redactor import Redactor
from chatops.room import Room
from chatops.storage.alert_voices import Voice
from chatops.views.alerts import Around
from tests.chatops.storage.alerting import MINUTE, OPS, acknowledged, fires, resolves, rises
from tests.chatops.storage.owing import NOON

ROOM, OTHER = Room("memory", "ops"), Room("memory", "other")
CRITICAL, EMERGENCY, WARNING = Severity.CRITICAL, Severity.EMERGENCY, Severity.WARNING
PAGER = Target(TargetKind.CHANNEL, "pager")


class Writer:
    """Drafts for one room, or for a person with two."""

    def __init__(self, buttons: Buttons | None = None) -> None:
        adapter = MemoryAdapter(lambda: NOON)
        drafts = Drafts({"memory": adapter}, lambda: NOON, MINUTE, MINUTE, Redactor())
        self.buttons = buttons or Buttons()
        self.drafting = Drafting(drafts, self._rooms, lambda alert, target: Around(NOON + MINUTE), self.buttons)

    def write(self, *advances: Advance) -> list[Owed]:
        self.drafted = self.drafting.draft(advances)
        return self.drafted.owed

    def _rooms(self, target: Target) -> Sequence[Room]:
        return (ROOM, OTHER) if target.kind is TargetKind.PERSON else (ROOM,)


@pytest.fixture
def writer() -> Writer:
    return Writer()


def edit(alert: Alert, why: Why, target: Target = OPS) -> Advance:
    return Advance(alert, alert.version, tellings=(Telling(target, Form.EDIT, why, "so"),))


def quiet(advance: Advance) -> Advance:
    return replace(advance, tellings=tuple(replace(one, why=Why.QUIET_OVER) for one in advance.tellings))


def shape(owed: Sequence[Owed]) -> list[tuple[str, bool, int]]:
    """Which message of the alert each is, whether it changes one, and how many buttons it has."""
    return [
        (((one.card or "").partition("#")[2] and "ping") or "card", one.in_place, sum(map(len, one.posting.keys)))
        for one in owed
    ]


def test_a_fire_is_a_new_message_under_the_alert_s_key(writer: Writer) -> None:
    first = fires(severity=CRITICAL)
    (card,) = writer.write(first)
    assert (card.kind, card.severity, card.card, card.in_place) == (
        Kind.ALERT,
        CRITICAL,
        card_key(first.alert.id),
        False,
    )
    assert len(writer.drafted.minted) == sum(map(len, card.posting.keys)) == 5
    assert writer.drafted.carriers == {(first.alert.id, OPS): [card.id]}
    assert card.posting.message.facts["number"] == 1


def test_a_ping_takes_the_buttons_of_the_card_and_the_next_one_those_of_the_ping(writer: Writer) -> None:
    first = fires(severity=WARNING)
    writer.write(first)
    worse = rises(first.alert, CRITICAL, NOON + MINUTE)
    ping, card = writer.write(worse)
    assert shape([ping, card]) == [("ping", False, 5), ("card", True, 0)]
    assert ping.hangs_on == card_key(first.alert.id)
    assert (card.only_changes, card.severity) == (True, Severity.INFO)
    again, former, card = writer.write(rises(worse.alert, EMERGENCY, NOON + 2 * MINUTE))
    assert shape([again, former, card]) == [("ping", False, 4), ("ping", True, 0), ("card", True, 0)]
    assert former.card == ping.card
    assert again.card != ping.card


def test_in_hand_the_card_has_the_buttons_and_no_ping_asks_for_an_answer(writer: Writer) -> None:
    first = fires(severity=WARNING)
    writer.write(first)
    worse = rises(first.alert, CRITICAL, NOON + MINUTE)
    ping, _ = writer.write(worse)
    taken = acknowledged(worse.alert, "ada", NOON + 2 * MINUTE)
    card, former = writer.write(replace(taken, tellings=edit(taken.alert, Why.ACKNOWLEDGED).tellings))
    assert shape([card, former]) == [("card", True, 3), ("ping", True, 0)]
    assert former.card == ping.card
    assert "ada has it in hand" in card.posting.message.text
    assert card.posting.message.silent


def test_while_a_ping_has_the_buttons_an_edit_gives_the_card_none(writer: Writer) -> None:
    first = fires(severity=WARNING)
    writer.write(first)
    worse = rises(first.alert, CRITICAL, NOON + MINUTE)
    writer.write(worse)
    assert shape(writer.write(edit(worse.alert, Why.FIGURES))) == [("card", True, 0)]


def test_after_a_restart_the_buttons_are_where_they_were() -> None:
    buttons, first = Buttons(), fires(severity=CRITICAL)
    at = NOON + MINUTE
    buttons.learn([Voice(first.alert.id, OPS, Form.PING, at)])
    _, former, _ = Writer(buttons).write(rises(first.alert, EMERGENCY, at + MINUTE))
    assert former.card == f"{card_key(first.alert.id)}#20260102T120100000000"
    buttons.learn([Voice(first.alert.id, OPS, Form.CARD, at)])
    assert shape(Writer(buttons).write(edit(first.alert, Why.FIGURES))) == [("card", True, 5)]


def test_the_end_of_a_critical_one_is_a_new_message_and_the_card_says_so_too(writer: Writer) -> None:
    first = fires(severity=CRITICAL)
    writer.write(first)
    over, card = writer.write(resolves(first.alert, NOON + 5 * MINUTE))
    assert shape([over, card]) == [("ping", False, 1), ("card", True, 1)]
    assert (over.hangs_on, over.ends) == (card_key(first.alert.id), True)
    assert over.posting.message.title == "✅ RESOLVED SOL-1/bybit health_factor after 5 min · #1"
    # Where the card is gone, it is not shown anew: the other message says it.
    assert card.only_changes


def test_the_end_of_a_warning_is_on_its_card_alone(writer: Writer) -> None:
    first = fires(severity=WARNING)
    writer.write(first)
    (card,) = writer.write(resolves(first.alert, NOON + MINUTE))
    assert (card.in_place, card.ends, card.only_changes) == (True, True, False)


def test_what_quiet_hours_held_is_one_message_a_room(writer: Writer) -> None:
    held = [quiet(fires(f"SOL-{n}/bybit", number=n)) for n in range(1, 4)]
    over = quiet(resolves(fires("ETH-1/okx", number=9).alert, NOON + MINUTE))
    (digest,) = writer.write(*held, over)
    assert digest.posting.message.title == "Quiet hours are over: 4 alerts, 3 still standing"
    assert "✅ RESOLVED ETH-1/okx health_factor after 1 min · #9" in digest.posting.message.text
    assert len(writer.drafted.carriers) == 4
    (alone,) = writer.write(quiet(fires("BTC-1/okx", number=10)))
    assert alone.posting.message.title == "🟠 WARNING BTC-1/okx HF 0.148 · #10"


def test_a_person_is_told_in_each_of_their_rooms_and_a_channel_only_what_is_news(writer: Writer) -> None:
    ada = Target(TargetKind.PERSON, "ada")
    first = fires(severity=CRITICAL, tells=(ada, PAGER))
    assert [one.room for one in writer.write(first)] == [ROOM, OTHER, ROOM]
    worse = rises(first.alert, EMERGENCY, NOON + MINUTE, tells=(PAGER,))
    assert shape(writer.write(worse)) == [("ping", False, 0)]
    assert writer.write(edit(worse.alert, Why.FIGURES, PAGER)) == []


def test_what_cannot_be_worded_is_told_all_the_same() -> None:
    def broken(alert: Alert, target: Target) -> Around:
        raise LookupError(alert.number)

    writer = Writer()
    writer.drafting = Drafting(writer.drafting._drafts, lambda target: (ROOM,), broken, Buttons())
    (told,) = writer.write(fires(severity=CRITICAL))
    assert told.posting.message.title == "🔴 CRITICAL SOL-1/bybit HF 0.148 · #1: fired for a reason"


def test_a_drill_says_so_on_everything(writer: Writer) -> None:
    first = fires(severity=CRITICAL, is_drill=True)
    worse = rises(first.alert, EMERGENCY, NOON + MINUTE)
    taken = acknowledged(worse.alert, "ada", NOON + 2 * MINUTE)
    steps = (first, worse, edit(taken.alert, Why.ACKNOWLEDGED), resolves(taken.alert, NOON + timedelta(hours=1)))
    titles = [one.posting.message.title for step in steps for one in writer.write(step)]
    assert len(titles) == 7
    assert all(title.startswith("DRILL ") for title in titles)
