"""The methods that ask or tell the platform about the bot, its chats and its menu."""

from collections.abc import Mapping
from typing import Any

from tests.servers.telegram.errors import bad_request
from tests.servers.telegram.menu import Key, key_of
from tests.servers.telegram.texts import UnlistedText
from tests.servers.telegram.world import World, member_shape

Parameters = Mapping[str, Any]


def get_me(world: World, given: Parameters) -> dict[str, Any]:
    return {
        **world.around.bot.shape(),
        "can_join_groups": True,
        "can_read_all_group_messages": not world.around.privacy,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def get_chat(world: World, given: Parameters) -> dict[str, Any]:
    chat = world.open(given["chat_id"])
    body = {
        **chat.shape(),
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(
            (
                "unlimited_gifts",
                "limited_gifts",
                "unique_gifts",
                "premium_subscription",
                "gifts_from_channels",
            ),
            False,
        ),
    }
    pinned = chat.find(chat.pinned[-1]) if chat.pinned else None
    if pinned is not None:
        body["pinned_message"] = chat.shape_of(pinned)
    return body


def get_chat_member(world: World, given: Parameters) -> dict[str, Any]:
    chat = world.open(given["chat_id"])
    person = world.people.get(given["user_id"])
    if person is None:
        raise bad_request(UnlistedText.USER_NOT_FOUND)
    if person.id == world.around.bot.id:
        body = member_shape(person, chat.bot_status)
        if chat.kind == "channel" and chat.bot_status == "administrator":
            body["can_post_messages"] = chat.bot_may_post
        return body
    return member_shape(person, chat.members.get(person.id, "left"))


def answer_callback_query(world: World, given: Parameters) -> bool:
    world.around.queries.answer(
        given["callback_query_id"],
        given.get("text", ""),
        given.get("show_alert", False),
        given.get("url", ""),
    )
    return True


def set_my_commands(world: World, given: Parameters) -> bool:
    world.menu.put(_key(world, given), given["commands"])
    return True


def get_my_commands(world: World, given: Parameters) -> list[dict[str, str]]:
    return world.menu.under(_key(world, given))


def delete_my_commands(world: World, given: Parameters) -> bool:
    world.menu.drop(_key(world, given))
    return True


def _key(world: World, given: Parameters) -> Key:
    scope = given.get("scope")
    chat_id = world.open(scope["chat_id"]).id if scope and "chat_id" in scope else 0
    return key_of(scope, chat_id, given.get("language_code", ""))
