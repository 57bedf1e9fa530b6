"""The form of an ask that is open to more (pure)."""

from collections.abc import Mapping, Sequence

from chatops.asks import Ask
from chatops.filling.fields import field, of_bot, text_of
from chatops.forms import Form
from chatops.views.answers import said_of
from chatops.views.format import label


def typed_form(ask: Ask, bots: Sequence[str]) -> Form | None:
    """Of what somebody typed: every argument, with what they said in it. None where there is nothing to fill in.

    `bots` are those that it may be about. One that was named is settled: what is suggested goes by it, and no platform
    need tell what stands in the other fields.
    """
    kind, said = type(ask), _said(ask)
    fields = [field(kind, name, said.get(name, "")) for name in kind.typed()]
    if "bot" in kind.model_fields and len(bots) > 1 and "bot" not in said:
        fields.append(of_bot(bots))
    settled = {"bot": said["bot"]} if "bot" in said else {}
    return Form(kind.word, _of_bot(_title(kind), said, bots), tuple(fields), settled) if fields else None


def pressed_form(ask: Ask, bots: Sequence[str]) -> Form | None:
    """Of a button: what it says is settled, and the rest is open.

    None where nothing is, or where it says what nobody can fill in: then it is pressed as any other.
    """
    kind, said = type(ask), _said(ask)
    unsaid = {name: kind.model_fields[name].default for name in kind.unlogged()}
    if not ask.arguments.keys() <= said.keys() or any(getattr(ask, name) != usual for name, usual in unsaid.items()):
        return None
    fields = [field(kind, name) for name in kind.typed() if name not in said]
    if not said and "bot" in kind.model_fields and len(bots) > 1:
        fields.append(of_bot(bots))
    title = _of_bot(said_of(ask) if said else _title(kind), said, bots)
    return Form(kind.word, title, tuple(fields), said) if fields else None


def _title(kind: type[Ask]) -> str:
    return label(kind.word.replace("_", " ").capitalize())


def _of_bot(title: str, said: Mapping[str, str], bots: Sequence[str]) -> str:
    """The title with the bot that is meant, where there are others."""
    return label(f"{title} · {said['bot']}") if "bot" in said and len(bots) > 1 else title


def _said(ask: Ask) -> dict[str, str]:
    """What was said of it, but for what is on no record, as it would be typed."""
    names = (*ask.typed(), *(["bot"] if "bot" in type(ask).model_fields else []))
    return {name: text_of(getattr(ask, name)) for name in names if name in ask.arguments}
