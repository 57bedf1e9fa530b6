"""What is remembered of asks and buttons says what the database would."""

from dataclasses import replace

from chatops.guard.audit import State, StepName
from chatops.ledger import Entry, Redemption
from chatops.recollection import Recollection
from tests.chatops.storage.asking import Sequence


def test_an_ask_is_settled_once_by_a_button_that_is_open() -> None:
    asks, seen = Sequence(), Recollection()
    question = asks.question()
    seen.note(question.entry)
    confirmed = asks.confirmed(question)
    assert confirmed.redeems is not None
    assert seen.may_redeem(confirmed.redeems) is True
    seen.note(confirmed)
    assert seen.may_redeem(confirmed.redeems) is False
    cancel = seen.find(question.cancel)
    assert cancel is not None
    assert (cancel.open, cancel.used_by) == (False, "ada")


def test_asked_anew_it_is_settled_by_the_new_button_alone() -> None:
    asks, seen = Sequence(), Recollection()
    question = asks.question()
    seen.note(question.entry)
    old = Redemption(question.confirm, question.id, "ada", State.AWAITING_CONFIRMATION)
    new = replace(question.entry.minted[0], token="n" * 22)
    seen.note(Entry((asks.step(question.id, StepName.ASKED_TO_CONFIRM),), minted=(new,), redeems=old))
    assert seen.may_redeem(old) is False
    assert seen.may_redeem(replace(old, token=new.token)) is True
    assert seen.may_redeem(replace(old, token=new.token, state=State.AWAITING_APPROVAL)) is False


def test_what_waits_is_told_with_its_steps_until_it_is_settled() -> None:
    asks, seen = Sequence(), Recollection()
    first, second = asks.question(), asks.question()
    for question in (first, second):
        seen.note(question.entry)
    assert [waiting.asked.id for waiting in seen.waiting_of("ada")] == [second.id, first.id]
    seen.note(asks.confirmed(second))
    assert seen.waiting(second.id) is None
    assert seen.waiting(first.id) is not None
    seen.note(asks.finished(second))
    found = seen.find(second.confirm)
    assert found is not None
    assert found.result == "S closed"


def test_of_what_it_has_forgotten_it_says_so() -> None:
    asks, seen = Sequence(), Recollection(most_asks=2)
    questions = [asks.question() for _ in range(3)]
    for question in questions:
        seen.note(question.entry)
    forgotten = Redemption(questions[0].confirm, questions[0].id, "ada")
    assert seen.may_redeem(forgotten) is None
    assert seen.find(questions[0].confirm) is None
    assert not seen.knows(questions[0].id)
    assert seen.knows(questions[2].id)


def test_strangers_crowd_nobody_out() -> None:
    asks, seen = Sequence(), Recollection(most_asks=1)
    question = asks.question()
    seen.note(question.entry)
    for _ in range(5):
        entry = asks.question().entry
        assert entry.asked is not None
        seen.note(replace(entry, asked=replace(entry.asked, principal=None), minted=()))
    assert seen.knows(question.id)


def test_only_so_many_buttons_are_kept() -> None:
    asks, seen = Sequence(), Recollection(most_presses=3)
    first, second = asks.question(), asks.question()
    seen.note(first.entry)
    seen.note(second.entry)
    assert seen.find(first.confirm) is None
    assert seen.find(second.confirm) is not None
