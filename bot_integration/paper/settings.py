"""What the paper bot may do, as one typed model; its hot fields are parameters that people change while it runs."""

from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from bot_integration.errors import Refused
from bot_integration.state import Parameter


def _knob(
    default: Any, category: str, text: str, low: float | None = None, high: float | None = None, **more: Any
) -> Any:
    """A field with all that a `Parameter` says of it; `more` is `unit` and `hot`."""
    extra = {"category": category, "low": low, "high": high, "unit": "", "hot": True, **more}
    return Field(default, description=text, ge=low, le=high, json_schema_extra=extra)


class PaperSettings(BaseModel):
    """Capital, limits, costs and thresholds of the paper bot. Basis points (`bps`) are of the notional."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    capital_usd: Decimal = _knob(
        Decimal(100_000), "book", "Start capital, in equal parts on every venue", 1, unit="USD", hot=False
    )
    borrow_venues: tuple[str, ...] = _knob(("bybit",), "book", "Venues that lend for spot", hot=False)
    speed: float = _knob(60.0, "market", "Seconds of the market in a second", 0, 1_000_000, unit="x")

    max_positions: int = _knob(8, "limits", "Positions at once", 0, 1_000)
    max_per_asset: int = _knob(1, "limits", "Positions at once of one asset in one lane", 1, 1_000)
    max_exposure_usd: Decimal = _knob(
        Decimal(250_000), "limits", "Gross notional of all legs", 0, 10_000_000, unit="USD"
    )
    position_usd: Decimal = _knob(
        Decimal(15_000), "limits", "Notional of a leg when it opens", 100, 1_000_000, unit="USD"
    )
    daily_loss_cap_usd: Decimal = _knob(
        Decimal(2_500),
        "limits",
        "Loss in a day (of the market's time, UTC) that trips the breaker",
        1,
        1_000_000,
        unit="USD",
    )
    max_failures: int = _knob(5, "limits", "Failed orders in a row that trip the breaker", 1, 100)

    min_spread_bps: float = _knob(0.5, "entry", "Least funding spread between venues an interval", 0, 100, unit="bps")
    min_carry_bps: float = _knob(0.5, "entry", "Least funding less interest of a carry an interval", 0, 100, unit="bps")
    horizon_intervals: int = _knob(90, "entry", "Intervals over which the expected profit is reckoned", 1, 1_000)
    cooldown_h: float = _knob(
        8.0, "entry", "Hours (of the market) before the same asset is opened again in its lane", 0, 1_000, unit="h"
    )
    borrow_leverage: Decimal = _knob(Decimal("3.5"), "entry", "Leverage of a borrowed spot leg", 1, 10, unit="x")
    perp_leverage: Decimal = _knob(Decimal(3), "entry", "Leverage of a perpetual leg", 1, 20, unit="x")

    exit_health_factor: float = _knob(0.05, "exit", "Close below this health factor; 0 switches it off", 0, 1)
    exit_margin_fraction: float = _knob(0.04, "exit", "Close below this margin fraction; 0 switches it off", 0, 1)
    exit_erosion_pct: float = _knob(
        100.0, "exit", "Close when this much of the expected profit has gone", 1, 100_000, unit="%"
    )
    exit_divergence_pct: float = _knob(
        3.0, "exit", "Close when the legs moved apart against us by this much", 0.01, 100, unit="%"
    )
    exit_depeg_pct: float = _knob(6.0, "exit", "Close a staking token at this discount", 0.1, 100, unit="%")
    flip_patience_h: float = _knob(
        24.0, "exit", "Close when funding was against us for so many hours (of the market)", 0, 1_000, unit="h"
    )
    negative_carry_patience_h: float = _knob(
        12.0,
        "exit",
        "Hours (of the market) of negative carry of the whole book that trip the breaker",
        0,
        1_000,
        unit="h",
    )
    rebalance_delta_pct: float = _knob(
        0.5, "exit", "Difference of the legs' sizes that is brought back", 0.01, 100, unit="%"
    )

    borrow_weight: Decimal = _knob(Decimal("0.925"), "venue", "Maintenance weight of borrowed spot", 0.1, 1, hot=False)
    maintenance_margin: Decimal = _knob(
        Decimal("0.02"), "venue", "Maintenance margin of a perpetual", 0.001, 0.5, hot=False
    )
    borrow_rate_year: Decimal = _knob(Decimal("0.03"), "venue", "Interest on what is borrowed, a year", 0, 2, hot=False)
    spot_fee_bps: Decimal = _knob(Decimal(4), "venue", "Fee of a spot order", 0, 100, unit="bps", hot=False)
    perp_fee_bps: Decimal = _knob(Decimal(5), "venue", "Fee of a perpetual order", 0, 100, unit="bps", hot=False)
    liquidation_fee_bps: Decimal = _knob(
        Decimal(50), "venue", "What a venue keeps of a leg that it liquidates", 0, 1_000, unit="bps", hot=False
    )
    half_spread_bps: Decimal = _knob(
        Decimal("0.5"), "venue", "Distance of best bid and ask from the mark", 0, 100, unit="bps", hot=False
    )
    depth_usd: Decimal = _knob(
        Decimal(2_000_000), "venue", "Size of an order that moves the price by 10 bps", 1, unit="USD", hot=False
    )
    order_latency_s: float = _knob(0.05, "venue", "Time that an order takes", 0, 10, unit="s")


def parameters(settings: PaperSettings) -> tuple[Parameter, ...]:
    """Every setting as people see it."""
    return tuple(_parameter(key, field, getattr(settings, key)) for key, field in PaperSettings.model_fields.items())


def changed(settings: PaperSettings, key: str, value: bool | int | float | str) -> PaperSettings:
    """The settings with one hot parameter changed.

    Raises `Refused` where there is none of this name, where it is not hot, or where the value does not fit.
    """
    field = PaperSettings.model_fields.get(key)
    if field is None:
        near = get_close_matches(key, PaperSettings.model_fields, n=1)
        raise Refused(f"No parameter is called {key}." + (f" Did you mean {near[0]}?" if near else ""))
    facts = _parameter(key, field, getattr(settings, key))
    if not facts.hot:
        raise Refused(f"{key} cannot change while the bot runs. It is {facts.value}.")
    wanted = f"{key} takes {_article(facts.type)}{_bounds(facts)}. It stays {facts.value}."
    if isinstance(value, bool):
        raise Refused(wanted)
    try:
        # As text, so that 0.1 becomes the Decimal of that name and not of its float.
        return PaperSettings.model_validate({**settings.model_dump(), key: str(value)})
    except ValidationError as error:
        raise Refused(wanted) from error


def _parameter(key: str, field: FieldInfo, value: Any) -> Parameter:
    extra = field.json_schema_extra
    assert isinstance(extra, dict)
    shown = float(value) if isinstance(value, Decimal) else value
    return Parameter.model_validate(
        {
            "key": key,
            "value": ", ".join(shown) if isinstance(shown, tuple) else shown,
            "type": _type(shown),
            "unit": extra["unit"],
            "min": extra["low"],
            "max": extra["high"],
            "category": extra["category"],
            "hot": extra["hot"],
            "help": field.description or "",
        }
    )


def _type(value: Any) -> str:
    if isinstance(value, tuple):
        return "list"
    return {int: "int", float: "float"}.get(type(value), "str")


def _article(kind: str) -> str:
    return {"int": "a whole number", "float": "a number"}.get(kind, f"a {kind}")


def _bounds(facts: Parameter) -> str:
    if facts.min is not None and facts.max is not None:
        return f" from {facts.min:g} to {facts.max:g}"
    return f" of at least {facts.min:g}" if facts.min is not None else ""
