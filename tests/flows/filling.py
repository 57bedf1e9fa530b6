"""Somebody's forms at a desk on the memory platform, and what is suggested to them."""

from chatops.forms import Form
from chatops.people import Identity
from tests.flows.conftest import World


def known(person: str) -> Identity:
    return Identity("memory", person)


async def typed(world: World, person: str, text: str) -> Form | None:
    return await world.desk.forms.of_text(known(person), world.chat.room, text)


async def pressed(world: World, person: str, label: str) -> Form | None:
    token = world.chat.last.token(label)
    assert token is not None
    return await world.desk.forms.of_press(known(person), world.chat.room, token)


async def suggested(world: World, person: str, word: str, argument: str, said: str = "", **filled: str) -> list[str]:
    found = await world.desk.forms.suggest(known(person), word, argument, said, filled)
    return [one.value for one in found]


def named(form: Form | None) -> list[str]:
    assert form is not None
    return [one.argument for one in form.fields]
