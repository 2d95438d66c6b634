"""What msgspec says of a value that does not fit, in words for people who do not write programs."""

import re

KINDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "bool": "true or false",
    "array": "a list",
    "object": "a group of named values",
    "null": "nothing",
}
_EXPECTED = re.compile(r"Expected `(?P<expected>[^`]+)`(, got `(?P<found>[^`]+)`)?")
_MISSING = re.compile(r"Object missing required field `(?P<name>[^`]+)`")
_CHOICE = re.compile(r"Invalid enum value '(?P<found>.*)'")
_PLACE = re.compile(r"(?P<text>.*?)(?: - at `\$\.?(?P<place>[^`]*)`)?", re.DOTALL)


def plain(error: Exception, part: str = "") -> str:
    """The error of a conversion in plain words.

    Args:
        error: msgspec's, or one that was raised in its form.
        part: what was converted; the place that the error names lies inside.
    """
    match = _PLACE.fullmatch(str(error))
    assert match is not None  # the pattern fits any text
    text = match["text"]
    place = ".".join(filter(None, (part, match["place"]))).replace(".[", "[") or "it"
    if found := _EXPECTED.fullmatch(text):
        is_what = f"is {_kinds(found['found'])}" if found["found"] else "does not fit"
        return f"{place} {is_what}; expected {_kinds(found['expected'])}"
    if found := _MISSING.fullmatch(text):
        return f"{place} lacks “{found['name']}”"
    if found := _CHOICE.fullmatch(text):
        return f"{place} is “{found['found']}”, which it cannot be"
    return f"{place}: {text.replace('`', '')}" if place != "it" else text.replace("`", "")


def _kinds(names: str) -> str:
    return " or ".join(KINDS.get(name, name) for name in names.split(" | "))
