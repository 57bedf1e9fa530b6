"""The desk: gateway, outbox and settling, joined over one database."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from functools import partial
from pathlib import Path

from chatops.adapters.base import Ability, Adapter
from chatops.alerting.building import AlertTerms, build_alerting
from chatops.alerting.ways import Ways
from chatops.asking.building import build_hearing
from chatops.asks import ASKS
from chatops.charts.studio import Studio
from chatops.commands.codes import CodeCommands
from chatops.commands.groups import about_alerts, about_bots, about_choices, about_money, asker_zone
from chatops.commands.muting import MuteCommands
from chatops.commands.people import PeopleCommands
from chatops.commands.pictures import Pictures
from chatops.commands.record import RecordCommands
from chatops.commands.registry import Registry
from chatops.commands.system import SystemCommands
from chatops.commands.users import UserCommands
from chatops.desired.sending_on import SendingOn
from chatops.fleet import Fleet
from chatops.guard.permissions import Permissions
from chatops.habits import Habits
from chatops.herald import Herald
from chatops.history.figures import Figures
from chatops.ids import uuid7
from chatops.link import Link
from chatops.membership.admission import Admission
from chatops.membership.proving import Proving
from chatops.membership.roster import Roster
from chatops.notices.kinds import Loudness, NoticeKind
from chatops.outbox import Counted, Moved, Outbox
from chatops.parts import Desk
from chatops.patience import Patience
from chatops.people import Directory
from chatops.personal import Personal
from chatops.pinned import PinnedStatus
from chatops.preferences import Preferences
from chatops.reach import Reach
from chatops.readers import Readers
from chatops.recording.following import Following
from chatops.redacted import redacted_entry
from chatops.redactor import Redactor
from chatops.report_kinds import ReportTerms
from chatops.reports.building import build_reports
from chatops.room import Room
from chatops.steward import Steward
from chatops.storage.backlog import Backlog
from chatops.storage.database import Database
from chatops.storage.deliveries import Deliveries
from chatops.storage.desired import PostgresDesired
from chatops.storage.history import PostgresHistory
from chatops.storage.last_told import PostgresLastTold
from chatops.storage.lasting_ledger import LastingLedger
from chatops.storage.people import PeopleTables
from chatops.storage.personal import PostgresPersonal
from chatops.storage.preferences import PostgresPreferences
from chatops.storage.record_search import PostgresLookup
from chatops.storage.spool import Spool
from chatops.storage.totp import Enrolments
from chatops.storage.totp_key import TotpKey
from chatops.storage.wrong_codes import WrongCodes
from chatops.vocabulary import Vocabulary
from chatops.whispers import Whispers

#: In the data directory: what is asked while the database is away.
BACKLOG = "backlog"


def build_desk(
    *,
    name: str,
    version: str,
    database: Database,
    fleet: Fleet,
    directory: Directory,
    adapters: Sequence[Adapter],
    now: Callable[[], datetime],
    patience: Patience,
    spool: Path,
    backlog: Backlog | None = None,
    permissions: Permissions | None = None,
    totp_key: TotpKey | None = None,
    rooms: Sequence[Room] = (),
    named: Mapping[str, Room] | None = None,
    notices: Mapping[Room, Mapping[NoticeKind, Loudness]] | None = None,
    zone_of: Callable[[Room], tzinfo] = lambda room: UTC,
    counted: Counted = lambda owed, state: None,
    moved: Moved = lambda platform, old, new: None,
    vocabulary: Vocabulary | None = None,
    monotonic: Callable[[], float] = time.monotonic,
    elapsed: Callable[[], float] | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    redact: Redactor | None = None,
    links: Callable[[], Mapping[str, Link]] | None = None,
    embedded: bool = False,
    alerts: AlertTerms | None = None,
    studio: Studio | None = None,
    reports: ReportTerms | None = None,
) -> Desk:
    """Join the parts, from the ground up. Nothing runs yet.

    `spool` is the file for what is owed while the database is away, and `backlog` has what is asked then: without one
    it is in a file beside it; without a `totp_key` the one beside it is meant.
    `rooms` are told when a platform is away, and those of `notices` what happens in the bots;
    `named` are those that have a name in the settings. `redact` takes the secrets of the settings out of all that is
    shown and recorded. `vocabulary` is what the platforms read too. `links` is how each platform is, where that is more
    than whether it takes what we send; `embedded` is whether the database is our own. `alerts` is what the settings say
    of them. `studio` draws pictures while it is open; without one answers go without them.
    `reports` is what the settings say of those. `elapsed` is what alerts go by, where that is not `monotonic`.
    """
    # What is on its way belongs to this run of the program: another one finds it abandoned.
    sender = uuid7()
    permissions = permissions or Permissions()
    redact = redact or Redactor()
    vocabulary = vocabulary or Vocabulary(fleet)
    backlog = backlog or Backlog(spool.with_name(BACKLOG))
    ledger = LastingLedger(database, sender, backlog, vocabulary.stored, redact=partial(redacted_entry, redact=redact))
    found_again = [one.platform for one in adapters if Ability.FIND_AGAIN in one.abilities]
    deliveries = Deliveries(database, sender, found_again)
    preferences = Preferences(PostgresPreferences(database), notices or {})
    personal = Personal(PostgresPersonal(database))
    habits = Habits(zone_of, preferences, personal)
    reach = Reach(adapters, lambda: outbox)
    readers = Readers(habits, directory, reach.rooms, is_private=reach.is_private, is_standing=preferences.is_standing)

    def both_moved(platform: str, old: str, new: str) -> None:
        preferences.moved(platform, old, new)
        moved(platform, old, new)

    ways = Ways(lambda: outbox.links, now)
    outbox = Outbox(
        adapters,
        deliveries,
        Spool(spool),
        now=now,
        confirm_within=patience.confirm,
        approve_within=patience.approve,
        rooms=rooms,
        beside=ledger,
        monotonic=monotonic,
        sleep=sleep,
        counted=ways.beside(counted),
        moved=both_moved,
        muted=preferences.is_muted,
        zone_of=readers.zone,
        redact=redact,
    )
    roster = Roster(directory, PeopleTables(database), now, sleep)
    directory.watch(ledger.people_changed)
    admission = Admission(roster, now)
    herald = Herald(
        fleet, outbox, preferences, now=now, sleep=sleep, memory=PostgresLastTold(database), readers=readers
    )
    desired = Steward(
        fleet,
        PostgresDesired(database),
        ledger,
        herald.tell,
        is_ours=ledger.knows,
        now=now,
        monotonic=monotonic,
        sleep=sleep,
    )
    herald.hand_over(desired.takes)
    alerts = alerts or AlertTerms()
    history = PostgresHistory(database)
    recording = Following(fleet, history, now, monotonic=monotonic, sleep=sleep, redact=redact)
    alerting = build_alerting(
        alerts,
        database=database,
        backlog=backlog,
        ledger=ledger,
        fleet=fleet,
        directory=directory,
        outbox=outbox,
        reach=reach,
        preferences=preferences,
        ways=ways,
        now=now,
        monotonic=elapsed or monotonic,
        sleep=sleep,
        alerted=recording.alerted,
        habits=habits,
    )
    registry = Registry()
    proving = Proving(
        Enrolments(database), WrongCodes(database), totp_key or TotpKey.under(spool.parent), now=now, desk=name
    )
    hearing = build_hearing(
        desk=name,
        ledger=ledger,
        outbox=outbox,
        registry=registry,
        fleet=fleet,
        directory=directory,
        permissions=permissions,
        admission=admission,
        reach=reach,
        codes=proving,
        wrong=WrongCodes(database),
        vocabulary=vocabulary,
        alerting=alerting,
        rooms=tuple(named or ()),
        patience=patience,
        used=herald.used,
        ended=desired.ended,
        send_on=SendingOn(fleet, desired.of, now).run,
        now=now,
        sleep=sleep,
        redact=redact,
    )
    about_bots(registry, permissions, desired, alerting, habits=habits, now=now, sleep=sleep)
    drills = about_alerts(
        registry, permissions, alerting, outbox, alerts, directory=directory, habits=habits, sleep=sleep
    )
    figures, studio = Figures(history), studio or Studio()
    lookup = PostgresLookup(database)
    about_money(registry, figures, studio, habits, now=now, alerting=alerting, record=lookup)
    links = links or (lambda: outbox.links)
    SystemCommands(name, version, database, backlog, links=links, now=now, embedded=embedded).register(registry)
    PeopleCommands(name, version, permissions, vocabulary).register(registry)
    RecordCommands(lookup, now, asker_zone(habits)).register(registry)
    status = PinnedStatus(
        fleet,
        outbox,
        adapters,
        preferences,
        now=now,
        sleep=sleep,
        desired=desired.of,
        alerts=alerting.open,
        readers=readers,
    )
    told = build_reports(
        reports or ReportTerms(),
        database=database,
        fleet=fleet,
        directory=directory,
        outbox=outbox,
        reach=reach,
        preferences=preferences,
        habits=habits,
        figures=figures,
        pictures=Pictures(studio),
        exists=ways.exists,
        quiet=alerts.quiet_in,
        alerts=alerting.open,
        now=now,
        sleep=sleep,
    )
    about_choices(
        registry,
        permissions,
        habits,
        preferences=preferences,
        personal=personal,
        status=status,
        reports=told,
        given=alerts,
        now=now,
    )
    UserCommands(roster, admission, reach, now).register(registry)
    MuteCommands(preferences, named or {}).register(registry)
    whispers = Whispers(adapters, outbox)
    CodeCommands(proving, hearing.confirming, whispers, reach, directory, habits=habits).register(registry)
    if missing := registry.missing(ASKS):
        raise ValueError(f"nobody answers {', '.join(kind.word for kind in missing)}")
    return Desk(
        gateway=hearing.gateway,
        outbox=outbox,
        settling=hearing.settling,
        late=hearing.late,
        ledger=ledger,
        deliveries=deliveries,
        preferences=preferences,
        herald=herald,
        status=status,
        roster=roster,
        admission=admission,
        approving=hearing.approving,
        vocabulary=vocabulary,
        desired=desired,
        alerting=alerting,
        drills=drills,
        personal=personal,
        habits=habits,
        reports=told,
        history=history,
        recording=recording,
        forms=hearing.forms,
    )
