"""A recorder that is stopped, or killed, anywhere: what is stored is what one would have stored that never was."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from bot_integration import Snapshot
from chatops.history.known import Known
from chatops.history.rows import Batch
from chatops.money.attribution import By, attributed, parts
from chatops.money.facts import ZERO
from chatops.money.spans import Span
from chatops.money.summary import equity
from tests.chatops.history.lived import BEGAN, CAPITAL, live, recorder
from tests.chatops.history.memory_store import MemoryStore, books
from tests.examples import examples

DAYS = 24
ALL = Span(BEGAN, BEGAN + timedelta(days=DAYS))
#: After so many snapshots.
PLACES = st.lists(st.integers(1, 3 * DAYS), max_size=6)
#: And how many go by unseen then.
KILLS = st.lists(st.tuples(st.integers(1, 3 * DAYS), st.integers(0, 12)), min_size=1, max_size=4)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lived() -> Sequence[Snapshot]:
    return [one async for day in live(DAYS) for one in day.snapshots]


def test_what_the_bot_says_of_its_legs_makes_up_its_positions(lived: Sequence[Snapshot]) -> None:
    for snapshot in lived:
        whole = snapshot.portfolio
        assert whole.deposits == CAPITAL
        assert same(whole.equity, CAPITAL + whole.pnl.total)
        for one in snapshot.positions:
            legs = (*one.legs, *one.closed_legs)
            assert same(sum((leg.realized or ZERO for leg in legs), ZERO), one.pnl.realized)
            assert same(sum((leg.funding for leg in legs), ZERO), one.pnl.funding)
            assert same(sum((leg.fees for leg in legs), ZERO), one.pnl.fees)
            assert not any(leg.size for leg in one.closed_legs)
    closed = [one for snapshot in lived for one in snapshot.positions if one.stage == "closed"]
    assert closed
    assert all(one.slippage for one in closed)


@given(places=PLACES)
@settings(max_examples=examples(6), deadline=None)
def test_who_is_stopped_between_any_two_snapshots_stores_the_same(lived: Sequence[Snapshot], places: list[int]) -> None:
    store = MemoryStore()
    for some in cut(lived, places):
        own = recorder(store.head("alpha"))
        for snapshot in some:
            own.take(snapshot)
        stored(store, own.batch(final=True))
    whole = recorder()
    for snapshot in lived:
        whole.take(snapshot)
    batch = whole.batch(final=True)
    assert batch is not None
    found, wanted = books(store.batches), books([batch])
    assert list(found.bookings) == list(wanted.bookings)
    assert list(found.payments) == list(wanted.payments)
    assert list(found.trades) == list(wanted.trades)
    assert set(found.samples) == set(wanted.samples)
    assert all_of(store.batches, "happened") == list(batch.happened)
    assert all_of(store.batches, "transfers") == list(batch.transfers)
    assert not found.gaps


@given(kills=KILLS)
@settings(max_examples=examples(10), deadline=None)
def test_whatever_goes_by_unseen_no_money_is_lost_or_counted_twice(
    lived: Sequence[Snapshot], kills: list[tuple[int, int]]
) -> None:
    store = MemoryStore()
    missed = {at + number for at, length in kills for number in range(length)}
    own = recorder()
    for number, snapshot in enumerate(lived):
        if number in missed:
            # Killed: what was not stored is gone, and so is what the bot told meanwhile.
            own = recorder(store.head("alpha"))
            continue
        own.take(snapshot)
        if number % 5 == 0:
            stored(store, own.batch())
    own.take(lived[-1])
    stored(store, own.batch())
    found = books(store.batches)
    said = lived[-1].portfolio.pnl
    whole = parts(found, ALL)
    head = store.head("alpha")
    assert head is not None
    waiting = sum((one.actual for one in Known.from_json(head.known).waiting.values()), ZERO)
    assert same(whole.realized, said.realized)
    assert same(whole.fees, said.fees)
    assert same(whole.funding + waiting, said.funding)
    assert same(whole.unrealized, said.unrealized)
    assert same(equity(found, ALL).made, whole.total + waiting)
    assert equity(found, ALL).deposits == CAPITAL
    assert len({one.id for one in found.trades}) == len(found.trades)
    # Whoever made it, all of them made the whole.
    assert same(sum((one.total for one in attributed(found, ALL, By.STRATEGY).values()), ZERO), whole.total)


@given(st.integers(2, 40))
@settings(max_examples=examples(2), deadline=None)
def test_a_far_bot_whose_money_came_through_floats_made_the_same_to_the_cent(
    lived: Sequence[Snapshot], every: int
) -> None:
    store, own = MemoryStore(), recorder()
    for number, snapshot in enumerate(lived):
        own.take(Snapshot.model_validate_json(snapshot.model_dump_json()))
        if number % every == 0:
            stored(store, own.batch())
            own = recorder(store.head("alpha"))
    stored(store, own.batch())
    found = books(store.batches)
    said = lived[-1].portfolio.pnl
    assert abs(parts(found, ALL).total - said.total) < Decimal("0.01")
    assert abs(equity(found, ALL).made - said.total) < Decimal("0.01")
    assert equity(found, ALL).deposits == CAPITAL
    # Nothing was taken for a booking that is an error of floats.
    assert all(abs(one.realized) + abs(one.fees) > Decimal("1e-6") for one in found.bookings)
    assert all(one.position for one in (*(one.of for one in found.bookings), *(one.of for one in found.payments)))


def stored(store: MemoryStore, batch: Batch | None) -> None:
    assert batch is None or store.take(batch)


def cut(lived: Sequence[Snapshot], places: Iterable[int]) -> list[Sequence[Snapshot]]:
    ends = [0, *sorted(set(places)), len(lived)]
    return [lived[start:end] for start, end in pairwise(ends) if lived[start:end]]


def all_of(batches: Iterable[Batch], what: str) -> list[object]:
    return [one for batch in batches for one in getattr(batch, what)]


def same(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) < Decimal("1e-9")
