"""Whatever a bot says of its parameters, breakers and ends, what is shown of it can be read on a phone."""

import uuid
from collections.abc import Callable
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from bot_integration import (
    BotController,
    Breaker,
    CommandResult,
    LegPreview,
    Parameter,
    Position,
    Preview,
    Snapshot,
)
from chatops.asks import BreakerReset, Breakers, CloseAll, Hold, Kill, Rebalance, Set, Stop
from chatops.fleet import Held
from chatops.views import breakers, choices, holding, killing, trading, tuning, whole
from chatops.views.whole import Look, Whole
from tests.chatops.views.facts import MOMENTS, NAMES, NOW, POSITIONS, PREVIEWS, RESULTS, SNAPSHOTS, TEXTS, alpha, carry
from tests.chatops.views.readable import assert_readable
from tests.chatops.views.test_any_facts import wild as wilder

PARAMETERS = st.builds(
    Parameter,
    key=NAMES,
    value=st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    type=st.sampled_from(["int", "float", "bool", "str"]) | TEXTS,
    unit=st.sampled_from(["", "USD", "%"]) | TEXTS,
    min=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    max=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    category=TEXTS,
    hot=st.booleans(),
    secret=st.booleans(),
    help=TEXTS,
)
BREAKERS = st.builds(Breaker, name=NAMES, active=st.booleans(), since=st.none() | MOMENTS, reason=TEXTS, help=TEXTS)
BOTS = st.dictionaries(NAMES, st.none() | SNAPSHOTS, min_size=1, max_size=3)
WHOLES: st.SearchStrategy[Whole] = st.builds(Stop, bot=NAMES | st.just(""), reason=TEXTS.map(lambda text: text[:200]))
WHOLES |= st.builds(CloseAll, bot=NAMES | st.just(""))
ID = uuid.UUID(int=9)


def wild(test: Callable[..., None]) -> Callable[..., None]:
    """As wild, and fewer of them: what is built here is large."""
    return settings(wilder, max_examples=15)(test)


@wild
@given(WHOLES, BOTS, st.none() | PREVIEWS, TEXTS, TEXTS)
def test_any_question_before_everything_is_closed_can_be_read(
    ask: Whole, bots: dict[str, Snapshot | None], preview: Preview | None, missing: str, refusal: str
) -> None:
    looks = [Look(name, facts, preview, refusal, missing) for name, facts in bots.items()]
    assert_readable(whole.really(ask, looks, NOW, ID))
    assert_readable(whole.refused(looks, ()))
    assert whole.preview_facts(looks).keys() == bots.keys()


@wild
@given(WHOLES, BOTS, st.lists(POSITIONS, max_size=4), st.lists(RESULTS, min_size=3, max_size=3))
def test_any_course_and_end_can_be_read(
    ask: Whole, now: dict[str, Snapshot | None], began: list[Position], results: list[CommandResult]
) -> None:
    held = [Held(BotController(name), one) for name in now for one in began]
    ends = dict(zip(now, results, strict=False))
    assert_readable(whole.course(ask, held, now, ends))
    assert_readable(whole.ended(ask, held, [*ends.items()], now, ()))


@wild
@given(st.sampled_from(["", "on", "off", "\x00", "\u202e"]), BOTS)
def test_any_kill_switch_can_be_read(switch: str, bots: dict[str, Snapshot | None]) -> None:
    ask = Kill(switch=switch)
    assert_readable(killing.on_or_off(ask, [*bots.items()]))
    assert_readable(killing.really_kill(ask, [*bots.items()], ID))


@wild
@given(NAMES, NAMES, st.lists(PARAMETERS, min_size=1, max_size=20), TEXTS, st.booleans())
def test_any_parameter_can_be_read(bot: str, name: str, known: list[Parameter], typed: str, may_set: bool) -> None:
    one = known[0]
    ask = Set(key=one.key, to=typed, bot=bot)
    for message in (
        tuning.categories(bot, known),
        tuning.category(bot, name, known, may_set=may_set),
        tuning.parameter(bot, one, may_set=may_set),
        tuning.no_such_category(bot, typed, known),
        tuning.which_key(bot, known),
        tuning.no_such_key(bot, typed, [one.key]),
        tuning.is_secret(one),
        tuning.not_hot(bot, one),
        tuning.which_value(bot, one),
        tuning.will_not_do(bot, one, typed),
        tuning.is_already(bot, one),
        tuning.really_set(ask, one, typed),
    ):
        assert_readable(message)


@wild
@given(st.lists(BREAKERS, max_size=4, unique_by=lambda one: one.name), SNAPSHOTS, st.booleans(), NAMES)
def test_any_breaker_can_be_read(known: list[Breaker], facts: Snapshot, may_reset: bool, wanted: str) -> None:
    session = facts.session.model_copy(update={"breakers": tuple(known)})
    snapshot = facts.model_copy(update={"session": session})
    assert_readable(breakers.breakers([("alpha", snapshot), ("beta", None)], may_reset, NOW, Breakers()))
    assert_readable(breakers.which("alpha", snapshot, wanted))
    for one in breakers.known(snapshot):
        assert_readable(breakers.really_reset(BreakerReset(name=one.name, bot="alpha"), one, NOW))


@wild
@given(POSITIONS, NAMES, st.none() | MOMENTS, TEXTS, st.none() | PREVIEWS)
def test_any_hold_and_rebalance_can_be_read(
    position: Position, until: str, moment: datetime | None, note: str, preview: Preview | None
) -> None:
    ask = Hold(position=position.id, until=until, bot="alpha")
    assert_readable(holding.really_hold(ask, position, moment, NOW, note=note))
    assert_readable(holding.not_held("alpha", position))
    assert_readable(holding.no_such_moment(ask, "it goes: 2h"))
    assert_readable(trading.really_rebalance(Rebalance(position=position.id), position, preview, note))
    assert_readable(choices.not_heard(["alpha"]))


def test_two_hundred_positions_fit_one_message() -> None:
    held = tuple(carry(f"JITOSOL-{number:04}") for number in range(200))
    legs = tuple(
        LegPreview(venue="drift", instrument="JITOSOL-PERP", slippage=one.delta, fee=one.delta, position=one.id)
        for one in held
    )
    look = Look("alpha", alpha(held), Preview(command="close_all", at=NOW, legs=legs))
    message = whole.really(Stop(bot="alpha"), [look], NOW, ID)
    assert_readable(message)
    assert message.title == "Stop alpha? 200 positions"
    assert "and 180 more." in message.text
    course = whole.course(Stop(bot="alpha"), [Held(BotController("alpha"), one) for one in held], {"alpha": None}, {})
    assert_readable(course)
    assert course.title == "Stopping alpha: 0 of 400 legs closed…"
    assert max(len(message.text), len(course.text)) <= 4_096
