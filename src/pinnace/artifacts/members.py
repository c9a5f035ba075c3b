"""Paths inside an artifact, whoever asks for them."""

from pinnace.errors import InvalidInput


def check_member(member: str) -> str:
    """*member*, which is "" or a relative path that goes nowhere but down.

    Raises:
        InvalidInput: it does not.
    """
    if member and any(part in {"", ".", ".."} or "\x00" in part for part in member.split("/")):
        raise InvalidInput(
            f'"{member[:200]}" is no path inside an artifact. Write it like "part/data.csv", without ".." '
            'and without "/" at either end.'
        )
    return member
