"""Forms that were filled in, turned into asks: no more and no less than what can be typed."""

from collections.abc import Mapping
from typing import Any

from hypothesis import assume, example, given
from hypothesis import strategies as st

from chatops.asks import Ask, Close, Set
from chatops.asks.ask import Rest
from chatops.grammar import LONGEST, Misread, assemble, faults, parse
from tests.chatops.test_grammar import ANYTHING, BOTS, WORDS

KINDS = st.sampled_from(WORDS.typed)
#: What is often right somewhere.
LIKELY = ("SOL-1", "50%", "50", "0", "-1", "1h", "on", "off", "room", "30d", "bybit", "yes", "critical", "json", "#7")
TOKENS = st.sampled_from(LIKELY) | st.text(
    st.characters(exclude_categories=("Z", "C")), min_size=1, max_size=12
).filter(lambda text: text.split() == [text])
FORMS = st.dictionaries(ANYTHING | st.sampled_from(("position", "percent", "bot", "epoch", "to")), ANYTHING, max_size=4)


def begins_a_word(kind: type[Ask], said: list[str]) -> bool:
    """Whether what stands behind the word would be read as a part of it, or as the name of a bot."""
    folded = [token.casefold() for token in said]
    return any(WORDS.find(f"{kind.word} {token}") for token in folded[:2]) or not {*folded}.isdisjoint(BOTS)


def as_filled(kind: type[Ask], said: list[str]) -> dict[str, str]:
    """What was typed behind a word, by argument; the first that takes running text takes what is left."""
    names, marks = kind.typed(), [kind.model_fields[name].metadata for name in kind.typed()]
    running = next((at for at, found in enumerate(marks) if any(isinstance(one, Rest) for one in found)), None)
    whole = said[: len(names)] if running is None else [*said[:running], " ".join(said[running:])]
    return {name: text for name, text in zip(names, whole, strict=False) if text}


def unsaid(ask: Ask) -> dict[str, Any]:
    """What of it nobody can type."""
    return ask.model_dump(include=set(type(ask).model_fields) - {*ask.typed(), "bot"})


@given(KINDS, st.lists(TOKENS, max_size=8), st.sampled_from(("", *BOTS)))
def test_what_is_filled_in_makes_the_ask_that_the_same_words_make(kind: type[Ask], said: list[str], bot: str) -> None:
    assume(not begins_a_word(kind, said))
    filled = as_filled(kind, said)
    on = [bot] if bot and "bot" in kind.model_fields else []
    typed = parse(" ".join([kind.word, *on, *filled.values()]), BOTS, WORDS)
    made = assemble(kind.word, {**filled, "bot": "".join(on)}, BOTS, WORDS)
    assert made == typed or (isinstance(made, Misread) and isinstance(typed, Misread))


@given(ANYTHING | st.sampled_from([kind.word for kind in WORDS.kinds]), FORMS)
@example("cancel", {})
@example("totp away", {})
@example("set", {"key": "limit", "to": "5"})
@example("ack", {"alert": "1", "epoch": "3"})
@example("health", {"of": "alpha"})
@example("close", {"position": "x" * (LONGEST + 1)})
def test_it_makes_an_ask_or_says_what_is_wrong_and_never_what_nobody_can_type(
    word: str, filled: Mapping[str, str]
) -> None:
    made, wrong = assemble(word, filled, BOTS, WORDS), faults(word, filled, BOTS, WORDS)
    kind = WORDS.find(word)
    is_word = kind is not None and not kind.hidden
    assert bool(wrong) is (isinstance(made, Misread) and is_word)
    assert isinstance(made, Misread) or (is_word and unsaid(made) == unsaid(type(made)()))


def test_a_hint_says_nothing_again_that_is_on_no_record() -> None:
    for filled in (
        {"key": "x" * 65, "value": "hunter2"},
        {"key": "k", "value": "hunter2" * 40},
        {"valeu": "hunter2"},
        {"to": "hunter2"},
    ):
        read = assemble("set", filled)
        assert isinstance(read, Misread)
        assert "hunter2" not in read.hint
        assert "hunter2" not in read.on_record("set k hunter2")


def test_what_is_wrong_is_said_of_each_argument() -> None:
    assert faults("close", {"position": "SOL-1", "percent": "150", "bot": "gamma"}, BOTS) == {
        "bot": "The bots are alpha, beta."
    }
    assert faults("close", {"position": "SOL-1", "percent": "150"}, BOTS) == {
        "percent": "It should be less than or equal to 100."
    }
    assert faults("close", {"position": "SOL-1", "percent": "50%", "bot": "ALPHA"}, BOTS) == {}
    assert faults("performance", {"by": "colour"}, BOTS) == {"by": "It should be 'lane', 'asset', 'strategy' or 'bot'."}


def test_whitespace_is_no_answer() -> None:
    assert assemble("close", {"position": " SOL-1\n", "percent": "  "}) == Close(position="SOL-1")
    assert assemble("set", {"key": "mode", "value": "a  b\x00"}) == Set(key="mode", value="a b")
