"""What `quarterdeck check` looks at before anything starts: what is wrong, and what to do."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot_integration.clock import utc_now
from chatops.checkup.bots import check_bots
from chatops.checkup.channels import check_channels
from chatops.checkup.database import check_database
from chatops.checkup.duty import check_duty
from chatops.checkup.findings import Finding, Level, lines, passed
from chatops.checkup.people import check_people, stored_people
from chatops.checkup.slack import check_slack
from chatops.checkup.telegram import check_telegram
from chatops.checkup.totp import check_totp
from chatops.checkup.unused import check_unused
from chatops.redactor import Redactor
from chatops.settings import Settings

__all__ = ["Finding", "Level", "checkup", "lines", "passed"]


async def checkup(settings: Settings, now: Callable[[], datetime] = utc_now) -> tuple[Finding, ...]:
    """Look at all that the settings name. Nothing is changed or started; what does not answer is a finding."""
    redact = Redactor(settings.secrets())
    stored, looked = await asyncio.gather(
        stored_people(settings),
        asyncio.gather(
            check_database(settings, now),
            check_telegram(settings),
            check_slack(settings),
            check_bots(settings),
            check_totp(settings),
            check_channels(settings),
        ),
    )
    found = [
        *check_people(settings, stored),
        *check_duty(settings, stored),
        *check_unused(settings),
        *(finding for findings in looked for finding in findings),
    ]
    return tuple(replace(finding, what=redact(finding.what), todo=redact(finding.todo)) for finding in found)
