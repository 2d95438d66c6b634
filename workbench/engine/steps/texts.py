"""Steps for texts: how they are cleaned, how they are cut into tokens, and how many tokens are read.

Each is a part of the tokenizer (of the library `tokenizers`) that is trained on the training texts, stored with the
run and exported with the model: cleaning comes first, then one way of cutting, then the limit.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from workbench.engine.registry import Setting
from workbench.engine.steps.base import StepKind, step
from workbench.engine.vocabulary import RESERVED, UNKNOWN

if TYPE_CHECKING:
    from tokenizers import Tokenizer

KINDS = ("text", "tokens", "words")
HAN = r"[\p{Han}\p{Hiragana}\p{Katakana}]"
"""Letters of languages that are written without spaces."""
ENTITIES = {"nbsp": " ", "lt": "<", "gt": ">", "quot": '"', "#39": "'", "apos": "'", "amp": "&"}
"""What HTML writes in other letters; `&` comes last, since it stands in all others."""


Size = Annotated[
    int, Setting(8, 1_000_000, label="Vocabulary", help="At most so many different tokens, the reserved ones included")
]
Frequency = Annotated[
    int, Setting(1, 1_000_000, label="Least often", help="What is rarer in the training texts is not in the vocabulary")
]


@step("clean_text", "Clean", "Text", kinds=KINDS)
@dataclass(frozen=True)
class CleanText(StepKind):
    """Makes texts alike that mean the same: one form of each character, no HTML, one space between words.

    NFKC (Unicode Standard Annex 15) writes full-width letters, ligatures and composed accents in one way.
    """

    unicode: Annotated[str, Setting(choices=("NFKC", "NFC", "as it is"), label="Unicode form")] = "NFKC"
    lower_case: Annotated[bool, Setting(help="Hello and hello are one word")] = True
    strip_accents: Annotated[bool, Setting(help="é becomes e")] = False
    collapse_spaces: Annotated[bool, Setting(help="Line ends and several spaces become one space")] = True
    strip_html: Annotated[bool, Setting(label="Strip HTML", help="Takes out tags, and writes &amp; as &")] = True

    def parts(self) -> list[Any]:
        """Normalizers of the library, in their order."""
        from tokenizers import Regex, normalizers

        found: list[Any] = []
        if self.strip_html:
            found.append(normalizers.Replace(Regex(r"<[/!a-zA-Z][^<>]*>"), " "))
            found += [normalizers.Replace(f"&{name};", sign) for name, sign in ENTITIES.items()]
        if self.unicode != "as it is":
            found.append(normalizers.NFKC() if self.unicode == "NFKC" else normalizers.NFC())
        if self.strip_accents:
            found += [normalizers.NFD(), normalizers.StripAccents(), normalizers.NFC()]
        if self.lower_case:
            found.append(normalizers.Lowercase())
        if self.collapse_spaces:
            found += [normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
        return found


@dataclass(frozen=True)
class Cutting(StepKind):
    """Base of the ways to cut a text into tokens."""

    def fresh(self) -> "Tokenizer":
        """A tokenizer that has learned nothing yet."""
        raise NotImplementedError

    def trainer(self) -> Any:
        """What teaches it, the reserved tokens first."""
        raise NotImplementedError

    def _learns(self, vocabulary: int, frequency: int) -> dict[str, Any]:
        return {
            "vocab_size": vocabulary,
            "min_frequency": frequency,
            "special_tokens": list(RESERVED),
            "show_progress": False,
        }


def _of_whole_pieces() -> "Tokenizer":
    """Each piece is a token if it is known."""
    from tokenizers import Tokenizer, models

    return Tokenizer(models.WordLevel({}, unk_token=RESERVED[UNKNOWN]))


@step("characters", "Characters", "Tokens", kinds=KINDS)
@dataclass(frozen=True)
class Characters(Cutting):
    """Each character is a token: spaces and line ends too."""

    vocabulary: Size = 10_000
    min_frequency: Frequency = 1
    reserved: Annotated[
        bool, Setting(help="Without it the characters of the whole text are numbered from 0, as older versions did")
    ] = True

    def fresh(self) -> "Tokenizer":
        """Cuts around each character."""
        from tokenizers import Regex, decoders, pre_tokenizers

        found = _of_whole_pieces()
        found.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
        found.decoder = decoders.Fuse()
        return found

    def trainer(self) -> Any:
        """Counts characters."""
        from tokenizers import trainers

        return trainers.WordLevelTrainer(**self._learns(self.vocabulary, self.min_frequency))


@step("words", "Words", "Tokens", kinds=KINDS)
@dataclass(frozen=True)
class Words(Cutting):
    """Each word (Unicode letters, digits and underscores) and each run of signs is a token.

    Chinese and Japanese have no spaces between words: each of their characters is a token.
    """

    vocabulary: Size = 20_000
    min_frequency: Frequency = 2
    cut_han: Annotated[
        bool, Setting(label="Cut Chinese", help="Chinese and Japanese into characters; else only at spaces and signs")
    ] = True

    def fresh(self) -> "Tokenizer":
        """Cuts at spaces, signs, and around characters of Chinese."""
        from tokenizers import Regex, pre_tokenizers

        found = _of_whole_pieces()
        han = [pre_tokenizers.Split(Regex(HAN), "isolated")] if self.cut_han else []
        found.pre_tokenizer = pre_tokenizers.Sequence([*han, pre_tokenizers.Whitespace()])
        return found

    def trainer(self) -> Any:
        """Counts words."""
        from tokenizers import trainers

        return trainers.WordLevelTrainer(**self._learns(self.vocabulary, self.min_frequency))


@step("bpe", "Byte pair encoding", "Tokens", kinds=KINDS)
@dataclass(frozen=True)
class Bpe(Cutting):
    """Frequent words are tokens, rarer ones are cut into parts that are frequent (Sennrich and others, 2016).

    A space belongs to the word behind it (`▁`), so that texts can be put together again as they were.
    """

    vocabulary: Size = 8_000
    min_frequency: Frequency = 2

    def fresh(self) -> "Tokenizer":
        """Cuts before spaces and around signs; words are then built of characters."""
        from tokenizers import Tokenizer, decoders, models, pre_tokenizers

        found = Tokenizer(models.BPE(unk_token=RESERVED[UNKNOWN]))
        found.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.Metaspace(), pre_tokenizers.Punctuation("isolated")]
        )
        found.decoder = decoders.Metaspace()
        return found

    def trainer(self) -> Any:
        """Joins the most frequent pairs."""
        from tokenizers import trainers

        return trainers.BpeTrainer(**self._learns(self.vocabulary, self.min_frequency), max_token_length=64)


@step("byte_bpe", "Byte pair encoding of bytes", "Tokens", kinds=KINDS)
@dataclass(frozen=True)
class ByteBpe(Cutting):
    """Byte pair encoding that begins with the 256 bytes (Radford and others, 2019): nothing is ever unknown."""

    vocabulary: Annotated[int, Setting(260, 1_000_000, label="Vocabulary", help="260 are there from the beginning")] = (
        8_000
    )
    min_frequency: Frequency = 2

    def fresh(self) -> "Tokenizer":
        """Cuts as GPT-2 does."""
        from tokenizers import Tokenizer, decoders, models, pre_tokenizers

        found = Tokenizer(models.BPE())
        found.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        found.decoder = decoders.ByteLevel()
        return found

    def trainer(self) -> Any:
        """Joins the most frequent pairs, all bytes known."""
        from tokenizers import pre_tokenizers, trainers

        alphabet = pre_tokenizers.ByteLevel.alphabet()
        return trainers.BpeTrainer(
            **self._learns(self.vocabulary, self.min_frequency), initial_alphabet=alphabet, max_token_length=64
        )


@step("truncate", "Limit length", "Tokens", kinds=("text",))
@dataclass(frozen=True)
class Truncate(StepKind):
    """Reads so many tokens of a text at most."""

    max_length: Annotated[int, Setting(1, 65_536, label="Length", help="Tokens that are read at most")] = 256
    keep: Annotated[str, Setting(choices=("head", "tail"), help="The begin or the end of a longer text")] = "head"
    fixed: Annotated[bool, Setting(label="Always this length", help="Shorter ones are filled up with padding")] = False
