"""Help, choices, questions before an act and what became of it."""

import uuid
from decimal import Decimal

from bot_integration import BotController, CommandResult, Fill, LegPreview, Outcome, Preview
from chatops.asks import ASKS, SUBJECTS, Cancel, Close, Help, Pause, ShowPosition
from chatops.fleet import Held
from chatops.grammar import Misread, parse
from chatops.guard.permissions import Permissions
from chatops.guard.presses import StoredPress, Verdict
from chatops.messages import Wanted
from chatops.people import Principal, Role
from chatops.room import Room
from chatops.views import answers, choices, outages, people, trading
from tests.chatops.views.facts import NOW, carry


def test_help_groups_the_words_by_subject_and_a_subject_says_what_each_does() -> None:
    ada = Principal("ada", Role.ADMIN)
    message = people.words(ada, Permissions())
    assert message.text.startswith("What you may ask, ada\n\nOverview\n\n/status /positions /position ")
    assert "\n\nTrading\n\n/close /stop /pause /resume /kill /rebalance /hold\n\n" in message.text
    assert message.text.endswith(
        "Of several bots, name one after the word: /status alpha. More: /help money, /help close."
    )
    assert Help(about="trading") in [button.ask for row in message.buttons for button in row]
    about = people.about("trading", ada, Permissions())
    assert about.text.startswith(
        "What you may ask: trading\n\n"
        "/close [position] [percent] – close a position, or a part of it\n"
        "/close all – close every position, of one bot or of all\n"
    )
    assert about.text.endswith("\n\nMore on a word: /help hold.")
    assert [button.label for row in about.buttons for button in row][:4] == ["All", "Overview", "Money", "· Trading ·"]
    desk = people.about("desk", ada, Permissions()).text
    assert "/pin [on|off] – keep the status in sight in this room, pinned and up to date, or let it go" in desk
    alerting = people.about("alerting", ada, Permissions()).text
    assert "/oncall; take, give, end – who is on call now and next, and the shifts to come" in alerting


def test_every_word_stands_in_help_and_all_of_it_in_few_messages() -> None:
    ada = Principal("ada", Role.ADMIN)
    every = people.words(ada, Permissions())
    # A message holds 4,096 characters, and a phone's screen some 800.
    assert len(every.text) < 1_000
    told = every.text.split()
    assert all(f"/{kind.word}" in told for kind in ASKS if not kind.hidden and " " not in kind.word)
    assert all(len(people.about(subject, ada, Permissions()).text) < 2_000 for subject in SUBJECTS)
    assert not SUBJECTS.keys() & {kind.word for kind in ASKS}


def test_a_viewer_is_shown_nothing_that_acts() -> None:
    text = people.words(Principal("vic", Role.VIEWER), Permissions()).text
    assert "Trading" not in text
    assert "/close " not in text


def test_a_choice_offers_the_most_endangered_and_says_how_to_get_at_the_rest() -> None:
    bot = BotController("alpha")
    held = [Held(bot, carry(f"SOL-{number}", legs=())) for number in range(20)]
    held.append(Held(bot, carry("ETH-9")))
    message = choices.which_position("Close which?", held, lambda position, bot: Close(position=position, bot=bot))
    labels = [button.label for row in message.buttons for button in row]
    assert (len(labels), labels[0]) == (12, "ETH-9")
    assert message.text == (
        "Close which?\n\nThese are the 12 most endangered of 21. For another: /close, then its name."
    )
    assert message.menu == Wanted(Close(bot="alpha"), "position")


