"""Translation of all text that a user reads, in the window and on the command line alike.

Python's own gettext is used rather than Qt's, because the command line has no Qt. `tr` takes a literal (so that
`pybabel extract` finds it) and fills in values afterwards. The language `pseudo` makes every translated text
visible as such: tests use it to find text that was forgotten, and text that does not fit when it grows by a third.
"""

import gettext
import locale
import os
from pathlib import Path

from workbench.core.places import assets

DOMAIN = "workbench"
PSEUDO = "pseudo"


class _Pseudo(gettext.NullTranslations):
    """Brackets every text and makes it a third longer."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}{'~' * (len(message) // 3)}⟧" if message else message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


_translations: gettext.NullTranslations = gettext.NullTranslations()


def available(folder: Path | None = None) -> list[str]:
    """The languages that there are translations for, English first."""
    root = folder or assets() / "translations"
    return ["en", *sorted(path.parent.parent.name for path in root.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))]


def system_language() -> str:
    """The language that the environment asks for, such as `de_DE`; empty when it does not say."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return os.environ[name].split(".")[0]
    return locale.getlocale()[0] or ""


def use_language(language: str) -> None:
    """Translate from now on into `language`; an unknown one falls back to its root (`de_AT` to `de`), then English."""
    global _translations
    if language == PSEUDO:
        _translations = _Pseudo()
        return
    wanted = [language, language.split("_")[0]] if language else []
    _translations = gettext.translation(DOMAIN, assets() / "translations", languages=wanted, fallback=True)


def tr(text: str, /, **values: object) -> str:
    """The translation of `text`, with `{name}` replaced by the values."""
    translated = _translations.gettext(text) if text else ""
    return translated.format(**values) if values else translated


def trn(one: str, many: str, n: int, /, **values: object) -> str:
    """As `tr`, for a text that depends on a number: `{n}` in either form."""
    return _translations.ngettext(one, many, n).format(n=n, **values)


def mark(text: str) -> str:
    """Marks a text for translation without translating it yet."""
    return text
