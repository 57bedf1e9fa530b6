"""What people type, turned into asks. Any text is parsed, or misread with a hint; nothing is raised."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from pydantic import ValidationError

from chatops.asks import Ask, GiveCode, Private, Rest
from chatops.guard.recordable import without_codes
from chatops.guard.totp import is_given_alone
from chatops.layout import fit
from chatops.words import OURS, Words

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

    def on_record(self, text: str) -> str:
        """The text as far as it may be on record: of a word that a secret may follow, the word."""
        if any(kind.unlogged() for kind in self.nearest):
            return f"{text.split(maxsplit=1)[0]} …"
        return text


def parse(text: str, bots: Collection[str] = (), words: Words = OURS) -> Ask | Misread:
    """`/close alpha SOL 50%` to `Close(bot="alpha", position="SOL", percent=50)`.

    `bots` are the names that may stand first. A slash before the word, and what Telegram puts behind it
    (`/status@my_bot`), may be there or not. Of two words the longer is meant: `/close all`, `/close alpha all`.
    """
    if len(text) > LONGEST:
        return Misread("That is too long for me. A word and a few arguments will do; try /help.")
    if is_given_alone(text):
        return GiveCode(code=text)
    said = _clean(text).split()
    word = bare(said[0]) if said else ""
    if not word:
        return Misread("You said nothing. Try /help.")
    kind, rest = words.find(word), said[1:]
    if words.begins_another(word):
        kind, rest = _of_two(word, rest, bots, words) or (kind, rest)
    if kind is None or kind.hidden:
        return _unknown(word, words)
    return _fill(kind, rest, bots)


def bare(word: str) -> str:
    """A word as it is looked up: `/Status@my_bot` is `status`."""
    return word.lstrip("/!").partition("@")[0].casefold()


def only_reads(text: str, bots: Collection[str] = (), words: Words = OURS) -> bool:
    """Whether it asks something that changes nothing."""
    parsed = meant(parse(text, bots, words), bots, words)
    return not isinstance(parsed, Misread) and parsed.reads


def meant(parsed: Ask | Misread, bots: Collection[str] = (), words: Words = OURS) -> Ask | Misread:
    """What is asked privately, where something is; anything else as it is."""
    while isinstance(parsed, Private) and parsed.words:
        parsed = parse(parsed.words, bots, words)
    return parsed


def fill(ask: Ask, argument: str, text: str) -> Ask | Misread:
    """The ask with this argument, as somebody wrote it in reply."""
    said = _clean(text).strip()
    if len(said) > LONGEST:
        return Misread("That is too long for me.", (), ask.word)
    try:
        return type(ask).model_validate({**ask.arguments, argument: said})
    except ValidationError as error:
        # What is on no record is not quoted either.
        shown = "That" if argument in ask.unlogged() else said
        return Misread(f"{_fault(error, argument, shown)}.", (type(ask),), ask.word)


def assemble(word: str, arguments: Mapping[str, str], bots: Collection[str] = (), words: Words = OURS) -> Ask | Misread:
    """The ask that a form makes, as it was filled in: each argument as though it had been typed behind the word.

    What cannot be typed cannot be filled in either: whoever makes a form up comes no further than by writing.
    """
    kind = words.find(word)
    if kind is None or kind.hidden:
        return _unknown(bare(word), words)
    made = _assembled(kind, arguments, bots)
    if isinstance(made, Ask):
        return made
    name, fault = next(iter(made.items()))
    # What is on no record is not quoted either, nor what stands where nobody knows what it is.
    is_quoted = name in {*kind.typed(), "bot"} - kind.unlogged()
    said = _tidy(arguments.get(name, "")) if is_quoted else "That"
    return Misread(f"“{_quoted(said)}” will not do as {_quoted(name.rstrip('_'))}: {fault}.", (kind,), kind.word)


def faults(
    word: str, arguments: Mapping[str, str], bots: Collection[str] = (), words: Words = OURS
) -> Mapping[str, str]:
    """What `assemble` would not take, by argument, in a sentence each; of a word that nobody has there is nothing."""
    kind = words.find(word)
    if kind is None or kind.hidden:
        return {}
    made = _assembled(kind, arguments, bots)
    return {} if isinstance(made, Ask) else {name: f"{fault[:1].upper()}{fault[1:]}." for name, fault in made.items()}


def _assembled(kind: type[Ask], arguments: Mapping[str, str], bots: Collection[str]) -> Ask | Mapping[str, str]:
    """The ask, or what is wrong with which argument."""
    given = {name: said for name, text in arguments.items() if (said := _tidy(text))}
    names = (*kind.typed(), *(["bot"] if "bot" in kind.model_fields else []))
    wrong = {name: "nobody types that" for name in given if name not in names}
    if sum(map(len, given.values())) > LONGEST:
        wrong |= {max(given, key=lambda name: len(given[name])): "that is too long for me"}
    if "bot" in given and "bot" in names:
        named = _named(given["bot"], bots)
        if named is None:
            wrong["bot"] = f"the bots are {fit(', '.join(bots), 80)}" if bots else "there is no bot"
        else:
            given["bot"] = named
    if wrong:
        return wrong
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        for one in error.errors(include_url=False):
            # Arguments that are read together may be at fault under the name of another.
            name = str(one["loc"][0]) if one["loc"] else ""
            wrong.setdefault(name if name in given else next(iter(given), name), _mend(one["msg"]))
        return wrong


def _tidy(text: str) -> str:
    """What was filled in, as it would be read behind a word."""
    return " ".join(_clean(text).split())


def _clean(text: str) -> str:
    # Neither a zero nor half a character can be stored, or shown in a hint.
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _of_two(word: str, rest: list[str], bots: Collection[str], words: Words) -> tuple[type[Ask], list[str]] | None:
    """The ask of a word of two words, and what was said behind it; a bot's name may stand between them."""
    for at in (0, 1):
        if len(rest) > at and (at == 0 or _named(rest[0], bots)):
            kind = words.find(f"{word} {rest[at].casefold()}")
            if kind is not None and not kind.hidden:
                return kind, [*rest[:at], *rest[at + 1 :]]
    return None


