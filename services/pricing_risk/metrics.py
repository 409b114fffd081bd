"""What pricing-risk shows of its work."""

from prometheus_client import Counter, Gauge

TICKS = Counter(
    "orestream_price_ticks",
    "Prices received, by what became of them (entered, unchanged, second_source, late, duplicate, outdated, corrected, withdrawn, "
    "unknown_withdrawal, held, too_many_series, undecodable) and, of those held, why.",
    ["outcome", "reason"],
)
RULED = Counter(
    "orestream_price_rulings", "Prices that had waited and were decided on, by outcome and, of those kept out, why.", ["outcome", "reason"]
)
FOLDED_AGAIN = Counter("orestream_price_folds", "Price series whose state was made again from their ticks.")
ALERTS = Counter("orestream_price_alerts", "Alerts on prices that began or ended, by kind and state.", ["kind", "state"])
FIRING = Gauge("orestream_price_alerts_firing", "Series of which an alert is firing, by its kind and severity.", ["kind", "severity"])

PRICE = Gauge(
    "orestream_price", "Last price of a series per kg of contained element, without tax, in its currency.", ["series", "currency"]
)
TICK_AGE = Gauge("orestream_price_tick_age_seconds", "Time since the day of the last price of a series.", ["series"])
REGIME = Gauge("orestream_price_regime", "1 for the regime that a series is in (calm, rally, spike, unwind).", ["series", "regime"])
PREMIUM = Gauge("orestream_price_premium_percent", "What a series outside China is dearer than the one inside.", ["series"])
HELD = Gauge("orestream_price_held", "Prices of a series that wait or were kept out.", ["series"])

EXPOSURE = Gauge("orestream_price_exposure", "Of open lines, money whose price is not set yet, less hedges.", ["element", "currency"])
COST_AT_RISK = Gauge(
    "orestream_price_cost_at_risk",
    "Each element's part of the expected shortfall (97.5 %) of all open lines: what they can cost more before their price is set.",
    ["element", "currency"],
)
EXPECTED_SHORTFALL = Gauge("orestream_price_expected_shortfall", "Expected shortfall (97.5 %) of all open lines together.", ["currency"])
UNKNOWN_EXPOSURE_LINES = Gauge("orestream_price_unknown_lines", "Open lines of which a price, a content or an exchange rate is missing.")
