"""What the platform tells of a view, in answers and in what it sends."""

from collections.abc import Mapping
from typing import Any

from tests.servers.slack.views import View
from tests.servers.slack.world import World


def view_shape(world: World, view: View, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """`values` is what the person has written and chosen until now."""
    body = view.body
    shape: dict[str, Any] = {
        "id": view.id,
        "team_id": world.team_id,
        "app_id": world.app_id,
        "app_installed_team_id": world.team_id,
        "bot_id": world.bot_id,
        "type": body["type"],
        "blocks": view.blocks,
        "private_metadata": body.get("private_metadata", ""),
        "callback_id": body.get("callback_id", ""),
        "external_id": body.get("external_id", ""),
        "state": {"values": dict(values or {})},
        "hash": view.hash,
        "root_view_id": view.root_id,
        "previous_view_id": view.previous_id,
        "clear_on_close": body.get("clear_on_close", False),
        "notify_on_close": body.get("notify_on_close", False),
    }
    if body["type"] == "modal":
        shape.update({name: body.get(name) for name in ("title", "submit", "close")})
    return shape
