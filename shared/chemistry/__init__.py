"""Facts of chemistry that more than one service computes with: the elements and the formulas of substances. Pure."""
