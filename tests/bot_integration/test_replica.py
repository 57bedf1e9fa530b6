"""A replica takes in what fits, and nothing of what does not."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot_integration import BotController, CommandFinished, EventsMissed, Noted, Snapshot
from bot_integration.frames import Beat, Changed, Delta, DeltaKind, Resume, Stamp, Whole
from bot_integration.replica import OutOfStep, Replica
from tests.bot_integration.facts import NOON, facts, position

LEG = {"venue": "drift", "instrument": "SOL-PERP", "side": "long", "size": 1, "notional": 100}
LINE = {"at": "2026-05-04T12:00:00Z", "category": "info", "message": "hello"}


def known() -> Snapshot:
    bot = BotController("alpha")
    bot.publish(
        facts(
            positions=[position("A", legs=[LEG, LEG]), position("B")],
            funding=[{"venue": "drift", "asset": "SOL", "rate": 0.1}],
            venues=[{"name": "drift", "stream": "connected"}, {"name": "drift", "stream": "down"}],
            timeline=[LINE] * 20,
        )
    )
    snapshot = bot.snapshot()
    assert snapshot is not None
    return snapshot


SNAPSHOT = known()
STAMP = Stamp(SNAPSHOT.session_id, 100, SNAPSHOT.seq, SNAPSHOT.at)


@pytest.fixture
def replica() -> Replica:
    found = Replica()
    found.apply(Whole(STAMP, SNAPSHOT))
    return found


def changed(*deltas: tuple[str, Any], at: int | None = None) -> Changed:
    """A frame of these, that follows the first snapshot."""
    found = tuple(Delta(DeltaKind(kind), data) for kind, data in deltas)
    return Changed(replace(STAMP, seq=STAMP.seq + len(found) if at is None else at), found)


# ------------------------------------------------------------------------ what fits


def test_it_knows_nothing_before_a_snapshot_came() -> None:
    replica = Replica()
    assert (replica.snapshot, replica.resume) == (None, None)
    with pytest.raises(OutOfStep, match="nothing whole came"):
        replica.apply(Beat(STAMP))


def test_it_resumes_where_it_stands(replica: Replica) -> None:
    replica.apply(changed(("extra_update", {"extra": {"a": 1}})))
    assert replica.resume == Resume(SNAPSHOT.session_id, 101)


def test_a_beat_says_how_old_the_facts_are_and_changes_none(replica: Replica) -> None:
    later = NOON.replace(hour=13)
    assert replica.apply(Beat(replace(STAMP, bot_seq=7, at=later))) == ()
    assert replica.snapshot == SNAPSHOT.model_copy(update={"seq": 7, "at": later})


def test_what_it_knows_already_is_passed_over(replica: Replica) -> None:
    assert replica.apply(changed(("position_closed", {"id": "nobody"}), at=100)) == ()
    assert replica.snapshot is SNAPSHOT


def test_a_leg_takes_what_changed_of_it(replica: Replica) -> None:
    replica.apply(changed(("position_update", {"id": "A", "changed": {}, "legs": [{}, {"leverage": 3}]})))
    assert replica.snapshot is not None
    first, second = replica.snapshot.positions[0].legs
    assert first is SNAPSHOT.positions[0].legs[0]
    assert second == SNAPSHOT.positions[0].legs[1].model_copy(update={"leverage": 3.0})
    assert replica.snapshot.positions[1] is SNAPSHOT.positions[1]


def test_what_this_version_has_no_field_for_is_kept_beside(replica: Replica) -> None:
    replica.apply(changed(("position_update", {"id": "A", "changed": {"moon": "full", "extra": {"a": 1}}})))
    assert replica.snapshot is not None
    assert replica.snapshot.positions[0].extra == {"a": 1, "moon": "full"}


def test_what_was_said_is_handed_on(replica: Replica) -> None:
    command = {"name": "ping", "id": str(uuid4()), "by": "ada", "not_after": "2026-05-04T12:00:00Z"}
    result = {"command_id": command["id"], "outcome": "done"}
    said = replica.apply(
        changed(
            ("event", {"event": LINE, "kept": False}),
            ("command_update", {"command": command, "result": result}),
            ("events_missed", {"count": 3}),
        )
    )
    assert isinstance(said[0], Noted)
    assert said[0].message == "hello"
    assert isinstance(said[1], CommandFinished)
    assert said[1].command.by == "ada"
    assert said[2] == EventsMissed(3)
    assert replica.snapshot == SNAPSHOT


# ------------------------------------------------------------------ what does not fit


@pytest.mark.parametrize(
    "wrong",
    [
        ("position_update", {"id": "nobody", "changed": {}}),
        ("position_update", {"id": "A", "changed": {"id": "B"}}),
        ("position_update", {"id": "A", "changed": {"stage": "flying"}}),
        ("position_update", {"id": "A", "changed": {"delta_ratio": float("inf")}}),
        ("position_update", {"id": "A", "changed": {}, "legs": [{"size": 2}]}),
        ("position_update", {"id": "A", "changed": {}, "legs": [{}, {"size": -1}]}),
        ("position_opened", {"position": {"id": "A"}}),
        ("position_opened", {"position": SNAPSHOT.positions[0].model_dump(mode="json")}),
        ("position_closed", {"id": []}),
        ("positions_order", {"ids": []}),
        ("positions_order", {"ids": ["A", "A"]}),
        ("positions_order", {"ids": ["A", "B", "A"]}),
        ("funding_update", {"funding": {"venue": "drift", "asset": "ETH", "rate": 1}}),
        # Two go by this name.
        ("venue_update", {"venue": {"name": "drift", "stream": "down"}}),
        ("timeline_update", {"dropped": 21}),
        ("timeline_update", {"dropped": -1}),
        ("timeline_update", {"dropped": True}),
        ("event", {"event": LINE, "kept": True}),
        ("events_missed", {"count": 0}),
        ("metrics_update", {"metrics": {"a": "x"}}),
        ("session_update", {"changed": ["stage"]}),
        ("command_update", {}),
    ],
)
def test_what_does_not_fit_is_refused_whole(replica: Replica, wrong: tuple[str, dict[str, Any]]) -> None:
    with pytest.raises(OutOfStep):
        replica.apply(changed(("position_closed", {"id": "B"}), wrong))
    assert (replica.snapshot, replica.seq) == (SNAPSHOT, 100)
    assert replica.snapshot is SNAPSHOT


def test_what_is_known_in_part_is_refused(replica: Replica) -> None:
    with pytest.raises(OutOfStep, match="known already"):
        replica.apply(changed(*[("extra_update", {"extra": {}})] * 3, at=102))


def test_another_run_needs_a_whole_snapshot(replica: Replica) -> None:
    stamp = replace(STAMP, session_id=uuid4(), seq=101)
    for frame in (Beat(stamp), Changed(stamp, ()), Whole(stamp, SNAPSHOT)):
        with pytest.raises(OutOfStep, match=r"another run|started anew"):
            replica.apply(frame)
    assert replica.snapshot is SNAPSHOT


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=3)
    | st.sampled_from(["A", "B", "drift"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "changed", "legs", "all", "size", "stage", "extra", "delta"]), inner, max_size=3
        )
    ),
    max_leaves=5,
)
WORDS = [
    *("id", "ids", "changed", "legs", "position", "funding", "venue", "parameter", "all", "pause", "metrics"),
    *("commands", "extra", "dropped", "event", "kept", "command", "result", "count"),
]
GARBAGE = st.lists(
    st.builds(Delta, st.sampled_from(DeltaKind), VALUES | st.dictionaries(st.sampled_from(WORDS), VALUES, max_size=4)),
    min_size=1,
    max_size=3,
)


@given(GARBAGE)
@example([Delta(DeltaKind.POSITION_UPDATE, {"id": "A", "changed": None})])
@example([Delta(DeltaKind.POSITIONS_ORDER, {"ids": "AB"})])
@example([Delta(DeltaKind.POSITION_UPDATE, {"id": "A", "changed": {}, "legs": "xy"})])
def test_garbage_is_taken_in_or_refused_and_never_in_part(garbage: list[Delta]) -> None:
    replica = Replica()
    replica.apply(Whole(STAMP, SNAPSHOT))
    before = SNAPSHOT.model_dump_json()
    try:
        replica.apply(Changed(replace(STAMP, seq=100 + len(garbage)), tuple(garbage)))
    except OutOfStep:
        assert replica.snapshot is SNAPSHOT
        assert replica.seq == 100
    assert SNAPSHOT.model_dump_json() == before
    assert replica.snapshot is not None
    # Whatever it took in, it is a snapshot that anybody could have published.
    Snapshot.model_validate(replica.snapshot.model_dump())
