"""Why a file is refused whole."""

from typing import Literal

Reason = Literal["not_a_table", "header_unknown", "empty", "truncated", "unreadable"]


class RefusedFile(Exception):
    """A file that is refused whole: its reason (the contract's closed list) and a message that says what to do."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason: Reason = reason
        self.message = message
