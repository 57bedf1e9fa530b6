"""What a desk asks of Slack, as the manifest of an app: generated from what people can ask (pure)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chatops.layout import fit
from chatops.words import OURS, Words

#: The slash command behind which every word stands.
COMMAND = "/deck"
#: Each scope of the bot token, and what does not work without it.
SCOPES: Mapping[str, str] = {
    "app_mentions:read": "hearing what is said to it in channels",
    "channels:history": "looking whether a message is there already before it is sent again",
    "channels:read": "checking the rooms of the settings",
    "chat:write": "answering",
    "commands": f"hearing {COMMAND}",
    "files:write": "sending pictures and files",
    "groups:history": "the same as channels:history, in private channels",
    "groups:read": "the same as channels:read, in private channels",
    "im:history": "hearing what is said to it by themselves",
    "im:write": "writing to people by themselves",
    "pins:write": "pinning the status",
    "users:read": "telling guests and bots from members",
}
#: The scope of the app-level token.
APP_SCOPE = "connections:write"
EVENTS = ("app_home_opened", "app_mention", "message.im")

#: What a manifest may hold (docs.slack.dev/reference/app-manifest).
_LONG_CHARACTERS = 4_000
_HINT_CHARACTERS = 1_000


def manifest(url: str | None = None, words: Words = OURS) -> dict[str, Any]:
    """The manifest of an app by Socket Mode; where `url` is given, of one that Slack calls there."""
    calls = {} if url is None else {"request_url": url}
    menus = {} if url is None else {"message_menu_options_url": url}
    typed = [kind.word for kind in words.typed]
    first = list(dict.fromkeys(word.partition(" ")[0] for word in typed))
    about = (
        "Watch and command trading bots. Say a word to the app by yourself, mention it in a channel that it is in, or "
        f"write {COMMAND} and a word. It answers people that the desk knows, and nobody else. Words: "
    )
    return {
        "display_information": {
            "name": "Quarterdeck",
            "description": "Watch and command trading bots",
            "long_description": fit(about + ", ".join(typed), _LONG_CHARACTERS),
            "background_color": "#1f2933",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "quarterdeck", "always_online": True},
            "slash_commands": [
                {
                    "command": COMMAND,
                    "description": "Ask the desk: a word, and what it needs",
                    "usage_hint": fit(" | ".join(first), _HINT_CHARACTERS),
                    "should_escape": False,
                    **({} if url is None else {"url": url}),
                }
            ],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {**calls, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **calls, **menus},
            "org_deploy_enabled": False,
            "socket_mode_enabled": url is None,
            "token_rotation_enabled": False,
        },
    }


def as_yaml(value: Mapping[str, Any]) -> str:
    """The same as YAML: texts are quoted as in JSON, which YAML takes."""
    return "\n".join(_lines(value, "")) + "\n"


def _lines(value: Any, indent: str) -> Iterator[str]:
    for name, part in value.items():
        if isinstance(part, Mapping):
            yield f"{indent}{name}:"
            yield from _lines(part, indent + "  ")
        elif isinstance(part, Sequence) and not isinstance(part, str):
            yield f"{indent}{name}:"
            for one in part:
                if isinstance(one, Mapping):
                    first, *rest = _lines(one, indent + "    ")
                    yield f"{indent}  - {first.lstrip()}"
                    yield from rest
                else:
                    yield f"{indent}  - {json.dumps(one)}"
        else:
            yield f"{indent}{name}: {json.dumps(part, ensure_ascii=False)}"
