"""The server's own tables against the contract of the Bot API, where its file is at hand."""

from typing import Any

import pytest

from tests.material import telegram_contract
from tests.servers.telegram import limits
from tests.servers.telegram.entities import ENTITY_TYPES
from tests.servers.telegram.errors import TooManyRequests
from tests.servers.telegram.methods import METHODS, NOT_PLAYED
from tests.servers.telegram.shapes import BY_TYPE, SHAPES
from tests.servers.telegram.texts import Text
from tests.servers.telegram.updates import UPDATE_KINDS


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    return telegram_contract()


@pytest.mark.parametrize("name", METHODS)
def test_a_method_takes_what_the_contract_says(contract: dict[str, Any], name: str) -> None:
    stated = contract["methods"][name]
    assert dict(METHODS[name].required) == stated["required"]
    assert dict(METHODS[name].optional) == stated["optional"]


@pytest.mark.parametrize("name", SHAPES)
def test_an_object_has_fields_that_the_contract_knows(contract: dict[str, Any], name: str) -> None:
    stated = contract["types"][name]
    assert dict(SHAPES[name].required) == stated["required"]
    assert SHAPES[name].optional.items() <= stated["optional"].items()


@pytest.mark.parametrize("name", BY_TYPE)
def test_every_kind_of_an_object_is_known(contract: dict[str, Any], name: str) -> None:
    assert set(BY_TYPE[name].values()) == set(contract["types"][name]["one_of"])


def test_what_is_not_played_exists(contract: dict[str, Any]) -> None:
    known = {name for method in contract["methods"].values() for name in method["optional"]}
    assert known >= NOT_PLAYED


def test_every_kind_of_update_is_known(contract: dict[str, Any]) -> None:
    assert set(contract["types"]["Update"]["optional"]) == UPDATE_KINDS


def test_the_scopes_of_a_menu_are_known(contract: dict[str, Any]) -> None:
    assert list(BY_TYPE["BotCommandScope"]) == contract["semantics"]["commands_scopes"]


def test_an_entity_needs_fields_that_the_contract_knows(contract: dict[str, Any]) -> None:
    known = set(contract["types"]["MessageEntity"]["optional"])
    assert {name for needed in ENTITY_TYPES.values() for name in needed} <= known


@pytest.mark.parametrize("text", Text)
def test_a_refusal_reads_as_the_contract_says(contract: dict[str, Any], text: Text) -> None:
    errors = contract["semantics"]["errors"]
    stated = [*errors["400"], *errors["403"], *errors["409"], errors["401"], *errors["404"].split(" / ")]
    stated.append(errors["429"]["description"])
    assert any(one.startswith(text) for one in stated)


def test_too_many_requests_says_how_long_to_wait(contract: dict[str, Any]) -> None:
    stated = contract["semantics"]["errors"]["429"]
    refusal = TooManyRequests(7)
    assert refusal.description == stated["description"].replace("N", "7")
    assert set(refusal.parameters) == set(stated["parameters"])


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("message_text_chars", list(limits.MESSAGE_TEXT_CHARS)),
        ("caption_chars", list(limits.CAPTION_CHARS)),
        ("message_entities", limits.MESSAGE_ENTITIES),
        ("callback_data_bytes", list(limits.CALLBACK_DATA_BYTES)),
        ("inline_keyboard_buttons_total", limits.BUTTONS_TOTAL),
        ("inline_keyboard_buttons_per_row", limits.BUTTONS_PER_ROW),
        ("answer_callback_text_chars", list(limits.CALLBACK_ANSWER_CHARS)),
        ("callback_query_update_ttl_s", limits.CALLBACK_QUERY_TTL_S),
        ("update_ttl_s", limits.UPDATE_TTL_S),
        ("get_updates_limit", list(limits.GET_UPDATES_LIMIT)),
        ("get_updates_timeout_max_s", limits.GET_UPDATES_TIMEOUT_MAX_S),
        ("webhook_max_connections", list(limits.WEBHOOK_MAX_CONNECTIONS)),
        ("photo_upload_bytes", limits.PHOTO_BYTES),
        ("file_upload_bytes", limits.FILE_BYTES),
        ("forum_general_topic_id", limits.GENERAL_TOPIC),
        ("rate_overall_per_s", limits.RATE_OVERALL_PER_S),
        ("rate_per_chat_per_s", limits.RATE_PER_CHAT_PER_S),
        ("rate_per_group_per_min", limits.RATE_PER_GROUP_PER_MINUTE),
    ],
)
def test_a_limit_is_that_of_the_contract(contract: dict[str, Any], name: str, ours: object) -> None:
    assert contract["limits"][name]["value"] == ours


def test_limits_of_several_parts_are_those_of_the_contract(contract: dict[str, Any]) -> None:
    stated = contract["limits"]
    commands = stated["bot_commands"]["value"]
    assert (commands["max"], commands["command_regex"]) == (limits.COMMANDS, limits.COMMAND_PATTERN.pattern)
    assert commands["description_chars"] == list(limits.COMMAND_DESCRIPTION_CHARS)
    photo = stated["photo_dimensions"]["value"]
    assert (photo["width_plus_height_max"], photo["ratio_max"]) == (limits.PHOTO_WIDTH_PLUS_HEIGHT, limits.PHOTO_RATIO)
    secret = stated["webhook_secret_token"]["value"]
    assert secret["header"] == limits.WEBHOOK_SECRET_HEADER
    least, most = secret["chars"]
    assert limits.WEBHOOK_SECRET_PATTERN.pattern == f"^[{secret['alphabet']}]{{{least},{most}}}$"
    fields = contract["types"]
    assert fields["CopyTextButton"]["limits"]["text"]["chars"] == list(limits.COPY_TEXT_CHARS)
    assert fields["ReplyParameters"]["limits"]["quote"]["chars"] == list(limits.QUOTE_CHARS)


def test_senders_without_identity_are_those_of_the_contract(contract: dict[str, Any]) -> None:
    said = contract["semantics"]["groups"]["anonymous_admin"]
    assert str(limits.ANONYMOUS_ADMIN) in said
    assert str(limits.FAKE_CHANNEL) in said
