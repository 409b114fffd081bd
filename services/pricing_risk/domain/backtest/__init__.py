"""How good the bounds have been: tests of value-at-risk on a past that the forecasts did not know."""
