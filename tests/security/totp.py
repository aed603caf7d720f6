"""Codes as an authenticator app computes them (RFC 6238), apart from the code that checks them."""

import base64
import hmac
import struct
import time


def code_now(secret: str, steps: int = 0) -> str:
    """The six digits of this half minute, or of that many half minutes later."""
    counter = struct.pack(">Q", int(time.time()) // 30 + steps)
    digest = hmac.digest(base64.b32decode(secret), counter, "sha1")
    place = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[place : place + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"
