"""Time zones for tests: three whose clocks change, and all there are."""

from zoneinfo import ZoneInfo, available_timezones

from hypothesis import strategies as st

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
#: Its clock changes by half an hour.
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
#: Its clock went back a minute after midnight, into the day before.
ST_JOHNS = ZoneInfo("America/St_Johns")

_ALL = sorted(name for name in available_timezones() if "/" in name and not name.startswith(("posix", "right")))
zones = st.sampled_from(_ALL).map(ZoneInfo)
