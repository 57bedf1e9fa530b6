"""An update that is handled before it is stored."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class Arrival:
    """Of an ask that only reads, or that came while the database was away: it is stored with the record of the ask, in
    one write, or by whoever needs it sooner.

    Until it is stored, on disk at least, it is not confirmed to the platform, which hands it over again if we die.
    """

    platform: str
    update_id: str
    payload: Mapping[str, Any]
    #: Set once there is a row of it, this one's or that of the same update which came before; or a line on disk.
    stored: asyncio.Event = field(default_factory=asyncio.Event)
