"""The views: modals and the App Home."""

import json
from typing import Any

from tests.servers.slack import limits
from tests.servers.slack.block_kit.blocks import Surface, problems_of_blocks
from tests.servers.slack.block_kit.checks import Check, Problems, Shape, boolean, one_of, string
from tests.servers.slack.block_kit.objects import plain


def _anything(value: Any, where: str, problems: Problems) -> None:
    """Blocks are checked by themselves."""


_COMMON: dict[str, Check] = {
    "private_metadata": string(limits.PRIVATE_METADATA_CHARS),
    "callback_id": string(limits.CALLBACK_ID_CHARS),
    "external_id": string(limits.CALLBACK_ID_CHARS),
}
_MODAL = Shape(
    {"type": one_of("modal"), "title": plain(limits.VIEW_TITLE_CHARS), "blocks": _anything},
    {
        **_COMMON,
        "submit": plain(limits.VIEW_SUBMIT_CHARS),
        "close": plain(limits.VIEW_CLOSE_CHARS),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    },
)
_HOME = Shape({"type": one_of("home"), "blocks": _anything}, _COMMON)


def problems_of_view(view: Any) -> list[str]:
    """What the platform would refuse of a view, in its words. A view of more than 250 kB is `view_too_large`."""
    kind = view.get("type") if isinstance(view, dict) else None
    if kind not in ("modal", "home"):
        return ["unsupported type of view [json-pointer:/view/type]"]
    problems = Problems()
    (_MODAL if kind == "modal" else _HOME)(view, "/view", problems)
    found = problems.found + problems_of_blocks(view.get("blocks"), Surface(kind))
    if not found and kind == "modal" and "submit" not in view:
        found += [
            "submit is required when an input block is within blocks [json-pointer:/view/submit]"
            for block in view["blocks"]
            if block["type"] == "input"
        ][:1]
    return found


def is_too_large(view: Any) -> bool:
    return len(json.dumps(view)) > limits.VIEW_BYTES
