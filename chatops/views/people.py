"""Who you are, and what you may ask."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from chatops.asks import ASKS, SUBJECTS, Ask, Help, Positions, Status
from chatops.asks.custom import CustomAsk
from chatops.guard.permissions import Permissions
from chatops.messages import Block, Button, Message, Paragraph
from chatops.people import Identity, Principal
from chatops.views.custom import arguments
from chatops.views.format import headline


def start(person: Principal, desk: str) -> Message:
    """A greeting that says where one is."""
    return Message(
        headline(f"This is the desk “{desk}”. You are {person.name}, {person.role}."),
        (Paragraph("Ask /status for how things are, /positions for what is held, /help for the rest."),),
        ((Button("Status", Status()), Button("Positions", Positions()), Button("Help", Help())),),
    )


def whoami(person: Principal, sender: Identity) -> Message:
    """The name, the role and the account."""
    return Message(
        headline(f"You are {person.name}, {person.role}."),
        (Paragraph(f"I know you by {sender.platform} id {sender.id}."),),
    )


def private() -> Message:
    """What it goes before."""
    return Message(
        "Say what you ask behind it: /private positions.",
        (Paragraph("What only reads is shown to you alone. What acts I ask you by yourself, and answer there."),),
    )


def version(number: str) -> Message:
    """Which Quarterdeck this is."""
    return Message(f"Quarterdeck {number}")


#: The subject of what bots declare.
OWN = "own"
_OF: Mapping[type[Ask], str] = MappingProxyType(
    {kind: subject for subject, kinds in SUBJECTS.items() for kind in kinds}
)
#: Buttons side by side on a phone.
_IN_A_ROW = 4


def words(person: Principal, permissions: Permissions, kinds: Iterable[type[Ask]] = ASKS) -> Message:
    """Every word that this person may ask, by subject: what each does is a press, or a word, away."""
    found = subjects(person, permissions, kinds)
    blocks: list[Block] = []
    for subject, those in found.items():
        blocks.append(Paragraph(_named(subject), bold=True))
        blocks.append(Paragraph(" ".join(f"/{kind.word}" for kind in those if " " not in kind.word)))
    blocks.append(Paragraph("To be answered alone, say /private positions."))
    blocks.append(Paragraph("Of several bots, name one after the word: /status alpha. More: /help money, /help close."))
    return Message(headline(f"What you may ask, {person.name}"), tuple(blocks), _subjects(found))


def about(subject: str, person: Principal, permissions: Permissions, kinds: Iterable[type[Ask]] = ASKS) -> Message:
    """The words of one subject, with what each does. Raises `KeyError` where there is none that they may ask."""
    found = subjects(person, permissions, kinds)
    mine = found[subject]
    listed = [kind for kind in mine if not any(kind in _besides(other, mine) for other in mine)]
    return Message(
        headline(f"What you may ask: {_named(subject).lower()}"),
        (
            Paragraph("\n".join(f"/{_typed(kind, mine)} – {_short(kind)}" for kind in listed)),
            Paragraph(f"More on a word: /help {listed[-1].word}."),
        ),
        _subjects(found, subject),
    )


def subjects(person: Principal, permissions: Permissions, kinds: Iterable[type[Ask]]) -> Mapping[str, list[type[Ask]]]:
    """What this person may ask, by subject."""
    found: dict[str, list[type[Ask]]] = {subject: [] for subject in (*SUBJECTS, OWN)}
    for kind in kinds:
        if permissions.may_ever(person.role, kind):
            found[_OF.get(kind, OWN)].append(kind)
    return {subject: those for subject, those in found.items() if those}


def _named(subject: str) -> str:
    return "Of your bots alone" if subject == OWN else subject.capitalize()


def _subjects(found: Iterable[str], shown: str = "") -> tuple[tuple[Button, ...], ...]:
    names = ["", *found] if shown else list(found)
    buttons = [
        Button(f"· {name.capitalize()} ·" if name == shown else name.capitalize() or "All", Help(about=name))
        for name in names
    ]
    return tuple(tuple(buttons[at : at + _IN_A_ROW]) for at in range(0, len(buttons), _IN_A_ROW))


def _typed(kind: type[Ask], mine: Iterable[type[Ask]]) -> str:
    """How it is typed, and what else its word does: `oncall; take, give, end`."""
    more = ", ".join(other.word.partition(" ")[2] for other in _besides(kind, mine))
    return f"{kind.usage()}; {more}" if more else kind.usage()


def _besides(kind: type[Ask], mine: Iterable[type[Ask]]) -> list[type[Ask]]:
    """The words of two words that begin with this one; what moves a bot has a line of its own."""
    return [other for other in mine if other.risk is None and other.word.startswith(f"{kind.word} ")]


def _short(kind: type[Ask]) -> str:
    """The summary behind a dash: a list of what is shown needs no "Show" in every line."""
    said = kind.summary().removeprefix("Show ").removesuffix(".")
    return said[:1].lower() + said[1:]


def word(kind: type[Ask], person: Principal, permissions: Permissions) -> Message:
    """All about one word."""
    blocks: list[Block] = [Paragraph(kind.summary())]
    if issubclass(kind, CustomAsk):
        whole = (kind.__doc__ or "").strip()
        blocks = [Paragraph(whole), arguments(kind), Paragraph(f"A word of {', '.join(kind.bots)}.")]
    if kind.confirm:
        blocks.append(Paragraph("It shows what it would do and asks you to confirm."))
    if not permissions.may_ever(person.role, kind):
        blocks.append(Paragraph(f"It is for {kind.role}s; you are {person.role}."))
    return Message(f"/{kind.usage()}", tuple(blocks))
