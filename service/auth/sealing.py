"""Keys that come from the one secret: for API keys, names, personal cells, chains."""

import hashlib
import hmac
import os
from dataclasses import dataclass, fields
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from riskengine.errors import RiskEngineError
from riskengine.words import Text
from service.settings import Settings

NONCE_BYTES, SHORTEST_SECRET = 12, 32
OWN = "secret"
"""File of the embedded service's own secret, in the data folder."""


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """Keys of the service; never printed.

    Parameters
    ----------
    pepper : bytes
        For hashing API keys.
    naming : bytes
        For naming borrowers by a keyed hash.
    sealing : bytes
        For sealing personal cells (AES-256-GCM).
    chain : bytes
        For digesting the entries of chains: without it nobody writes a chain anew.
    """

    pepper: bytes
    naming: bytes
    sealing: bytes
    chain: bytes

    def name_of(self, tenant: str, code: str) -> str:
        """Return the name under which a borrower's code is stored.

        Parameters
        ----------
        tenant : str
            Institution: two institutions name one borrower differently.
        code : str
            ID number or USCC.

        Returns
        -------
        str
            HMAC-SHA-256 in hexadecimal.
        """
        folded = code.strip().upper()
        return hmac.new(self.naming, f"{tenant}\n{folded}".encode(), hashlib.sha256).hexdigest()

    def holder_name(self, tenant: str, holder: str) -> str:
        """Return the name of a person or system that acts by several keys or tokens.

        Parameters
        ----------
        tenant : str
            Institution.
        holder : str
            The institution's own code of whoever it is, in capitals or not.

        Returns
        -------
        str
            ``h-`` and 32 hexadecimal digits of an HMAC-SHA-256.
        """
        about = f"holder\n{tenant}\n{holder.casefold()}".encode()
        return "h-" + hmac.new(self.naming, about, hashlib.sha256).hexdigest()[:32]

    def seal(self, content: bytes, about: str) -> bytes:
        """Seal content so that only this service opens it.

        Parameters
        ----------
        content : bytes
            What is sealed.
        about : str
            What it belongs to; it opens for nothing else.

        Returns
        -------
        bytes
            Nonce and ciphertext.
        """
        nonce = os.urandom(NONCE_BYTES)
        return nonce + AESGCM(self.sealing).encrypt(nonce, content, about.encode())

    def open(self, sealed: bytes, about: str) -> bytes | None:
        """Open what was sealed; None where it was altered or sealed by another secret."""
        nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return AESGCM(self.sealing).decrypt(nonce, rest, about.encode())
        except (InvalidTag, ValueError):  # the latter for what is shorter than a nonce
            return None


def secrets_of(settings: Settings) -> Secrets:
    """Return the keys of the settings.

    Parameters
    ----------
    settings : Settings
        With a secret; without one, the embedded service makes one beside its database.

    Returns
    -------
    Secrets
        Derived by HKDF-SHA-256 (RFC 5869), one key a purpose.

    Raises
    ------
    RiskEngineError
        If the secret that was made before is cut off.
    """
    if settings.secret is not None:
        secret = settings.secret.get_secret_value().encode()
    else:
        secret = _own(settings.data / OWN)
    return Secrets(*(_derived(secret, one.name) for one in fields(Secrets)))


def has_secret(settings: Settings) -> bool:
    """Whether there is a secret already: given, or made before beside the database."""
    return settings.secret is not None or (settings.data / OWN).is_file()


def _derived(secret: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, None, f"riskengine {purpose}".encode()).derive(secret)


def _own(path: Path) -> bytes:
    """The embedded service's own secret: made once, readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        made = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
        handle = os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(os.urandom(32).hex().encode())
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(made, path)  # whole or not at all, and only the first
        except FileExistsError:
            pass
        finally:
            made.unlink()
    found = path.read_bytes()
    if len(found) < SHORTEST_SECRET:  # of an empty one anybody derives the keys
        raise RiskEngineError(
            Text(f"密钥文件 {path.name} 不完整", f"the secret file {path.name} is not whole"),
            Text("请从备份恢复数据文件夹", "restore the data folder from a backup"),
        )
    return found
