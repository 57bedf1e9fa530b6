"""Joins what hears people: who they are, what they ask, whether they may, and what becomes of it."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from chatops.alerting.alerting import Alerting
from chatops.asking.acting import Acting, Ended, Used
from chatops.asking.allowing import Allowing
from chatops.asking.amending import Amending
from chatops.asking.approving import Approving
from chatops.asking.awaited import Awaited
from chatops.asking.clerk import Clerk
from chatops.asking.confirming import Codes, Confirming
from chatops.asking.considering import Considering
from chatops.asking.gateway import Gateway
from chatops.asking.late import LateEnds
from chatops.asking.privately import Privately
from chatops.asking.replies import Replies
from chatops.asking.second_look import SecondLook
from chatops.asking.settling import SendOn, Settling
from chatops.asking.strangers import Strangers
from chatops.asking.texts import Texts
from chatops.commands.registry import Registry
from chatops.filling.building import build_forms
from chatops.fleet import Fleet
from chatops.forms import Forms
from chatops.guard.limits import Limits
from chatops.guard.permissions import Permissions
from chatops.membership.admission import Admission
from chatops.membership.joining import Joining
from chatops.outbox import Outbox
from chatops.patience import Patience
from chatops.people import Directory
from chatops.reach import Reach
from chatops.redactor import Redactor
from chatops.storage.lasting_ledger import LastingLedger
from chatops.storage.wrong_codes import WrongCodes
from chatops.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Hearing:
    """The parts, joined."""

    gateway: Gateway
    settling: Settling
    late: LateEnds
    approving: Approving
    confirming: Confirming
    forms: Forms


def build_hearing(
    *,
    desk: str,
    ledger: LastingLedger,
    outbox: Outbox,
    registry: Registry,
    fleet: Fleet,
    directory: Directory,
    permissions: Permissions,
    admission: Admission,
    reach: Reach,
    codes: Codes,
    wrong: WrongCodes,
    vocabulary: Vocabulary,
    alerting: Alerting,
    rooms: Collection[str],
    patience: Patience,
    used: Used,
    ended: Ended,
    send_on: SendOn,
    now: Callable[[], datetime],
    sleep: Callable[[float], Awaitable[None]],
    redact: Redactor,
) -> Hearing:
    """Of the desk of this name, whose settings name these `rooms`. `registry` may be filled later.

    `used` hears of each word that acts, `ended` of how each act ended; `send_on` gives bots what they are to be told.
    """
    clerk = Clerk(ledger, outbox, now)
    acting = Acting(clerk=clerk, ledger=ledger, outbox=outbox, registry=registry, fleet=fleet, used=used, ended=ended)
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
    confirming = Confirming(
        clerk=clerk,
        ledger=ledger,
        directory=directory,
        permissions=permissions,
        second_look=second_look,
        acting=acting,
        approving=approving,
        codes=codes,
        known=vocabulary.known,
        patience=patience,
    )
    limits = Limits(now)
    joining = Joining(
        desk=desk,
        directory=directory,
        admission=admission,
        wrong=wrong,
        ledger=ledger,
        outbox=outbox,
        reach=reach,
        limits=limits,
        now=now,
    )
    allowing = Allowing(
        clerk=clerk,
        ledger=ledger,
        directory=directory,
        permissions=permissions,
        limits=limits,
        now=now,
        patience=patience,
    )
    considering = Considering(
        allowing=allowing,
        registry=registry,
        clerk=clerk,
        permissions=permissions,
        confirming=confirming,
        acting=acting,
        privately=Privately(reach),
    )
    gateway = Gateway(
        directory=directory,
        fleet=fleet,
        presses=ledger,
        ledger=ledger,
        clerk=clerk,
        allowing=allowing,
        considering=considering,
        confirming=confirming,
        joining=joining,
        strangers=Strangers(clerk, ledger),
        texts=Texts(Replies(ledger, now), fleet, vocabulary, permissions, redact),
        now=now,
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
        ended=ended,
        send_on=send_on,
    )
    amending = Amending(unknown=ledger, ledger=ledger, outbox=outbox, used=used, ended=ended, now=now)
    late = LateEnds(unknown=ledger, amending=amending, fleet=fleet, now=now, sleep=sleep)
    forms = build_forms(
        directory=directory,
        fleet=fleet,
        vocabulary=vocabulary,
        permissions=permissions,
        presses=ledger,
        alerting=alerting,
        rooms=rooms,
        now=now,
        redact=redact,
    )
    return Hearing(gateway, settling, late, approving, confirming, forms)
