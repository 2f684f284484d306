"""Learns the demo model's byte-level BPE vocabulary from its wordings, in CLIP's format."""

import json
from collections import Counter
from pathlib import Path

from actions import ACTIONS, wordings

START, END = "<|startoftext|>", "<|endoftext|>"
END_OF_WORD = "</w>"


def byte_symbols():
    """The printable characters that stand for the 256 bytes, as in GPT-2 and CLIP, in their order."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    rest = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) for byte in printable] + [chr(256 + index) for index in range(len(rest))]


def learn_merges(words, count):
    """The `count` most frequent merges of a bag of words; ties go to the first in the alphabet."""
    pieces = {word: [*word[:-1], word[-1] + END_OF_WORD] for word in words}
    merges = []
    while len(merges) < count:
        pairs = Counter()
        for word, parts in pieces.items():
            for pair in zip(parts, parts[1:]):
                pairs[pair] += words[word]
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        for word, parts in pieces.items():
            merged, i = [], 0
            while i < len(parts):
                if tuple(parts[i:i + 2]) == best:
                    merged.append(parts[i] + parts[i + 1])
                    i += 2
                else:
                    merged.append(parts[i])
                    i += 1
            pieces[word] = merged
    return merges


def write_tokenizer(directory, merges=256, length=32):
    """Writes vocab.json, merges.txt and tokenizer_config.json; returns the size of the vocabulary.

    The end of text has the highest number, as in CLIP, so pooling at the highest token and pooling at the first
    end of text are the same.
    """
    bag = Counter()
    for label in ACTIONS:
        distinct = {word for sentence in wordings(label) for word in sentence.split()}
        bag.update(distinct)
    learnt = learn_merges(bag, merges)
    symbols = byte_symbols()
    tokens = symbols + [symbol + END_OF_WORD for symbol in symbols] + [a + b for a, b in learnt] + [START, END]
    directory = Path(directory)
    vocabulary = {token: index for index, token in enumerate(tokens)}
    (directory / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False))
    (directory / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in learnt))
    config = dict(tokenizer_class="CLIPTokenizer", bos_token=START, eos_token=END, unk_token=END, pad_token=END,
                  do_lower_case=True, errors="replace", add_prefix_space=False, model_max_length=length)
    (directory / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")
    return len(tokens)
