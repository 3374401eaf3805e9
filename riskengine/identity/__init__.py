"""Identity of people, bodies, places, land and titles: which codes can be right, and which not.

Every check takes text and gives remarks: FAIL where a code cannot be right, WARN where a
person should look, none where there is nothing to say.  A right code need not be real: a
check finds slips of the pen, it proves nobody.  Remarks never hold the code.
"""

from riskengine.identity.bodies import (
    business_registration,
    credit_class,
    credit_code,
    organisation_code,
)
from riskengine.identity.certificates import CertificateText, certificate_text
from riskengine.identity.contracts import (
    belongs,
    certificate_code,
    contract_code,
    contractor_code,
    issuer_code,
    land_codes_agree,
    made_with,
    parcel_code,
    transfer_code,
)
from riskengine.identity.figures import amounts_agree, areas_agree, mu_of_m2
from riskengine.identity.holders import Holder, kind_of_holder
from riskengine.identity.parcels import unit_code
from riskengine.identity.people import (
    ResidentFacts,
    bank_card,
    modern_resident_id,
    phone,
    resident_facts,
    resident_id,
)
from riskengine.identity.places import (
    RegionLife,
    lies_within,
    parent_region,
    region_code,
    region_level,
    same_place,
)
from riskengine.identity.remarks import Level, Remark, Remarks, mask, worst

__all__ = [
    "CertificateText",
    "Holder",
    "Level",
    "RegionLife",
    "Remark",
    "Remarks",
    "ResidentFacts",
    "amounts_agree",
    "areas_agree",
    "bank_card",
    "belongs",
    "business_registration",
    "certificate_code",
    "certificate_text",
    "contract_code",
    "contractor_code",
    "credit_class",
    "credit_code",
    "issuer_code",
    "kind_of_holder",
    "land_codes_agree",
    "lies_within",
    "made_with",
    "mask",
    "modern_resident_id",
    "mu_of_m2",
    "organisation_code",
    "parcel_code",
    "parent_region",
    "phone",
    "region_code",
    "region_level",
    "resident_facts",
    "resident_id",
    "same_place",
    "transfer_code",
    "unit_code",
    "worst",
]
