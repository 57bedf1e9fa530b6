"""What the settings make of a word: never more than they say, and never of another word."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot_integration import CommandRisk
from chatops.asks import ASKS, Ask, Close, Hold, Kill, Pause, Resume, Status, Totp
from chatops.guard.policy import Policy, Terms, WordRule
from chatops.people import Role

ROLES = st.none() | st.sampled_from(Role)
SWITCHES = st.none() | st.booleans()
RULES = st.builds(
    WordRule,
    role=ROLES,
    confirm=SWITCHES,
    approvals=st.sampled_from([None, 0, 1]),
    totp=SWITCHES,
    limit=st.none() | st.integers(1, 1000),
)
WORDS = st.sampled_from(sorted({form for kind in ASKS for form in kind.forms()}))
EVERY_ASK: list[Ask] = [
    *(kind() for kind in ASKS),
    *(kind(scope=scope) for kind in (Pause, Resume) for scope in ("entry", "all", "bybit")),
    *(Kill(switch=switch) for switch in ("on", "off")),
    Hold(until="off"),
    *(Totp(what=what) for what in ("new", "off", "bob")),
]
ASKED = st.sampled_from(EVERY_ASK)
FORMS_OF_WORDS = st.sampled_from([ask for ask in EVERY_ASK if ask.form != ask.word])
USUAL = Policy()


def test_without_settings_a_word_is_what_its_class_says() -> None:
    assert USUAL.terms(Close()) == Terms(Role.OPERATOR, confirm=True)
    assert USUAL.terms(Status()) == Terms(Role.VIEWER, confirm=False)
    assert USUAL.terms(Resume(scope="all")) == Terms(Role.ADMIN, confirm=True)


@given(WORDS, RULES, ASKED)
def test_a_rule_for_one_word_changes_no_other(word: str, rule: WordRule, ask: Ask) -> None:
    is_meant = word in (ask.word, ask.form)
    assert is_meant or Policy({word: rule}).terms(ask) == USUAL.terms(ask)


@given(RULES, RULES, FORMS_OF_WORDS)
def test_a_rule_for_a_form_goes_before_the_one_for_its_word(whole: WordRule, own: WordRule, ask: Ask) -> None:
    both = Policy({ask.word: whole, ask.form: own}).terms(ask)
    assert own.role is None or both.role is own.role
    assert own.confirm is None or both.confirm is own.confirm
    assert own.approvals is None or both.approvals == own.approvals
    assert own.totp is None or both.totp == (own.totp or ask.proves)
    assert own.limit is None or both.limit == own.limit


@given(RULES, ASKED)
def test_what_a_rule_leaves_out_stays(rule: WordRule, ask: Ask) -> None:
    usual = USUAL.terms(ask)
    changed = Policy({ask.word: replace(rule, role=None, totp=None)}).terms(ask)
    assert (changed.role, changed.totp) == (usual.role, usual.totp)
    changed = Policy({ask.word: replace(rule, confirm=None, limit=None)}).terms(ask)
    assert (changed.confirm, changed.limit) == (usual.confirm, usual.limit)


@given(RULES, ASKED)
def test_a_form_that_is_for_fewer_stays_so_whatever_its_word_is_lowered_to(rule: WordRule, ask: Ask) -> None:
    role = Policy({ask.word: rule}).terms(ask).role
    narrowed = ask.needs is not None and ask.needs is not ask.role
    assert not narrowed or (role is not None and ask.needs is not None and role.covers(ask.needs))


@given(RULES)
def test_nobody_waits_for_a_second_person_or_a_code_to_get_out(rule: WordRule) -> None:
    asked = Policy({"kill": rule})
    on, off = asked.terms(Kill(switch="on")), asked.terms(Kill(switch="off"))
    assert Kill(switch="on").moves is CommandRisk.REDUCES
    assert (on.approvals, on.totp) == (0, False)
    assert (off.approvals, off.totp) == (rule.approvals or 0, bool(rule.totp))
    # Unless that form itself is named.
    named = Policy({"kill on": replace(rule, approvals=1, totp=True)}).terms(Kill(switch="on"))
    assert (named.approvals, named.totp) == (1, True)


def test_a_word_that_only_reduces_needs_what_the_settings_say_of_it() -> None:
    assert Policy({"close": WordRule(approvals=1, totp=True)}).terms(Close()).approvals == 1


@given(RULES, ASKED)
def test_done_at_once_is_neither_without_the_code_nor_without_the_second_person(rule: WordRule, ask: Ask) -> None:
    usual, at_once = (Policy({ask.word: replace(rule, confirm=confirm)}).terms(ask) for confirm in (None, False))
    assert (at_once.approvals, at_once.totp, at_once.role) == (usual.approvals, usual.totp, usual.role)
