"""The same form again is known by who sent it, which view it was and what was filled in."""

from typing import Any

import pytest

from chatops.adapters.slack.sent_forms import SentForms


def sent(view: str = "V1", user: str = "U1", said: str = "SOL-1", trigger: str = "1.1") -> dict[str, Any]:
    state = {"values": {"position": {"position": {"value": said}}}}
    return {"trigger_id": trigger, "user": {"id": user}, "view": {"id": view, "state": state}}


def test_the_same_again_is_known_and_anything_else_is_not() -> None:
    forms = SentForms()
    assert not forms.has(sent())
    forms.add(sent())
    assert forms.has(sent(trigger="2.2"))
    assert [forms.has(one) for one in (sent(view="V2"), sent(user="U2"), sent(said="ETH-1"))] == [False] * 3


@pytest.mark.parametrize("body", [{}, {"view": [], "user": {}}, {"view": {}, "user": {"id": "U1"}}])
def test_what_cannot_be_told_from_others_is_never_known(body: dict[str, Any]) -> None:
    forms = SentForms()
    forms.add(body)
    assert (forms.has(body), forms.key(body)) == (False, None)


def test_after_a_restart_it_has_the_key_that_it_had_and_what_was_not_taken_has_another() -> None:
    forms = SentForms()
    first, again = forms.key(sent()), forms.key(sent(trigger="2.2"))
    assert first != again
    assert SentForms().key(sent(trigger="3.3")) == first
    assert SentForms().key(sent(said="ETH-1")) != first


def test_the_oldest_are_forgotten() -> None:
    forms = SentForms(most=2)
    for view in ("V1", "V2", "V3"):
        forms.add(sent(view))
    assert [forms.has(sent(view)) for view in ("V1", "V2", "V3")] == [False, True, True]
