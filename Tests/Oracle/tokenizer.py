"""Makes the fixtures of CLIPTokenizerTests: a small vocabulary, and the token ids of transformers' CLIPTokenizer for it.

    pip install transformers regex
    python Tests/Oracle/tokenizer.py

OpenAI's vocabulary is not shipped. This one has its structure: 256 byte symbols, the same 256 with "</w>", the
results of the merges, the two special tokens; the merges are learned on the sentences below, by the algorithm of
Sennrich et al. (2016), so that ties and longer words behave as in the real one. Accents, emoji and other scripts are
in the sentences, so that some merges join parts of characters.

CLIPTokenizer of transformers 5 is the one that XCLIPProcessor uses; it equals CLIPTokenizerFast of version 4.
"""

import json
import pathlib
from collections import Counter

import regex
import transformers
from transformers import CLIPTokenizer

DIRECTORY = pathlib.Path(__file__).parent.parent / "XCLIPTests/Fixtures/tokenizer"
MERGE_COUNT = 400
PIECES = r"'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+"

SENTENCES = """
a person is waving a hand at the camera
somebody is running through the park while it rains
the man sits down on the floor and stands up again
she is playing the guitar and singing a song
two people are shaking hands in an empty room
a video of a person doing jumping jacks
he doesn't know what they've done, and we'll see if I'm right; you're late, she'd say
the dog's ball isn't here! where's it gone?
standing still, walking, running, jumping, clapping, squatting, falling down, kicking, punching
playing basketball, riding a bike, swimming backstroke, cooking sausages, brushing teeth
the café in the old town serves crème brûlée; the naïve fiancé came later with his résumé
größe, straße, über, schön, fußball
the price is 12 dollars, 1999 was a year, 3.14 is a number
wow!!! really??? no... (yes) [maybe] "quoted" 'single' -- dashes --- and more
😀 😀 😀 smile 👍 thumbs 👩‍👩‍👧 family ❤️ heart
日本語 日本語 中文 中文 العربية العربية русский язык русский ελληνικά ελληνικά
""".strip().split("\n")

TEXTS = [
    # plain, case
    "", " ", "a", "a person is waving a hand", "A PERSON Is WaViNg a Hand", "the", "unseenwordlikezyx",
    # white space
    "  two   spaces  ", "tab\tand\nnew\r\nline", "no\u00a0break\u00a0space", "thin\u2009em\u2003ideographic\u3000space",
    "line\u2028para\u2029next\u0085line", "vertical\u000btab\u000cfeed", "\u1680ogham\u202fnarrow\u205fmath",
    "zero\u200bwidth\u2060joiner\ufeffbom", "\n\n\t  ",
    # apostrophes
    "it's they've we'll I'm you're she'd don't", "IT'S THEY'VE WE'LL", "'s 't 're 've 'm 'll 'd", "'S 'Re 'LL",
    "rock 'n' roll", "''s", "!'s", "a'sb", "'sam", "dog’s ‘curly’ “quotes”", "'", "'''", "l'été", "'ſ", "'\u017f",
    "O'Reilly's", "'rem 'llama 'vet",
    # digits
    "12 dollars", "1999", "3.14", "a1b2c3", "١٢٣", "Ⅻ ½ ² ①", "x²y", "１２３ fullwidth", "2'd 2's",
    # punctuation
    "wow!!!", "wow!!!really???", "...", "!?!?!?", "a,b;c", "(yes)[no]{maybe}", "#hash @at $5 50% a&b", "--- -- -",
    "a_b __init__", "<html> & </w>", "</w>", "a</w>", "\\ \" ` ~ ^", "C++ C#", "—–…", "!a!b!", "· • ※ ™ ® ©",
    # accents: composed, decomposed, case, order of marks
    "café", "cafe\u0301", "CAFÉ", "CAFE\u0301", "crème brûlée", "cre\u0300me bru\u0302le\u0301e", "ǅ Ǆ ǆ", "Å \u212b A\u030a",
    "q\u0307\u0323 q\u0323\u0307", "\u0301", "a \u0301b", "e\u0301\u0301", "ñ n\u0303", "ệ e\u0323\u0302 e\u0302\u0323",
    "\u1e9b\u0323", "ﬁ ﬂ ligature", "K\u212a Ω\u2126", "\u0344 \u0958 \u2adc", "\U0001d15e",
    # lower case beyond Latin-1
    "STRASSE straße STRAẞE", "İstanbul Iı İI", "ΣΊΣΥΦΟΣ ΟΔΟΣ ς Σ", "РУССКИЙ Язык", "ԱՐԵՎ", "ႠႡ ᲐᲑ", "Ꭰ ꭰ", "ÀÉÎÕÜ", "Ⓐⓐ Ⅷ",
    "𝐀𝑩𝒞", "𐐀𐐨 𞤀", "ŸØÆŒ", "ΐ ΰ", "ŉ ǰ",
    # other scripts
    "日本語", "中文字符测试", "한국어", "\uac54\u11aa \uac57\u11a8", "\u1113\u1163 \u1109\u1176 \u1100\u0301\u1161", "\u1112\u1161\u11ab\u1100\u116e\u11a8", "العربية", "مَرْحَبًا", "עִבְרִית", "हिन्दी क्षि", "ไทย สวัสดี",
    "русский язык", "ελληνικά", "𠀀𪜶", "日本 語2 語！",
    # emoji and symbols
    "😀", "😀😀😀", "👍🏽", "👩‍👩‍👧‍👦 family", "❤️ ❤", "🇩🇪🇫🇷", "#️⃣ 1️⃣", "🏴\U000e0067\U000e0062\U000e007f", "smile😀smile", "♥♦♣♠", "a😀1",
    # control and odd scalars
    "null\u0000inside", "bell\u0007esc\u001b[0m", "del\u007f c1\u0080\u009f", "\ufffd \ufffe \uffff", "\ue000private\U0010ffff",
    "soft\u00adhyphen", "\u200e\u200fmarks\u202e", "tag\u180e", "\u001c\u001d\u001e\u001f",
    # special tokens as text
    "<|endoftext|>", "<|startoftext|>", "a<|endoftext|>b", "a <|endoftext|> b", "<|ENDOFTEXT|>", "<|StartOfText|>!",
    "!<|ENDOFTEXT|>", "<|endoftext|", "<|endoftext|><|endoftext|>", "<|startoftext|>a person<|endoftext|>", "<|pad|>",
    "e<|endoftext|>\u0301", "<|ENDOFTEXT|><|ENDOFTEXT|>", "<|<|endoftext|>|>", " <|endoftext|> ",
    # length
    "a " * 74, "a " * 75, "a " * 76, "a person is waving " * 30, "x" * 300, "1" * 100, "日" * 60,
    "a " * 74 + "standing", "a " * 73 + "doing zyxw", "<|endoftext|>" * 90, "!" * 200, "é" * 90, "word" * 50,
]  # fmt: skip


