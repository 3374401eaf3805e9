"""Whether a code names a person or a body."""

from typing import Literal

from riskengine.identity.bodies import inner_code_holds, names_a_body
from riskengine.identity.people import names_a_person

Holder = Literal["person", "body", "unknown"]


def kind_of_holder(code: str) -> Holder:
    """Tell people from bodies by length, alphabet and check, never by the first character.

    Parameters
    ----------
    code : str
        Identity number, credit code, organisation code or registration number.

    Returns
    -------
    {"person", "body", "unknown"}
        "person" for an identity number that could be one (province, date of birth, check
        character of the form of 18), "body" for a code of a body whose check holds;
        "unknown" for neither, and for both.  18 digits that pass both checks are a person
        when the organisation code inside fails.

    Examples
    --------
    >>> kind_of_holder("11010519491231002X"), kind_of_holder("91350100M000100Y43")
    ('person', 'body')
    """
    person = names_a_person(code)
    body = names_a_body(code)
    if person and body and len(code) == 18:
        return "unknown" if inner_code_holds(code) else "person"
    if person == body:
        return "unknown"
    return "person" if person else "body"
