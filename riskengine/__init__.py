"""Value rural rights as collateral: what they are, what they are worth, what may be lent."""

__version__ = "0.1.0"
