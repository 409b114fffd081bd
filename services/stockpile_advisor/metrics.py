"""What the stockpile advisor shows of its work."""

from prometheus_client import Counter, Gauge, Histogram

REPORTS = Counter(
    "orestream_stock_reports", "Stock reports received, by what they say (reported, withdrawn, or outdated by a newer one).", ["kind"]
)
LOOKED_AT = Counter("orestream_supply_advice_asked", "Times that the advice on an item was held against what it rests on.", ["reason"])
MADE = Counter(
    "orestream_supply_advice_made",
    "Advice made, by what had changed: a stock report, inbound orders, licence cases, price regimes, the policy or release, or a day come.",
    ["reason"],
)
FAILED = Counter("orestream_supply_advice_failed", "Times that an advice could not be made; the log says of which item and why.")
MAKING = Histogram("orestream_supply_advice_seconds", "Time that making one advice took.", buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10))
ALERTS = Counter("orestream_supply_alerts", "Alerts on supply that began or ended, by kind and state.", ["kind", "state"])

DECISIONS = Gauge("orestream_supply_decisions", "Items of plants by what is advised.", ["decision"])
COVER = Gauge("orestream_supply_days_of_cover", "Days that usable stock lasts.", ["plant", "item"])
SHORT = Gauge(
    "orestream_supply_probability_short", "Probability of running out within so many days if nothing is ordered.", ["plant", "item", "days"]
)
SURVIVE = Gauge("orestream_supply_time_to_survive_days", "Days until stock runs out if nothing more leaves.", ["plant", "item"])
RECOVER = Gauge(
    "orestream_supply_time_to_recover_days", "Days until an order of today is there, by quantile.", ["plant", "item", "quantile"]
)
STALE = Gauge("orestream_stock_reports_stale", "Items of plants whose last stock report is older than the supply policy allows.")
NOT_SHOWN = Gauge(
    "orestream_supply_places_not_shown", "Items of plants beyond those that gauges are kept of; the least covered have one first."
)
