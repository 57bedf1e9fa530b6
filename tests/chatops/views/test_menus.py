"""Where there is more to choose from than there are buttons, all of it is in a menu, for platforms that show one."""

import pytest

from bot_integration import Parameter
from chatops.asks import Config, GiveOncall, Set, Silence, Status
from chatops.messages import Message, Wanted
from chatops.people import Principal, Role
from chatops.views import choices, oncall, silences, tuning

HOT = [Parameter(key=f"key_{n}", value=n, type="int", category=f"part {n}", hot=True) for n in range(13)]
PEOPLE = [Principal(f"p{n}", Role.OPERATOR) for n in range(13)]
BOTS = [f"bot{n}" for n in range(13)]


@pytest.mark.parametrize(
    ("few", "many", "menu"),
    [
        (choices.which_bot(Status(), BOTS[:12]), choices.which_bot(Status(), BOTS), Wanted(Status(), "bot")),
        (tuning.which_key("alpha", HOT[:12]), tuning.which_key("alpha", HOT), Wanted(Set(bot="alpha"), "key")),
        (
            tuning.which_of("alpha", "limits", HOT[:12]),
            tuning.which_of("alpha", "limits", HOT),
            Wanted(Set(bot="alpha"), "key"),
        ),
        (
            tuning.categories("alpha", HOT[:12]),
            tuning.categories("alpha", HOT),
            Wanted(Config(bot="alpha"), "category"),
        ),
        (
            oncall.which_person(PEOPLE[:12], "2h"),
            oncall.which_person(PEOPLE, "2h"),
            Wanted(GiveOncall(length="2h"), "who"),
        ),
    ],
)
def test_what_has_no_button_is_in_a_menu(few: Message, many: Message, menu: Wanted) -> None:
    assert few.menu is None
    assert many.menu == menu
    assert menu.ask.names(menu.argument) is not None
    assert many.wanted is None


def test_more_can_be_silenced_than_what_stands() -> None:
    assert silences.which((), ()).menu == Wanted(Silence(), "what")
