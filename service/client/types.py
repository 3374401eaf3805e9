"""Bodies and answers of the service.  Written by ``python -m service client``: do not edit."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict


class Approval(TypedDict):
    agrees: bool


class BookArguments(TypedDict):
    blocks: NotRequired[int]
    degrees_of_freedom: NotRequired[float]
    level: NotRequired[float]
    months: NotRequired[int]
    scenarios: NotRequired[Literal[64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384]]
    seed: NotRequired[int]


class BookJob(TypedDict):
    arguments: NotRequired[BookArguments]
    kind: Literal["book"]
    valued_on: str


class BookLine(TypedDict):
    book_id: str
    folder: str | None
    made_at: str
    source: Literal["upload", "folder"]
    title: str


class BooksPage(TypedDict):
    items: list[BookLine]
    next: str | None


class Borrower(TypedDict):
    assets_yuan: NotRequired[float | None]
    automated_decision_refused: NotRequired[bool | None]
    birth_year: NotRequired[float | None]
    borrower_code: NotRequired[str | None]
    borrower_id: NotRequired[str | None]
    borrower_type: Literal["household", "large_grower", "family_farm", "cooperative", "enterprise"]
    conduct_red_line: NotRequired[bool | None]
    credit_query_consent: NotRequired[bool | None]
    credit_report_used: NotRequired[bool | None]
    currently_overdue: NotRequired[bool | None]
    debt_yuan: NotRequired[float | None]
    dishonest_debtor: NotRequired[bool | None]
    evades_debt: NotRequired[bool | None]
    existing_exposure_yuan: NotRequired[float | None]
    farm_production_purpose: NotRequired[bool | None]
    features: NotRequired[dict[str, float | str | None]]
    guarantees_above_net_worth: NotRequired[bool | None]
    hidden_government_debt: NotRequired[bool | None]
    longest_overdue_days_24_months: NotRequired[float | None]
    on_lent_or_pooled: NotRequired[bool | None]
    open_enforcement: NotRequired[bool | None]
    overdue_times_24_months: NotRequired[float | None]
    privacy_notice_given: NotRequired[bool | None]
    ring_guarantee: NotRequired[bool | None]
    shared_with_others: NotRequired[bool | None]
    sharing_consent: NotRequired[bool | None]
    years_farming: NotRequired[float | None]


class Both(TypedDict):
    en: str
    zh: str


class CaseState(TypedDict):
    state: str


class CaseStateAnswer(TypedDict):
    before: str | None
    changed_at: str
    decision_id: str
    next: list[str]
    state: str


class ChainPlace(TypedDict):
    answer_sha256: str
    entry_digest: str
    position: int


class ChallengerAnswer(TypedDict):
    inside_model_support: bool
    pd_12_months: float


class ConstructionFacts(TypedDict):
    acquisition_cost_yuan_per_m2: NotRequired[float | None]
    area_m2: float
    benchmark_date_factor: NotRequired[float | None]
    benchmark_factors: NotRequired[float | None]
    benchmark_on: NotRequired[str | None]
    benchmark_ownership: NotRequired[Literal["collective", "state"] | None]
    benchmark_plot_ratio: NotRequired[float | None]
    benchmark_price_yuan_per_m2: NotRequired[float | None]
    building_area_m2: NotRequired[float | None]
    building_built_on: NotRequired[str | None]
    building_cost_yuan_per_m2: NotRequired[float | None]
    building_life_years: NotRequired[float | None]
    building_structure: NotRequired[
        Literal[
            "reinforced_concrete",
            "brick_concrete",
            "brick_timber",
            "earth_timber",
            "light_steel",
            "simple",
        ]
        | None
    ]
    completed_price_yuan_per_m2: NotRequired[float | None]
    development_cost_yuan_per_m2: NotRequired[float | None]
    development_gap_yuan_per_m2: NotRequired[float | None]
    development_years: NotRequired[float | None]
    floor_rent_yuan_per_m2_year: NotRequired[float | None]
    granted_on: NotRequired[str | None]
    kind: Literal["grant", "contribution", "lease"]
    land_rent_yuan_per_m2_year: NotRequired[float | None]
    land_use: NotRequired[
        Literal["industrial", "warehouse", "commercial", "tourism", "rental_housing", "public"]
        | None
    ]
    last_price_on: NotRequired[str | None]
    last_price_yuan: NotRequired[float | None]
    levy_share: NotRequired[float | None]
    operating_cost_share: NotRequired[float | None]
    plot_ratio: NotRequired[float | None]
    previous_value_yuan: NotRequired[float | None]
    prior_claims_yuan: NotRequired[float | None]
    region_code: str
    rent_paid_through: NotRequired[str | None]
    rent_payable_yuan_per_m2_year: NotRequired[float | None]
    right_id: NotRequired[str | None]
    road_distance_km: NotRequired[float | None]
    stated_value_yuan: NotRequired[float | None]
    term_end: NotRequired[str | None]
    vacancy_share: NotRequired[float | None]
    works_cost_yuan_per_m2: NotRequired[float | None]
    works_years: NotRequired[float | None]


class ConstructionValuation(TypedDict):
    rights: list[ConstructionFacts]
    table: Literal["construction"]
    valued_on: str


class DecisionSearch(TypedDict):
    application_no: NotRequired[str]
    borrower_code: NotRequired[str]
    cursor: NotRequired[str]
    decision: NotRequired[Literal["accept", "refer", "decline"]]
    limit: NotRequired[int]
    made_before: NotRequired[str]
    made_from: NotRequired[str]
    reason: NotRequired[str]
    reviewed: NotRequired[bool]
    valued_from: NotRequired[str]
    valued_to: NotRequired[str]


class DifferenceAnswer(TypedDict):
    answered: Any
    path: str
    replayed: Any


class DriftLine(TypedDict):
    alarm: bool
    excess: float
    expected_by_chance: float
    feature: str
    missing_alarm: bool
    missing_before: float
    missing_now: float
    n_now: int
    n_training: int
    p_holm: float | None
    psi: float


class EcologyFacts(TypedDict):
    area_mu: NotRequired[float | None]
    buffer_share: NotRequired[float | None]
    contract_end: NotRequired[str | None]
    contract_price_yuan_per_t: NotRequired[float | None]
    contract_volume_t: NotRequired[float | None]
    crediting_end: NotRequired[str | None]
    crediting_start: NotRequired[str | None]
    developer_share: NotRequired[float | None]
    expected_t_per_year: NotRequired[float | None]
    income_end: NotRequired[str | None]
    income_yuan_per_year: NotRequired[float | None]
    issuance_interval_years: NotRequired[float | None]
    issued_on: NotRequired[str | None]
    issued_through: NotRequired[str | None]
    kind: Literal["carbon_issued", "carbon_contracted", "compensation", "value_account"]
    last_price_on: NotRequired[str | None]
    last_price_yuan: NotRequired[float | None]
    previous_value_yuan: NotRequired[float | None]
    prior_claims_yuan: NotRequired[float | None]
    programme: NotRequired[
        Literal["ccer", "provincial_offset", "carbon_ticket", "voluntary", "charity", "other"]
        | None
    ]
    project_type: NotRequired[
        Literal[
            "plantation",
            "bamboo",
            "shrub",
            "natural_forest",
            "economic_forest",
            "wetland",
            "marine",
            "cropland",
            "other",
        ]
        | None
    ]
    quantity_t: NotRequired[float | None]
    region_code: str
    registered_on: NotRequired[str | None]
    right_id: NotRequired[str | None]
    stage: NotRequired[Literal["planned", "published", "registered", "verified"] | None]
    stated_value_yuan: NotRequired[float | None]
    validation_cost_yuan: NotRequired[float | None]
    verification_cost_yuan: NotRequired[float | None]
    yield_t_per_mu_year: NotRequired[float | None]


class EcologyValuation(TypedDict):
    rights: list[EcologyFacts]
    table: Literal["ecology"]
    valued_on: str


class EffectiveAnswer(TypedDict):
    decision: Literal["accept", "refer", "decline"]
    expires_on: str | None
    limit_yuan: float | None
    review_id: str | None
    waiting: int


class EquityFacts(TypedDict):
    distributable_income_yuan_per_year: NotRequired[float | None]
    dividend_1_yuan_per_share_year: NotRequired[float | None]
    dividend_2_yuan_per_share_year: NotRequired[float | None]
    dividend_3_yuan_per_share_year: NotRequired[float | None]
    dividend_4_yuan_per_share_year: NotRequired[float | None]
    dividend_5_yuan_per_share_year: NotRequired[float | None]
    dividend_in_kind_share: NotRequired[float | None]
    dividend_mean_years: NotRequired[float | None]
    dividend_mean_yuan_per_share_year: NotRequired[float | None]
    dividend_received_yuan: NotRequired[float | None]
    fixed_dividend_yuan_per_share_year: NotRequired[float | None]
    kind: Literal[
        "member_share",
        "labour_share",
        "household_share",
        "land_share",
        "fund_share",
        "fixed_dividend",
    ]
    last_price_on: NotRequired[str | None]
    last_price_yuan: NotRequired[float | None]
    net_assets_yuan_per_share: NotRequired[float | None]
    payout_share: NotRequired[float | None]
    previous_value_yuan: NotRequired[float | None]
    prior_claims_yuan: NotRequired[float | None]
    region_code: str
    repurchase_price_yuan_per_share: NotRequired[float | None]
    right_id: NotRequired[str | None]
    share_end: NotRequired[str | None]
    shares: float
    stated_value_yuan: NotRequired[float | None]
    total_shares: NotRequired[float | None]
    transfer_restriction: NotRequired[
        Literal["inside_collective", "county_market", "repurchase_only", "none", "not_stated"]
        | None
    ]


class EquityValuation(TypedDict):
    rights: list[EquityFacts]
    table: Literal["equity"]
    valued_on: str


class ForestFacts(TypedDict):
    area_mu: float
    compensation_yuan_per_mu_year: NotRequired[float | None]
    contract_rent_yuan_per_mu_year: NotRequired[float | None]
    cost_yuan_per_mu_year: NotRequired[float | None]
    diameter_cm: NotRequired[float | None]
    establishment_cost_yuan_per_mu: NotRequired[float | None]
    felling_cost_yuan_per_m3: NotRequired[float | None]
    fire_insured: NotRequired[bool | None]
    first_bearing_age_years: NotRequired[float | None]
    full_bearing_age_years: NotRequired[float | None]
    harvest_volume_m3_per_mu: NotRequired[float | None]
    height_m: NotRequired[float | None]
    income_yuan_per_mu_year: NotRequired[float | None]
    kind: Literal["timber", "economic", "bamboo", "woodland", "welfare"]
    last_price_on: NotRequired[str | None]
    last_price_yuan: NotRequired[float | None]
    life_end_age_years: NotRequired[float | None]
    log_price_yuan_per_m3: NotRequired[float | None]
    next_year_on: NotRequired[bool | None]
    off_year_income_yuan_per_mu: NotRequired[float | None]
    on_year_income_yuan_per_mu: NotRequired[float | None]
    outturn_share: NotRequired[float | None]
    overhead_yuan_per_mu_year: NotRequired[float | None]
    permit_chance: NotRequired[float | None]
    permit_delay_years: NotRequired[float | None]
    previous_value_yuan: NotRequired[float | None]
    prior_claims_yuan: NotRequired[float | None]
    quota_share: NotRequired[float | None]
    reference_diameter_cm: NotRequired[float | None]
    reference_height_m: NotRequired[float | None]
    reference_volume_m3_per_mu: NotRequired[float | None]
    region_code: str
    required_survival_share: NotRequired[float | None]
    right_id: NotRequired[str | None]
    right_scope: NotRequired[Literal["land_and_trees", "trees", "land"] | None]
    rotation_age_years: NotRequired[float | None]
    species: NotRequired[
        Literal[
            "fir",
            "masson_pine",
            "eucalyptus",
            "poplar",
            "larch",
            "broadleaf",
            "tea_oil",
            "chestnut",
            "fruit",
            "tea",
            "moso",
        ]
        | None
    ]
    stand_age_years: NotRequired[float | None]
    stated_value_yuan: NotRequired[float | None]
    survey_attached: NotRequired[bool | None]
    survival_share: NotRequired[float | None]
    tending_cost_yuan_per_mu_year: NotRequired[float | None]
    tending_years: NotRequired[float | None]
    term_end: NotRequired[str | None]
    volume_m3_per_mu: NotRequired[float | None]
    woodland_rent_yuan_per_mu_year: NotRequired[float | None]


class ForestValuation(TypedDict):
    rights: list[ForestFacts]
    table: Literal["forest"]
    valued_on: str


class Guarantee(TypedDict):
    board_approved: NotRequired[bool | None]
    client_is_government_platform: NotRequired[bool | None]
    compensation_rate: NotRequired[float | None]
    counter_guarantee_joint_wording: NotRequired[bool | None]
    fee_rate_per_year: NotRequired[float | None]
    group_share: NotRequired[float | None]
    guarantee_id: NotRequired[str | None]
    guaranteed_share: float
    guarantor_signed_rollover: NotRequired[bool | None]
    guarantor_type: Literal["agri_policy", "government_backed", "commercial"]
    loan_purpose: NotRequired[
        Literal["production", "land_transfer", "machinery", "facilities", "processing", "other"]
        | None
    ]
    national_fund_share: NotRequired[float | None]
    new_for_old_loan: NotRequired[bool | None]
    pig_farming: NotRequired[bool | None]
    poverty_alleviation: NotRequired[bool | None]
    re_guaranteed_by_national_fund: NotRequired[bool | None]
    related_party: NotRequired[
        Literal["none", "controlling_shareholder", "actual_controller", "other"] | None
    ]
    related_party_disclosed: NotRequired[bool | None]
    related_party_report_days: NotRequired[float | None]
    single_client_share: NotRequired[float | None]
    terms_at_arms_length: NotRequired[bool | None]


class Health(TypedDict):
    engine_version: str
    status: str


class HistoryEntry(TypedDict):
    context: NotRequired[dict[str, str]]
    on: NotRequired[str]
    state: str


class HomesteadFacts(TypedDict):
    building_area_m2: float
    building_cost_yuan_per_m2: NotRequired[float | None]
    built_on: NotRequired[str | None]
    buyer_pool: NotRequired[Literal["village", "township", "county", "open"] | None]
    contract_rent_until: NotRequired[str | None]
    contract_rent_yuan_per_year: NotRequired[float | None]
    effective_age_years: NotRequired[float | None]
    equipment_cost_yuan: NotRequired[float | None]
    equipment_life_years: NotRequired[float | None]
    equipment_on: NotRequired[str | None]
    exit_price_yuan_per_m2: NotRequired[float | None]
    external_loss_yuan: NotRequired[float | None]
    fitout_cost_yuan: NotRequired[float | None]
    fitout_life_years: NotRequired[float | None]
    fitout_on: NotRequired[str | None]
    functional_loss_yuan: NotRequired[float | None]
    inspected_newness: NotRequired[float | None]
    kind: Literal["farmhouse", "use_right"]
    last_price_on: NotRequired[str | None]
    last_price_yuan: NotRequired[float | None]
    let: NotRequired[bool | None]
    life_years: NotRequired[float | None]
    market_rent_yuan_per_m2_year: NotRequired[float | None]
    operating_cost_share: NotRequired[float | None]
    other_dwelling: NotRequired[bool | None]
    plot_area_m2: NotRequired[float | None]
    previous_value_yuan: NotRequired[float | None]
    prior_claims_yuan: NotRequired[float | None]
    region_code: str
    rent_in_advance: NotRequired[bool | None]
    rent_paid_through: NotRequired[str | None]
    rent_payable_yuan_per_year: NotRequired[float | None]
    repair_cost_yuan: NotRequired[float | None]
    reverts_uncompensated: NotRequired[bool | None]
    right_id: NotRequired[str | None]
    road_distance_km: NotRequired[float | None]
    sole_dwelling: NotRequired[bool | None]
    stated_value_yuan: NotRequired[float | None]
    storeys: NotRequired[float | None]
    structure: NotRequired[
        Literal[
            "reinforced_concrete",
            "brick_concrete",
            "brick_timber",
            "earth_timber",
            "light_steel",
            "simple",
        ]
        | None
    ]
    tenant_bears_costs: NotRequired[bool | None]
    term_end: NotRequired[str | None]
    term_start: NotRequired[str | None]
    vacancy_share: NotRequired[float | None]


class HomesteadValuation(TypedDict):
    rights: list[HomesteadFacts]
    table: Literal["homestead"]
    valued_on: str


JsonValue: TypeAlias = Any


class LandFacts(TypedDict):
    acquisition_cost_yuan_per_mu: NotRequired[float | None]
    area_mu: float
    contract_end: NotRequired[str | None]
    contract_rent_yuan_per_mu_year: NotRequired[float | None]
    crop_cost_on: NotRequired[str | None]
    crop_cost_yuan: NotRequired[float | None]
    crop_finish_cost_yuan: NotRequired[float | None]
    crop_harvest_on: NotRequired[str | None]
    crop_income_yuan: NotRequired[float | None]
    development_cost_yuan_per_mu: NotRequired[float | None]
    development_years: NotRequired[float | None]
    facilities_built_on: NotRequired[str | None]
    facilities_cost_yuan: NotRequired[float | None]
    facilities_life_years: NotRequired[float | None]
    facilities_removable: NotRequired[bool | None]
    gross_income_yuan_per_mu_year: NotRequired[float | None]
    irrigated_share: NotRequired[float | None]
    kind: Literal["household", "lease_yearly", "lease_prepaid", "lease_mixed", "wasteland"]
    land_use: Literal[
        "paddy", "irrigated", "dry", "vegetable", "orchard", "pond", "grassland", "wasteland"
    ]
    last_price_on: NotRequired[str | None]
    last_price_yuan: NotRequired[float | None]
    lease_end: NotRequired[str | None]
    market_rent_yuan_per_mu_year: NotRequired[float | None]
    operating_cost_yuan_per_mu_year: NotRequired[float | None]
    permanent_basic_farmland: NotRequired[bool | None]
    plot_area_mu: NotRequired[float | None]
    previous_value_yuan: NotRequired[float | None]
    prior_claims_yuan: NotRequired[float | None]
    region_code: str
    renewal_clause: NotRequired[bool | None]
    rent_arrears_yuan: NotRequired[float | None]
    rent_in_advance: NotRequired[bool | None]
    rent_prepaid_share: NotRequired[float | None]
    rent_prepaid_through: NotRequired[str | None]
    rent_reviewed_on: NotRequired[str | None]
    rent_step_share: NotRequired[float | None]
    rent_step_years: NotRequired[float | None]
    rent_step_yuan_per_mu_year: NotRequired[float | None]
    right_id: NotRequired[str | None]
    road_distance_km: NotRequired[float | None]
    second_round_extension: NotRequired[Literal["done", "under_way", "not_started"] | None]
    slope_degrees: NotRequired[float | None]
    soil_grade: NotRequired[float | None]
    stated_value_yuan: NotRequired[float | None]


class LandValuation(TypedDict):
    rights: list[LandFacts]
    table: Literal["land"]
    valued_on: str


class Loan(TypedDict):
    balance_yuan: float
    borrower_code: NotRequired[str | None]
    borrower_id: NotRequired[str | None]
    borrower_kind: NotRequired[
        Literal[
            "farm_household",
            "family_farm",
            "cooperative",
            "small_micro_enterprise",
            "enterprise",
            "other",
        ]
        | None
    ]
    commodity: NotRequired[
        Literal[
            "grain",
            "cash_crop",
            "fruit",
            "vegetables",
            "pigs",
            "poultry",
            "cattle_sheep",
            "aquaculture",
            "forestry",
            "processing",
            "other",
        ]
        | None
    ]
    compensation_fund_limit_yuan: NotRequired[float | None]
    compensation_fund_share: NotRequired[float | None]
    compensation_fund_until: NotRequired[str | None]
    default_chance: NotRequired[float | None]
    effective_rate_per_year: NotRequired[float | None]
    guarantee_until: NotRequired[str | None]
    lender_id: NotRequired[str | None]
    lender_type: NotRequired[
        Literal[
            "bank", "rural_bank", "policy_bank", "guarantee_company", "small_loan_company", "other"
        ]
        | None
    ]
    loan_id: NotRequired[str | None]
    loss_share: NotRequired[float | None]
    matures_on: str
    net_income_yuan_per_year: NotRequired[float | None]
    origination_default_chance: NotRequired[float | None]
    overdue_days: NotRequired[float | None]
    principal_yuan: NotRequired[float | None]
    product: NotRequired[str | None]
    rate_per_year: NotRequired[float | None]
    region_code: NotRequired[str | None]
    repayment: NotRequired[Literal["bullet", "equal_principal", "annuity", "interest_only"] | None]
    restructured_on: NotRequired[str | None]
    starts_on: NotRequired[str | None]
    watch_list: NotRequired[bool | None]


class LoanOutcome(TypedDict):
    lost_yuan: NotRequired[float]
    on: str
    outcome: Literal["not_lent", "running", "repaid", "defaulted", "compensated", "recovered"]


class LossAnswer(TypedDict):
    chance_12_months: float
    chance_life: float
    ead_12_months_yuan: float
    ead_life_yuan: float
    el_12_months_yuan: float | None
    el_life_guarantor_yuan: float | None
    el_life_lender_yuan: float | None
    el_life_re_guarantor_yuan: float | None
    el_life_yuan: float | None
    lgd_12_months: float | None
    lgd_independent: float | None
    lgd_life: float | None
    lgd_life_modelled: float | None
    months: int
    proceeds_spread: float | None
    proceeds_yuan: float
    sale_years: float | None


class Meaning(TypedDict):
    when: NotRequired[dict[str, str]]
    word: str


class ModelAnswer(TypedDict):
    digest: str
    name: str
    origin: str
    version: str


class ModelMove(TypedDict):
    after: str
    before: str
    by: str
    on: str
    reason: str
    version: str


EvidenceItem: TypeAlias = str


class NewReview(TypedDict):
    evidence: NotRequired[list[EvidenceItem]]
    expires_on: NotRequired[str]
    limit_yuan: NotRequired[float]
    reason: str
    verdict: Literal["uphold", "override_accept", "override_decline", "refer"]


class NoArguments(TypedDict):
    pass


class OutcomeAnswer(TypedDict):
    by: str
    decision_id: str
    lost_yuan: NotRequired[float | None]
    made_at: str
    on: str
    outcome: Literal["not_lent", "running", "repaid", "defaulted", "compensated", "recovered"]
    position: int


class OutcomeLine(TypedDict):
    lost_yuan: float | None
    made_at: str
    on: str
    outcome: Literal["not_lent", "running", "repaid", "defaulted", "compensated", "recovered"]
    position: int


class Overlay(TypedDict):
    files: dict[str, str]


class OverlayAnswer(TypedDict):
    by: str
    changed_at: str
    digest: str
    files: dict[str, str]
    generation: int


class OverlayChange(TypedDict):
    before: str
    by: str
    changed_at: str
    digest: str
    generation: int
    position: int


class OverlayHistory(TypedDict):
    changes: list[OverlayChange]


class OverlayVersion(TypedDict):
    digest: str
    files: dict[str, str]


class OverrideOutcomes(TypedDict):
    defaulted: int
    known: int


class Papers(TypedDict):
    consent: Literal["good", "bad", "unknown", "none"]
    filing: Literal["good", "bad", "unknown", "none"]
    insurance: Literal["good", "bad", "unknown", "none"]
    registration: Literal["good", "bad", "unknown", "none"]
    rent: Literal["good", "bad", "unknown", "none"]
    seal: Literal["good", "bad", "unknown", "none"]


class PledgeArguments(TypedDict):
    within_days: NotRequired[float]


class PledgesJob(TypedDict):
    arguments: NotRequired[PledgeArguments]
    kind: Literal["pledges"]
    valued_on: str


class Pointed(TypedDict):
    folder: str


class Policy(TypedDict):
    crop_repays_loan: NotRequired[bool | None]
    ends_on: str
    expected_loss_share: NotRequired[float | None]
    group_policy: NotRequired[bool | None]
    insured_area_listed: NotRequired[bool | None]
    insured_list_posted: NotRequired[bool | None]
    insured_signed: NotRequired[bool | None]
    insurer_notified: NotRequired[bool | None]
    insurer_notified_on: NotRequired[str | None]
    kind: Literal[
        "full_cost", "planting_income", "material_cost", "forest", "house", "livestock", "other"
    ]
    named_insured: NotRequired[bool | None]
    next_season_inputs_deducted: NotRequired[bool | None]
    next_season_inputs_yuan: NotRequired[float | None]
    output_value_yuan: NotRequired[float | None]
    starts_on: NotRequired[str | None]
    sum_insured_share: NotRequired[float | None]
    sum_insured_yuan: float


class PriceAnswer(TypedDict):
    advised_per_year: float
    break_even_per_year: float
    capital_per_year: float
    ceiling_per_year: float | None
    charged_per_year: float | None
    full_per_year: float
    of: str
    operating_per_year: float


class PriceModelLine(TypedDict):
    digest: str
    name: str
    origin: str
    table: str


class Promotion(TypedDict):
    reason: str
    stage: Literal["champion", "shadow", "candidate", "retired"]
    version: str


class Provenance(TypedDict):
    basis: Literal["market value, internal valuation, not a statutory appraisal"]
    engine_version: str
    market: str
    market_digest: str
    models: dict[str, str]
    rules_digest: str
    trace_id: str
    valued_on: str


class Quality(TypedDict):
    auc: float | None
    brier: float
    mean_pd: float


class QuantileLine(TypedDict):
    challenger_mean_pd: float
    champion_mean_pd: float
    champion_most_pd: float
    n: int


class RatiosJob(TypedDict):
    arguments: NotRequired[NoArguments]
    kind: Literal["ratios"]
    valued_on: str


class RejectedRow(TypedDict):
    column: str | None
    cure_en: str | None
    cure_zh: str | None
    heading: str | None
    message_en: str | None
    message_zh: str | None
    right_id: str | None
    row: int | None
    rule: str | None
    table: str | None
    value: str | None


class ResultAnswer(TypedDict):
    bytes: int
    file: str
    media_type: str
    sha256: str


class ResultsAnswer(TypedDict):
    items: list[ResultAnswer]


class RevalueJob(TypedDict):
    arguments: NotRequired[NoArguments]
    kind: Literal["revalue"]
    valued_on: str


class ReviewRequest(TypedDict):
    channel: Literal["counter", "telephone", "letter", "online"]


class RightFault(TypedDict):
    column: str
    cure_en: str
    cure_zh: str
    message_en: str
    message_zh: str
    right_id: str
    row: int
    rule: str
    value: str


Role: TypeAlias = Literal["lender", "reviewer", "analyst", "risk", "auditor", "admin", "operator"]


class Rollback(TypedDict):
    reason: str


class Rotation(TypedDict):
    days: NotRequired[int]
    overlap_hours: NotRequired[float]


class RuleLine(TypedDict):
    amount: Any
    cite: str
    compare: str
    id: str
    name: str
    origin: str
    seen: str
    severity: Literal["param", "monitor", "haircut", "refer", "block"]
    title: str
    unit: str


class RuleSide(TypedDict):
    amount: Any
    cite: str
    compare: str
    origin: str
    severity: Literal["param", "monitor", "haircut", "refer", "block"]


RuleValueAnswer = TypedDict(
    "RuleValueAnswer",
    {
        "amount": Any,
        "cite": str,
        "from": str,
        "origin": str,
        "seen": str,
        "until": str | None,
    },
)


class RulesAnswer(TypedDict):
    day: str
    overlay_digest: str
    region: str
    rules: list[RuleLine]
    rules_digest: str


class Said(TypedDict):
    en: str
    zh: str


Scope: TypeAlias = Literal["score", "read", "review", "books", "models", "admin", "operate"]


class ScoreDrifts(TypedDict):
    challenger: DriftLine | None
    champion: DriftLine | None


class SecondAnswer(TypedDict):
    at: str
    by: str


class StepAnswer(TypedDict):
    change_yuan: float
    left_yuan: float
    step: Literal[
        "market_value",
        "prudent_basis",
        "remaining_term",
        "counted_part",
        "prior_claims",
        "rent_arrears",
        "sitting_tenant",
        "price_fall",
        "sale_route",
        "sale_cost",
        "interest",
        "model_buffer",
        "legal_weakness",
        "insurance",
        "cap",
        "verdict",
        "compensation_fund",
    ]
    title: Said


class StressArguments(TypedDict):
    degrees_of_freedom: NotRequired[float]
    months: NotRequired[int]
    seed: NotRequired[int]
    target_yuan: NotRequired[float]


class StressJob(TypedDict):
    arguments: NotRequired[StressArguments]
    kind: Literal["stress"]
    valued_on: str


class SubjectAnswer(TypedDict):
    seen: str
    source: str
    title: Said
    words: dict[str, Said]


class TableAnswer(TypedDict):
    bytes: int
    format: Literal["parquet", "csv", "xlsx"]
    sha256: str
    table: str


class TableLine(TypedDict):
    columns: int
    schema: str
    table: str
    title: Said


class TenantAnswer(TypedDict):
    made_at: str
    tenant: str
    title: str


class TenantPage(TypedDict):
    items: list[TenantAnswer]
    next: str | None


class TenantWanted(TypedDict):
    tenant: str
    title: str


class Translation(TypedDict):
    context: NotRequired[dict[str, str]]
    direction: NotRequired[Literal["in", "out"]]
    record: dict[str, JsonValue]


class TriedOutcome(TypedDict):
    decision: Literal["accept", "refer", "decline"] | None
    limit_yuan: float | None


class UnknownCodeAnswer(TypedDict):
    asks: list[str]
    code: str
    message: Said
    path: str
    subject: str
    why: Literal["unknown", "ambiguous", "unwritten", "choice"]


UsedModel = TypedDict(
    "UsedModel",
    {
        "as": Literal["champion", "shadow"],
        "digest": str,
        "version": str,
    },
)


class ValuationAnswer(TypedDict):
    faults: list[RightFault]
    provenance: Provenance
    results: list[dict[str, Any]]
    rights_in: int
    rights_rejected: int
    rights_valued: int


ValuationRequest: TypeAlias = (
    LandValuation
    | ForestValuation
    | EquityValuation
    | EcologyValuation
    | HomesteadValuation
    | ConstructionValuation
)


class VerdictCount(TypedDict):
    decision: Literal["accept", "refer", "decline"]
    n: int
    verdict: Literal["uphold", "override_accept", "override_decline", "refer", "requested"]


class VocabularyAnswer(TypedDict):
    entries: list[str]
    moves: dict[str, list[str]]
    subjects: dict[str, SubjectAnswer]


class BookAnswer(TypedDict):
    book_id: str
    folder: str | None
    made_at: str
    source: Literal["upload", "folder"]
    tables: list[TableAnswer]
    title: str


class CardAnswer(TypedDict):
    bar: list[Any] | None
    calibration: Any
    counts: dict[str, Any] | None
    features: list[dict[str, Any]] | None
    form: str | None
    kind: str
    lineage: dict[str, Any] | None
    metrics: dict[str, Any] | None
    name: str
    not_for: Said | None
    origin: str
    population: Any
    retrain: str | None
    split: dict[str, Any] | None
    target: dict[str, Any] | None
    triggers: list[Said] | None
    use: Said | None
    version: str
    window: dict[str, Any] | None


class CheckJob(TypedDict):
    arguments: NotRequired[NoArguments]
    kind: Literal["check"]
    valued_on: str


class ConstructionRight(TypedDict):
    able_in_husbandry: NotRequired[bool | None]
    account_frozen: NotRequired[bool | None]
    account_frozen_on: NotRequired[str | None]
    account_frozen_until: NotRequired[str | None]
    acquisition_cost_yuan_per_m2: NotRequired[float | None]
    acts_for_collective_by_procedure: NotRequired[bool | None]
    acts_for_collective_by_procedure_on: NotRequired[str | None]
    acts_for_collective_by_procedure_until: NotRequired[str | None]
    agreed_sale: NotRequired[bool | None]
    all_members_signed: NotRequired[bool | None]
    all_members_signed_on: NotRequired[str | None]
    all_members_signed_until: NotRequired[str | None]
    appraised: NotRequired[bool | None]
    appraised_on: NotRequired[str | None]
    appraisers_signed: NotRequired[float | None]
    approved_area_share: NotRequired[float | None]
    approved_construction_idle_years: NotRequired[float | None]
    approved_use_matches: NotRequired[bool | None]
    arable_converted_without_approval: NotRequired[bool | None]
    area_m2: float
    area_over_standard_m2: NotRequired[float | None]
    assembly_notice_days: NotRequired[float | None]
    assembly_quorum_share: NotRequired[float | None]
    assembly_resolution_share: NotRequired[float | None]
    benchmark_date_factor: NotRequired[float | None]
    benchmark_factors: NotRequired[float | None]
    benchmark_on: NotRequired[str | None]
    benchmark_ownership: NotRequired[Literal["collective", "state"] | None]
    benchmark_plot_ratio: NotRequired[float | None]
    benchmark_price_yuan_per_m2: NotRequired[float | None]
    black_soil: NotRequired[bool | None]
    block_price_age_years: NotRequired[float | None]
    borrower_inspected_on: NotRequired[str | None]
    building_added_after_pledge: NotRequired[bool | None]
    building_area_m2: NotRequired[float | None]
    building_built_on: NotRequired[str | None]
    building_cost_yuan_per_m2: NotRequired[float | None]
    building_life_years: NotRequired[float | None]
    building_structure: NotRequired[
        Literal[
            "reinforced_concrete",
            "brick_concrete",
            "brick_timber",
            "earth_timber",
            "light_steel",
            "simple",
        ]
        | None
    ]
    buyer_is_urban: NotRequired[bool | None]
    capital_review_passed: NotRequired[bool | None]
    capital_review_passed_on: NotRequired[str | None]
    capital_review_passed_until: NotRequired[str | None]
    certificate_held: NotRequired[bool | None]
    certificate_held_on: NotRequired[str | None]
    certificate_held_until: NotRequired[str | None]
    certificate_no: NotRequired[str | None]
    certified_area_m2: NotRequired[float | None]
    certified_area_mu: NotRequired[float | None]
    charter_allows_pledge: NotRequired[bool | None]
    claimed_elsewhere: NotRequired[bool | None]
    clean_credit: NotRequired[bool | None]
    co_owners_consent: NotRequired[bool | None]
    co_owners_consent_on: NotRequired[str | None]
    co_owners_consent_until: NotRequired[str | None]
    collective_consent: NotRequired[bool | None]
    collective_consent_on: NotRequired[str | None]
    collective_consent_until: NotRequired[str | None]
    collective_informed: NotRequired[bool | None]
    collective_informed_on: NotRequired[str | None]
    collective_informed_until: NotRequired[str | None]
    collectively_managed: NotRequired[bool | None]
    completed_price_yuan_per_m2: NotRequired[float | None]
    contract_code: NotRequired[str | None]
    contract_content_complete: NotRequired[bool | None]
    contract_inspected_on: NotRequired[str | None]
    contractor_consent: NotRequired[bool | None]
    contractor_consent_on: NotRequired[str | None]
    contractor_consent_until: NotRequired[str | None]
    cooperative_resolution: NotRequired[bool | None]
    cooperative_resolution_on: NotRequired[str | None]
    cooperative_resolution_until: NotRequired[str | None]
    created_on: NotRequired[str | None]
    crop: NotRequired[
        Literal[
            "grain",
            "cotton",
            "oil",
            "sugar",
            "vegetable",
            "feed",
            "fruit",
            "forest",
            "pond",
            "other",
        ]
        | None
    ]
    development_cost_yuan_per_m2: NotRequired[float | None]
    development_gap_yuan_per_m2: NotRequired[float | None]
    development_years: NotRequired[float | None]
    disputed: NotRequired[bool | None]
    dividend_account_controlled: NotRequired[bool | None]
    ecological_red_line_share: NotRequired[float | None]
    ecology_conditions_in_contract: NotRequired[bool | None]
    end_clause_agreed: NotRequired[bool | None]
    entry_resolution_share: NotRequired[float | None]
    entry_use: NotRequired[
        Literal[
            "industrial",
            "warehouse",
            "commercial",
            "tourism",
            "rental_housing",
            "commodity_housing",
            "public",
            "farm",
            "homestead",
        ]
        | None
    ]
    equity_registered: NotRequired[bool | None]
    equity_registered_on: NotRequired[str | None]
    equity_registered_until: NotRequired[str | None]
    expropriation_announced: NotRequired[bool | None]
    expropriation_compensation_yuan: NotRequired[float | None]
    expropriator_notified: NotRequired[bool | None]
    expropriator_notified_on: NotRequired[str | None]
    expropriator_notified_until: NotRequired[str | None]
    felled_without_lender_consent: NotRequired[bool | None]
    felling_permit: NotRequired[bool | None]
    felling_permit_on: NotRequired[str | None]
    felling_permit_until: NotRequired[str | None]
    filed_with_collective: NotRequired[bool | None]
    filed_with_collective_on: NotRequired[str | None]
    filed_with_collective_until: NotRequired[str | None]
    floor_rent_yuan_per_m2_year: NotRequired[float | None]
    forbidden_arable_use: NotRequired[bool | None]
    forced_or_offset: NotRequired[bool | None]
    forest_type: NotRequired[
        Literal[
            "timber",
            "economic",
            "firewood",
            "cutover_land",
            "burned_land",
            "other_allowed_by_state",
            "protection",
            "special_use",
        ]
        | None
    ]
    forest_use_category: NotRequired[
        Literal[
            "commercial",
            "water_protection",
            "soil_protection",
            "sand_control",
            "farmland_shelter",
            "bank_protection",
            "road_protection",
            "defence",
            "experiment",
            "seed",
            "environmental",
            "scenic",
            "historic",
            "nature_reserve",
        ]
        | None
    ]
    forfeiture_clause: NotRequired[bool | None]
    full_capacity: NotRequired[bool | None]
    granted_on: NotRequired[str | None]
    harvest_over_quota_share: NotRequired[float | None]
    higher_approval: NotRequired[bool | None]
    higher_approval_on: NotRequired[str | None]
    higher_approval_until: NotRequired[str | None]
    holder_type: NotRequired[Literal["member", "outsider"] | None]
    homesteads_held: NotRequired[float | None]
    housing_deduction_accepted: NotRequired[bool | None]
    housing_deduction_accepted_on: NotRequired[str | None]
    housing_deduction_accepted_until: NotRequired[str | None]
    idle_seasons: NotRequired[float | None]
    idle_years: NotRequired[float | None]
    illegal_building: NotRequired[bool | None]
    illegal_greening: NotRequired[bool | None]
    improvements_consented: NotRequired[bool | None]
    improvements_consented_on: NotRequired[str | None]
    improvements_consented_until: NotRequired[str | None]
    in_demolition_range: NotRequired[bool | None]
    in_felling_closure: NotRequired[bool | None]
    in_national_park: NotRequired[bool | None]
    in_nature_reserve: NotRequired[bool | None]
    industry_conditions_in_contract: NotRequired[bool | None]
    issuer_code: NotRequired[str | None]
    issuer_consent: NotRequired[bool | None]
    issuer_consent_on: NotRequired[str | None]
    issuer_consent_until: NotRequired[str | None]
    kind: Literal["grant", "contribution", "lease"]
    land_building_pledged_apart: NotRequired[bool | None]
    land_damaged: NotRequired[bool | None]
    land_rent_yuan_per_m2_year: NotRequired[float | None]
    land_use: NotRequired[
        Literal["industrial", "warehouse", "commercial", "tourism", "rental_housing", "public"]
        | None
    ]
    last_price_on: NotRequired[str | None]
    last_price_yuan: NotRequired[float | None]
    levy_share: NotRequired[float | None]
    loan_to_expected_increase: NotRequired[float | None]
    loan_to_project_cost: NotRequired[float | None]
    local_authority_valid: NotRequired[bool | None]
    local_authority_valid_on: NotRequired[str | None]
    local_authority_valid_until: NotRequired[str | None]
    local_rule_found: NotRequired[bool | None]
    low_income_protected: NotRequired[bool | None]
    map_inspected_on: NotRequired[str | None]
    member_status_lost: NotRequired[bool | None]
    methodology_eligible: NotRequired[bool | None]
    mortgage_forbidden_by_contract: NotRequired[bool | None]
    mortgagor_code: NotRequired[str | None]
    mortgagor_type: NotRequired[
        Literal[
            "household",
            "person",
            "cooperative",
            "company",
            "collective",
            "villagers_committee",
            "government",
            "public_institution",
        ]
        | None
    ]
    movable_finance_registered: NotRequired[bool | None]
    movable_finance_registered_on: NotRequired[str | None]
    movable_finance_registered_until: NotRequired[str | None]
    national_park_zone: NotRequired[Literal["core", "general"] | None]
    non_farm_building_on_land: NotRequired[bool | None]
    non_grain_use: NotRequired[bool | None]
    on_permanent_basic_farmland: NotRequired[bool | None]
    operating_capability: NotRequired[bool | None]
    operating_cost_share: NotRequired[float | None]
    ordinary_course_goods: NotRequired[bool | None]
    over_county_scale_cap: NotRequired[bool | None]
    own_statute_checked: NotRequired[bool | None]
    owner_is_retired_cadre: NotRequired[bool | None]
    owner_notified: NotRequired[bool | None]
    owner_notified_on: NotRequired[str | None]
    owner_notified_until: NotRequired[str | None]
    ownership_registered: NotRequired[bool | None]
    ownership_registered_on: NotRequired[str | None]
    ownership_registered_until: NotRequired[str | None]
    parcel_code: NotRequired[str | None]
    party_branch_discussed: NotRequired[bool | None]
    patch_area_m2: NotRequired[float | None]
    pilot_county: NotRequired[bool | None]
    plan_to_sell_to_city: NotRequired[bool | None]
    planning_conditions_in_contract: NotRequired[bool | None]
    pledged_area_m2: NotRequired[float | None]
    pledged_area_mu: NotRequired[float | None]
    pledged_object: NotRequired[
        Literal[
            "land_management_right",
            "wasteland_management_right",
            "farmhouse",
            "entered_construction_land",
            "township_enterprise_land",
            "forest_right",
            "collective_equity",
            "carbon_units",
            "income_right",
            "movable",
            "water_right",
            "grassland_right",
            "mineral_right",
            "land_ownership",
            "private_plot",
            "other_collective_land",
        ]
        | None
    ]
    plot_ratio: NotRequired[float | None]
    policies: NotRequired[list[Policy]]
    previous_value_yuan: NotRequired[float | None]
    prior_claims_yuan: NotRequired[float | None]
    prior_lease_in_possession: NotRequired[bool | None]
    prior_violation: NotRequired[bool | None]
    proceeds_account_controlled: NotRequired[bool | None]
    public_interest_facility: NotRequired[bool | None]
    public_notice_given: NotRequired[bool | None]
    public_notice_given_on: NotRequired[str | None]
    public_notice_given_until: NotRequired[str | None]
    rank: NotRequired[float | None]
    red_line_activity_permitted: NotRequired[bool | None]
    region_code: str
    registered: NotRequired[bool | None]
    registered_limit_yuan: NotRequired[float | None]
    registered_on: NotRequired[str | None]
    registered_until: NotRequired[str | None]
    registrar_designated_by_law: NotRequired[bool | None]
    registration_pending_working_days: NotRequired[float | None]
    registry_inspected_on: NotRequired[str | None]
    rent_paid_through: NotRequired[str | None]
    rent_payable_yuan_per_m2_year: NotRequired[float | None]
    replanting_done: NotRequired[bool | None]
    resolution_body: NotRequired[
        Literal[
            "member_assembly", "representative_assembly", "council", "villagers_committee", "other"
        ]
        | None
    ]
    retransfer_consent: NotRequired[bool | None]
    retransfer_consent_on: NotRequired[str | None]
    retransfer_consent_until: NotRequired[str | None]
    right_id: NotRequired[str | None]
    right_registered: NotRequired[bool | None]
    right_registered_on: NotRequired[str | None]
    right_registered_until: NotRequired[str | None]
    road_distance_km: NotRequired[float | None]
    scheme_sent_working_days: NotRequired[float | None]
    sealed_or_seized: NotRequired[bool | None]
    secured_limit_yuan: NotRequired[float | None]
    secures_others_debt: NotRequired[bool | None]
    serious_breach: NotRequired[bool | None]
    site_inspected_on: NotRequired[str | None]
    start_day_eligible: NotRequired[bool | None]
    stated_value_yuan: NotRequired[float | None]
    statutory_appraisal: NotRequired[bool | None]
    table: Literal["construction"]
    take_back_event: NotRequired[bool | None]
    tenant_rent_gap_yuan_per_year: NotRequired[float | None]
    tenant_until: NotRequired[str | None]
    term_beyond_approval_years: NotRequired[float | None]
    term_end: NotRequired[str | None]
    township_approval: NotRequired[bool | None]
    township_approval_on: NotRequired[str | None]
    township_approval_until: NotRequired[str | None]
    transfer_filed: NotRequired[bool | None]
    transfer_filed_on: NotRequired[str | None]
    transfer_filed_until: NotRequired[str | None]
    transfer_starts_on: NotRequired[str | None]
    transferred_without_lender_consent: NotRequired[bool | None]
    unit_code: NotRequired[str | None]
    use_change_suspected: NotRequired[bool | None]
    use_changed: NotRequired[bool | None]
    use_contrary_to_plan: NotRequired[bool | None]
    vacancy_share: NotRequired[float | None]
    valid_contract_or_certificate: NotRequired[bool | None]
    with_factory_building: NotRequired[bool | None]
    works_cost_yuan_per_m2: NotRequired[float | None]
    works_years: NotRequired[float | None]
    written_contract: NotRequired[bool | None]
    written_mortgage_contract: NotRequired[bool | None]


class Contribution(TypedDict):
    feature: str
    log_odds: float
    title: Said
    value: Said


class CureAnswer(TypedDict):
    action: Said
    codes: list[str]
    fact: str
    gain_yuan: float
    needed_yuan: float
    right_id: str
    severity: Literal["param", "monitor", "haircut", "refer", "block"]


class DecisionLine(TypedDict):
    application_no: str | None
    asked_yuan: float | None
    case_state: str | None
    created_on: str
    decision: Literal["accept", "refer", "decline"]
    decision_id: str
    effective: EffectiveAnswer
    limit_yuan: float | None
    made_at: str
    model: str | None
    pd: float | None
    position: int
    reviews: int
    rules_digest: str | None
    valued_on: str


class DecisionsPage(TypedDict):
    items: list[DecisionLine]
    next: str | None


class DefaultAnswer(TypedDict):
    base_log_odds: float
    contributions: list[Contribution]
    indicative: bool
    inside_model_support: bool
    model_not_for: Said | None
    model_origin: Literal["institution", "foreign", "synthetic", "expert"]
    pd_12_months: float
    pd_life: float | None


class DriftAnswer(TypedDict):
    features: list[DriftLine]
    model: str
    n: int
    outside_share: float | None
    score: DriftLine | None
    version: str


class EcologyRight(TypedDict):
    able_in_husbandry: NotRequired[bool | None]
    account_frozen: NotRequired[bool | None]
    account_frozen_on: NotRequired[str | None]
    account_frozen_until: NotRequired[str | None]
    acts_for_collective_by_procedure: NotRequired[bool | None]
    acts_for_collective_by_procedure_on: NotRequired[str | None]
    acts_for_collective_by_procedure_until: NotRequired[str | None]
    agreed_sale: NotRequired[bool | None]
    all_members_signed: NotRequired[bool | None]
    all_members_signed_on: NotRequired[str | None]
    all_members_signed_until: NotRequired[str | None]
    appraised: NotRequired[bool | None]
    appraised_on: NotRequired[str | None]
    appraisers_signed: NotRequired[float | None]
    approved_area_share: NotRequired[float | None]
    approved_construction_idle_years: NotRequired[float | None]
    approved_use_matches: NotRequired[bool | None]
    arable_converted_without_approval: NotRequired[bool | None]
    area_mu: NotRequired[float | None]
    area_over_standard_m2: NotRequired[float | None]
    assembly_notice_days: NotRequired[float | None]
    assembly_quorum_share: NotRequired[float | None]
    assembly_resolution_share: NotRequired[float | None]
    black_soil: NotRequired[bool | None]
    block_price_age_years: NotRequired[float | None]
    borrower_inspected_on: NotRequired[str | None]
    buffer_share: NotRequired[float | None]
    building_added_after_pledge: NotRequired[bool | None]
    buyer_is_urban: NotRequired[bool | None]
    capital_review_passed: NotRequired[bool | None]
    capital_review_passed_on: NotRequired[str | None]
    capital_review_passed_until: NotRequired[str | None]
    certificate_held: NotRequired[bool | None]
    certificate_held_on: NotRequired[str | None]
    certificate_held_until: NotRequired[str | None]
    certificate_no: NotRequired[str | None]
    certified_area_m2: NotRequired[float | None]
    certified_area_mu: NotRequired[float | None]
    charter_allows_pledge: NotRequired[bool | None]
    claimed_elsewhere: NotRequired[bool | None]
    clean_credit: NotRequired[bool | None]
    co_owners_consent: NotRequired[bool | None]
    co_owners_consent_on: NotRequired[str | None]
    co_owners_consent_until: NotRequired[str | None]
    collective_consent: NotRequired[bool | None]
    collective_consent_on: NotRequired[str | None]
    collective_consent_until: NotRequired[str | None]
    collective_informed: NotRequired[bool | None]
    collective_informed_on: NotRequired[str | None]
    collective_informed_until: NotRequired[str | None]
    collectively_managed: NotRequired[bool | None]
    contract_code: NotRequired[str | None]
    contract_content_complete: NotRequired[bool | None]
    contract_end: NotRequired[str | None]
    contract_inspected_on: NotRequired[str | None]
    contract_price_yuan_per_t: NotRequired[float | None]
    contract_volume_t: NotRequired[float | None]
    contractor_consent: NotRequired[bool | None]
    contractor_consent_on: NotRequired[str | None]
    contractor_consent_until: NotRequired[str | None]
    cooperative_resolution: NotRequired[bool | None]
    cooperative_resolution_on: NotRequired[str | None]
    cooperative_resolution_until: NotRequired[str | None]
    created_on: NotRequired[str | None]
    crediting_end: NotRequired[str | None]
    crediting_start: NotRequired[str | None]
    crop: NotRequired[
        Literal[
            "grain",
            "cotton",
            "oil",
            "sugar",
            "vegetable",
            "feed",
            "fruit",
            "forest",
            "pond",
            "other",
        ]
        | None
    ]
    developer_share: NotRequired[float | None]
    disputed: NotRequired[bool | None]
    dividend_account_controlled: NotRequired[bool | None]
    ecological_red_line_share: NotRequired[float | None]
    ecology_conditions_in_contract: NotRequired[bool | None]
    end_clause_agreed: NotRequired[bool | None]
    entry_resolution_share: NotRequired[float | None]
    entry_use: NotRequired[
        Literal[
            "industrial",
            "warehouse",
            "commercial",
            "tourism",
            "rental_housing",
            "commodity_housing",
            "public",
            "farm",
            "homestead",
        ]
        | None
    ]
    equity_registered: NotRequired[bool | None]
    equity_registered_on: NotRequired[str | None]
    equity_registered_until: NotRequired[str | None]
    expected_t_per_year: NotRequired[float | None]
    expropriation_announced: NotRequired[bool | None]
    expropriation_compensation_yuan: NotRequired[float | None]
    expropriator_notified: NotRequired[bool | None]
    expropriator_notified_on: NotRequired[str | None]
    expropriator_notified_until: NotRequired[str | None]
    felled_without_lender_consent: NotRequired[bool | None]
    felling_permit: NotRequired[bool | None]
    felling_permit_on: NotRequired[str | None]
    felling_permit_until: NotRequired[str | None]
    filed_with_collective: NotRequired[bool | None]
    filed_with_collective_on: NotRequired[str | None]
    filed_with_collective_until: NotRequired[str | None]
    forbidden_arable_use: NotRequired[bool | None]
    forced_or_offset: NotRequired[bool | None]
    forest_type: NotRequired[
        Literal[
            "timber",
            "economic",
            "firewood",
            "cutover_land",
            "burned_land",
            "other_allowed_by_state",
            "protection",
            "special_use",
        ]
        | None
    ]
    forest_use_category: NotRequired[
        Literal[
            "commercial",
            "water_protection",
            "soil_protection",
            "sand_control",
            "farmland_shelter",
            "bank_protection",
            "road_protection",
            "defence",
            "experiment",
            "seed",
            "environmental",
            "scenic",
            "historic",
            "nature_reserve",
        ]
        | None
    ]
    forfeiture_clause: NotRequired[bool | None]
    full_capacity: NotRequired[bool | None]
    harvest_over_quota_share: NotRequired[float | None]
    higher_approval: NotRequired[bool | None]
    higher_approval_on: NotRequired[str | None]
    higher_approval_until: NotRequired[str | None]
    holder_type: NotRequired[Literal["member", "outsider"] | None]
    homesteads_held: NotRequired[float | None]
    housing_deduction_accepted: NotRequired[bool | None]
    housing_deduction_accepted_on: NotRequired[str | None]
    housing_deduction_accepted_until: NotRequired[str | None]
    idle_seasons: NotRequired[float | None]
    idle_years: NotRequired[float | None]
    illegal_building: NotRequired[bool | None]
    illegal_greening: NotRequired[bool | None]
    improvements_consented: NotRequired[bool | None]
    improvements_consented_on: NotRequired[str | None]
    improvements_consented_until: NotRequired[str | None]
    in_demolition_range: NotRequired[bool | None]
    in_felling_closure: NotRequired[bool | None]
    in_national_park: NotRequired[bool | None]
    in_nature_reserve: NotRequired[bool | None]
    income_end: NotRequired[str | None]
    income_yuan_per_year: NotRequired[float | None]
    industry_conditions_in_contract: NotRequired[bool | None]
    issuance_interval_years: NotRequired[float | None]
    issued_on: NotRequired[str | None]
    issued_through: NotRequired[str | None]
    issuer_code: NotRequired[str | None]
    issuer_consent: NotRequired[bool | None]
    issuer_consent_on: NotRequired[str | None]
    issuer_consent_until: NotRequired[str | None]
    kind: Literal["carbon_issued", "carbon_contracted", "compensation", "value_account"]
    land_building_pledged_apart: NotRequired[bool | None]
    land_damaged: NotRequired[bool | None]
    last_price_on: NotRequired[str | None]
    last_price_yuan: NotRequired[float | None]
    loan_to_expected_increase: NotRequired[float | None]
    loan_to_project_cost: NotRequired[float | None]
    local_authority_valid: NotRequired[bool | None]
    local_authority_valid_on: NotRequired[str | None]
    local_authority_valid_until: NotRequired[str | None]
    local_rule_found: NotRequired[bool | None]
    low_income_protected: NotRequired[bool | None]
    map_inspected_on: NotRequired[str | None]
    member_status_lost: NotRequired[bool | None]
    methodology_eligible: NotRequired[bool | None]
    mortgage_forbidden_by_contract: NotRequired[bool | None]
    mortgagor_code: NotRequired[str | None]
    mortgagor_type: NotRequired[
        Literal[
            "household",
            "person",
            "cooperative",
            "company",
            "collective",
            "villagers_committee",
            "government",
            "public_institution",
        ]
        | None
    ]
    movable_finance_registered: NotRequired[bool | None]
    movable_finance_registered_on: NotRequired[str | None]
    movable_finance_registered_until: NotRequired[str | None]
    national_park_zone: NotRequired[Literal["core", "general"] | None]
    non_farm_building_on_land: NotRequired[bool | None]
    non_grain_use: NotRequired[bool | None]
    on_permanent_basic_farmland: NotRequired[bool | None]
    operating_capability: NotRequired[bool | None]
    ordinary_course_goods: NotRequired[bool | None]
    over_county_scale_cap: NotRequired[bool | None]
    own_statute_checked: NotRequired[bool | None]
    owner_is_retired_cadre: NotRequired[bool | None]
    owner_notified: NotRequired[bool | None]
    owner_notified_on: NotRequired[str | None]
    owner_notified_until: NotRequired[str | None]
    ownership_registered: NotRequired[bool | None]
    ownership_registered_on: NotRequired[str | None]
    ownership_registered_until: NotRequired[str | None]
    parcel_code: NotRequired[str | None]
    party_branch_discussed: NotRequired[bool | None]
    patch_area_m2: NotRequired[float | None]
    pilot_county: NotRequired[bool | None]
    plan_to_sell_to_city: NotRequired[bool | None]
    planning_conditions_in_contract: NotRequired[bool | None]
    pledged_area_m2: NotRequired[float | None]
    pledged_area_mu: NotRequired[float | None]
    pledged_object: NotRequired[
        Literal[
            "land_management_right",
            "wasteland_management_right",
            "farmhouse",
            "entered_construction_land",
            "township_enterprise_land",
            "forest_right",
            "collective_equity",
            "carbon_units",
            "income_right",
            "movable",
            "water_right",
            "grassland_right",
            "mineral_right",
            "land_ownership",
            "private_plot",
            "other_collective_land",
        ]
        | None
    ]
    policies: NotRequired[list[Policy]]
    previous_value_yuan: NotRequired[float | None]
    prior_claims_yuan: NotRequired[float | None]
    prior_lease_in_possession: NotRequired[bool | None]
    prior_violation: NotRequired[bool | None]
    proceeds_account_controlled: NotRequired[bool | None]
    programme: NotRequired[
        Literal["ccer", "provincial_offset", "carbon_ticket", "voluntary", "charity", "other"]
        | None
    ]
    project_type: NotRequired[
        Literal[
            "plantation",
            "bamboo",
            "shrub",
            "natural_forest",
            "economic_forest",
            "wetland",
            "marine",
            "cropland",
            "other",
        ]
        | None
    ]
    public_interest_facility: NotRequired[bool | None]
    public_notice_given: NotRequired[bool | None]
    public_notice_given_on: NotRequired[str | None]
    public_notice_given_until: NotRequired[str | None]
    quantity_t: NotRequired[float | None]
    rank: NotRequired[float | None]
    red_line_activity_permitted: NotRequired[bool | None]
    region_code: str
    registered: NotRequired[bool | None]
    registered_limit_yuan: NotRequired[float | None]
    registered_on: NotRequired[str | None]
    registered_until: NotRequired[str | None]
    registrar_designated_by_law: NotRequired[bool | None]
    registration_pending_working_days: NotRequired[float | None]
    registry_inspected_on: NotRequired[str | None]
    replanting_done: NotRequired[bool | None]
    resolution_body: NotRequired[
        Literal[
            "member_assembly", "representative_assembly", "council", "villagers_committee", "other"
        ]
        | None
    ]
    retransfer_consent: NotRequired[bool | None]
    retransfer_consent_on: NotRequired[str | None]
    retransfer_consent_until: NotRequired[str | None]
    right_id: NotRequired[str | None]
    right_registered: NotRequired[bool | None]
    right_registered_on: NotRequired[str | None]
    right_registered_until: NotRequired[str | None]
    scheme_sent_working_days: NotRequired[float | None]
    sealed_or_seized: NotRequired[bool | None]
    secured_limit_yuan: NotRequired[float | None]
    secures_others_debt: NotRequired[bool | None]
    serious_breach: NotRequired[bool | None]
    site_inspected_on: NotRequired[str | None]
    stage: NotRequired[Literal["planned", "published", "registered", "verified"] | None]
    start_day_eligible: NotRequired[bool | None]
    stated_value_yuan: NotRequired[float | None]
    statutory_appraisal: NotRequired[bool | None]
    table: Literal["ecology"]
    take_back_event: NotRequired[bool | None]
    tenant_rent_gap_yuan_per_year: NotRequired[float | None]
    tenant_until: NotRequired[str | None]
    term_beyond_approval_years: NotRequired[float | None]
    township_approval: NotRequired[bool | None]
    township_approval_on: NotRequired[str | None]
    township_approval_until: NotRequired[str | None]
    transfer_filed: NotRequired[bool | None]
    transfer_filed_on: NotRequired[str | None]
    transfer_filed_until: NotRequired[str | None]
    transfer_starts_on: NotRequired[str | None]
    transferred_without_lender_consent: NotRequired[bool | None]
    unit_code: NotRequired[str | None]
    use_change_suspected: NotRequired[bool | None]
    use_changed: NotRequired[bool | None]
    use_contrary_to_plan: NotRequired[bool | None]
    valid_contract_or_certificate: NotRequired[bool | None]
    validation_cost_yuan: NotRequired[float | None]
    verification_cost_yuan: NotRequired[float | None]
    with_factory_building: NotRequired[bool | None]
    written_contract: NotRequired[bool | None]
    written_mortgage_contract: NotRequired[bool | None]
    yield_t_per_mu_year: NotRequired[float | None]


class EquityRight(TypedDict):
    able_in_husbandry: NotRequired[bool | None]
    account_frozen: NotRequired[bool | None]
    account_frozen_on: NotRequired[str | None]
    account_frozen_until: NotRequired[str | None]
    acts_for_collective_by_procedure: NotRequired[bool | None]
    acts_for_collective_by_procedure_on: NotRequired[str | None]
    acts_for_collective_by_procedure_until: NotRequired[str | None]
    agreed_sale: NotRequired[bool | None]
    all_members_signed: NotRequired[bool | None]
    all_members_signed_on: NotRequired[str | None]
    all_members_signed_until: NotRequired[str | None]
    appraised: NotRequired[bool | None]
    appraised_on: NotRequired[str | None]
    appraisers_signed: NotRequired[float | None]
    approved_area_share: NotRequired[float | None]
    approved_construction_idle_years: NotRequired[float | None]
    approved_use_matches: NotRequired[bool | None]
    arable_converted_without_approval: NotRequired[bool | None]
    area_over_standard_m2: NotRequired[float | None]
    assembly_notice_days: NotRequired[float | None]
    assembly_quorum_share: NotRequired[float | None]
    assembly_resolution_share: NotRequired[float | None]
    black_soil: NotRequired[bool | None]
    block_price_age_years: NotRequired[float | None]
    borrower_inspected_on: NotRequired[str | None]
    building_added_after_pledge: NotRequired[bool | None]
    buyer_is_urban: NotRequired[bool | None]
    capital_review_passed: NotRequired[bool | None]
    capital_review_passed_on: NotRequired[str | None]
    capital_review_passed_until: NotRequired[str | None]
    certificate_held: NotRequired[bool | None]
    certificate_held_on: NotRequired[str | None]
    certificate_held_until: NotRequired[str | None]
    certificate_no: NotRequired[str | None]
    certified_area_m2: NotRequired[float | None]
    certified_area_mu: NotRequired[float | None]
    charter_allows_pledge: NotRequired[bool | None]
    claimed_elsewhere: NotRequired[bool | None]
    clean_credit: NotRequired[bool | None]
    co_owners_consent: NotRequired[bool | None]
    co_owners_consent_on: NotRequired[str | None]
    co_owners_consent_until: NotRequired[str | None]
    collective_consent: NotRequired[bool | None]
    collective_consent_on: NotRequired[str | None]
    collective_consent_until: NotRequired[str | None]
    collective_informed: NotRequired[bool | None]
    collective_informed_on: NotRequired[str | None]
    collective_informed_until: NotRequired[str | None]
    collectively_managed: NotRequired[bool | None]
    contract_code: NotRequired[str | None]
    contract_content_complete: NotRequired[bool | None]
    contract_inspected_on: NotRequired[str | None]
    contractor_consent: NotRequired[bool | None]
    contractor_consent_on: NotRequired[str | None]
    contractor_consent_until: NotRequired[str | None]
    cooperative_resolution: NotRequired[bool | None]
    cooperative_resolution_on: NotRequired[str | None]
    cooperative_resolution_until: NotRequired[str | None]
    created_on: NotRequired[str | None]
    crop: NotRequired[
        Literal[
            "grain",
            "cotton",
            "oil",
            "sugar",
            "vegetable",
            "feed",
            "fruit",
            "forest",
            "pond",
            "other",
        ]
        | None
    ]
    disputed: NotRequired[bool | None]
    distributable_income_yuan_per_year: NotRequired[float | None]
    dividend_1_yuan_per_share_year: NotRequired[float | None]
    dividend_2_yuan_per_share_year: NotRequired[float | None]
    dividend_3_yuan_per_share_year: NotRequired[float | None]
    dividend_4_yuan_per_share_year: NotRequired[float | None]
    dividend_5_yuan_per_share_year: NotRequired[float | None]
    dividend_account_controlled: NotRequired[bool | None]
    dividend_in_kind_share: NotRequired[float | None]
    dividend_mean_years: NotRequired[float | None]
    dividend_mean_yuan_per_share_year: NotRequired[float | None]
    dividend_received_yuan: NotRequired[float | None]
    ecological_red_line_share: NotRequired[float | None]
    ecology_conditions_in_contract: NotRequired[bool | None]
    end_clause_agreed: NotRequired[bool | None]
    entry_resolution_share: NotRequired[float | None]
    entry_use: NotRequired[
        Literal[
            "industrial",
            "warehouse",
            "commercial",
            "tourism",
            "rental_housing",
            "commodity_housing",
            "public",
            "farm",
            "homestead",
        ]
        | None
    ]
    equity_registered: NotRequired[bool | None]
    equity_registered_on: NotRequired[str | None]
    equity_registered_until: NotRequired[str | None]
    expropriation_announced: NotRequired[bool | None]
    expropriation_compensation_yuan: NotRequired[float | None]
    expropriator_notified: NotRequired[bool | None]
    expropriator_notified_on: NotRequired[str | None]
    expropriator_notified_until: NotRequired[str | None]
    felled_without_lender_consent: NotRequired[bool | None]
    felling_permit: NotRequired[bool | None]
    felling_permit_on: NotRequired[str | None]
    felling_permit_until: NotRequired[str | None]
    filed_with_collective: NotRequired[bool | None]
    filed_with_collective_on: NotRequired[str | None]
    filed_with_collective_until: NotRequired[str | None]
    fixed_dividend_yuan_per_share_year: NotRequired[float | None]
    forbidden_arable_use: NotRequired[bool | None]
    forced_or_offset: NotRequired[bool | None]
    forest_type: NotRequired[
        Literal[
            "timber",
            "economic",
            "firewood",
            "cutover_land",
            "burned_land",
            "other_allowed_by_state",
            "protection",
            "special_use",
        ]
        | None
    ]
    forest_use_category: NotRequired[
        Literal[
            "commercial",
            "water_protection",
            "soil_protection",
            "sand_control",
            "farmland_shelter",
            "bank_protection",
            "road_protection",
            "defence",
            "experiment",
            "seed",
            "environmental",
            "scenic",
            "historic",
            "nature_reserve",
        ]
        | None
    ]
    forfeiture_clause: NotRequired[bool | None]
    full_capacity: NotRequired[bool | None]
    harvest_over_quota_share: NotRequired[float | None]
    higher_approval: NotRequired[bool | None]
    higher_approval_on: NotRequired[str | None]
    higher_approval_until: NotRequired[str | None]
    holder_type: NotRequired[Literal["member", "outsider"] | None]
    homesteads_held: NotRequired[float | None]
    housing_deduction_accepted: NotRequired[bool | None]
    housing_deduction_accepted_on: NotRequired[str | None]
    housing_deduction_accepted_until: NotRequired[str | None]
    idle_seasons: NotRequired[float | None]
    idle_years: NotRequired[float | None]
    illegal_building: NotRequired[bool | None]
    illegal_greening: NotRequired[bool | None]
    improvements_consented: NotRequired[bool | None]
    improvements_consented_on: NotRequired[str | None]
    improvements_consented_until: NotRequired[str | None]
    in_demolition_range: NotRequired[bool | None]
    in_felling_closure: NotRequired[bool | None]
    in_national_park: NotRequired[bool | None]
    in_nature_reserve: NotRequired[bool | None]
    industry_conditions_in_contract: NotRequired[bool | None]
    issuer_code: NotRequired[str | None]
    issuer_consent: NotRequired[bool | None]
    issuer_consent_on: NotRequired[str | None]
    issuer_consent_until: NotRequired[str | None]
    kind: Literal[
        "member_share",
        "labour_share",
        "household_share",
        "land_share",
        "fund_share",
        "fixed_dividend",
    ]
    land_building_pledged_apart: NotRequired[bool | None]
    land_damaged: NotRequired[bool | None]
    last_price_on: NotRequired[str | None]
    last_price_yuan: NotRequired[float | None]
    loan_to_expected_increase: NotRequired[float | None]
    loan_to_project_cost: NotRequired[float | None]
    local_authority_valid: NotRequired[bool | None]
    local_authority_valid_on: NotRequired[str | None]
    local_authority_valid_until: NotRequired[str | None]
    local_rule_found: NotRequired[bool | None]
    low_income_protected: NotRequired[bool | None]
    map_inspected_on: NotRequired[str | None]
    member_status_lost: NotRequired[bool | None]
    methodology_eligible: NotRequired[bool | None]
    mortgage_forbidden_by_contract: NotRequired[bool | None]
    mortgagor_code: NotRequired[str | None]
    mortgagor_type: NotRequired[
        Literal[
            "household",
            "person",
            "cooperative",
            "company",
            "collective",
            "villagers_committee",
            "government",
            "public_institution",
        ]
        | None
    ]
    movable_finance_registered: NotRequired[bool | None]
    movable_finance_registered_on: NotRequired[str | None]
    movable_finance_registered_until: NotRequired[str | None]
    national_park_zone: NotRequired[Literal["core", "general"] | None]
    net_assets_yuan_per_share: NotRequired[float | None]
    non_farm_building_on_land: NotRequired[bool | None]
    non_grain_use: NotRequired[bool | None]
    on_permanent_basic_farmland: NotRequired[bool | None]
    operating_capability: NotRequired[bool | None]
    ordinary_course_goods: NotRequired[bool | None]
    over_county_scale_cap: NotRequired[bool | None]
    own_statute_checked: NotRequired[bool | None]
    owner_is_retired_cadre: NotRequired[bool | None]
    owner_notified: NotRequired[bool | None]
    owner_notified_on: NotRequired[str | None]
    owner_notified_until: NotRequired[str | None]
    ownership_registered: NotRequired[bool | None]
    ownership_registered_on: NotRequired[str | None]
    ownership_registered_until: NotRequired[str | None]
    parcel_code: NotRequired[str | None]
    party_branch_discussed: NotRequired[bool | None]
    patch_area_m2: NotRequired[float | None]
    payout_share: NotRequired[float | None]
    pilot_county: NotRequired[bool | None]
    plan_to_sell_to_city: NotRequired[bool | None]
    planning_conditions_in_contract: NotRequired[bool | None]
    pledged_area_m2: NotRequired[float | None]
    pledged_area_mu: NotRequired[float | None]
    pledged_object: NotRequired[
        Literal[
            "land_management_right",
            "wasteland_management_right",
            "farmhouse",
            "entered_construction_land",
            "township_enterprise_land",
            "forest_right",
            "collective_equity",
            "carbon_units",
            "income_right",
            "movable",
            "water_right",
            "grassland_right",
            "mineral_right",
            "land_ownership",
            "private_plot",
            "other_collective_land",
        ]
        | None
    ]
    policies: NotRequired[list[Policy]]
    previous_value_yuan: NotRequired[float | None]
    prior_claims_yuan: NotRequired[float | None]
    prior_lease_in_possession: NotRequired[bool | None]
    prior_violation: NotRequired[bool | None]
    proceeds_account_controlled: NotRequired[bool | None]
    public_interest_facility: NotRequired[bool | None]
    public_notice_given: NotRequired[bool | None]
    public_notice_given_on: NotRequired[str | None]
    public_notice_given_until: NotRequired[str | None]
    rank: NotRequired[float | None]
    red_line_activity_permitted: NotRequired[bool | None]
    region_code: str
    registered: NotRequired[bool | None]
    registered_limit_yuan: NotRequired[float | None]
    registered_on: NotRequired[str | None]
    registered_until: NotRequired[str | None]
    registrar_designated_by_law: NotRequired[bool | None]
    registration_pending_working_days: NotRequired[float | None]
    registry_inspected_on: NotRequired[str | None]
    replanting_done: NotRequired[bool | None]
    repurchase_price_yuan_per_share: NotRequired[float | None]
    resolution_body: NotRequired[
        Literal[
            "member_assembly", "representative_assembly", "council", "villagers_committee", "other"
        ]
        | None
    ]
    retransfer_consent: NotRequired[bool | None]
    retransfer_consent_on: NotRequired[str | None]
    retransfer_consent_until: NotRequired[str | None]
    right_id: NotRequired[str | None]
    right_registered: NotRequired[bool | None]
    right_registered_on: NotRequired[str | None]
    right_registered_until: NotRequired[str | None]
    scheme_sent_working_days: NotRequired[float | None]
    sealed_or_seized: NotRequired[bool | None]
    secured_limit_yuan: NotRequired[float | None]
    secures_others_debt: NotRequired[bool | None]
    serious_breach: NotRequired[bool | None]
    share_end: NotRequired[str | None]
    shares: float
    site_inspected_on: NotRequired[str | None]
    start_day_eligible: NotRequired[bool | None]
    stated_value_yuan: NotRequired[float | None]
    statutory_appraisal: NotRequired[bool | None]
    table: Literal["equity"]
    take_back_event: NotRequired[bool | None]
    tenant_rent_gap_yuan_per_year: NotRequired[float | None]
    tenant_until: NotRequired[str | None]
    term_beyond_approval_years: NotRequired[float | None]
    total_shares: NotRequired[float | None]
    township_approval: NotRequired[bool | None]
    township_approval_on: NotRequired[str | None]
    township_approval_until: NotRequired[str | None]
    transfer_filed: NotRequired[bool | None]
    transfer_filed_on: NotRequired[str | None]
    transfer_filed_until: NotRequired[str | None]
    transfer_restriction: NotRequired[
        Literal["inside_collective", "county_market", "repurchase_only", "none", "not_stated"]
        | None
    ]
    transfer_starts_on: NotRequired[str | None]
    transferred_without_lender_consent: NotRequired[bool | None]
    unit_code: NotRequired[str | None]
    use_change_suspected: NotRequired[bool | None]
    use_changed: NotRequired[bool | None]
    use_contrary_to_plan: NotRequired[bool | None]
    valid_contract_or_certificate: NotRequired[bool | None]
    with_factory_building: NotRequired[bool | None]
    written_contract: NotRequired[bool | None]
    written_mortgage_contract: NotRequired[bool | None]


class FaultAnswer(TypedDict):
    code: str
    cure: Said | None
    message: Said
    path: str


class ForestRight(TypedDict):
    able_in_husbandry: NotRequired[bool | None]
    account_frozen: NotRequired[bool | None]
    account_frozen_on: NotRequired[str | None]
    account_frozen_until: NotRequired[str | None]
    acts_for_collective_by_procedure: NotRequired[bool | None]
    acts_for_collective_by_procedure_on: NotRequired[str | None]
    acts_for_collective_by_procedure_until: NotRequired[str | None]
    agreed_sale: NotRequired[bool | None]
    all_members_signed: NotRequired[bool | None]
    all_members_signed_on: NotRequired[str | None]
    all_members_signed_until: NotRequired[str | None]
    appraised: NotRequired[bool | None]
    appraised_on: NotRequired[str | None]
    appraisers_signed: NotRequired[float | None]
    approved_area_share: NotRequired[float | None]
    approved_construction_idle_years: NotRequired[float | None]
    approved_use_matches: NotRequired[bool | None]
    arable_converted_without_approval: NotRequired[bool | None]
    area_mu: float
    area_over_standard_m2: NotRequired[float | None]
    assembly_notice_days: NotRequired[float | None]
    assembly_quorum_share: NotRequired[float | None]
    assembly_resolution_share: NotRequired[float | None]
    black_soil: NotRequired[bool | None]
    block_price_age_years: NotRequired[float | None]
    borrower_inspected_on: NotRequired[str | None]
    building_added_after_pledge: NotRequired[bool | None]
    buyer_is_urban: NotRequired[bool | None]
    capital_review_passed: NotRequired[bool | None]
    capital_review_passed_on: NotRequired[str | None]
    capital_review_passed_until: NotRequired[str | None]
    certificate_held: NotRequired[bool | None]
    certificate_held_on: NotRequired[str | None]
    certificate_held_until: NotRequired[str | None]
    certificate_no: NotRequired[str | None]
    certified_area_m2: NotRequired[float | None]
    certified_area_mu: NotRequired[float | None]
    charter_allows_pledge: NotRequired[bool | None]
    claimed_elsewhere: NotRequired[bool | None]
    clean_credit: NotRequired[bool | None]
    co_owners_consent: NotRequired[bool | None]
    co_owners_consent_on: NotRequired[str | None]
    co_owners_consent_until: NotRequired[str | None]
    collective_consent: NotRequired[bool | None]
    collective_consent_on: NotRequired[str | None]
    collective_consent_until: NotRequired[str | None]
    collective_informed: NotRequired[bool | None]
    collective_informed_on: NotRequired[str | None]
    collective_informed_until: NotRequired[str | None]
    collectively_managed: NotRequired[bool | None]
    compensation_yuan_per_mu_year: NotRequired[float | None]
    contract_code: NotRequired[str | None]
    contract_content_complete: NotRequired[bool | None]
    contract_inspected_on: NotRequired[str | None]
    contract_rent_yuan_per_mu_year: NotRequired[float | None]
    contractor_consent: NotRequired[bool | None]
    contractor_consent_on: NotRequired[str | None]
    contractor_consent_until: NotRequired[str | None]
    cooperative_resolution: NotRequired[bool | None]
    cooperative_resolution_on: NotRequired[str | None]
    cooperative_resolution_until: NotRequired[str | None]
    cost_yuan_per_mu_year: NotRequired[float | None]
    created_on: NotRequired[str | None]
    crop: NotRequired[
        Literal[
            "grain",
            "cotton",
            "oil",
            "sugar",
            "vegetable",
            "feed",
            "fruit",
            "forest",
            "pond",
            "other",
        ]
        | None
    ]
    diameter_cm: NotRequired[float | None]
    disputed: NotRequired[bool | None]
    dividend_account_controlled: NotRequired[bool | None]
    ecological_red_line_share: NotRequired[float | None]
    ecology_conditions_in_contract: NotRequired[bool | None]
    end_clause_agreed: NotRequired[bool | None]
    entry_resolution_share: NotRequired[float | None]
    entry_use: NotRequired[
        Literal[
            "industrial",
            "warehouse",
            "commercial",
            "tourism",
            "rental_housing",
            "commodity_housing",
            "public",
            "farm",
            "homestead",
        ]
        | None
    ]
    equity_registered: NotRequired[bool | None]
    equity_registered_on: NotRequired[str | None]
    equity_registered_until: NotRequired[str | None]
    establishment_cost_yuan_per_mu: NotRequired[float | None]
    expropriation_announced: NotRequired[bool | None]
    expropriation_compensation_yuan: NotRequired[float | None]
    expropriator_notified: NotRequired[bool | None]
    expropriator_notified_on: NotRequired[str | None]
    expropriator_notified_until: NotRequired[str | None]
    felled_without_lender_consent: NotRequired[bool | None]
    felling_cost_yuan_per_m3: NotRequired[float | None]
    felling_permit: NotRequired[bool | None]
    felling_permit_on: NotRequired[str | None]
    felling_permit_until: NotRequired[str | None]
    filed_with_collective: NotRequired[bool | None]
    filed_with_collective_on: NotRequired[str | None]
    filed_with_collective_until: NotRequired[str | None]
    fire_insured: NotRequired[bool | None]
    first_bearing_age_years: NotRequired[float | None]
    forbidden_arable_use: NotRequired[bool | None]
    forced_or_offset: NotRequired[bool | None]
    forest_type: NotRequired[
        Literal[
            "timber",
            "economic",
            "firewood",
            "cutover_land",
            "burned_land",
            "other_allowed_by_state",
            "protection",
            "special_use",
        ]
        | None
    ]
    forest_use_category: NotRequired[
        Literal[
            "commercial",
            "water_protection",
            "soil_protection",
            "sand_control",
            "farmland_shelter",
            "bank_protection",
            "road_protection",
            "defence",
            "experiment",
            "seed",
            "environmental",
            "scenic",
            "historic",
            "nature_reserve",
        ]
        | None
    ]
    forfeiture_clause: NotRequired[bool | None]
    full_bearing_age_years: NotRequired[float | None]
    full_capacity: NotRequired[bool | None]
    harvest_over_quota_share: NotRequired[float | None]
    harvest_volume_m3_per_mu: NotRequired[float | None]
    height_m: NotRequired[float | None]
    higher_approval: NotRequired[bool | None]
    higher_approval_on: NotRequired[str | None]
    higher_approval_until: NotRequired[str | None]
    holder_type: NotRequired[Literal["member", "outsider"] | None]
    homesteads_held: NotRequired[float | None]
    housing_deduction_accepted: NotRequired[bool | None]
    housing_deduction_accepted_on: NotRequired[str | None]
    housing_deduction_accepted_until: NotRequired[str | None]
    idle_seasons: NotRequired[float | None]
    idle_years: NotRequired[float | None]
    illegal_building: NotRequired[bool | None]
    illegal_greening: NotRequired[bool | None]
    improvements_consented: NotRequired[bool | None]
    improvements_consented_on: NotRequired[str | None]
    improvements_consented_until: NotRequired[str | None]
    in_demolition_range: NotRequired[bool | None]
    in_felling_closure: NotRequired[bool | None]
    in_national_park: NotRequired[bool | None]
    in_nature_reserve: NotRequired[bool | None]
    income_yuan_per_mu_year: NotRequired[float | None]
    industry_conditions_in_contract: NotRequired[bool | None]
    issuer_code: NotRequired[str | None]
    issuer_consent: NotRequired[bool | None]
    issuer_consent_on: NotRequired[str | None]
    issuer_consent_until: NotRequired[str | None]
    kind: Literal["timber", "economic", "bamboo", "woodland", "welfare"]
    land_building_pledged_apart: NotRequired[bool | None]
    land_damaged: NotRequired[bool | None]
    last_price_on: NotRequired[str | None]
    last_price_yuan: NotRequired[float | None]
    life_end_age_years: NotRequired[float | None]
    loan_to_expected_increase: NotRequired[float | None]
    loan_to_project_cost: NotRequired[float | None]
    local_authority_valid: NotRequired[bool | None]
    local_authority_valid_on: NotRequired[str | None]
    local_authority_valid_until: NotRequired[str | None]
    local_rule_found: NotRequired[bool | None]
    log_price_yuan_per_m3: NotRequired[float | None]
    low_income_protected: NotRequired[bool | None]
    map_inspected_on: NotRequired[str | None]
    member_status_lost: NotRequired[bool | None]
    methodology_eligible: NotRequired[bool | None]
    mortgage_forbidden_by_contract: NotRequired[bool | None]
    mortgagor_code: NotRequired[str | None]
    mortgagor_type: NotRequired[
        Literal[
            "household",
            "person",
            "cooperative",
            "company",
            "collective",
            "villagers_committee",
            "government",
            "public_institution",
        ]
        | None
    ]
    movable_finance_registered: NotRequired[bool | None]
    movable_finance_registered_on: NotRequired[str | None]
    movable_finance_registered_until: NotRequired[str | None]
    national_park_zone: NotRequired[Literal["core", "general"] | None]
    next_year_on: NotRequired[bool | None]
    non_farm_building_on_land: NotRequired[bool | None]
    non_grain_use: NotRequired[bool | None]
    off_year_income_yuan_per_mu: NotRequired[float | None]
    on_permanent_basic_farmland: NotRequired[bool | None]
    on_year_income_yuan_per_mu: NotRequired[float | None]
    operating_capability: NotRequired[bool | None]
    ordinary_course_goods: NotRequired[bool | None]
    outturn_share: NotRequired[float | None]
    over_county_scale_cap: NotRequired[bool | None]
    overhead_yuan_per_mu_year: NotRequired[float | None]
    own_statute_checked: NotRequired[bool | None]
    owner_is_retired_cadre: NotRequired[bool | None]
    owner_notified: NotRequired[bool | None]
    owner_notified_on: NotRequired[str | None]
    owner_notified_until: NotRequired[str | None]
    ownership_registered: NotRequired[bool | None]
    ownership_registered_on: NotRequired[str | None]
    ownership_registered_until: NotRequired[str | None]
    parcel_code: NotRequired[str | None]
    party_branch_discussed: NotRequired[bool | None]
    patch_area_m2: NotRequired[float | None]
    permit_chance: NotRequired[float | None]
    permit_delay_years: NotRequired[float | None]
    pilot_county: NotRequired[bool | None]
    plan_to_sell_to_city: NotRequired[bool | None]
    planning_conditions_in_contract: NotRequired[bool | None]
    pledged_area_m2: NotRequired[float | None]
    pledged_area_mu: NotRequired[float | None]
    pledged_object: NotRequired[
        Literal[
            "land_management_right",
            "wasteland_management_right",
            "farmhouse",
            "entered_construction_land",
            "township_enterprise_land",
            "forest_right",
            "collective_equity",
            "carbon_units",
            "income_right",
            "movable",
            "water_right",
            "grassland_right",
            "mineral_right",
            "land_ownership",
            "private_plot",
            "other_collective_land",
        ]
        | None
    ]
    policies: NotRequired[list[Policy]]
    previous_value_yuan: NotRequired[float | None]
    prior_claims_yuan: NotRequired[float | None]
    prior_lease_in_possession: NotRequired[bool | None]
    prior_violation: NotRequired[bool | None]
    proceeds_account_controlled: NotRequired[bool | None]
    public_interest_facility: NotRequired[bool | None]
    public_notice_given: NotRequired[bool | None]
    public_notice_given_on: NotRequired[str | None]
    public_notice_given_until: NotRequired[str | None]
    quota_share: NotRequired[float | None]
    rank: NotRequired[float | None]
    red_line_activity_permitted: NotRequired[bool | None]
    reference_diameter_cm: NotRequired[float | None]
    reference_height_m: NotRequired[float | None]
    reference_volume_m3_per_mu: NotRequired[float | None]
    region_code: str
    registered: NotRequired[bool | None]
    registered_limit_yuan: NotRequired[float | None]
    registered_on: NotRequired[str | None]
    registered_until: NotRequired[str | None]
    registrar_designated_by_law: NotRequired[bool | None]
    registration_pending_working_days: NotRequired[float | None]
    registry_inspected_on: NotRequired[str | None]
    replanting_done: NotRequired[bool | None]
    required_survival_share: NotRequired[float | None]
    resolution_body: NotRequired[
        Literal[
            "member_assembly", "representative_assembly", "council", "villagers_committee", "other"
        ]
        | None
    ]
    retransfer_consent: NotRequired[bool | None]
    retransfer_consent_on: NotRequired[str | None]
    retransfer_consent_until: NotRequired[str | None]
    right_id: NotRequired[str | None]
    right_registered: NotRequired[bool | None]
    right_registered_on: NotRequired[str | None]
    right_registered_until: NotRequired[str | None]
    right_scope: NotRequired[Literal["land_and_trees", "trees", "land"] | None]
    rotation_age_years: NotRequired[float | None]
    scheme_sent_working_days: NotRequired[float | None]
    sealed_or_seized: NotRequired[bool | None]
    secured_limit_yuan: NotRequired[float | None]
    secures_others_debt: NotRequired[bool | None]
    serious_breach: NotRequired[bool | None]
    site_inspected_on: NotRequired[str | None]
    species: NotRequired[
        Literal[
            "fir",
            "masson_pine",
            "eucalyptus",
            "poplar",
            "larch",
            "broadleaf",
            "tea_oil",
            "chestnut",
            "fruit",
            "tea",
            "moso",
        ]
        | None
    ]
    stand_age_years: NotRequired[float | None]
    start_day_eligible: NotRequired[bool | None]
    stated_value_yuan: NotRequired[float | None]
    statutory_appraisal: NotRequired[bool | None]
    survey_attached: NotRequired[bool | None]
    survival_share: NotRequired[float | None]
    table: Literal["forest"]
    take_back_event: NotRequired[bool | None]
    tenant_rent_gap_yuan_per_year: NotRequired[float | None]
    tenant_until: NotRequired[str | None]
    tending_cost_yuan_per_mu_year: NotRequired[float | None]
    tending_years: NotRequired[float | None]
    term_beyond_approval_years: NotRequired[float | None]
    term_end: NotRequired[str | None]
    township_approval: NotRequired[bool | None]
    township_approval_on: NotRequired[str | None]
    township_approval_until: NotRequired[str | None]
    transfer_filed: NotRequired[bool | None]
    transfer_filed_on: NotRequired[str | None]
    transfer_filed_until: NotRequired[str | None]
    transfer_starts_on: NotRequired[str | None]
    transferred_without_lender_consent: NotRequired[bool | None]
    unit_code: NotRequired[str | None]
    use_change_suspected: NotRequired[bool | None]
    use_changed: NotRequired[bool | None]
    use_contrary_to_plan: NotRequired[bool | None]
    valid_contract_or_certificate: NotRequired[bool | None]
    volume_m3_per_mu: NotRequired[float | None]
    with_factory_building: NotRequired[bool | None]
    woodland_rent_yuan_per_mu_year: NotRequired[float | None]
    written_contract: NotRequired[bool | None]
    written_mortgage_contract: NotRequired[bool | None]


class History(TypedDict):
    context: NotRequired[dict[str, str]]
    history: list[HistoryEntry]


class HomesteadRight(TypedDict):
    able_in_husbandry: NotRequired[bool | None]
    account_frozen: NotRequired[bool | None]
    account_frozen_on: NotRequired[str | None]
    account_frozen_until: NotRequired[str | None]
    acts_for_collective_by_procedure: NotRequired[bool | None]
    acts_for_collective_by_procedure_on: NotRequired[str | None]
    acts_for_collective_by_procedure_until: NotRequired[str | None]
    agreed_sale: NotRequired[bool | None]
    all_members_signed: NotRequired[bool | None]
    all_members_signed_on: NotRequired[str | None]
    all_members_signed_until: NotRequired[str | None]
    appraised: NotRequired[bool | None]
    appraised_on: NotRequired[str | None]
    appraisers_signed: NotRequired[float | None]
    approved_area_share: NotRequired[float | None]
    approved_construction_idle_years: NotRequired[float | None]
    approved_use_matches: NotRequired[bool | None]
    arable_converted_without_approval: NotRequired[bool | None]
    area_over_standard_m2: NotRequired[float | None]
    assembly_notice_days: NotRequired[float | None]
    assembly_quorum_share: NotRequired[float | None]
    assembly_resolution_share: NotRequired[float | None]
    black_soil: NotRequired[bool | None]
    block_price_age_years: NotRequired[float | None]
    borrower_inspected_on: NotRequired[str | None]
    building_added_after_pledge: NotRequired[bool | None]
    building_area_m2: float
    building_cost_yuan_per_m2: NotRequired[float | None]
    built_on: NotRequired[str | None]
    buyer_is_urban: NotRequired[bool | None]
    buyer_pool: NotRequired[Literal["village", "township", "county", "open"] | None]
    capital_review_passed: NotRequired[bool | None]
    capital_review_passed_on: NotRequired[str | None]
    capital_review_passed_until: NotRequired[str | None]
    certificate_held: NotRequired[bool | None]
    certificate_held_on: NotRequired[str | None]
    certificate_held_until: NotRequired[str | None]
    certificate_no: NotRequired[str | None]
    certified_area_m2: NotRequired[float | None]
    certified_area_mu: NotRequired[float | None]
    charter_allows_pledge: NotRequired[bool | None]
    claimed_elsewhere: NotRequired[bool | None]
    clean_credit: NotRequired[bool | None]
    co_owners_consent: NotRequired[bool | None]
    co_owners_consent_on: NotRequired[str | None]
    co_owners_consent_until: NotRequired[str | None]
    collective_consent: NotRequired[bool | None]
    collective_consent_on: NotRequired[str | None]
    collective_consent_until: NotRequired[str | None]
    collective_informed: NotRequired[bool | None]
    collective_informed_on: NotRequired[str | None]
    collective_informed_until: NotRequired[str | None]
    collectively_managed: NotRequired[bool | None]
    contract_code: NotRequired[str | None]
    contract_content_complete: NotRequired[bool | None]
    contract_inspected_on: NotRequired[str | None]
    contract_rent_until: NotRequired[str | None]
    contract_rent_yuan_per_year: NotRequired[float | None]
    contractor_consent: NotRequired[bool | None]
    contractor_consent_on: NotRequired[str | None]
    contractor_consent_until: NotRequired[str | None]
    cooperative_resolution: NotRequired[bool | None]
    cooperative_resolution_on: NotRequired[str | None]
    cooperative_resolution_until: NotRequired[str | None]
    created_on: NotRequired[str | None]
    crop: NotRequired[
        Literal[
            "grain",
            "cotton",
            "oil",
            "sugar",
            "vegetable",
            "feed",
            "fruit",
            "forest",
            "pond",
            "other",
        ]
        | None
    ]
    disputed: NotRequired[bool | None]
    dividend_account_controlled: NotRequired[bool | None]
    ecological_red_line_share: NotRequired[float | None]
    ecology_conditions_in_contract: NotRequired[bool | None]
    effective_age_years: NotRequired[float | None]
    end_clause_agreed: NotRequired[bool | None]
    entry_resolution_share: NotRequired[float | None]
    entry_use: NotRequired[
        Literal[
            "industrial",
            "warehouse",
            "commercial",
            "tourism",
            "rental_housing",
            "commodity_housing",
            "public",
            "farm",
            "homestead",
        ]
        | None
    ]
    equipment_cost_yuan: NotRequired[float | None]
    equipment_life_years: NotRequired[float | None]
    equipment_on: NotRequired[str | None]
    equity_registered: NotRequired[bool | None]
    equity_registered_on: NotRequired[str | None]
    equity_registered_until: NotRequired[str | None]
    exit_price_yuan_per_m2: NotRequired[float | None]
    expropriation_announced: NotRequired[bool | None]
    expropriation_compensation_yuan: NotRequired[float | None]
    expropriator_notified: NotRequired[bool | None]
    expropriator_notified_on: NotRequired[str | None]
    expropriator_notified_until: NotRequired[str | None]
    external_loss_yuan: NotRequired[float | None]
    felled_without_lender_consent: NotRequired[bool | None]
    felling_permit: NotRequired[bool | None]
    felling_permit_on: NotRequired[str | None]
    felling_permit_until: NotRequired[str | None]
    filed_with_collective: NotRequired[bool | None]
    filed_with_collective_on: NotRequired[str | None]
    filed_with_collective_until: NotRequired[str | None]
    fitout_cost_yuan: NotRequired[float | None]
    fitout_life_years: NotRequired[float | None]
    fitout_on: NotRequired[str | None]
    forbidden_arable_use: NotRequired[bool | None]
    forced_or_offset: NotRequired[bool | None]
    forest_type: NotRequired[
        Literal[
            "timber",
            "economic",
            "firewood",
            "cutover_land",
            "burned_land",
            "other_allowed_by_state",
            "protection",
            "special_use",
        ]
        | None
    ]
    forest_use_category: NotRequired[
        Literal[
            "commercial",
            "water_protection",
            "soil_protection",
            "sand_control",
            "farmland_shelter",
            "bank_protection",
            "road_protection",
            "defence",
            "experiment",
            "seed",
            "environmental",
            "scenic",
            "historic",
            "nature_reserve",
        ]
        | None
    ]
    forfeiture_clause: NotRequired[bool | None]
    full_capacity: NotRequired[bool | None]
    functional_loss_yuan: NotRequired[float | None]
    harvest_over_quota_share: NotRequired[float | None]
    higher_approval: NotRequired[bool | None]
    higher_approval_on: NotRequired[str | None]
    higher_approval_until: NotRequired[str | None]
    holder_type: NotRequired[Literal["member", "outsider"] | None]
    homesteads_held: NotRequired[float | None]
    housing_deduction_accepted: NotRequired[bool | None]
    housing_deduction_accepted_on: NotRequired[str | None]
    housing_deduction_accepted_until: NotRequired[str | None]
    idle_seasons: NotRequired[float | None]
    idle_years: NotRequired[float | None]
    illegal_building: NotRequired[bool | None]
    illegal_greening: NotRequired[bool | None]
    improvements_consented: NotRequired[bool | None]
    improvements_consented_on: NotRequired[str | None]
    improvements_consented_until: NotRequired[str | None]
    in_demolition_range: NotRequired[bool | None]
    in_felling_closure: NotRequired[bool | None]
    in_national_park: NotRequired[bool | None]
    in_nature_reserve: NotRequired[bool | None]
    industry_conditions_in_contract: NotRequired[bool | None]
    inspected_newness: NotRequired[float | None]
    issuer_code: NotRequired[str | None]
    issuer_consent: NotRequired[bool | None]
    issuer_consent_on: NotRequired[str | None]
    issuer_consent_until: NotRequired[str | None]
    kind: Literal["farmhouse", "use_right"]
    land_building_pledged_apart: NotRequired[bool | None]
    land_damaged: NotRequired[bool | None]
    last_price_on: NotRequired[str | None]
    last_price_yuan: NotRequired[float | None]
    let: NotRequired[bool | None]
    life_years: NotRequired[float | None]
    loan_to_expected_increase: NotRequired[float | None]
    loan_to_project_cost: NotRequired[float | None]
    local_authority_valid: NotRequired[bool | None]
    local_authority_valid_on: NotRequired[str | None]
    local_authority_valid_until: NotRequired[str | None]
    local_rule_found: NotRequired[bool | None]
    low_income_protected: NotRequired[bool | None]
    map_inspected_on: NotRequired[str | None]
    market_rent_yuan_per_m2_year: NotRequired[float | None]
    member_status_lost: NotRequired[bool | None]
    methodology_eligible: NotRequired[bool | None]
    mortgage_forbidden_by_contract: NotRequired[bool | None]
    mortgagor_code: NotRequired[str | None]
    mortgagor_type: NotRequired[
        Literal[
            "household",
            "person",
            "cooperative",
            "company",
            "collective",
            "villagers_committee",
            "government",
            "public_institution",
        ]
        | None
    ]
    movable_finance_registered: NotRequired[bool | None]
    movable_finance_registered_on: NotRequired[str | None]
    movable_finance_registered_until: NotRequired[str | None]
    national_park_zone: NotRequired[Literal["core", "general"] | None]
    non_farm_building_on_land: NotRequired[bool | None]
    non_grain_use: NotRequired[bool | None]
    on_permanent_basic_farmland: NotRequired[bool | None]
    operating_capability: NotRequired[bool | None]
    operating_cost_share: NotRequired[float | None]
    ordinary_course_goods: NotRequired[bool | None]
    other_dwelling: NotRequired[bool | None]
    over_county_scale_cap: NotRequired[bool | None]
    own_statute_checked: NotRequired[bool | None]
    owner_is_retired_cadre: NotRequired[bool | None]
    owner_notified: NotRequired[bool | None]
    owner_notified_on: NotRequired[str | None]
    owner_notified_until: NotRequired[str | None]
    ownership_registered: NotRequired[bool | None]
    ownership_registered_on: NotRequired[str | None]
    ownership_registered_until: NotRequired[str | None]
    parcel_code: NotRequired[str | None]
    party_branch_discussed: NotRequired[bool | None]
    patch_area_m2: NotRequired[float | None]
    pilot_county: NotRequired[bool | None]
    plan_to_sell_to_city: NotRequired[bool | None]
    planning_conditions_in_contract: NotRequired[bool | None]
    pledged_area_m2: NotRequired[float | None]
    pledged_area_mu: NotRequired[float | None]
    pledged_object: NotRequired[
        Literal[
            "land_management_right",
            "wasteland_management_right",
            "farmhouse",
            "entered_construction_land",
            "township_enterprise_land",
            "forest_right",
            "collective_equity",
            "carbon_units",
            "income_right",
            "movable",
            "water_right",
            "grassland_right",
            "mineral_right",
            "land_ownership",
            "private_plot",
            "other_collective_land",
        ]
        | None
    ]
    plot_area_m2: NotRequired[float | None]
    policies: NotRequired[list[Policy]]
    previous_value_yuan: NotRequired[float | None]
    prior_claims_yuan: NotRequired[float | None]
    prior_lease_in_possession: NotRequired[bool | None]
    prior_violation: NotRequired[bool | None]
    proceeds_account_controlled: NotRequired[bool | None]
    public_interest_facility: NotRequired[bool | None]
    public_notice_given: NotRequired[bool | None]
    public_notice_given_on: NotRequired[str | None]
    public_notice_given_until: NotRequired[str | None]
    rank: NotRequired[float | None]
    red_line_activity_permitted: NotRequired[bool | None]
    region_code: str
    registered: NotRequired[bool | None]
    registered_limit_yuan: NotRequired[float | None]
    registered_on: NotRequired[str | None]
    registered_until: NotRequired[str | None]
    registrar_designated_by_law: NotRequired[bool | None]
    registration_pending_working_days: NotRequired[float | None]
    registry_inspected_on: NotRequired[str | None]
    rent_in_advance: NotRequired[bool | None]
    rent_paid_through: NotRequired[str | None]
    rent_payable_yuan_per_year: NotRequired[float | None]
    repair_cost_yuan: NotRequired[float | None]
    replanting_done: NotRequired[bool | None]
    resolution_body: NotRequired[
        Literal[
            "member_assembly", "representative_assembly", "council", "villagers_committee", "other"
        ]
        | None
    ]
    retransfer_consent: NotRequired[bool | None]
    retransfer_consent_on: NotRequired[str | None]
    retransfer_consent_until: NotRequired[str | None]
    reverts_uncompensated: NotRequired[bool | None]
    right_id: NotRequired[str | None]
    right_registered: NotRequired[bool | None]
    right_registered_on: NotRequired[str | None]
    right_registered_until: NotRequired[str | None]
    road_distance_km: NotRequired[float | None]
    scheme_sent_working_days: NotRequired[float | None]
    sealed_or_seized: NotRequired[bool | None]
    secured_limit_yuan: NotRequired[float | None]
    secures_others_debt: NotRequired[bool | None]
    serious_breach: NotRequired[bool | None]
    site_inspected_on: NotRequired[str | None]
    sole_dwelling: NotRequired[bool | None]
    start_day_eligible: NotRequired[bool | None]
    stated_value_yuan: NotRequired[float | None]
    statutory_appraisal: NotRequired[bool | None]
    storeys: NotRequired[float | None]
    structure: NotRequired[
        Literal[
            "reinforced_concrete",
            "brick_concrete",
            "brick_timber",
            "earth_timber",
            "light_steel",
            "simple",
        ]
        | None
    ]
    table: Literal["homestead"]
    take_back_event: NotRequired[bool | None]
    tenant_bears_costs: NotRequired[bool | None]
    tenant_rent_gap_yuan_per_year: NotRequired[float | None]
    tenant_until: NotRequired[str | None]
    term_beyond_approval_years: NotRequired[float | None]
    term_end: NotRequired[str | None]
    term_start: NotRequired[str | None]
    township_approval: NotRequired[bool | None]
    township_approval_on: NotRequired[str | None]
    township_approval_until: NotRequired[str | None]
    transfer_filed: NotRequired[bool | None]
    transfer_filed_on: NotRequired[str | None]
    transfer_filed_until: NotRequired[str | None]
    transfer_starts_on: NotRequired[str | None]
    transferred_without_lender_consent: NotRequired[bool | None]
    unit_code: NotRequired[str | None]
    use_change_suspected: NotRequired[bool | None]
    use_changed: NotRequired[bool | None]
    use_contrary_to_plan: NotRequired[bool | None]
    vacancy_share: NotRequired[float | None]
    valid_contract_or_certificate: NotRequired[bool | None]
    with_factory_building: NotRequired[bool | None]
    written_contract: NotRequired[bool | None]
    written_mortgage_contract: NotRequired[bool | None]


class HumanReview(TypedDict):
    how: Said
    request: str
    right: Said


class JobProblem(TypedDict):
    code: str
    cure: Said
    errors: list[FaultAnswer]
    wrong: Said


class KeyAnswer(TypedDict):
    expires_at: str
    holder: str | None
    items_per_minute: int
    key_id: str
    last_used_at: str | None
    made_at: str
    replaces: str | None
    requests_per_minute: int
    revoked_at: str | None
    role: Role
    scopes: list[Scope]
    state: Literal["active", "lapsed", "revoked"]
    title: str


class KeyMade(TypedDict):
    about: KeyAnswer
    key: str


class KeyPage(TypedDict):
    items: list[KeyAnswer]
    next: str | None


class KeyRotated(TypedDict):
    about: KeyAnswer
    key: str
    old_lapses_at: str


class KeyWanted(TypedDict):
    days: NotRequired[int]
    holder: NotRequired[str | None]
    items_per_minute: NotRequired[int | None]
    requests_per_minute: NotRequired[int]
    role: Literal["lender", "reviewer", "analyst", "risk", "auditor", "admin"]
    scopes: NotRequired[list[Scope] | None]
    title: str


class LandRight(TypedDict):
    able_in_husbandry: NotRequired[bool | None]
    account_frozen: NotRequired[bool | None]
    account_frozen_on: NotRequired[str | None]
    account_frozen_until: NotRequired[str | None]
    acquisition_cost_yuan_per_mu: NotRequired[float | None]
    acts_for_collective_by_procedure: NotRequired[bool | None]
    acts_for_collective_by_procedure_on: NotRequired[str | None]
    acts_for_collective_by_procedure_until: NotRequired[str | None]
    agreed_sale: NotRequired[bool | None]
    all_members_signed: NotRequired[bool | None]
    all_members_signed_on: NotRequired[str | None]
    all_members_signed_until: NotRequired[str | None]
    appraised: NotRequired[bool | None]
    appraised_on: NotRequired[str | None]
    appraisers_signed: NotRequired[float | None]
    approved_area_share: NotRequired[float | None]
    approved_construction_idle_years: NotRequired[float | None]
    approved_use_matches: NotRequired[bool | None]
    arable_converted_without_approval: NotRequired[bool | None]
    area_mu: float
    area_over_standard_m2: NotRequired[float | None]
    assembly_notice_days: NotRequired[float | None]
    assembly_quorum_share: NotRequired[float | None]
    assembly_resolution_share: NotRequired[float | None]
    black_soil: NotRequired[bool | None]
    block_price_age_years: NotRequired[float | None]
    borrower_inspected_on: NotRequired[str | None]
    building_added_after_pledge: NotRequired[bool | None]
    buyer_is_urban: NotRequired[bool | None]
    capital_review_passed: NotRequired[bool | None]
    capital_review_passed_on: NotRequired[str | None]
    capital_review_passed_until: NotRequired[str | None]
    certificate_held: NotRequired[bool | None]
    certificate_held_on: NotRequired[str | None]
    certificate_held_until: NotRequired[str | None]
    certificate_no: NotRequired[str | None]
    certified_area_m2: NotRequired[float | None]
    certified_area_mu: NotRequired[float | None]
    charter_allows_pledge: NotRequired[bool | None]
    claimed_elsewhere: NotRequired[bool | None]
    clean_credit: NotRequired[bool | None]
    co_owners_consent: NotRequired[bool | None]
    co_owners_consent_on: NotRequired[str | None]
    co_owners_consent_until: NotRequired[str | None]
    collective_consent: NotRequired[bool | None]
    collective_consent_on: NotRequired[str | None]
    collective_consent_until: NotRequired[str | None]
    collective_informed: NotRequired[bool | None]
    collective_informed_on: NotRequired[str | None]
    collective_informed_until: NotRequired[str | None]
    collectively_managed: NotRequired[bool | None]
    contract_code: NotRequired[str | None]
    contract_content_complete: NotRequired[bool | None]
    contract_end: NotRequired[str | None]
    contract_inspected_on: NotRequired[str | None]
    contract_rent_yuan_per_mu_year: NotRequired[float | None]
    contractor_consent: NotRequired[bool | None]
    contractor_consent_on: NotRequired[str | None]
    contractor_consent_until: NotRequired[str | None]
    cooperative_resolution: NotRequired[bool | None]
    cooperative_resolution_on: NotRequired[str | None]
    cooperative_resolution_until: NotRequired[str | None]
    created_on: NotRequired[str | None]
    crop: NotRequired[
        Literal[
            "grain",
            "cotton",
            "oil",
            "sugar",
            "vegetable",
            "feed",
            "fruit",
            "forest",
            "pond",
            "other",
        ]
        | None
    ]
    crop_cost_on: NotRequired[str | None]
    crop_cost_yuan: NotRequired[float | None]
    crop_finish_cost_yuan: NotRequired[float | None]
    crop_harvest_on: NotRequired[str | None]
    crop_income_yuan: NotRequired[float | None]
    development_cost_yuan_per_mu: NotRequired[float | None]
    development_years: NotRequired[float | None]
    disputed: NotRequired[bool | None]
    dividend_account_controlled: NotRequired[bool | None]
    ecological_red_line_share: NotRequired[float | None]
    ecology_conditions_in_contract: NotRequired[bool | None]
    end_clause_agreed: NotRequired[bool | None]
    entry_resolution_share: NotRequired[float | None]
    entry_use: NotRequired[
        Literal[
            "industrial",
            "warehouse",
            "commercial",
            "tourism",
            "rental_housing",
            "commodity_housing",
            "public",
            "farm",
            "homestead",
        ]
        | None
    ]
    equity_registered: NotRequired[bool | None]
    equity_registered_on: NotRequired[str | None]
    equity_registered_until: NotRequired[str | None]
    expropriation_announced: NotRequired[bool | None]
    expropriation_compensation_yuan: NotRequired[float | None]
    expropriator_notified: NotRequired[bool | None]
    expropriator_notified_on: NotRequired[str | None]
    expropriator_notified_until: NotRequired[str | None]
    facilities_built_on: NotRequired[str | None]
    facilities_cost_yuan: NotRequired[float | None]
    facilities_life_years: NotRequired[float | None]
    facilities_removable: NotRequired[bool | None]
    felled_without_lender_consent: NotRequired[bool | None]
    felling_permit: NotRequired[bool | None]
    felling_permit_on: NotRequired[str | None]
    felling_permit_until: NotRequired[str | None]
    filed_with_collective: NotRequired[bool | None]
    filed_with_collective_on: NotRequired[str | None]
    filed_with_collective_until: NotRequired[str | None]
    forbidden_arable_use: NotRequired[bool | None]
    forced_or_offset: NotRequired[bool | None]
    forest_type: NotRequired[
        Literal[
            "timber",
            "economic",
            "firewood",
            "cutover_land",
            "burned_land",
            "other_allowed_by_state",
            "protection",
            "special_use",
        ]
        | None
    ]
    forest_use_category: NotRequired[
        Literal[
            "commercial",
            "water_protection",
            "soil_protection",
            "sand_control",
            "farmland_shelter",
            "bank_protection",
            "road_protection",
            "defence",
            "experiment",
            "seed",
            "environmental",
            "scenic",
            "historic",
            "nature_reserve",
        ]
        | None
    ]
    forfeiture_clause: NotRequired[bool | None]
    full_capacity: NotRequired[bool | None]
    gross_income_yuan_per_mu_year: NotRequired[float | None]
    harvest_over_quota_share: NotRequired[float | None]
    higher_approval: NotRequired[bool | None]
    higher_approval_on: NotRequired[str | None]
    higher_approval_until: NotRequired[str | None]
    holder_type: NotRequired[Literal["member", "outsider"] | None]
    homesteads_held: NotRequired[float | None]
    housing_deduction_accepted: NotRequired[bool | None]
    housing_deduction_accepted_on: NotRequired[str | None]
    housing_deduction_accepted_until: NotRequired[str | None]
    idle_seasons: NotRequired[float | None]
    idle_years: NotRequired[float | None]
    illegal_building: NotRequired[bool | None]
    illegal_greening: NotRequired[bool | None]
    improvements_consented: NotRequired[bool | None]
    improvements_consented_on: NotRequired[str | None]
    improvements_consented_until: NotRequired[str | None]
    in_demolition_range: NotRequired[bool | None]
    in_felling_closure: NotRequired[bool | None]
    in_national_park: NotRequired[bool | None]
    in_nature_reserve: NotRequired[bool | None]
    industry_conditions_in_contract: NotRequired[bool | None]
    irrigated_share: NotRequired[float | None]
    issuer_code: NotRequired[str | None]
    issuer_consent: NotRequired[bool | None]
    issuer_consent_on: NotRequired[str | None]
    issuer_consent_until: NotRequired[str | None]
    kind: Literal["household", "lease_yearly", "lease_prepaid", "lease_mixed", "wasteland"]
    land_building_pledged_apart: NotRequired[bool | None]
    land_damaged: NotRequired[bool | None]
    land_use: Literal[
        "paddy", "irrigated", "dry", "vegetable", "orchard", "pond", "grassland", "wasteland"
    ]
    last_price_on: NotRequired[str | None]
    last_price_yuan: NotRequired[float | None]
    lease_end: NotRequired[str | None]
    loan_to_expected_increase: NotRequired[float | None]
    loan_to_project_cost: NotRequired[float | None]
    local_authority_valid: NotRequired[bool | None]
    local_authority_valid_on: NotRequired[str | None]
    local_authority_valid_until: NotRequired[str | None]
    local_rule_found: NotRequired[bool | None]
    low_income_protected: NotRequired[bool | None]
    map_inspected_on: NotRequired[str | None]
    market_rent_yuan_per_mu_year: NotRequired[float | None]
    member_status_lost: NotRequired[bool | None]
    methodology_eligible: NotRequired[bool | None]
    mortgage_forbidden_by_contract: NotRequired[bool | None]
    mortgagor_code: NotRequired[str | None]
    mortgagor_type: NotRequired[
        Literal[
            "household",
            "person",
            "cooperative",
            "company",
            "collective",
            "villagers_committee",
            "government",
            "public_institution",
        ]
        | None
    ]
    movable_finance_registered: NotRequired[bool | None]
    movable_finance_registered_on: NotRequired[str | None]
    movable_finance_registered_until: NotRequired[str | None]
    national_park_zone: NotRequired[Literal["core", "general"] | None]
    non_farm_building_on_land: NotRequired[bool | None]
    non_grain_use: NotRequired[bool | None]
    on_permanent_basic_farmland: NotRequired[bool | None]
    operating_capability: NotRequired[bool | None]
    operating_cost_yuan_per_mu_year: NotRequired[float | None]
    ordinary_course_goods: NotRequired[bool | None]
    over_county_scale_cap: NotRequired[bool | None]
    own_statute_checked: NotRequired[bool | None]
    owner_is_retired_cadre: NotRequired[bool | None]
    owner_notified: NotRequired[bool | None]
    owner_notified_on: NotRequired[str | None]
    owner_notified_until: NotRequired[str | None]
    ownership_registered: NotRequired[bool | None]
    ownership_registered_on: NotRequired[str | None]
    ownership_registered_until: NotRequired[str | None]
    parcel_code: NotRequired[str | None]
    party_branch_discussed: NotRequired[bool | None]
    patch_area_m2: NotRequired[float | None]
    permanent_basic_farmland: NotRequired[bool | None]
    pilot_county: NotRequired[bool | None]
    plan_to_sell_to_city: NotRequired[bool | None]
    planning_conditions_in_contract: NotRequired[bool | None]
    pledged_area_m2: NotRequired[float | None]
    pledged_area_mu: NotRequired[float | None]
    pledged_object: NotRequired[
        Literal[
            "land_management_right",
            "wasteland_management_right",
            "farmhouse",
            "entered_construction_land",
            "township_enterprise_land",
            "forest_right",
            "collective_equity",
            "carbon_units",
            "income_right",
            "movable",
            "water_right",
            "grassland_right",
            "mineral_right",
            "land_ownership",
            "private_plot",
            "other_collective_land",
        ]
        | None
    ]
    plot_area_mu: NotRequired[float | None]
    policies: NotRequired[list[Policy]]
    previous_value_yuan: NotRequired[float | None]
    prior_claims_yuan: NotRequired[float | None]
    prior_lease_in_possession: NotRequired[bool | None]
    prior_violation: NotRequired[bool | None]
    proceeds_account_controlled: NotRequired[bool | None]
    public_interest_facility: NotRequired[bool | None]
    public_notice_given: NotRequired[bool | None]
    public_notice_given_on: NotRequired[str | None]
    public_notice_given_until: NotRequired[str | None]
    rank: NotRequired[float | None]
    red_line_activity_permitted: NotRequired[bool | None]
    region_code: str
    registered: NotRequired[bool | None]
    registered_limit_yuan: NotRequired[float | None]
    registered_on: NotRequired[str | None]
    registered_until: NotRequired[str | None]
    registrar_designated_by_law: NotRequired[bool | None]
    registration_pending_working_days: NotRequired[float | None]
    registry_inspected_on: NotRequired[str | None]
    renewal_clause: NotRequired[bool | None]
    rent_arrears_yuan: NotRequired[float | None]
    rent_in_advance: NotRequired[bool | None]
    rent_prepaid_share: NotRequired[float | None]
    rent_prepaid_through: NotRequired[str | None]
    rent_reviewed_on: NotRequired[str | None]
    rent_step_share: NotRequired[float | None]
    rent_step_years: NotRequired[float | None]
    rent_step_yuan_per_mu_year: NotRequired[float | None]
    replanting_done: NotRequired[bool | None]
    resolution_body: NotRequired[
        Literal[
            "member_assembly", "representative_assembly", "council", "villagers_committee", "other"
        ]
        | None
    ]
    retransfer_consent: NotRequired[bool | None]
    retransfer_consent_on: NotRequired[str | None]
    retransfer_consent_until: NotRequired[str | None]
    right_id: NotRequired[str | None]
    right_registered: NotRequired[bool | None]
    right_registered_on: NotRequired[str | None]
    right_registered_until: NotRequired[str | None]
    road_distance_km: NotRequired[float | None]
    scheme_sent_working_days: NotRequired[float | None]
    sealed_or_seized: NotRequired[bool | None]
    second_round_extension: NotRequired[Literal["done", "under_way", "not_started"] | None]
    secured_limit_yuan: NotRequired[float | None]
    secures_others_debt: NotRequired[bool | None]
    serious_breach: NotRequired[bool | None]
    site_inspected_on: NotRequired[str | None]
    slope_degrees: NotRequired[float | None]
    soil_grade: NotRequired[float | None]
    start_day_eligible: NotRequired[bool | None]
    stated_value_yuan: NotRequired[float | None]
    statutory_appraisal: NotRequired[bool | None]
    table: Literal["land"]
    take_back_event: NotRequired[bool | None]
    tenant_rent_gap_yuan_per_year: NotRequired[float | None]
    tenant_until: NotRequired[str | None]
    term_beyond_approval_years: NotRequired[float | None]
    township_approval: NotRequired[bool | None]
    township_approval_on: NotRequired[str | None]
    township_approval_until: NotRequired[str | None]
    transfer_filed: NotRequired[bool | None]
    transfer_filed_on: NotRequired[str | None]
    transfer_filed_until: NotRequired[str | None]
    transfer_starts_on: NotRequired[str | None]
    transferred_without_lender_consent: NotRequired[bool | None]
    unit_code: NotRequired[str | None]
    use_change_suspected: NotRequired[bool | None]
    use_changed: NotRequired[bool | None]
    use_contrary_to_plan: NotRequired[bool | None]
    valid_contract_or_certificate: NotRequired[bool | None]
    with_factory_building: NotRequired[bool | None]
    written_contract: NotRequired[bool | None]
    written_mortgage_contract: NotRequired[bool | None]


class Mapping(TypedDict):
    codes: NotRequired[dict[str, dict[str, str | list[Meaning]]]]
    context: NotRequired[dict[str, Both]]
    fields: NotRequired[dict[str, str]]
    filing: NotRequired[dict[str, str]]
    name: str
    seen: NotRequired[str]
    source: str
    title: Both
    write: NotRequired[dict[str, dict[str, str | list[str]]]]


class MappingAnswer(TypedDict):
    digest: str
    mapping: Mapping
    shipped: bool


class MappingFaultAnswer(TypedDict):
    cure: Said
    message: Said
    path: str


class MappingLine(TypedDict):
    digest: str
    name: str
    seen: str
    shipped: bool
    source: str
    subjects: list[str]
    title: Said


class MappingUsed(TypedDict):
    digest: str
    name: str
    unknown_codes: list[UnknownCodeAnswer]


class MappingsAnswer(TypedDict):
    items: list[MappingLine]


class ModelVersion(TypedDict):
    digest: str | None
    form: str | None
    kind: str | None
    not_for: Said | None
    origin: str | None
    since: str
    stage: Literal["candidate", "shadow", "champion", "retired"]
    version: str


class MoveFault(TypedDict):
    after: str
    before: str
    cure: Said
    message: Said
    position: int


class MovedModel(TypedDict):
    champion: str | None
    failed: list[Said]
    history: list[ModelMove]
    in_use: list[UsedModel]
    name: str
    shadow: str | None
    versions: list[ModelVersion]


class NewBook(TypedDict):
    source: NotRequired[Literal["upload"] | Pointed]
    title: str


NewJob: TypeAlias = RevalueJob | PledgesJob | BookJob | StressJob | RatiosJob | CheckJob


class OutcomesCompared(TypedDict):
    challenger: NotRequired[Quality | None]
    champion: NotRequired[Quality | None]
    defaults: int
    n: int


class PlainReason(TypedDict):
    cure: Said | None
    found: Said | None
    gain_yuan: float | None
    title: Said
    wanted: Said | None


class PolicyAnswer(TypedDict):
    ends_on: str
    kind: Said
    policy_id: str
    sum_insured_yuan: float


class ProblemAnswer(TypedDict):
    detail: str
    errors: list[FaultAnswer]
    status: int
    title: str
    trace_id: str
    type: str


class ReasonAnswer(TypedDict):
    cite: str
    code: str
    cure: Said | None
    found: Said | None
    gain_yuan: float | None
    kind: str
    missing: list[str]
    origin: str | None
    right_id: str | None
    rule: str
    seen: str | None
    severity: Literal["param", "monitor", "haircut", "refer", "block"]
    since: str | None
    state: str
    title: Said
    wanted: Said | None


class RejectedPage(TypedDict):
    items: list[RejectedRow]
    next: str | None


class ReplayAnswer(TypedDict):
    answer_sha256: str
    decision_id: str
    differences: list[DifferenceAnswer]
    erased: bool
    failed: Said | None
    proven: bool
    recipe: dict[str, Any]
    replayed_sha256: str | None
    same: bool


class ReviewAnswer(TypedDict):
    by: str
    entry_digest: str
    evidence: list[str] | None
    expires_on: str | None
    limit_yuan: float | None
    made_at: str
    position: int
    reason: str
    review_id: str
    second: SecondAnswer | None
    state: Literal["final", "waits", "refused", "open", "answered"]
    verdict: Literal["uphold", "override_accept", "override_decline", "refer", "requested"]


class ReviewsAnswer(TypedDict):
    reviews: list[ReviewAnswer]


class RightAnswer(TypedDict):
    agreed_sale: bool
    flags: list[Said]
    kind: Said
    lending_value_yuan: float
    loan_to_value_limit: float | None
    loss_credit_yuan: float
    market_level: str
    market_observations: int
    market_value_yuan: float | None
    outcome: Literal["pass", "haircut", "refer", "block"]
    p05_yuan: float | None
    p95_yuan: float | None
    papers: Papers
    policies: list[PolicyAnswer]
    region_code: str
    remaining_years: float | None
    right_id: str
    size: Said
    status: str
    table: Literal["land", "forest", "equity", "ecology", "homestead", "construction"]
    waterfall: list[StepAnswer]


class RuleAnswer(TypedDict):
    compare: str
    cure: str
    decides: str
    fact: str
    id: str
    name: str
    note: str
    rights: list[str]
    severity: Literal["param", "monitor", "haircut", "refer", "block"]
    title: str
    unit: str
    values: list[RuleValueAnswer]
    when: dict[str, list[Any]]


class RuleChange(TypedDict):
    after: RuleSide | None
    before: RuleSide | None
    change: Literal["begins", "ends", "changes"]
    id: str
    name: str
    title: str


RuleChangesAnswer = TypedDict(
    "RuleChangesAnswer",
    {
        "changes": list[RuleChange],
        "from": str,
        "overlay_digest": str,
        "rules_digest": str,
        "to": str,
    },
)


class ShadowAnswer(TypedDict):
    challenger: str
    challenger_mean_pd: NotRequired[float | None]
    challenger_refer_share: NotRequired[float | None]
    champion: str
    champion_mean_pd: NotRequired[float | None]
    champion_refer_share: NotRequired[float | None]
    grades_changed_share: NotRequired[float | None]
    model: str
    most: int
    n: int
    outcomes: OutcomesCompared
    quantiles: NotRequired[list[QuantileLine] | None]
    rank_correlation: NotRequired[float | None]
    refer_changed_share: NotRequired[float | None]
    score: ScoreDrifts
    since: str | None
    until: str | None


class StatisticsAnswer(TypedDict):
    by_verdict: list[VerdictCount]
    decisions: int
    overridden: int
    overrides_to_accept: OverrideOutcomes
    reviewed: int
    waiting: int


class TenantMade(TypedDict):
    about: KeyAnswer
    key: str
    tenant: str


class TranslationAnswer(TypedDict):
    record: dict[str, JsonValue]
    unknown_codes: list[UnknownCodeAnswer]


class TriedDifference(TypedDict):
    after: TriedOutcome
    before: TriedOutcome
    decision_id: str


Rights: TypeAlias = (
    LandRight | ForestRight | EquityRight | EcologyRight | HomesteadRight | ConstructionRight
)


class Application(TypedDict):
    application_no: str
    borrower: Borrower
    created_on: str
    guarantee: NotRequired[Guarantee]
    loan: Loan
    rights: list[Rights]
    valued_on: str


Applications: TypeAlias = list[Application | dict[str, Any]]


class BorrowerExplanation(TypedDict):
    audience: Literal["borrower"]
    automated: bool
    basis: Said
    cures: list[CureAnswer]
    decision: Literal["accept", "refer", "decline"]
    decision_id: str
    decision_text: Said
    effective: EffectiveAnswer
    human_review: HumanReview
    limit_yuan: float
    longest_months: int | None
    reasons: list[PlainReason]
    valued_on: str


class CheckAnswer(TypedDict):
    digest: str | None
    faults: list[MappingFaultAnswer]
    uncovered: dict[str, list[str]]


class CollateralAnswer(TypedDict):
    cover: float | None
    lending_value_yuan: float
    limit_when_mended_yuan: float | None
    longest_months: int | None
    outcome: Literal["pass", "haircut", "refer", "block"]
    rights: list[RightAnswer]


class HistoryAnswer(TypedDict):
    allowed: bool
    faults: list[MoveFault]
    unknown_codes: list[UnknownCodeAnswer]


class JobAnswer(TypedDict):
    arguments: dict[str, Any]
    attempts: int
    book_id: str
    cancel_asked: bool
    done: int
    ended_at: str | None
    job_id: str
    kind: Literal["revalue", "pledges", "book", "stress", "ratios", "check"]
    made_at: str
    manifest: dict[str, Any] | None
    problem: JobProblem | None
    started_at: str | None
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    total: int | None
    valued_on: str


class JobLine(TypedDict):
    arguments: dict[str, Any]
    attempts: int
    book_id: str
    cancel_asked: bool
    done: int
    ended_at: str | None
    job_id: str
    kind: Literal["revalue", "pledges", "book", "stress", "ratios", "check"]
    made_at: str
    problem: JobProblem | None
    started_at: str | None
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    total: int | None
    valued_on: str


class JobsPage(TypedDict):
    items: list[JobLine]
    next: str | None


class ModelLine(TypedDict):
    champion: str | None
    history: list[ModelMove]
    in_use: list[UsedModel]
    name: str
    shadow: str | None
    versions: list[ModelVersion]


class ModelsAnswer(TypedDict):
    failed: list[Said]
    models: list[ModelLine]
    price_models: list[PriceModelLine]


class OfficerExplanation(TypedDict):
    audience: Literal["officer"]
    automated: bool
    basis: Said
    collateral: CollateralAnswer
    cures: list[CureAnswer]
    decision: Literal["accept", "refer", "decline"]
    decision_id: str
    decision_text: Said
    default: DefaultAnswer | None
    effective: EffectiveAnswer
    engine_version: str
    grade: str | None
    human_review: HumanReview
    limit_yuan: float
    longest_months: int | None
    loss: LossAnswer | None
    market_digest: str
    models: dict[str, ModelAnswer]
    price: PriceAnswer | None
    reasons: list[ReasonAnswer]
    rules_digest: str
    valued_on: str


class ScoreAnswer(TypedDict):
    application_no: str
    asked_yuan: float | None
    basis: Said
    challenger: ChallengerAnswer | None
    collateral: CollateralAnswer
    created_on: str
    cures: list[CureAnswer]
    cures_to_reach: int | None
    decision: Literal["accept", "refer", "decline"]
    decision_id: str
    decision_text: Said
    default: DefaultAnswer | None
    engine_version: str
    features_unused: NotRequired[int | None]
    grade: str | None
    human_review: Said
    limit_yuan: float
    longest_months: int | None
    loss: LossAnswer | None
    made_at: str
    mapping: NotRequired[MappingUsed | None]
    market_digest: str
    models: dict[str, ModelAnswer]
    pd_12_months: float | None
    price: PriceAnswer | None
    reasons: list[ReasonAnswer]
    rules_digest: str
    trace_id: str
    valued_on: str


class TrialAnswer(TypedDict):
    differ: list[TriedDifference]
    looked_at: int
    scored: int


class DecisionAnswer(TypedDict):
    by: str
    case_state: str | None
    chain: ChainPlace
    decision: ScoreAnswer
    effective: EffectiveAnswer
    outcomes: list[OutcomeLine]
    recipe: dict[str, Any]
    reviews: list[ReviewAnswer]


class ItemAnswer(TypedDict):
    application_no: str | None
    decision: ScoreAnswer | None
    index: int
    problem: ProblemAnswer | None
    replayed: bool
    status: int


class BatchAnswer(TypedDict):
    decided: int
    failed: int
    received: int
    results: list[ItemAnswer]
