"""Forest valuation the slow way: every payment on its date, exact fractions, all plans tried."""

from fractions import Fraction
from itertools import count


def exact(value):
    """A float as the fraction it is."""
    return Fraction(value)


def present(payments, rate):
    """Value today of (year, amount) pairs at whole years, exactly."""
    growth = 1 + exact(rate)
    return sum((exact(amount) / growth ** int(year) for year, amount in payments), Fraction(0))


def stumpage(volume, assortments, direct, other, fee, tax, profit, base):
    """Sales, costs, profit and value, assortment by assortment."""
    sales = sum(volume * share * price for share, price in assortments)
    output = sum(volume * share for share, _ in assortments)
    parts = {"direct": output * direct, "other": output * other, "fee": volume * fee}
    taxes = sales * tax
    bases = {
        0: sum(parts.values()) + taxes,
        1: parts["direct"],
        2: 0.0,
        3: sum(parts.values()),
        4: sales,
    }
    costs = sum(parts.values()) + taxes
    gain = profit * bases[base]
    return sales, costs, gain, sales - costs - gain


def harvest(income, felling, thinnings, yearly, age, quality, rate, in_progress, delay, chance):
    """Incomes and costs of a growing stand on their dates; whole years only."""
    shift = 1 if in_progress else 0
    incomes = [(max(felling - age + shift, 0) + delay, income)]
    incomes += [(a - age + shift + delay, d) for a, d in thinnings if age <= a < felling]
    costs = [(t, yearly) for t in range(1, max(felling - age, 0) + delay + 1)]
    scale = exact(quality) * exact(chance)
    return scale * present(incomes, rate), present(costs, rate)


def rotation_payments(income, felling, flows, annual, amenities):
    """Every payment of one rotation from planting."""
    payments = [(felling, income), *((t, f) for t, f in flows if t < felling)]
    payments += [(t, annual) for t in range(1, felling + 1)]
    payments += [(s, g) for s, g in zip(count(1), amenities, strict=False) if s <= felling]
    return payments


def rotation(income, felling, flows, annual, amenities, rate):
    """Value at planting of one rotation."""
    return present(rotation_payments(income, felling, flows, annual, amenities), rate)


def faustmann(income, felling, flows, annual, amenities, rate):
    """The form of the books: compound to the felling, divide, capitalise the overhead."""
    growth = 1 + exact(rate)
    total = exact(income)
    for t, flow in flows:
        if t < felling:
            total += exact(flow) * growth ** (felling - t)
    for s, amenity in zip(count(1), amenities, strict=False):
        if s <= felling:
            total += exact(amenity) * growth ** (felling - s)
    return total / (growth**felling - 1) + exact(annual) / exact(rate)


def best_plan(singles, rate, years):
    """Best value of any sequence of rotations that ends within a whole number of years."""
    growth = 1 + exact(rate)
    best = [Fraction(0)] * (years + 1)
    for left in range(1, years + 1):
        for age, single in singles.items():
            if age <= left:
                best[left] = max(best[left], exact(single) + best[left - age] / growth**age)
    return best[years]


def best_uniform_plan(singles, rate, years):
    """Best value of k rotations of one age and at most one of another after them."""
    growth = 1 + exact(rate)
    best = Fraction(0)
    for age, single in singles.items():
        for k in range(1, years // age + 1):
            whole = sum((exact(single) / growth ** (j * age) for j in range(k)), Fraction(0))
            tails = [exact(s) for a, s in singles.items() if k * age + a <= years]
            best = max(best, whole + max([Fraction(0), *tails]) / growth ** (k * age))
    return best


def cubic_value(years, price, cost, coefficients, force, math):
    """Land just planted, the obvious form."""
    a, b, c = coefficients
    volume = a * years + b * years**2 + c * years**3
    return (price * volume - cost) / (math.exp(force * years) - 1.0)
