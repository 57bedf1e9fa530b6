"""What changed between two snapshots: that and no more, in an order that can be followed."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot_integration import BotController, Leg, Side, Snapshot
from bot_integration.control.codec import Encoding, decode, encode
from bot_integration.deltas import deltas, is_urgent
from bot_integration.difference import difference, dumped
from bot_integration.frames import Changed, Delta, DeltaKind, Stamp, Whole
from bot_integration.replica import Replica
from tests.bot_integration.facts import NOON, facts, position
from tests.bot_integration.snapshots import LEGS, PARTS, POSITIONS, WHOLES, said

LEG = {"venue": "drift", "instrument": "SOL-PERP", "side": "long", "size": 1, "notional": 100, "mark_price": 100}


class Twice:
    """A bot that is looked at, changed, and looked at again."""

    def __init__(self, **before: Any) -> None:
        self._bot = BotController("alpha")
        self._facts = facts(**before)
        self.before = self._publish()
        self.after = self.before

    def then(self, **after: Any) -> list[Delta]:
        """What is told of this change."""
        self._facts |= after
        self.before, self.after = self.after, self._publish()
        return deltas(self.before, self.after)

    @property
    def is_urgent(self) -> bool:
        return is_urgent(self.before, self.after)

    def _publish(self) -> Snapshot:
        assert self._bot.publish(self._facts) == ()
        snapshot = self._bot.snapshot()
        assert snapshot is not None
        return snapshot


def kinds(found: list[Delta]) -> list[str]:
    return [str(one.kind) for one in found]


# ------------------------------------------------------------------------ nothing


def test_a_publish_that_says_the_same_again_is_no_change() -> None:
    same: dict[str, Any] = {
        "positions": [position(legs=[LEG])],
        "funding": [{"venue": "drift", "asset": "SOL", "rate": 0.1}],
        "venues": [{"name": "drift", "stream": "connected"}],
        "parameters": [{"key": "size", "value": 1, "type": "int"}],
        "metrics": {"ticks": 1},
        "timeline": [{"at": NOON, "category": "info", "message": "hello"}],
        "extra": {"spread": float("nan"), "wei": 10**24},
    }
    bot = Twice(**same)
    assert bot.then(**same, at=NOON) == []
    assert not bot.is_urgent


def test_what_an_author_puts_in_is_compared_as_json_has_it() -> None:
    bot = Twice(extra={"on": 1, "spread": float("nan")})
    assert bot.then(extra={"on": 1, "spread": float("nan")}) == []
    assert bot.then(extra={"on": True, "spread": None}) == [
        Delta(DeltaKind.EXTRA_UPDATE, {"extra": {"on": True, "spread": None}})
    ]


def test_what_an_author_goes_on_changing_is_seen_to_change() -> None:
    running: dict[str, Any] = {"fills": {"count": 1}}
    bot = Twice(extra={"own": running})
    running["fills"]["count"] = 2
    assert bot.then(extra={"own": running})[0].data == {"extra": {"own": {"fills": {"count": 2}}}}


# ---------------------------------------------------------------------- positions


def test_of_a_position_the_changed_fields_alone_are_told() -> None:
    bot = Twice(positions=[position(delta=1, lane="carry", legs=[LEG, LEG])])
    moved = position(delta=2, lane="carry", legs=[LEG, {**LEG, "mark_price": 101}])
    assert bot.then(positions=[moved]) == [
        Delta(
            DeltaKind.POSITION_UPDATE, {"id": "ETH-1", "changed": {"delta": 2.0}, "legs": [{}, {"mark_price": 101.0}]}
        )
    ]
    assert not bot.is_urgent


def test_legs_are_told_whole_where_there_are_more_than_before() -> None:
    bot = Twice(positions=[position(legs=[LEG])])
    (delta,) = bot.then(positions=[position(legs=[LEG, LEG])])
    assert delta.data.keys() == {"id", "changed"}
    assert len(delta.data["changed"]["legs"]) == 2


def test_positions_come_and_go_and_that_is_urgent() -> None:
    bot = Twice(positions=[position("A"), position("B")])
    assert kinds(bot.then(positions=[position("B"), position("C")])) == ["position_closed", "position_opened"]
    assert bot.is_urgent
    assert kinds(bot.then(positions=[position("B"), position("C", stage="closing")])) == ["position_update"]
    assert bot.is_urgent


def test_another_order_is_told_once_and_is_not_urgent() -> None:
    bot = Twice(positions=[position("A"), position("B"), position("C")])
    assert bot.then(positions=[position("C"), position("A"), position("B")]) == [
        Delta(DeltaKind.POSITIONS_ORDER, {"ids": ["C", "A", "B"]})
    ]
    assert not bot.is_urgent
    assert kinds(bot.then(positions=[position("D"), position("C"), position("A"), position("B")])) == [
        "position_opened",
        "positions_order",
    ]


# ------------------------------------------------------------------ all the others


@pytest.mark.parametrize(
    ("session", "told"),
    [
        ({"pause": {"paused": True, "scopes": ["all"]}}, ["pause_state_change"]),
        ({"stage": "exiting"}, ["session_update"]),
        ({"health": "degraded"}, ["session_update"]),
        ({"mode": "live", "pause": {"kill_switch": True}}, ["pause_state_change", "session_update"]),
        ({"breakers": [{"name": "loss", "active": True}]}, ["session_update"]),
    ],
)
def test_how_the_bot_is_is_urgent(session: dict[str, Any], told: list[str]) -> None:
    bot = Twice()
    assert kinds(bot.then(session={**facts()["session"], **session})) == told
    assert bot.is_urgent


def test_what_only_counts_can_wait() -> None:
    bot = Twice()
    session = {**facts()["session"], "cycle": {"number": 1}, "breakers": [{"name": "loss"}]}
    (delta,) = bot.then(session=session)
    assert delta.data["changed"].keys() == {"cycle", "breakers"}
    assert not bot.is_urgent


def test_one_of_a_list_is_told_alone_and_all_where_they_are_others() -> None:
    first, second = ({"name": name, "stream": "connected"} for name in ("drift", "bybit"))
    bot = Twice(venues=[first, second])
    (one,) = bot.then(venues=[first, {**second, "stream": "down"}])
    assert one.data["venue"]["name"] == "bybit"
    (all_,) = bot.then(venues=[first])
    assert [venue["name"] for venue in all_.data["all"]] == ["drift"]
    assert bot.then(venues=[first, first])[0].data.keys() == {"all"}
    # Two go by one name now: which of them is meant could not be told.
    assert bot.then(venues=[first, {**first, "height": 1}])[0].data.keys() == {"all"}


def test_a_secret_parameter_is_told_without_its_value() -> None:
    bot = Twice(parameters=[{"key": "api_key", "value": "hunter22", "type": "str"}])
    (delta,) = bot.then(parameters=[{"key": "api_key", "secret": True, "value": "hunter22", "type": "str"}])
    assert delta.data["parameter"]["value"] is None


def test_a_timeline_rolls_on_or_is_another() -> None:
    lines = [{"at": NOON, "category": "info", "message": str(number)} for number in range(25)]
    bot = Twice(timeline=lines[:20])
    assert kinds(bot.then(timeline=lines[2:22])) == ["timeline_update", "event", "event"]
    assert kinds(bot.then(timeline=lines[:1])) == ["timeline_update", "event"]
    assert kinds(bot.then(timeline=[])) == ["timeline_update"]
    assert bot.then(timeline=lines[5:6])[0].data["event"]["message"] == "5"


# ------------------------------------------------------------------------- for all


@given(WHOLES, WHOLES, st.sampled_from(Encoding), st.data())
def test_what_changed_leads_from_the_one_to_the_other(
    first: dict[str, Any], second: dict[str, Any], encoding: Encoding, data: st.DataObject
) -> None:
    # Some parts stay as they were, the same or made anew.
    for name in data.draw(st.sets(st.sampled_from(sorted(PARTS)), min_size=0, max_size=len(PARTS))):
        second[name] = first[name]
    bot = BotController("alpha")
    bot.publish(first)
    before = bot.snapshot()
    bot.publish(second)
    after = bot.snapshot()
    assert before is not None
    assert after is not None
    found = tuple(deltas(before, after))
    replica = Replica()
    for frame in (
        Whole(Stamp(before.session_id, 0, before.seq, before.at), before),
        Changed(Stamp(after.session_id, 1 + len(found), after.seq, after.at), found),
    ):
        replica.apply(decode(encode(frame, encoding), encoding))
    sent = decode(encode(Whole(Stamp(after.session_id, 9, after.seq, after.at), after), encoding), encoding)
    assert isinstance(sent, Whole)
    assert said(replica.snapshot) == said(sent.snapshot)
    assert replica.snapshot is not None
    assert (replica.snapshot.seq, replica.snapshot.at) == (after.seq, after.at)


@given(st.one_of(st.tuples(LEGS, LEGS), st.tuples(POSITIONS, POSITIONS), st.tuples(*[PARTS["session"]] * 2)))
def test_a_changed_field_is_said_as_pydantic_says_it(pair: tuple[Any, Any]) -> None:
    before, after = pair
    whole = dumped(after)
    changed = difference(before, after)
    assert repr({name: whole[name] for name in sorted(changed)}) == repr(
        {name: changed[name] for name in sorted(changed)}
    )
    assert {name for name in whole if repr(whole[name]) != repr(dumped(before)[name])} >= changed.keys()


def test_a_moment_is_said_as_pydantic_says_it() -> None:
    leg = Leg(venue="drift", instrument="SOL", side=Side.LONG, size=Decimal(1), notional=Decimal(1))
    bot = Twice(positions=[position(legs=[leg])])
    (delta,) = bot.then(positions=[position(legs=[leg], updated_at=NOON + timedelta(microseconds=5))])
    assert delta.data["changed"] == {"updated_at": "2026-05-04T12:00:00.000005Z"}
