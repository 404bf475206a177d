"""The form of a bucket's address, which a setting gives."""

import re

FORM = "s3://bucket or s3://bucket/prefix"
_ADDRESS = re.compile(r"s3://[A-Za-z0-9._-]+(/[^\s?#]*)?")


def is_bucket(address: str) -> bool:
    """Whether it is one of a bucket, without a key or a password in it."""
    return _ADDRESS.fullmatch(address) is not None
