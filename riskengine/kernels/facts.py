"""Facts as one signed byte: 1 true, 0 false, a word's position, -1 where not known."""

import math

import numpy as np

from riskengine.kernels.compiling import kernel


@kernel
def flag_rows(values, out):
    """Fill unknown flags from a column.

    Parameters
    ----------
    values : (n,) float64
        1 true, 0 false [1]; NaN where not known.
    out : (n,) int8
        Flags known so far; -1 is filled.
    """
    for i in range(values.size):
        if out[i] < 0 and not math.isnan(values[i]):
            out[i] = 1 if values[i] != 0.0 else 0


@kernel
def code_rows(codes, positions, out):
    """Fill unknown words from a code column.

    Parameters
    ----------
    codes : (n,) int64
        Positions in the column's choices [1], -1 where missing.
    positions : (choices,) int8
        The fact's word for each choice; -1 for none.
    out : (n,) int8
        Words known so far; -1 is filled.
    """
    for i in range(codes.size):
        if out[i] < 0 and codes[i] >= 0:
            out[i] = positions[codes[i]]


@kernel
def derive_rows(found, out):
    """Fill unknown words from what they follow from.

    Parameters
    ----------
    found : (n,) float64
        Position of the word, flags 1 and 0 [1]; NaN where it does not follow.
    out : (n,) int8
        Words known so far; -1 is filled.
    """
    for i in range(found.size):
        if out[i] < 0 and not math.isnan(found[i]):
            out[i] = np.int8(found[i])


@kernel
def lapse_rows(given, until, day, out):
    """Let dated flags hold from the day they were given, and only to the day they lapse.

    Parameters
    ----------
    given, until : (n,) float64
        Days since 1970-01-01 [day]; NaN where not known.
    day : (n,) float64
        Day on which each must hold [day].
    out : (n,) int8
        Flags; a day given makes an unknown flag true, one still to come or passed makes it
        false.
    """
    for i in range(out.size):
        if out[i] < 0 and (not math.isnan(given[i]) or until[i] < day[i]):
            out[i] = 1
        if out[i] == 1 and (given[i] > day[i] or until[i] < day[i]):
            out[i] = 0


@kernel
def clear_rows(looked, which, clear, out):
    """Fill unknown facts that an inspection would have found.

    Parameters
    ----------
    looked : (g, n) bool
        Whether each inspection was made.
    which : (k,) int64
        Inspection that finds each fact; -1 for none.
    clear : (k,) int8
        The word of each that holds when nothing was stated [1].
    out : (k, n) int8
        Words known so far; -1 is filled.
    """
    for k in range(which.size):
        if which[k] >= 0:
            made, row, word = looked[which[k]], out[k], clear[k]
            for i in range(row.size):
                row[i] = word if (row[i] < 0) & made[i] else row[i]


@kernel
def clear_number_rows(looked, which, clear, out):
    """Fill unknown numbers that an inspection would have found.

    Parameters
    ----------
    looked : (g, n) bool
        Whether each inspection was made.
    which : (k,) int64
        Inspection that finds each number; -1 for none.
    clear : (k,) float64
        What each is when nothing was stated [unit of the number].
    out : (k, n) float64
        Numbers known so far [unit of each]; NaN is filled.
    """
    for k in range(which.size):
        if which[k] >= 0:
            made, row, number = looked[which[k]], out[k], clear[k]
            for i in range(row.size):
                row[i] = number if (row[i] != row[i]) & made[i] else row[i]
