"""Inventory models, delays, demand, supply risk and stock paths: pure functions of what they are given."""
