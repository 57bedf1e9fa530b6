"""What people read when the end of an act is learnt after all."""

import pytest

from bot_integration import Outcome
from chatops.views.late import Learnt, card, news

SAID = "SOL-1 closed: +4.25 USD realized"


def learnt(**ends: Outcome) -> Learnt:
    known = set(ends.values()) - {Outcome.UNKNOWN}
    together = Outcome.UNKNOWN if Outcome.UNKNOWN in ends.values() else known.pop()
    return Learnt("close SOL-1", "alpha", SAID, ends, together)


@pytest.mark.parametrize(
    ("outcome", "title", "told"),
    [
        (Outcome.DONE, f"✓ {SAID}", "Done: “close SOL-1”, which nobody knew until now."),
        (Outcome.PARTIAL, f"⚠ PARTIAL: {SAID}", "Partial: “close SOL-1”, which nobody knew until now."),
        (Outcome.REFUSED, f"Refused: {SAID}", "Refused: “close SOL-1”, which nobody knew until now."),
        (Outcome.FAILED, f"✗ Failed: {SAID}", "Failed: “close SOL-1”, which nobody knew until now."),
    ],
)
def test_of_one_bot_the_card_says_what_it_would_have_said(outcome: Outcome, title: str, told: str) -> None:
    one = learnt(alpha=outcome)
    assert card(one).title == title
    assert card(one).blocks[0].text == "Nobody knew that at first; it was learnt later."  # type: ignore[union-attr]
    assert (news(one).title, len(news(one).blocks)) == (told, 1)


def test_what_was_done_in_part_says_what_to_do() -> None:
    assert "The desk is exposed on what is left." in str(card(learnt(alpha=Outcome.PARTIAL)).blocks)


def test_of_several_the_card_says_which_are_known_and_the_news_which_one_it_is_about() -> None:
    partly = learnt(alpha=Outcome.DONE, beta=Outcome.UNKNOWN)
    assert card(partly).title == "“close SOL-1” is known in part by now"
    assert f"alpha: ✓ {SAID}" in str(card(partly).blocks)
    assert "beta: ⚠ UNKNOWN: unknown" in str(card(partly).blocks)
    assert "It may have happened. Look before you ask again." in str(card(partly).blocks)
    assert news(partly).title == "Done on alpha: “close SOL-1”, which nobody knew until now."


def test_once_all_are_known_the_card_says_so() -> None:
    assert (
        card(learnt(alpha=Outcome.DONE, beta=Outcome.DONE)).title == "Done: “close SOL-1”, which nobody knew at first"
    )
