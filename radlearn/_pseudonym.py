"""Pseudonyms: names that only the owner of a key can connect with a person."""

import hashlib
import hmac

_MIN_KEY_BYTES = 16
# 16 hexadecimal digits: among a million names, two get the same with a probability of 3 in 10^8.
_N_DIGITS = 16


def check_key(key):
    """Return the key as bytes.

    Raises
    ------
    TypeError
        If it is neither text nor bytes.
    ValueError
        If it is so short that it could be guessed.
    """
    if not isinstance(key, (str, bytes)):
        raise TypeError(f"key must be text or bytes, got {type(key).__name__}; secrets.token_hex() makes a good one")
    key = key.encode() if isinstance(key, str) else key
    if len(key) < _MIN_KEY_BYTES:
        raise ValueError(
            f"key must have at least {_MIN_KEY_BYTES} bytes, got {len(key)}; secrets.token_hex() makes a good one"
        )
    return key


def pseudonym(name, key):
    """Keyed hash of a name: HMAC with SHA-256, of which 16 hexadecimal digits are kept.

    Parameters
    ----------
    name : str
    key : bytes
        From `check_key`. Without a key, anybody could hash all possible ids and compare.

    Returns
    -------
    pseudonym : str

    Examples
    --------
    >>> pseudonym("LUNG-017", b"a key of 16 bytes") == pseudonym("LUNG-017", b"another key of 16")
    False
    """
    return hmac.new(key, name.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()[:_N_DIGITS]
