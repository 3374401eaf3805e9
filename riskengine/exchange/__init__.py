"""What goes out to and comes in from others: an institution's codes, and the exports.

An institution's mapping (`riskengine.exchange.mapping`) translates its codes to the engine's
own words and back; `riskengine.exchange.states` holds the states of a case; the exports are
sheets (`riskengine.exchange.sheet`) that `riskengine.exchange.writing` writes.
"""
