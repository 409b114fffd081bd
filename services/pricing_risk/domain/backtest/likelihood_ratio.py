"""What a likelihood-ratio test says."""

from dataclasses import dataclass

from scipy.special import chdtrc


@dataclass(slots=True, frozen=True)
class LikelihoodRatio:
    """`statistic` = −2 ln(likelihood under the null / likelihood of the data's own rates), chi-squared with `degrees` under the null."""

    statistic: float
    degrees: int

    @property
    def p_value(self) -> float:
        return float(chdtrc(self.degrees, self.statistic))
