"""Whether a protected PDF opens without a password, told without decrypting it: its user password is the empty one.

An owner's password alone forbids printing or copying, and asks nobody for anything. Source: ISO 32000-2, 7.6.4,
algorithms 2, 2.B, 4, 5 and 11. Nothing is kept secret here: the weak algorithms are those of the format.
"""

from __future__ import annotations

import hashlib
import struct
from functools import cache
from typing import Any

_PADDING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
_LAST_OF_MD5, _LAST_OF_SHA = 4, 6  # revisions


def opens_without_password(encryption: dict[str, Any], file_id: bytes) -> bool:
    """`encryption` is the dictionary of that name; `file_id` the first part of the file's identifier.

    False too for any way of encryption but the standard one, such as certificates.
    """
    revision, user, owner = (encryption.get(each) for each in ("R", "U", "O"))
    permissions = encryption.get("P")
    if encryption.get("Filter") != "Standard" or not isinstance(user, bytes) or not isinstance(owner, bytes):
        return False
    if not isinstance(revision, int) or not isinstance(permissions, int) or len(user) < 32 or len(owner) < 32:
        return False
    if 2 <= revision <= _LAST_OF_MD5:
        lengths = {5} if revision == 2 else {_key_bytes(encryption), 16, 5}
        return any(_opens_by_md5(encryption, revision, length, file_id) for length in lengths)
    if revision > _LAST_OF_SHA or len(user) < 48:
        return False
    check, salt = user[:32], user[32:40]
    return check == (hashlib.sha256(salt).digest() if revision < _LAST_OF_SHA else _hardened(salt))


def _key_bytes(encryption: dict[str, Any]) -> int:
    bits = encryption.get("Length", 40)
    return bits // 8 if isinstance(bits, int) and 40 <= bits <= 128 else 16


def _opens_by_md5(encryption: dict[str, Any], revision: int, length: int, file_id: bytes) -> bool:
    """Algorithms 2, 4 and 5, for an empty password of at most 128 bits."""
    data = _PADDING + encryption["O"][:32] + struct.pack("<I", encryption["P"] & 0xFFFFFFFF) + file_id
    if revision == _LAST_OF_MD5 and encryption.get("EncryptMetadata") is False:
        data += b"\xff\xff\xff\xff"
    key = _md5(data)
    user: bytes = encryption["U"]
    if revision == 2:
        return _rc4(key[:length], _PADDING) == user[:32]
    for _ in range(50):
        key = _md5(key[:length])
    found = _md5(_PADDING + file_id)
    for number in range(20):
        found = _rc4(bytes(each ^ number for each in key[:length]), found)
    return found == user[:16]


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    other = 0
    for at in range(256):
        other = (other + state[at] + key[at % len(key)]) & 255
        state[at], state[other] = state[other], state[at]
    out = bytearray()
    one = other = 0
    for each in data:
        one = (one + 1) & 255
        other = (other + state[one]) & 255
        state[one], state[other] = state[other], state[one]
        out.append(each ^ state[(state[one] + state[other]) & 255])
    return bytes(out)


def _hardened(salt: bytes) -> bytes:
    """Algorithm 2.B for an empty user password: some 64 rounds of AES and SHA, a second on a slow processor."""
    key = hashlib.sha256(salt).digest()
    number = 0
    while True:
        data = _aes_cbc(key[:16], key[16:32], key * 64)
        kind = (hashlib.sha256, hashlib.sha384, hashlib.sha512)[sum(data[:16]) % 3]
        key = kind(data).digest()
        number += 1
        if number >= 64 and data[-1] <= number - 32:
            return key[:32]


@cache
def _tables() -> tuple[list[int], list[list[int]]]:
    """AES's box of substitutes, and a round's four tables of 32-bit columns (FIPS 197, 4 and 5.1)."""
    powers = [1]
    for _ in range(255):
        last = powers[-1]
        powers.append(last ^ (last << 1) ^ (0x11B if last & 0x80 else 0))
    logs = {each: place for place, each in enumerate(powers[:255])}
    box = []
    for each in range(256):
        inverse = powers[(255 - logs[each]) % 255] if each else 0
        box.append(_rotated_sum(inverse) ^ 0x63)
    doubled = [(each << 1) ^ (0x11B if each & 0x80 else 0) for each in range(256)]
    first = [doubled[b] << 24 | b << 16 | b << 8 | doubled[b] ^ b for b in box]
    return box, [[(word >> shift | word << 32 - shift) & 0xFFFFFFFF for word in first] for shift in (0, 8, 16, 24)]


def _rotated_sum(value: int) -> int:
    found = value
    for _ in range(4):
        value = (value << 1 | value >> 7) & 255
        found ^= value
    return found


def _aes_cbc(key: bytes, start: bytes, data: bytes) -> bytes:
    """AES-128 in CBC mode without padding; `data` is a multiple of 16 bytes."""
    box, (t0, t1, t2, t3) = _tables()
    keys = _round_keys(key, box)
    rounds = [keys[at : at + 4] for at in range(4, 40, 4)]
    k0, k1, k2, k3 = keys[:4]
    e0, e1, e2, e3 = keys[40:]
    a, b, c, d = struct.unpack(">4I", start)
    out = []
    for w, x, y, z in struct.iter_unpack(">4I", data):
        a, b, c, d = a ^ w ^ k0, b ^ x ^ k1, c ^ y ^ k2, d ^ z ^ k3
        for r0, r1, r2, r3 in rounds:
            a, b, c, d = (
                t0[a >> 24] ^ t1[b >> 16 & 255] ^ t2[c >> 8 & 255] ^ t3[d & 255] ^ r0,
                t0[b >> 24] ^ t1[c >> 16 & 255] ^ t2[d >> 8 & 255] ^ t3[a & 255] ^ r1,
                t0[c >> 24] ^ t1[d >> 16 & 255] ^ t2[a >> 8 & 255] ^ t3[b & 255] ^ r2,
                t0[d >> 24] ^ t1[a >> 16 & 255] ^ t2[b >> 8 & 255] ^ t3[c & 255] ^ r3,
            )
        a, b, c, d = (
            (box[a >> 24] << 24 | box[b >> 16 & 255] << 16 | box[c >> 8 & 255] << 8 | box[d & 255]) ^ e0,
            (box[b >> 24] << 24 | box[c >> 16 & 255] << 16 | box[d >> 8 & 255] << 8 | box[a & 255]) ^ e1,
            (box[c >> 24] << 24 | box[d >> 16 & 255] << 16 | box[a >> 8 & 255] << 8 | box[b & 255]) ^ e2,
            (box[d >> 24] << 24 | box[a >> 16 & 255] << 16 | box[b >> 8 & 255] << 8 | box[c & 255]) ^ e3,
        )
        out += [a, b, c, d]
    return struct.pack(f">{len(out)}I", *out)


def _round_keys(key: bytes, box: list[int]) -> list[int]:
    words = list(struct.unpack(">4I", key))
    constant = 1
    for at in range(4, 44):
        word = words[-1]
        if at % 4 == 0:
            word = (word << 8 | word >> 24) & 0xFFFFFFFF
            word = box[word >> 24] << 24 | box[word >> 16 & 255] << 16 | box[word >> 8 & 255] << 8 | box[word & 255]
            word ^= constant << 24
            constant = (constant << 1) ^ (0x11B if constant & 0x80 else 0)
        words.append(words[-4] ^ word)
    return words