def byte_characters():
    """GPT-2's bytes_to_unicode, in the order in which CLIP's vocabulary lists the symbols."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {byte: chr(256 + i) for i, byte in enumerate(others)}


def learn_merges(characters):
    words = Counter()
    for sentence in SENTENCES:
        for piece in regex.findall(PIECES, sentence.lower()):
            symbols = [characters[byte] for byte in piece.encode()]
            words[(*symbols[:-1], symbols[-1] + "</w>")] += 1
    merges = []
    while len(merges) < MERGE_COUNT:
        pairs = Counter()
        for word, count in words.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += count
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(best)
        merged = Counter()
        for word, count in words.items():
            symbols, i = [], 0
            while i < len(word):
                joins = word[i : i + 2] == best
                symbols.append("".join(best) if joins else word[i])
                i += 2 if joins else 1
            merged[tuple(symbols)] += count
        words = merged
    return merges


def main():
    characters = byte_characters()
    merges = learn_merges(characters)
    tokens = [*characters.values(), *(c + "</w>" for c in characters.values()), *map("".join, merges)]
    tokens = list(dict.fromkeys(tokens))
    vocabulary = {token: i for i, token in enumerate([*tokens, "<|startoftext|>", "<|endoftext|>"])}

    DIRECTORY.mkdir(parents=True, exist_ok=True)
    (DIRECTORY / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False, separators=(",", ":")) + "\n")
    (DIRECTORY / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))

    tokenizer = CLIPTokenizer.from_pretrained(DIRECTORY, model_max_length=77)
    assert len(tokenizer) == len(vocabulary)
    # A byte that the vocabulary lacks: the same without the symbols of "z" and of one byte of every emoji.
    partial = {token: i for token, i in vocabulary.items() if token not in ("z", "z</w>", "ð")}
    partial_merges = [(a, b) for a, b in merges if {a, b, a + b} <= partial.keys() and "ð" not in a + b]
    partial_tokenizer = CLIPTokenizer(vocab=partial, merges=partial_merges, model_max_length=77)

    def cases(tokenizer, texts):
        return [{"text": text, "ids": tokenizer(text, truncation=True)["input_ids"]} for text in texts]

    expected = {
        "transformers": transformers.__version__,
        "cases": cases(tokenizer, TEXTS),
        "partial": cases(partial_tokenizer, ["zoo", "buzz", "z", "zz", "pizza!", "😀", "a😀b", "fuzzy 👍 z"]),
        "padded": {"text": "a person", "ids": tokenizer("a person", padding="max_length")["input_ids"]},
        "counts": [len(tokenizer(text)["input_ids"]) for text in TEXTS],
    }
    lines = json.dumps(expected, ensure_ascii=True, separators=(",", ":")).replace('{"text"', '\n{"text"')
    (DIRECTORY / "expected.json").write_text(lines + "\n")
    print(f"{len(TEXTS)} texts, {len(vocabulary)} tokens, {len(merges)} merges -> {DIRECTORY}")


if __name__ == "__main__":
    main()
