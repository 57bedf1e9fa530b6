"""The desk: gateway, outbox and settling, joined over one database."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from functools import partial
from pathlib import Path

from chatops.adapters.base import Adapter
from chatops.alerting.building import AlertTerms, build_alerting
from chatops.alerting.ways import Ways
from chatops.asking.acting import Acting
from chatops.asking.amending import Amending
from chatops.asking.approving import Approving
from chatops.asking.awaited import Awaited
from chatops.asking.clerk import Clerk
from chatops.asking.confirming import Confirming
from chatops.asking.gateway import Gateway
from chatops.asking.late import LateEnds
from chatops.asking.replies import Replies
from chatops.asking.second_look import SecondLook
from chatops.asking.settling import Settling
from chatops.asking.strangers import Strangers
from chatops.asking.texts import Texts
from chatops.asks import ASKS
from chatops.commands.codes import CodeCommands
from chatops.commands.groups import about_alerts, about_bots
from chatops.commands.muting import MuteCommands
from chatops.commands.people import PeopleCommands
from chatops.commands.preferences import PreferenceCommands
from chatops.commands.record import RecordCommands
from chatops.commands.registry import Registry
from chatops.commands.system import SystemCommands
from chatops.commands.users import UserCommands
from chatops.desired.sending_on import SendingOn
from chatops.fleet import Fleet
from chatops.guard.limits import Limits
from chatops.guard.permissions import Permissions
from chatops.herald import Herald
from chatops.ids import uuid7
from chatops.link import Link
from chatops.membership.admission import Admission
from chatops.membership.joining import Joining
from chatops.membership.proving import Proving
from chatops.membership.roster import Roster
from chatops.notices.kinds import Loudness, NoticeKind
from chatops.outbox import Counted, Moved, Outbox
from chatops.parts import Desk
from chatops.patience import Patience
from chatops.people import Directory
from chatops.pinned import PinnedStatus
from chatops.preferences import Preferences
from chatops.reach import Reach
from chatops.redacted import redacted_entry
from chatops.redactor import Redactor
from chatops.room import Room
from chatops.steward import Steward
from chatops.storage.backlog import Backlog
from chatops.storage.database import Database
from chatops.storage.deliveries import Deliveries
from chatops.storage.desired import PostgresDesired
from chatops.storage.last_told import PostgresLastTold
from chatops.storage.lasting_ledger import LastingLedger
from chatops.storage.people import PeopleTables
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
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    redact: Redactor | None = None,
    links: Callable[[], Mapping[str, Link]] | None = None,
    embedded: bool = False,
    alerts: AlertTerms | None = None,
) -> Desk:
    """Join the parts, from the ground up. Nothing runs yet.

    `spool` is the file for what is owed while the database is away, and `backlog` has what is asked then: without one
    it is in a file beside it; without a `totp_key` the one beside it is meant.
    `rooms` are told when a platform is away, and those of `notices` what happens in the bots;
    `named` are those that have a name in the settings. `redact` takes the secrets of the settings out of all that is
    shown and recorded. `vocabulary` is what the platforms read too. `links` is how each platform is, where that is more
    than whether it takes what we send; `embedded` is whether the database is our own. `alerts` is what the settings say
    of them.
    """
    # What is on its way belongs to this run of the program: another one finds it abandoned.
    sender = uuid7()
    permissions = permissions or Permissions()
    redact = redact or Redactor()
    vocabulary = vocabulary or Vocabulary(fleet)
    backlog = backlog or Backlog(spool.with_name(BACKLOG))
    ledger = LastingLedger(database, sender, backlog, vocabulary.stored, redact=partial(redacted_entry, redact=redact))
    deliveries = Deliveries(database, sender)
    preferences = Preferences(PostgresPreferences(database), notices or {})

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
        redact=redact,
    )
    reach = Reach(adapters, outbox)
    roster = Roster(directory, PeopleTables(database), now, sleep)
    directory.watch(ledger.people_changed)
    admission = Admission(roster, now)
    herald = Herald(fleet, outbox, preferences, now=now, sleep=sleep, memory=PostgresLastTold(database))
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
        monotonic=monotonic,
        sleep=sleep,
    )
    registry = Registry()
    clerk = Clerk(ledger, outbox, now)
    acting = Acting(
        clerk=clerk,
        ledger=ledger,
        outbox=outbox,
        registry=registry,
        fleet=fleet,
        used=herald.used,
        ended=desired.ended,
    )
    second_look = SecondLook(registry, patience.tolerance)
    approving = Approving(
        clerk=clerk,
        ledger=ledger,
        outbox=outbox,
        awaited=Awaited(directory, permissions, outbox, reach),
        directory=directory,
        fleet=fleet,
        permissions=permissions,
        second_look=second_look,
        acting=acting,
        known=vocabulary.known,
        within=patience.approve,
    )
    key = totp_key or TotpKey.under(spool.parent)
    proving = Proving(Enrolments(database), WrongCodes(database), key, now=now, desk=name)
    confirming = Confirming(
        clerk=clerk,
        ledger=ledger,
        directory=directory,
        permissions=permissions,
        second_look=second_look,
        acting=acting,
        approving=approving,
        codes=proving,
        known=vocabulary.known,
        patience=patience,
    )
    about_bots(registry, permissions, desired, alerting, zone_of=zone_of, now=now, sleep=sleep)
    drills = about_alerts(
        registry, permissions, alerting, outbox, alerts, directory=directory, zone_of=zone_of, sleep=sleep
    )
    links = links or (lambda: outbox.links)
    SystemCommands(name, version, database, backlog, links=links, now=now, embedded=embedded).register(registry)
    PeopleCommands(name, version, permissions, vocabulary).register(registry)
    RecordCommands(PostgresLookup(database), now).register(registry)
    status = PinnedStatus(
        fleet, outbox, adapters, preferences, now=now, sleep=sleep, desired=desired.of, alerts=alerting.open
    )
    PreferenceCommands(preferences, status, permissions).register(registry)
    UserCommands(roster, admission, reach, now).register(registry)
    MuteCommands(preferences, named or {}).register(registry)
    CodeCommands(proving, confirming, Whispers(adapters, outbox), reach, directory).register(registry)
    if missing := registry.missing(ASKS):
        raise ValueError(f"nobody answers {', '.join(kind.word for kind in missing)}")
    limits = Limits(now)
    joining = Joining(
        desk=name,
        directory=directory,
        admission=admission,
        wrong=WrongCodes(database),
        ledger=ledger,
        outbox=outbox,
        reach=reach,
        limits=limits,
        now=now,
    )
    gateway = Gateway(
        directory=directory,
        fleet=fleet,
        registry=registry,
        presses=ledger,
        ledger=ledger,
        clerk=clerk,
        permissions=permissions,
        limits=limits,
        confirming=confirming,
        acting=acting,
        joining=joining,
        strangers=Strangers(clerk, ledger),
        texts=Texts(Replies(ledger, now), fleet, vocabulary, permissions, redact),
        now=now,
        patience=patience,
        redact=redact,
    )
    settling = Settling(
        left=ledger,
        ledger=ledger,
        fleet=fleet,
        outbox=outbox,
        approving=approving,
        patience=patience,
        now=now,
        known=vocabulary.known,
        ended=desired.ended,
        send_on=SendingOn(fleet, desired.of, now).run,
    )
    amending = Amending(unknown=ledger, ledger=ledger, outbox=outbox, used=herald.used, ended=desired.ended, now=now)
    return Desk(
        gateway=gateway,
        outbox=outbox,
        settling=settling,
        late=LateEnds(unknown=ledger, amending=amending, fleet=fleet, now=now, sleep=sleep),
        ledger=ledger,
        deliveries=deliveries,
        preferences=preferences,
        herald=herald,
        status=status,
        roster=roster,
        admission=admission,
        approving=approving,
        vocabulary=vocabulary,
        desired=desired,
        alerting=alerting,
        drills=drills,
    )
