"""Who you are, and what you may ask."""

from collections.abc import Iterable

from chatops.asks import ASKS, Ask, Help, Positions, Status
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


def version(number: str) -> Message:
    """Which Quarterdeck this is."""
    return Message(f"Quarterdeck {number}")


def words(person: Principal, permissions: Permissions, kinds: Iterable[type[Ask]] = ASKS) -> Message:
    """Every word that this person may ask, with what it does: what looks, what acts, and the rest."""
    mine = [kind for kind in kinds if permissions.may_ever(person.role, kind)]
    listed = [kind for kind in mine if not any(kind in _besides(other, mine) for other in mine)]
    groups = (
        ("Look", [kind for kind in listed if kind().reads and kind.role is not None]),
        ("Act", [kind for kind in listed if not kind().reads and kind.role is not None]),
        ("Besides", [kind for kind in listed if kind.role is None]),
    )
    blocks: list[Block] = []
    for title, those in groups:
        if those:
            blocks.append(Paragraph(title, bold=True))
            blocks.append(Paragraph("\n".join(f"/{_typed(kind, mine)} – {_short(kind)}" for kind in those)))
    blocks.append(Paragraph("Of several bots, name one first: /status alpha. More on a word: /help close."))
    return Message(headline(f"What you may ask, {person.name}"), tuple(blocks))


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
