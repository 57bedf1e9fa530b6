"""What the page of a person says."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.oncall import Shift
from bot_integration import Health, PauseState, Portfolio, Side, Snapshot
from chatops.home import Page, Row, Word
from chatops.layout import width
from chatops.link import Away, Connected, Link
from chatops.messages import PHONE_COLUMNS, Paragraph, Table
from chatops.views.home import Seen, closed, home
from tests.chatops.views.facts import NAMES, NOW, SNAPSHOTS, alpha, carry, leg
from tests.chatops.views.readable import hidden


def page(seen: Seen, now: datetime = NOW) -> Page:
    return home(seen, now, [[Word("Status", "status")]], {"alpha": [Word("Close alpha…", "close alpha")]})


def text(of: Page) -> str:
    """All that a page says, without its words."""
    said = [of.title]
    for part in of.parts:
        match part:
            case Paragraph():
                said.append(part.text)
            case Table():
                said += part.lines
            case Row():
                pass
    return "\n".join(said)


def labels(of: Page) -> Sequence[str]:
    return [word.label for word in of.words]


def fleet(bots: int, positions: int) -> list[tuple[str, Snapshot | None]]:
    return [(f"bot-{n:02}", alpha(tuple(carry(f"SOL-{n}-{m}") for m in range(positions)))) for n in range(bots)]


def held_back(**how: Any) -> Snapshot:
    calm = alpha()
    return calm.model_copy(update={"session": calm.session.model_copy(update={"pause": PauseState(**how)})})


def test_one_bot_is_shown_whole_with_its_positions_and_words() -> None:
    shown = page(Seen([("alpha", alpha((carry(),)))]))
    said = text(shown)
    assert shown.title == "alpha is well"
    assert "alpha · live · monitoring · ok" in said
    assert ("104,512.33" in said, "-153.21" in said, "0.228 SOL-1 kamino" in said) == (True, True, True)
    assert "1 open, +31.16 USD" in said
    assert labels(shown) == ["Status", "Close alpha…"]


def test_what_is_wrong_stands_first_and_in_the_title() -> None:
    links: dict[str, Link] = {"telegram": Away(NOW - timedelta(minutes=3), "no connection"), "slack": Connected(NOW)}
    shown = page(
        Seen([("alpha", held_back(kill_switch=True, paused=True, by="ada"))], links=links, is_database_here=False)
    )
    first, second, *_ = shown.parts
    assert (isinstance(first, Paragraph) and first.text.startswith("⚠ My database is away")) is True
    assert second == Paragraph("⚠ Telegram is away since 11:57 UTC: no connection", bold=True)
    assert shown.title == "⚠ alpha is held back"
    assert "KILL SWITCH; all" in text(shown)
    assert "Slack" not in text(shown)


def test_a_bot_that_is_not_heard_says_since_when_and_the_page_stays_the_same_while_it_is_not() -> None:
    seen = Seen([("alpha", alpha(at=NOW - timedelta(minutes=4))), ("beta", None)])
    shown = page(seen)
    assert shown.title == "⚠ alpha is STALE; beta has said nothing yet"
    assert "STALE since 11:56:00" in text(shown)
    assert replace(page(seen, NOW + timedelta(minutes=1)), at=NOW) == shown


def test_time_that_goes_by_makes_no_other_page_and_a_position_that_closes_does() -> None:
    held = alpha((carry(),))
    later = NOW + timedelta(minutes=1)
    same = held.model_copy(update={"at": later - timedelta(seconds=1), "seq": 2})
    closed_it = same.model_copy(update={"positions": ()})
    first, second, third = (
        page(Seen([("alpha", one)]), at) for one, at in ((held, NOW), (same, later), (closed_it, later))
    )
    assert (first.parts == second.parts, second.parts == third.parts) == (True, False)


def test_many_bots_have_a_line_each_those_with_trouble_first_and_what_is_left_out_is_counted() -> None:
    many = fleet(60, 3)
    unwell = many[7][1]
    assert unwell is not None
    session = unwell.session.model_copy(update={"health": Health.DOWN})
    many[7] = ("sick", unwell.model_copy(update={"session": session}))
    said = text(page(Seen(many)))
    lines = said.split("\n")
    assert lines[lines.index(next(line for line in lines if line.startswith("bot "))) + 1].endswith("down")
    assert "60 bots (60 live) · equity 6,270,739.80 · today -9,192.60 USD" in said
    assert ("And 20 more, under Status." in said, "And 165 more, less endangered, under Positions." in said) == (
        True,
        True,
    )


def test_who_is_on_call_is_said_where_people_take_turns() -> None:
    shift = Shift("ada", NOW, NOW + timedelta(hours=6))
    assert "On call: ada until 18:00 UTC" in text(page(Seen([("alpha", alpha())], shift=shift, has_turns=True)))
    assert "Nobody is on call" in text(page(Seen([("alpha", alpha())], has_turns=True)))
    assert "on call" not in text(page(Seen([("alpha", alpha())])))


def test_whom_we_do_not_know_is_told_whom_to_ask_and_nothing_else() -> None:
    shown = closed(NOW)
    assert (shown.is_open, list(shown.words)) == (False, [])
    assert "Ask one of its admins" in text(shown)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.lists(st.tuples(NAMES, st.none() | SNAPSHOTS), max_size=7))
def test_whatever_bots_say_the_page_can_be_read_on_a_phone(known: list[tuple[str, Snapshot | None]]) -> None:
    shown = page(Seen(known))
    assert shown.title.strip()
    assert not hidden(text(shown))
    tables = [part for part in shown.parts if isinstance(part, Table)]
    assert all(width(line) <= PHONE_COLUMNS for table in tables for line in table.lines)
    assert all(word.label.strip() for word in shown.words)


def test_the_line_of_a_bot_among_many_cuts_no_number() -> None:
    vast = Portfolio(equity=Decimal(-123456789012), pnl_today=Decimal("-98765432.10"))
    far = alpha((carry(legs=(leg("kamino", "SOL", Side.LONG, health_factor=123456.789),)),), portfolio=vast)
    said = text(page(Seen([(f"a-bot-with-a-long-name-{n}", far) for n in range(6)])))
    assert "-1.23e+11 -98,765,432  >999 ok" in said


def test_money_of_many_bots_is_that_of_all_whatever_some_do_not_tell() -> None:
    told = alpha(portfolio=Portfolio(equity=Decimal("1.50")))
    said = text(page(Seen([(f"bot-{n}", told) for n in range(6)], is_database_here=True), NOW.astimezone(UTC)))
    assert "6 bots (6 live) · equity 9.00 · today +0.00 USD" in said