def _named(said: str, bots: Collection[str]) -> str | None:
    return next((bot for bot in bots if bot.casefold() == said.casefold()), None)


def _unknown(word: str, words: Words) -> Misread:
    near = get_close_matches(word[:32], [kind.word for kind in words.typed], n=3, cutoff=0.6)
    shown = _quoted(word)
    if near:
        return Misread(
            f"I do not know “{shown}”. Did you mean /{near[0]}?",
            tuple(kind for kind in map(words.find, near) if kind),
        )
    return Misread(f"I do not know “{shown}”. /help shows what you can ask.")


def _fill(kind: type[Ask], said: list[str], bots: Collection[str]) -> Ask | Misread:
    given: dict[str, str] = {}
    goes = f"It goes: /{kind.usage()}"
    fields = kind.typed()
    if said and "bot" in kind.model_fields:
        named = _named(said[0], bots)
        if named is not None:
            given["bot"] = named
            said = said[1:]
        elif bots:
            # The commonest slip: a bot's name, misspelt.
            if said[0][0].isalpha() and (not fields or kind.model_fields[fields[0]].annotation is int):
                return Misread(_no_such_bot(said[0], bots), (kind,), kind.word)
            if len(bots) > 1:
                goes += f"; after the word a bot, if you like: {fit(', '.join(bots), 80)}"
    for name in fields:
        if not said:
            break
        if any(isinstance(mark, Rest) for mark in kind.model_fields[name].metadata):
            given[name], said = " ".join(said), []
        else:
            given[name], said = said[0], said[1:]
    if len(said) == 1 and "bot" in kind.model_fields and "bot" not in given and (behind := _named(said[0], bots)):
        # Said last, as in "kill on alpha", it can mean nothing else.
        given["bot"], said = behind, []
    if said:
        return Misread(f"“{_quoted(said[0])}” is one too many. {goes}.", (kind,), kind.word)
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        # What is on no record is not quoted either.
        told = {**given, **dict.fromkeys(kind.unlogged(), "That")}
        return Misread(f"{_fault(error, None, told)}. {goes}.", (kind,), kind.word)


def _fault(error: ValidationError, only: str | None, given: Mapping[str, str] | str) -> str:
    """What is wrong with the first value that is; of a value that is on no record it is not said what it was."""
    first = error.errors(include_url=False)[0]
    name = str(first["loc"][0]) if first["loc"] else only or ""
    said = given if isinstance(given, str) else given.get(name, "")
    return f"“{_quoted(said)}” will not do as {name.rstrip('_')}: {_mend(first['msg'])}"


def _no_such_bot(name: str, bots: Collection[str]) -> str:
    there = f"The bots are: {fit(', '.join(bots), 80)}." if len(bots) > 1 else f"The only one is {next(iter(bots))}."
    return f"There is no bot “{_quoted(name)}”. {there}"


def _quoted(said: str) -> str:
    """A part of what was typed, to be said again: a hint is on record, and may hold no code."""
    return fit(without_codes(said), 20)


def _mend(message: str) -> str:
    """`Input should be a valid integer, unable to parse …` to `it should be a valid integer`."""
    said = message.partition(", unable")[0].removeprefix("Value error, ").removeprefix("Input ").removeprefix("String ")
    # What may be left out nobody can type.
    said = said.replace(" '', ", " ")
    return f"it {said}" if said.startswith("should") else said
