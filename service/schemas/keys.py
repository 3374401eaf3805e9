"""Keys and institutions as they are asked for and shown."""

from typing import Annotated, Literal

from pydantic import Field

from service.auth.caller import Role, Scope
from service.schemas.base import NextPage, Schema
from service.schemas.plain import Impersonal

LONGEST_DAYS = 1825
LONGEST_OVERLAP_HOURS = 720
Title = Annotated[
    str,
    Field(
        strict=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$",
        description="名称 what people call it; no person's name", examples=["core banking"],
    ),
    Impersonal,
]  # fmt: skip
Days = Annotated[
    int, Field(strict=True, ge=1, le=LONGEST_DAYS, description="有效天数 days until it lapses")
]
PerMinute = Annotated[
    int, Field(strict=True, ge=1, le=10_000_000, description="每分钟上限 limit a minute")
]
TenantName = Annotated[
    str,
    Field(
        strict=True, min_length=2, max_length=40, pattern=r"^[a-z][a-z0-9-]+$",
        description="机构短名 short name of the institution", examples=["county-bank"],
    ),
]  # fmt: skip
KeyText = Annotated[
    str, Field(description="密钥，仅此一次显示 the key: shown this once", examples=["rk_..."])
]
TenantRole = Annotated[
    Literal["lender", "reviewer", "analyst", "risk", "auditor", "admin"],
    Field(description="角色 role", examples=["lender"]),
]


Holder = Annotated[
    str,
    Field(
        strict=True, pattern=r"^[A-Za-z0-9._-]{1,40}$", examples=["S-0042"],
        description="持有者在本机构的工号或系统代号；同一持有者的密钥视为同一人"
        " the institution's own code of whoever holds it; keys of one holder count as one person",
    ),
    Impersonal,
]  # fmt: skip


class KeyWanted(Schema):
    """A key that is to be made."""

    title: Title
    role: TenantRole
    days: Days = 365
    scopes: Annotated[
        list[Scope] | None,
        Field(min_length=1, max_length=10, description="收窄的权限 fewer than those of the role"),
    ] = None
    requests_per_minute: PerMinute = 60_000
    items_per_minute: PerMinute | None = None
    holder: Holder | None = None


class Rotation(Schema):
    """How a key is replaced."""

    overlap_hours: Annotated[
        float,
        Field(strict=True, ge=0.0, le=LONGEST_OVERLAP_HOURS,
              description="旧密钥继续有效的小时数 how long the old key still holds [h]"),
    ] = 24.0  # fmt: skip
    days: Days = 365


class TenantWanted(Schema):
    """An institution that is to be entered."""

    tenant: TenantName
    title: Title


class KeyAnswer(Schema):
    """What is shown of a key."""

    key_id: str
    title: str
    role: Role
    scopes: list[Scope]
    state: Literal["active", "lapsed", "revoked"]
    made_at: str
    expires_at: str
    revoked_at: str | None
    last_used_at: Annotated[str | None, Field(description="最近使用，精确到分 to the minute")]
    replaces: str | None
    requests_per_minute: int
    items_per_minute: int
    holder: str | None


class KeyMade(Schema):
    """A key that was made."""

    key: KeyText
    about: KeyAnswer


class KeyRotated(KeyMade):
    """A key that was made in place of another."""

    old_lapses_at: str


class KeyPage(Schema):
    """Keys of the institution."""

    items: list[KeyAnswer]
    next: NextPage


class TenantAnswer(Schema):
    """An institution."""

    tenant: str
    title: str
    made_at: str


class TenantMade(Schema):
    """An institution that was entered, and its administrator's key."""

    tenant: str
    key: KeyText
    about: KeyAnswer


class TenantPage(Schema):
    """Institutions."""

    items: list[TenantAnswer]
    next: NextPage
