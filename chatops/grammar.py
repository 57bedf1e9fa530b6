"""What people type, turned into asks. Any text is parsed, or misread with a hint; nothing is raised."""

from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches

from pydantic import ValidationError

from chatops.asks import ASKS, Ask, Rest, by_word
from chatops.layout import fit

#: Beyond this nothing is an ask; what platforms let through in one message.
LONGEST = 4_096


@dataclass(frozen=True, slots=True)
class Misread:
    """What we could not make an ask of, and what to type instead."""

    hint: str
    #: Asks near to what was typed.
    nearest: tuple[type[Ask], ...] = ()
    #: The word, where there was one.
    word: str = ""


def parse(text: str, bots: Collection[str] = ()) -> Ask | Misread:
    """`/close alpha SOL 50%` to `Close(bot="alpha", position="SOL", percent=50)`.

    `bots` are the names that may stand first. A slash before the word, and what Telegram puts behind it
    (`/status@my_bot`), may be there or not.
    """
    if len(text) > LONGEST:
        return Misread("That is too long for me. A word and a few arguments will do; try /help.")
    # Neither a zero nor half a character can be stored, or shown in a hint.
    said = text.replace("\x00", "").encode("utf-8", "replace").decode().split()
    word = said[0].lstrip("/!").partition("@")[0].casefold() if said else ""
    if not word:
        return Misread("You said nothing. Try /help.")
    kind = by_word(word)
    if kind is None or kind.hidden:
        return _unknown(word)
    return _fill(kind, said[1:], bots)


def only_reads(text: str, bots: Collection[str] = ()) -> bool:
    """Whether it asks something that changes nothing."""
    parsed = parse(text, bots)
    return not isinstance(parsed, Misread) and parsed.reads


def _unknown(word: str) -> Misread:
    typed = [ask.word for ask in ASKS if not ask.hidden]
    near = get_close_matches(word[:32], typed, n=3, cutoff=0.6)
    shown = fit(word, 20)
    if near:
        return Misread(
            f"I do not know “{shown}”. Did you mean /{near[0]}?",
            tuple(ask for ask in map(by_word, near) if ask),
        )
    return Misread(f"I do not know “{shown}”. /help shows what you can ask.")


def _fill(kind: type[Ask], said: list[str], bots: Collection[str]) -> Ask | Misread:
    given: dict[str, str] = {}
    goes = f"It goes: /{kind.usage()}"
    fields = [name for name in kind.model_fields if name != "bot"]
    if said and "bot" in kind.model_fields:
        named = next((bot for bot in bots if bot.casefold() == said[0].casefold()), None)
        if named is not None:
            given["bot"] = named
            said = said[1:]
        elif bots:
            # The commonest slip: a bot's name, misspelt.
            if said[0][0].isalpha() and (not fields or kind.model_fields[fields[0]].annotation is int):
                return Misread(_no_such_bot(said[0], bots), (kind,), kind.word)
            goes += f", with a bot’s name first if you like: {fit(', '.join(bots), 80)}"
    for name in fields:
        if not said:
            break
        if any(isinstance(mark, Rest) for mark in kind.model_fields[name].metadata):
            given[name], said = " ".join(said), []
        else:
            given[name], said = said[0], said[1:]
    if said:
        return Misread(f"“{fit(said[0], 20)}” is one too many. {goes}.", (kind,), kind.word)
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0])
        return Misread(
            f"“{fit(given.get(name, ''), 20)}” will not do as {name}: {_mend(first['msg'])}. {goes}.",
            (kind,),
            kind.word,
        )


def _no_such_bot(name: str, bots: Collection[str]) -> str:
    there = f"The bots are: {fit(', '.join(bots), 80)}." if len(bots) > 1 else f"The only one is {next(iter(bots))}."
    return f"There is no bot “{fit(name, 20)}”. {there}"


def _mend(message: str) -> str:
    """`Input should be a valid integer, unable to parse …` to `it should be a valid integer`."""
    said = message.partition(", unable")[0].removeprefix("Input ").removeprefix("String ")
    return f"it {said}" if said.startswith("should") else said
