"""Whether to tell somebody else that we live (pure)."""

from datetime import datetime, timedelta

from alerts.auditor import Audit

#: An auditor that has not looked for longer says nothing of now: it is watched by this.
AUDITED_WITHIN = timedelta(seconds=20)


def why_silent(audited: Audit | None, now: datetime) -> str:
    """Why no heartbeat is sent now; empty where all is in time."""
    if audited is None:
        return "the auditor has not looked yet"
    if now - audited.at > AUDITED_WITHIN:
        return f"the auditor has not looked for {int((now - audited.at).total_seconds())} s"
    return "; ".join(audited.troubles)
