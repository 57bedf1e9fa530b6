from dataclasses import replace
from datetime import timedelta

from alerts.model import Acknowledgement, Advance, Form, Telling, Told
from alerts.pending import Pending, joined
from tests.alerts.roster import room
from tests.alerts.store_contract import alert, beginning
from tests.bot_integration.facts import NOON


def step(version: int, form: Form, why: str, *, in_hand: bool = False) -> Advance:
    ack = Acknowledgement(1, "ada", NOON, NOON + timedelta(hours=1)) if in_hand else None
    one = replace(alert(version=version), acknowledged=ack)
    told = Told(room("ops"), 1, one.severity, NOON + timedelta(seconds=version))
    return Advance(one, version - 1, (), (Telling(room("ops"), form, why, why),), (told,))


def test_a_card_that_waits_stays_a_card_and_says_the_newest_reason() -> None:
    whole = joined(beginning(alert()), step(2, Form.PING, "rose"))
    assert (whole.was, whole.alert.version) == (0, 2)
    assert [(one.form, one.why) for one in whole.tellings] == [(Form.CARD, "rose")]
    assert [one.at for one in whole.told] == [NOON + timedelta(seconds=2)]


def test_an_edit_of_what_waits_is_no_word_of_its_own() -> None:
    whole = joined(step(2, Form.PING, "rose"), step(3, Form.EDIT, "fell"))
    assert [(one.form, one.why) for one in whole.tellings] == [(Form.PING, "rose")]


def test_the_end_stands_for_all_before_it() -> None:
    whole = joined(beginning(alert()), step(2, Form.RESOLVED, "resolved"))
    assert [one.form for one in whole.tellings] == [Form.RESOLVED]


def test_a_ping_that_waits_makes_no_sound_once_somebody_has_it_in_hand() -> None:
    whole = joined(step(2, Form.PING, "repeated"), step(3, Form.EDIT, "acknowledged", in_hand=True))
    assert [one.form for one in whole.tellings] == [Form.EDIT]


def test_what_may_have_been_stored_is_kept_as_it_was_sent() -> None:
    pending = Pending()
    first = beginning(alert())
    pending.add([first])
    pending.not_answered()
    pending.add([step(2, Form.PING, "rose")])
    pending.add([step(3, Form.PING, "repeated")])
    assert pending.unanswered() == (first,)
    assert [(one.was, one.alert.version) for one in pending.all()] == [(0, 3)]
    pending.answered()
    assert [(one.was, one.alert.version) for one in pending.all()] == [(1, 3)]
    assert len(pending) == 1
