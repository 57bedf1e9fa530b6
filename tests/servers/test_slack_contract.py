"""The server's own tables against the contract of the platform, where its file is at hand."""

from typing import Any

import pytest

from tests.material import slack_contract
from tests.servers.slack import limits
from tests.servers.slack.methods import COMMON_ERRORS, METHODS


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    return slack_contract()


@pytest.mark.parametrize("name", METHODS)
def test_a_method_takes_what_the_contract_says(contract: dict[str, Any], name: str) -> None:
    stated = contract["methods"][name]
    assert set(METHODS[name].required) == set(stated["required"])
    assert set(METHODS[name].optional) == set(stated["optional"])


@pytest.mark.parametrize("name", METHODS)
def test_a_method_refuses_in_words_of_the_contract(contract: dict[str, Any], name: str) -> None:
    assert METHODS[name].errors <= set(contract["methods"][name]["errors"])


@pytest.mark.parametrize("name", METHODS)
def test_a_method_is_as_fast_as_the_contract_says(contract: dict[str, Any], name: str) -> None:
    stated = contract["methods"][name]
    tier = METHODS[name].tier
    assert limits.TIERS_PER_MINUTE.get(tier) == stated.get("per_minute", None)


def test_the_tiers_are_those_of_the_contract(contract: dict[str, Any]) -> None:
    stated = contract["limits"]["rate"]["tiers_per_minute"]
    assert limits.TIERS_PER_MINUTE.items() == stated.items()


def test_what_any_method_may_answer_is_known(contract: dict[str, Any]) -> None:
    assert set(contract["errors"]) >= COMMON_ERRORS


@pytest.mark.parametrize(
    ("group", "name", "ours"),
    [
        ("message", "blocks_max", limits.MESSAGE_BLOCKS),
        ("message", "text_max_chars", limits.MESSAGE_TEXT_CHARS),
        ("message", "text_recommended_chars", limits.RECOMMENDED_TEXT_CHARS),
        ("message", "markdown_text_chars", limits.MARKDOWN_CHARS),
        ("view", "blocks_max", limits.VIEW_BLOCKS),
        ("view", "title_chars", limits.VIEW_TITLE_CHARS),
        ("view", "submit_chars", limits.VIEW_SUBMIT_CHARS),
        ("view", "close_chars", limits.VIEW_CLOSE_CHARS),
        ("view", "private_metadata_chars", limits.PRIVATE_METADATA_CHARS),
        ("view", "callback_id_chars", limits.CALLBACK_ID_CHARS),
        ("view", "stack_depth", limits.VIEW_STACK),
        ("view", "payload_bytes", limits.VIEW_BYTES),
        ("view", "trigger_id_valid_s", limits.TRIGGER_S),
        ("blocks", "block_id_chars", limits.BLOCK_ID_CHARS),
        ("blocks", "section_text_chars", [1, limits.SECTION_TEXT_CHARS]),
        ("blocks", "section_fields", limits.SECTION_FIELDS),
        ("blocks", "section_field_chars", limits.SECTION_FIELD_CHARS),
        ("blocks", "actions_elements", [1, limits.ACTIONS_ELEMENTS]),
        ("blocks", "context_elements", limits.CONTEXT_ELEMENTS),
        ("blocks", "header_text_chars", limits.HEADER_TEXT_CHARS),
        ("blocks", "image_alt_chars", limits.IMAGE_ALT_CHARS),
        ("blocks", "image_title_chars", limits.IMAGE_TITLE_CHARS),
        ("blocks", "input_label_chars", limits.INPUT_LABEL_CHARS),
        ("blocks", "input_hint_chars", limits.INPUT_HINT_CHARS),
        ("blocks", "markdown_block_chars", limits.MARKDOWN_CHARS),
        ("blocks", "table_rows", limits.TABLE_ROWS),
        ("blocks", "table_cells_per_row", limits.TABLE_CELLS),
        ("elements", "action_id_chars", limits.ACTION_ID_CHARS),
        ("elements", "button_text_chars", limits.BUTTON_TEXT_CHARS),
        ("elements", "button_value_chars", limits.BUTTON_VALUE_CHARS),
        ("elements", "button_url_chars", limits.BUTTON_URL_CHARS),
        ("elements", "button_style", list(limits.BUTTON_STYLES)),
        ("elements", "select_options", limits.SELECT_OPTIONS),
        ("elements", "select_option_groups", limits.OPTION_GROUPS),
        ("elements", "placeholder_chars", limits.PLACEHOLDER_CHARS),
        ("elements", "overflow_options", [1, limits.OVERFLOW_OPTIONS]),
        ("elements", "checkbox_radio_options", limits.CHOICE_OPTIONS),
        ("elements", "plain_text_input_length_max", limits.INPUT_LENGTH),
        ("objects", "confirm_title_chars", limits.CONFIRM_TITLE_CHARS),
        ("objects", "confirm_text_chars", limits.CONFIRM_TEXT_CHARS),
        ("objects", "confirm_button_chars", limits.CONFIRM_BUTTON_CHARS),
        ("objects", "option_text_chars", limits.OPTION_TEXT_CHARS),
        ("objects", "option_description_chars", limits.OPTION_DESCRIPTION_CHARS),
        ("objects", "option_group_label_chars", limits.OPTION_GROUP_LABEL_CHARS),
        ("objects", "text_object_chars", [1, limits.TEXT_CHARS]),
        ("interaction", "ack_s", limits.ACK_S),
        ("interaction", "response_url_uses", limits.RESPONSE_URL_USES),
        ("interaction", "response_url_ttl_s", limits.RESPONSE_URL_S),
        ("signature", "window_s", limits.SIGNATURE_WINDOW_S),
        ("events", "ack_s", limits.ACK_S),
        ("events", "retries", limits.EVENT_RETRIES),
        ("socket_mode", "max_connections", limits.CONNECTIONS),
        ("files", "alt_txt_chars", limits.FILE_ALT_CHARS),
    ],
)
def test_a_limit_is_that_of_the_contract(contract: dict[str, Any], group: str, name: str, ours: object) -> None:
    assert contract["limits"][group][name]["value"] == ours


def test_an_options_value_stays_where_both_statements_of_the_contract_allow_it(contract: dict[str, Any]) -> None:
    stated = contract["limits"]["objects"]["option_value_chars"]
    assert stated["value"] >= limits.OPTION_VALUE_CHARS
    assert f"<= {limits.OPTION_VALUE_CHARS}" in stated["note"]


def test_undocumented_limits_are_those_that_were_observed(contract: dict[str, Any]) -> None:
    assert str(limits.MESSAGE_BLOCKS_TOTAL_CHARS) in contract["limits"]["message"]["blocks_total_chars"]["value"]
