"""What alerts are held to: every rule, one of them, one of its keys, and the question before it is changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from alerts.amending import Term, keys
from alerts.severity import Severity
from alerts.terms import Terms
from chatops.alert_record import RuleChange
from chatops.asks import Rules
from chatops.layout import align, fit
from chatops.messages import Block, Button, Message, Paragraph, Wanted
from chatops.views.format import headline, label, when
from chatops.views.trading import SAID, rows_of

#: What is typed to have a key as the settings have it.
DEFAULT = "default"
#: Columns of a value in a table.
_VALUE = 14
_CHANGED = "•"
_HOW = "Reply with the value, or write: /rules {rule} {key} and the value."


def rules(every: Mapping[str, Terms], made: Mapping[str, Sequence[RuleChange]]) -> Message:
    """A line each: whether it is on, its first thresholds from mild to worst, and whether that was changed here."""
    rows = [("", "rule", "on", "from")]
    rows += [
        (_CHANGED if made.get(name) else "", name, "yes" if terms.on else "NO", _thresholds(terms))
        for name, terms in every.items()
    ]
    off = [name for name, terms in every.items() if not terms.on]
    changed = [name for name in every if made.get(name)]
    title = f"{len(every)} rules, {len(off)} of them off" if off else f"{len(every)} rules, all on"
    notes: list[Block] = [Paragraph(f"{_CHANGED} changed from chat, over the settings.")] if changed else []
    buttons = [Button(label(name), Rules(rule=name)) for name in every]
    return Message(headline(title), (align(rows, right="3"), *notes), rows_of(buttons))


def rule(terms: Terms, usual: Terms, made: Sequence[RuleChange], now: datetime, *, may_change: bool) -> Message:
    """All of one, what was changed from chat with who did that, and a button for each key to whoever may change it."""
    held, settings = keys(terms), {one.key: one for one in keys(usual)}
    ours = {one.key for one in made}
    rows = [(_CHANGED if one.key in ours else "", one.key, fit(_text(one), _VALUE)) for one in held]
    blocks: list[Block] = [align(rows, right="2")]
    if made:
        said = [_by(one, settings.get(one.key), now) for one in made]
        blocks.append(Paragraph("\n".join([f"{_CHANGED} Changed from chat:", *said])))
    buttons: tuple[tuple[Button, ...], ...] = ()
    if may_change:
        switch = Button("Turn off" if terms.on else "Turn on", _set(terms.rule, "on", "no" if terms.on else "yes"))
        each = [Button(label(f"{one.key}…"), _set(terms.rule, one.key), form=True) for one in held if one.key != "on"]
        buttons = ((switch,), *(tuple(each[start : start + 2]) for start in range(0, len(each), 2)))
    title = f"{terms.rule} is {'on' if terms.on else 'OFF'}"
    return Message(headline(title), tuple(blocks), (*buttons, (Button("All rules", Rules()),)))


def no_such_rule(wanted: str, every: Mapping[str, Terms], near: Sequence[str]) -> Message:
    """The rules there are."""
    hint = f" Did you mean {near[0]}?" if near else ""
    buttons = [Button(label(name), Rules(rule=name)) for name in (near or every)]
    return Message(headline(f"There is no rule “{fit(wanted, 30)}”.{hint}"), buttons=rows_of(buttons))


def no_such_key(terms: Terms, wanted: str, near: Sequence[str]) -> Message:
    """What may be changed of it."""
    named = near or [one.key for one in keys(terms)]
    buttons = [Button(label(key), _set(terms.rule, key), form=True) for key in named]
    back = (Button(label(terms.rule), Rules(rule=terms.rule)),)
    return Message(headline(f"{terms.rule} has no “{fit(wanted, 30)}”."), buttons=(*rows_of(buttons), back))


def which_value(terms: Terms, one: Term, made: RuleChange | None, usual: str, said: str = "") -> Message:
    """All about a key, and the wish for a value: written in reply, or behind the word; with a way back."""
    ask = _set(terms.rule, one.key)
    blocks = [Paragraph(fit(f"The settings have {usual}.", SAID))] if made is not None else []
    how = Paragraph(_HOW.format(rule=terms.rule, key=one.key))
    buttons = [Button(f"Back to {label(usual)}", _set(terms.rule, one.key, DEFAULT))] if made is not None else []
    if one.key == "on":
        other = "no" if terms.on else "yes"
        buttons.insert(0, Button(other, _set(terms.rule, one.key, other)))
    title = said or f"Set {one.key} of {terms.rule} to what? It is {_text(one)}."
    takes = Paragraph(fit(f"It takes {one.takes}{f' ({one.unit})' if one.unit else ''}.", SAID))
    rows = ((*buttons,),) if buttons else ()
    back = (Button(label(terms.rule), Rules(rule=terms.rule)),)
    return Message(headline(title), (takes, *blocks, how), (*rows, back), wanted=Wanted(ask, "value"))


def for_every_bot() -> Message:
    """Whoever is bound to some bots changes nothing of the others."""
    return Message("A rule is for every bot, and the settings bind you to some. Nothing was done.")


def is_already(terms: Terms, one: Term) -> Message:
    """Nothing would change."""
    back = ((Button(label(terms.rule), Rules(rule=terms.rule)),),)
    return Message(headline(f"{one.key} of {terms.rule} is {_text(one)} already. Nothing was done."), buttons=back)


def really_set(terms: Terms, old: Term, new: Term, *, is_back: bool) -> Message:
    """Old and new, and what turning a rule off means."""
    blocks: list[Block] = []
    if new.key == "on" and new.text == "no":
        blocks.append(Paragraph("⚠ Nobody is told of it any more, and what stands of it ends."))
    how = "As the settings have it." if is_back else "It holds over the settings, until it is taken back."
    blocks.append(Paragraph(how))
    return Message(headline(f"{terms.rule}: {new.key} {_text(old)} → {_text(new)}?"), tuple(blocks))


def now_is(terms: Terms, one: Term, *, is_back: bool) -> Message:
    """It holds from the next reading on."""
    ways = [Button(label(terms.rule), Rules(rule=terms.rule)), Button("All rules", Rules())]
    if not is_back:
        ways.insert(0, Button("Take it back", _set(terms.rule, one.key, DEFAULT)))
    over = "as the settings have it" if is_back else "over the settings"
    return Message(headline(f"{terms.rule}: {one.key} is {_text(one)} now, {over}."), buttons=(tuple(ways),))


def _set(rule: str, key: str, value: str = "") -> Rules:
    return Rules(rule=rule, key=key, value=value)


def _text(one: Term) -> str:
    return f"{one.text}{'%' if one.unit.startswith('%') else ''}"


def _thresholds(terms: Terms) -> str:
    """`<0.2/0.15/0.1`, of its first metric that has any."""
    for band in terms.bands:
        named = [one for one in keys(terms) if one.key.endswith(f".{band.metric}")]
        if named:
            values = [f"{band.at[one]:g}" for one in Severity if one in band.at]
            return ("≥" if band.above else "<") + "/".join(values)
    return "/".join(str(one)[:4] for one in terms.severities)


def _by(one: RuleChange, usual: Term | None, now: datetime) -> str:
    was = f"; settings: {_text(usual)}" if usual is not None else ""
    return fit(f"{one.key} {one.value} by {one.by}, {when(one.at, now)}{was}", SAID)