def test_a_question_shows_what_the_act_would_cost() -> None:
    preview = Preview(
        command="close_position",
        at=NOW,
        realized=Decimal("12.31"),
        fees=Decimal("4.20"),
        slippage=Decimal("1.23"),
        legs=(LegPreview(venue="drift", instrument="SOL-PERP", slippage=Decimal("0.23"), fee=Decimal("2.2")),),
    )
    assert trading.really_close(Close(position="SOL-1"), carry(), preview).text == (
        "Close SOL-1?\n\n"
        "Gross now      37,301.22\n"
        "PnL so far        +31.16\n"
        "Would realize     +12.31\n"
        "Fees                4.20\n"
        "Net                +8.11\n"
        "Slippage in it      1.23\n\n"
        "leg             fee slippage\n"
        "drift SOL-PERP 2.20     0.23"
    )


def test_of_a_part_the_question_says_what_the_part_is_worth() -> None:
    assert trading.really_close(Close(position="SOL-1", percent=50), carry(), None).text == (
        "Close 50% of SOL-1?\n\nGross of 50% 18,650.61\nPnL of 50%      +15.58"
    )


def test_half_of_an_act_says_what_to_do_next() -> None:
    fill = Fill(
        venue="kamino", instrument="SOL", side="sell", size=Decimal(2), price=Decimal(151), realized=Decimal("353.1")
    )
    ended = CommandResult(command_id=uuid.uuid4(), outcome=Outcome.PARTIAL, message="One leg of two.", fills=(fill,))
    message = trading.result([("alpha", ended)], Close(position="SOL-1", bot="alpha"))
    assert message.text == (
        "⚠ PARTIAL: One leg of two.\n\n"
        "sell kamino 2 151.00 +353.10\n\n"
        "The desk is exposed on what is left. Close it, or look at the venue."
    )
    assert [button.label for row in message.buttons for button in row] == ["SOL-1", "Positions"]


def test_what_a_bot_says_at_length_is_whole_below_the_title() -> None:
    ended = CommandResult(command_id=uuid.uuid4(), outcome=Outcome.FAILED, message="The venue said no. " * 20)
    message = trading.result([("alpha", ended)], Pause(scope="entry", bot="alpha"))
    assert message.title.startswith("✗ Failed: The venue said no.")
    assert message.title.endswith("…")
    assert message.text.count("The venue said no.") == 7 + 20


def test_a_button_that_is_too_old_offers_the_ask_again_but_never_a_cancel() -> None:
    stored = StoredPress("t" * 22, Close(position="SOL-1"), "bob", Room("memory", "desk"), uuid.uuid4(), NOW, NOW)
    again = answers.not_good(Verdict.LATE, stored)
    assert [button.ask for row in again.buttons for button in row] == [Close(position="SOL-1")]
    cancel = StoredPress("t" * 22, Cancel(), "bob", Room("memory", "desk"), uuid.uuid4(), NOW, NOW)
    assert answers.not_good(Verdict.LATE, cancel).buttons == ()


def test_an_ask_in_a_few_words_is_never_empty() -> None:
    assert [answers.said_of(ask) for ask in (ShowPosition(), Close(), Close(percent=50), Pause(), Cancel())] == [
        "Position",
        "Close",
        "Close 50% of a position",
        "Pause",
        "Cancel",
    ]


def test_what_is_like_help_is_answered_with_one_button_for_it() -> None:
    read = parse("hello")
    assert isinstance(read, Misread)
    assert "/help" in read.hint
    ada = Principal("ada", Role.ADMIN, frozenset())
    message = answers.misread(read, ada, Permissions())
    assert [button.label for row in message.buttons for button in row] == ["/help"]


def test_a_platform_that_hears_nobody_is_told_of_there_in_other_words_than_elsewhere() -> None:
    there, elsewhere = Room("telegram", "-1"), Room("slack", "C1")
    assert outages.deaf("telegram", "a reason", there).text == (
        "I can write here, and hear nobody: what you ask is not answered.\n\na reason"
    )
    assert "hear nobody on Telegram" in outages.deaf("telegram", "a reason", elsewhere).title
    assert outages.hears("telegram", there).title == "I hear you again."
    assert outages.hears("telegram", elsewhere).title == "I hear people on Telegram again."
