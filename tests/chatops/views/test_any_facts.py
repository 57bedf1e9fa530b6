"""Whatever a bot publishes and whatever people type, what is shown can be read on a phone."""

import uuid
from datetime import datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot_integration import BotController, CommandResult, Outcome, Position, Preview, Snapshot, TimelineEvent
from chatops.asks import (
    ASKS,
    Ask,
    Cancel,
    Close,
    Events,
    Pause,
    Positions,
    Resume,
    ShowPosition,
    Status,
)
from chatops.fleet import Held
from chatops.grammar import Misread, parse
from chatops.guard.permissions import Denied, Permissions
from chatops.guard.presses import StoredPress, Verdict
from chatops.people import Identity, Principal, Role
from chatops.room import Room
from chatops.views import answers, choices, people, settled, trading
from chatops.views.events import events
from chatops.views.positions import PAGE, card, positions
from chatops.views.status import status
from tests.chatops.views.facts import (
    EVENTS,
    MOMENTS,
    NAMES,
    NOW,
    POSITIONS,
    PREVIEWS,
    RESULTS,
    SNAPSHOTS,
    TEXTS,
    alpha,
    carry,
)
from tests.chatops.views.readable import assert_readable

settings.register_profile(
    "views", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
wild = settings(settings.get_profile("views"))

MESSAGE_CHARACTERS = 4_096
KNOWN = st.tuples(NAMES, st.none() | SNAPSHOTS)
PEOPLE = st.builds(Principal, name=NAMES, role=st.sampled_from(Role))
CLOSES = st.builds(
    Close, position=NAMES | st.just(""), percent=st.floats(0, 100, exclude_min=True), bot=NAMES | st.just("")
)
HOLDS: st.SearchStrategy[Pause | Resume] = st.builds(
    Pause, scope=NAMES, reason=TEXTS.map(lambda text: text[:200]), bot=NAMES
) | st.builds(Resume, scope=NAMES, bot=NAMES)
ACTS = CLOSES | HOLDS


def held(bot: str, *these: Position) -> list[Held]:
    controller = BotController(bot)
    return [Held(controller, one) for one in these]


def choose(position: str, bot: str) -> ShowPosition:
    return ShowPosition(position=position, bot=bot)


@wild
@given(st.lists(KNOWN, max_size=3))
def test_any_status_can_be_read(bots: list[tuple[str, Snapshot | None]]) -> None:
    assert_readable(status(bots, NOW, Status()))


@wild
@given(st.lists(st.tuples(NAMES, POSITIONS, MOMENTS), max_size=8), st.lists(NAMES, max_size=3), st.integers(1, 10_000))
def test_any_positions_can_be_read(rows: list[tuple[str, Position, datetime]], silent: list[str], page: int) -> None:
    assert_readable(positions(rows, silent, NOW, Positions(page=page)))


@wild
@given(NAMES, POSITIONS, MOMENTS)
def test_any_card_can_be_read(bot: str, position: Position, at: datetime) -> None:
    assert_readable(card(bot, position, at, NOW))


@wild
@given(st.lists(st.tuples(NAMES, EVENTS), max_size=100), st.booleans(), st.integers(1, 100))
def test_any_events_can_be_read(told: list[tuple[str, TimelineEvent]], several: bool, count: int) -> None:
    message = events(told, several, NOW, Events(count=count))
    assert_readable(message)
    assert len(message.text) <= MESSAGE_CHARACTERS


@wild
@given(CLOSES, POSITIONS, st.none() | PREVIEWS, TEXTS)
def test_any_question_before_a_close_can_be_read(
    ask: Close, position: Position, preview: Preview | None, note: str
) -> None:
    assert_readable(trading.really_close(ask, position, preview, note))


@wild
@given(HOLDS, st.lists(NAMES, min_size=1, max_size=5), TEXTS)
def test_any_question_before_a_hold_can_be_read(ask: Pause | Resume, bots: list[str], note: str) -> None:
    assert_readable(trading.really_pause(ask, bots, note))


@wild
@given(ACTS, st.lists(st.tuples(NAMES, RESULTS), min_size=1, max_size=3), TEXTS)
def test_any_result_can_be_read(
    ask: Close | Pause | Resume, results: list[tuple[str, CommandResult]], reason: str
) -> None:
    assert_readable(trading.result(results, ask))
    assert_readable(trading.refused(reason))


@wild
@given(st.lists(POSITIONS, max_size=20), NAMES, TEXTS, st.lists(NAMES, max_size=20), HOLDS)
def test_any_choice_can_be_read(
    these: list[Position], bot: str, wanted: str, names: list[str], hold: Pause | Resume
) -> None:
    known = [*held(bot, *these), *held("beta", *these[:1])]
    assert_readable(choices.which_position("Which?", known, choose))
    assert_readable(choices.not_one(wanted, known[:2], known, choose))
    assert_readable(choices.not_one(wanted, [], known, choose))
    assert_readable(choices.not_one(wanted, [], [], choose))
    assert_readable(choices.no_such_scope(hold, ["entry", "exit", *names]))
    assert_readable(choices.which_bot(hold, ["alpha", *names]))
    assert_readable(choices.no_such_bot(wanted, names))


@wild
@given(PEOPLE, TEXTS, st.sampled_from([*ASKS[:-1]]), ACTS)
def test_any_answer_can_be_read(person: Principal, text: str, kind: type[Ask], act: Ask) -> None:
    read = parse(text, [person.name])
    hint = read if isinstance(read, Misread) else Misread("Try /help.", ASKS)
    shown = [
        answers.misread(hint, person, Permissions()),
        answers.working(act),
        answers.stale(act),
        answers.cancelled(),
        answers.database_away(),
        answers.nowhere_to_record(),
        answers.broke(uuid.uuid4()),
        people.start(person, text or "main"),
        people.whoami(person, Identity("telegram", "1")),
        people.words(person, Permissions()),
        people.word(kind, person, Permissions()),
        settled.settled(act.word, act.arguments, Outcome.UNKNOWN, text),
    ]
    for message in shown:
        assert_readable(message)


@wild
@given(st.sampled_from(Verdict), ACTS | st.just(Cancel()), NAMES, st.none() | TEXTS)
def test_any_word_about_a_button_can_be_read(verdict: Verdict, ask: Ask, asker: str, said: str | None) -> None:
    stored = StoredPress("t" * 22, ask, asker, Room("memory", "desk"), uuid.uuid4(), NOW, NOW, result=said, open=False)
    assert_readable(answers.not_good(verdict, stored))
    assert_readable(answers.not_good(verdict, None))


@given(PEOPLE, ACTS)
def test_any_denial_can_be_read(person: Principal, act: Ask) -> None:
    decision = Permissions().check(person, act)
    assert not isinstance(decision, Denied) or decision.reason
    assert_readable(answers.denied(Denied("I do not know you.")))


# As many as there may be.


def test_two_hundred_positions_fit_page_by_page() -> None:
    rows = [("alpha", carry(f"JITOSOL-{number:04}", stage="closing"), NOW) for number in range(200)]
    seen: list[str] = []
    for page in range(1, 5):
        message = positions(rows, ["beta"], NOW, Positions(page=page))
        assert_readable(message)
        assert len(message.text) <= MESSAGE_CHARACTERS
        assert f"page {page} of 4" in message.text
        seen += [line.split()[0] for line in message.text.splitlines() if line.startswith("JITOSOL")]
    assert len(set(seen)) == len(seen) == 200


def test_a_page_too_far_is_the_last() -> None:
    rows = [("alpha", carry(f"SOL-{number}"), NOW) for number in range(PAGE + 1)]
    assert "page 2 of 2" in positions(rows, [], NOW, Positions(page=9_999)).text


def test_five_bots_fit_one_message() -> None:
    many = tuple(carry(f"SOL-{number}") for number in range(40))
    bots = [(f"carry-{number}", alpha(many)) for number in range(5)]
    message = status(bots, NOW, Status())
    assert_readable(message)
    assert len(message.text) <= MESSAGE_CHARACTERS
