"""What pricing-risk shows of its work."""

from prometheus_client import Counter, Gauge

TICKS = Counter(
    "orestream_price_ticks",
    "Prices received, by what became of them (entered, unchanged, second_source, late, duplicate, outdated, corrected, withdrawn, "
    "unknown_withdrawal, held, undecodable) and, of those held, why.",
    ["outcome", "reason"],
)
RULED = Counter(
    "orestream_price_rulings", "Prices that had waited and were decided on, by outcome and, of those kept out, why.", ["outcome", "reason"]
)
FOLDED_AGAIN = Counter("orestream_price_folds", "Price series whose state was made again from their ticks.")
ALERTS = Counter("orestream_price_alerts", "Alerts on prices that began or ended, by kind and state.", ["kind", "state"])

PRICE = Gauge(
    "orestream_price", "Last price of a series per kg of contained element, without tax, in its currency.", ["series", "currency"]
)
TICK_AGE = Gauge("orestream_price_tick_age_seconds", "Time since the day of the last price of a series.", ["series"])
REGIME = Gauge("orestream_price_regime", "1 for the regime that a series is in (calm, rally, spike, unwind).", ["series", "regime"])
PREMIUM = Gauge("orestream_price_premium_percent", "What a series outside China is dearer than the one inside.", ["series"])
HELD = Gauge("orestream_price_held", "Prices of a series that wait or were kept out.", ["series"])
