"""Why a model of the zoo fits a data set, in words."""

from workbench.core.i18n import mark
from workbench.core.layer_words import Entry

SUGGESTION_SENTENCES: dict[str, Entry] = {
    "suggest.table_mlp": (mark("Two hidden layers over the columns: what a table is tried with first."), ""),
    "suggest.array_mlp": (mark("Linear layers over all numbers of a sample."), ""),
    "suggest.picture_cnn": (mark("Small and quick: convolutions and poolings for pictures of this size."), ""),
    "suggest.picture_resnet": (
        mark("Deeper, with skip connections: better where there are thousands of pictures."),
        "",
    ),
    "suggest.text_bag": (mark("The mean of the words' vectors: trained in seconds, and hard to beat."), ""),
    "suggest.text_cnn": (mark("Sees words in groups, so that “not good” is more than “not” and “good”."), ""),
    "suggest.text_lstm": (mark("Reads word by word and remembers: order counts. Slower than the others."), ""),
    "suggest.text_transformer": (mark("Every word looks at every other one: for longer training on many texts."), ""),
    "suggest.token_tagger": (mark("Reads a text in both directions and says something of every word."), ""),
    "suggest.gpt": (mark("Foresees each token from those before it, and so can write."), ""),
    "suggest.encoder_decoder": (mark("One part reads the first text, the other writes the second."), ""),
    "suggest.unet": (mark("A class for each pixel: sees the whole picture and its details."), ""),
    "suggest.audio_cnn": (mark("Reads the spectrogram of a sound as a picture of time and pitch."), ""),
    "suggest.fused": (mark("Reads each input by a small network of its own, and joins what they found."), ""),
    "suggest.conv_autoencoder": (mark("Needs no classes: learns to rebuild pictures from a smaller one."), ""),
    "suggest.dense_autoencoder": (mark("Needs no classes: learns to rebuild a sample from a few numbers."), ""),
}
