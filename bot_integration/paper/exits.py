"""When the risk manager wants out of a position, and why."""

from datetime import datetime, timedelta

from bot_integration.paper.assess import Worth
from bot_integration.paper.position import HeldPosition
from bot_integration.paper.settings import PaperSettings


def reasons(held: HeldPosition, worth: Worth, market_now: datetime, settings: PaperSettings) -> tuple[str, ...]:
    """Every reason to close it now, the most pressing first; none where it may stay."""
    found = []
    if len(held.legs) == 1:
        only = held.legs[0].instrument
        found.append(f"one leg is left: {only.venue} {only.label}")
    if worth.health_factor is not None and worth.health_factor < settings.exit_health_factor:
        found.append(f"health factor {worth.health_factor:.3f} < {settings.exit_health_factor:g}")
    if worth.margin_fraction is not None and worth.margin_fraction < settings.exit_margin_fraction:
        found.append(f"margin fraction {worth.margin_fraction:.3f} < {settings.exit_margin_fraction:g}")
    if worth.peg_premium is not None and -worth.peg_premium > settings.exit_depeg_pct:
        found.append(f"discount {-worth.peg_premium:.1f} % > {settings.exit_depeg_pct:g} %")
    if worth.adverse_divergence > settings.exit_divergence_pct:
        found.append(f"legs moved apart by {worth.adverse_divergence:.2f} % > {settings.exit_divergence_pct:g} %")
    if worth.erosion is not None and worth.erosion > settings.exit_erosion_pct:
        found.append(f"profit erosion {worth.erosion:.0f} % > {settings.exit_erosion_pct:g} %")
    if held.flipped_since is not None:
        lasted = market_now - held.flipped_since
        if lasted > timedelta(hours=settings.flip_patience_h):
            found.append(f"funding against us for {lasted / timedelta(hours=1):.1f} h")
    return tuple(found)


def flipped_since(held: HeldPosition, worth: Worth, market_now: datetime) -> datetime | None:
    """Since when a position's funding has been against it; None where it is not."""
    return (held.flipped_since or market_now) if worth.carry_usd < 0 else None
