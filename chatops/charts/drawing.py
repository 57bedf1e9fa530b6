"""From facts to the bytes of a PNG. Only here it is known which picture is of which facts."""

import io

from matplotlib.figure import Figure

from chatops.charts import facts as kinds
from chatops.charts.attribution import attribution
from chatops.charts.daily import daily
from chatops.charts.danger import danger
from chatops.charts.equity import equity
from chatops.charts.exposure import exposure
from chatops.charts.rates import rates
from chatops.charts.style import Style


def figure(facts: kinds.Facts, style: Style) -> Figure:
    """The picture of these facts."""
    match facts:
        case kinds.Equity():
            return equity(facts, style)
        case kinds.Daily():
            return daily(facts, style)
        case kinds.Attribution():
            return attribution(facts, style)
        case kinds.Danger():
            return danger(facts, style)
        case kinds.FundingRates():
            return rates(facts, style)
        case kinds.Exposure():
            return exposure(facts, style)


def png(drawn: Figure) -> bytes:
    """The bytes of its file: the same for the same picture."""
    out = io.BytesIO()
    # Packing it tighter takes longer than sending what that saves. Without a version in it, equal pictures are equal.
    drawn.savefig(out, format="png", metadata={"Software": None}, pil_kwargs={"compress_level": 3})
    return out.getvalue()
