"""The methods that show modals and Homes."""

from collections.abc import Mapping
from typing import Any

from tests.servers.slack.block_kit import problems_of_view, texts_of, unescaped
from tests.servers.slack.block_kit.views import is_too_large
from tests.servers.slack.errors import ApiError, Breach
from tests.servers.slack.shapes import view_shape
from tests.servers.slack.world import World

Arguments = Mapping[str, Any]


def open_view(world: World, given: Arguments) -> dict[str, Any]:
    return _show(world, given, push=False)


def push_view(world: World, given: Arguments) -> dict[str, Any]:
    return _show(world, given, push=True)


def update_view(world: World, given: Arguments) -> dict[str, Any]:
    if ("view_id" in given) == ("external_id" in given):
        raise Breach("views.update takes either view_id or external_id")
    view = world.views.find(given.get("view_id"), given.get("external_id"))
    body = checked_view(given["view"], str(view.body["type"]))
    return {"view": view_shape(world, world.views.change(view, body, given.get("hash")))}


def publish_view(world: World, given: Arguments) -> dict[str, Any]:
    body = checked_view(given["view"], "home")
    account = world.accounts.get(given["user_id"])
    if account is None:
        raise Breach("views.publish is for a person of the workspace")
    if not world.views.has_home_tab:
        raise ApiError("not_enabled")
    return {"view": view_shape(world, world.views.publish(account.id, body, given.get("hash")))}


def checked_view(body: Any, kind: str) -> dict[str, Any]:
    """The view as it was given; raises `ApiError` where the platform would refuse it."""
    problems = problems_of_view(body)
    if problems:
        raise Breach("the view is refused", "invalid_arguments", problems)
    if body["type"] != kind:
        raise Breach(f"a {body['type']} cannot stand for a {kind}")
    if is_too_large(body):
        raise Breach("the view has more than 250 kB", "view_too_large")
    for text_kind, content in texts_of(body["blocks"]):
        if text_kind == "mrkdwn" and (piece := unescaped(content)):
            raise Breach(f"not escaped: {piece!r}")
    return dict(body)


def _show(world: World, given: Arguments, *, push: bool) -> dict[str, Any]:
    body = checked_view(given["view"], "modal")
    if "trigger_id" not in given:
        raise Breach("a modal needs the trigger_id of what the person did")
    trigger = world.views.redeem(given["trigger_id"])
    if push and trigger.view_id is None:
        raise Breach("only what was pressed in a modal pushes another upon it")
    view = world.views.show(trigger.user_id, body, push=push, channel_id=trigger.channel_id)
    return {"view": view_shape(world, view)}
