"""One call of Apprise: one target, one message, in the thread that it is called in."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from alerts.severity import Severity
from chatops.adapters.apprise.errors import NotInstalled, UnusableChannel
from chatops.adapters.apprise.fence import fenced
from chatops.adapters.apprise.listening import listening
from chatops.adapters.in_words import left_out
from chatops.messages import Attachment

if TYPE_CHECKING:
    from apprise import AppriseAsset, AppriseAttachment, NotifyBase

#: What most services take; a message must not fail for the picture beside it.
FILE_BYTES = 5_000_000

_UNFIT = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class Target:
    """One channel, by the address that Apprise knows it by."""

    name: str
    url: str = field(repr=False)
    #: Whether it may lie on a private network, on this machine or beside it.
    allow_private: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a call."""

    ok: bool
    #: Whether it would have reached a private address, and was kept from it.
    was_refused: bool = False
    #: What Apprise logged: for `faults` alone.
    logged: tuple[str, ...] = field(default=(), repr=False)


def expect_usable(target: Target) -> None:
    """Raises `UnusableChannel` where nothing could ever be sent there."""
    with listening():
        _plugin(target)


def tell(target: Target, title: str, body: str, severity: Severity, file: Attachment | None = None) -> Told:
    """Send it, and say what came of that; blocks. Raises `UnusableChannel`.

    The file goes along where the service takes files; elsewhere a word says that it was left out.
    """
    with listening() as logged, fenced(is_fenced=not target.allow_private) as fence:
        # Made anew each time: one that is kept waits between two messages, which is for our own limits to do.
        plugin = _plugin(target)
        if file is not None and not (plugin.attachment_support and len(file.content) <= FILE_BYTES):
            body, file = f"{body}\n\n{left_out(file)}", None
        with _on_disk(file) as attached:
            ok = bool(
                plugin.notify(
                    body=body, title=title, notify_type=_kinds()[severity], body_format="text", attach=attached
                )
            )
        return Told(ok, fence.was_refused, tuple(logged))


def _plugin(target: Target) -> "NotifyBase":
    try:
        from apprise import Apprise
    except ImportError as error:
        raise NotInstalled from error
    plugin = Apprise.instantiate(target.url, asset=_asset(), suppress_exceptions=True)
    if plugin is None:
        raise UnusableChannel(
            "Apprise makes nothing of its url: see the page of the service at appriseit.com. "
            "For a webhook of your own give a secret too"
        )
    if len(plugin) > 1:
        # It is sent again to all of them where one fails.
        raise UnusableChannel(f"its url names {len(plugin)} targets: write one channel for each")
    return plugin


@contextmanager
def _on_disk(file: Attachment | None) -> "Iterator[AppriseAttachment | None]":
    """The file for the time of the call, in a folder that only we may read: some plugins open it by its path."""
    if file is None:
        yield None
        return
    from apprise import AppriseAttachment
    from apprise.attachment.file import AttachFile

    with TemporaryDirectory(prefix="quarterdeck-") as folder:
        path = Path(folder) / (_UNFIT.sub("-", file.name)[-80:].lstrip("-.") or "file")
        path.write_bytes(file.content)
        attached = AppriseAttachment(asset=_asset())
        attached.add(AttachFile(path=str(path), asset=_asset()))  # type: ignore[no-untyped-call]  # it has no types
        yield attached


def _asset() -> "AppriseAsset":
    from apprise import AppriseAsset

    # What it keeps goes with the call, and nobody is followed elsewhere.
    return AppriseAsset(
        storage_mode="memory", app_id="Quarterdeck", app_desc="Quarterdeck", async_mode=False, http_redirects=False
    )


def _kinds() -> Mapping[Severity, str]:
    return {
        Severity.INFO: "info",
        Severity.WARNING: "warning",
        Severity.CRITICAL: "failure",
        Severity.EMERGENCY: "failure",
    }
