"""Licence cases: which of them cover a line, how much of it, and who comes first where they do not suffice for all."""
