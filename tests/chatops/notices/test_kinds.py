import pytest
from pydantic import ValidationError

from chatops.notices.happenings import Happening
from chatops.notices.kinds import KINDS, USUAL, Loudness, NoticeKind
from chatops.settings import RoomSettings
from chatops.settings.rooms import NoticeSettings


def test_every_kind_is_in_the_table_and_happens() -> None:
    assert list(KINDS) == list(NoticeKind)
    assert {kind.kind for kind in Happening.__args__} == set(NoticeKind)


def test_the_settings_know_every_kind_and_say_what_the_table_says() -> None:
    assert list(NoticeSettings.model_fields) == list(NoticeKind)
    assert NoticeSettings().by_kind == USUAL


def test_nothing_is_off_by_itself_and_what_comes_often_makes_no_sound() -> None:
    assert Loudness.OFF not in USUAL.values()
    often = {NoticeKind.FILLED, NoticeKind.REBALANCED, NoticeKind.FUNDING, NoticeKind.STAGE, NoticeKind.SETTINGS}
    assert {kind for kind, loudness in USUAL.items() if loudness is Loudness.SILENT} == often


def told(**more: object) -> dict[NoticeKind, Loudness]:
    room = RoomSettings.model_validate({"name": "ops", "platform": "telegram", "id": "-100", **more})
    return room.told


def test_a_room_of_the_settings_hears_everything_as_usual_but_what_it_says_itself() -> None:
    assert told() == USUAL
    assert told(notices={"funding": "off"}) == {**USUAL, NoticeKind.FUNDING: Loudness.OFF}


def test_a_room_that_receives_no_notices_hears_none() -> None:
    assert set(told(receives=["alerts"], notices={"funding": "on"}).values()) == {Loudness.OFF}


def test_what_is_no_kind_and_what_is_no_loudness_is_told_by_its_key() -> None:
    with pytest.raises(ValidationError) as caught:
        told(notices={"fundin": "off", "stage": "loud"})
    assert {error["loc"] for error in caught.value.errors()} == {("notices", "fundin"), ("notices", "stage")}
