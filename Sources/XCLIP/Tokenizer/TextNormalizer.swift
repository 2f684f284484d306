@_spi(_Unicode) import Swift

/// The first step of CLIP's tokenizer: maps different spellings of a text to one.
///
/// As the normalizer of `CLIPTokenizer` in Hugging Face transformers: canonical composition (NFC), each run of white
/// space to one space, lowercase.
///
/// Differs from upstream, which has older Unicode tables: combining marks newer than Unicode 9 are put in canonical
/// order here, and letters newer than Unicode 16 are letters.
enum TextNormalizer {
    /// Returns the scalars of the normalized text.
    static func normalize(_ text: Substring) -> [Unicode.Scalar] {
        var normalized: [Unicode.Scalar] = []
        for scalar in Self.composed(text) {
            if scalar.properties.isWhitespace {
                if normalized.last != " " { normalized.append(" ") }
            } else if scalar.isASCII {
                normalized.append("A"..."Z" ~= scalar ? Unicode.Scalar(UInt8(scalar.value) | 0x20) : scalar)
            } else {
                // Scalar by scalar, as the reference: 'Σ' at the end of a word becomes 'σ', not 'ς', and 'İ' becomes
                // 'i' with a combining dot.
                normalized.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
            }
        }
        return normalized
    }

    /// Returns the text in canonical composition (NFC; Unicode Standard Annex #15).
    ///
    /// By the standard library's own normalizer, which has no public interface yet but is the one that swift-foundation
    /// uses. Foundation's public function would link ICU and composes Korean syllables incorrectly on Linux.
    static func composed(_ text: Substring) -> [Unicode.Scalar] {
        // Below U+0300, the first combining mark, every text is its own composition.
        guard !text.unicodeScalars.allSatisfy({ $0.value < 0x300 }) else { return Array(text.unicodeScalars) }
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            // The normalizer takes these three vowel signs for starters, and so doesn't put their parts in canonical
            // order among other marks.
            case "\u{F73}": scalars.append(contentsOf: ["\u{F71}", "\u{F72}"])
            case "\u{F75}": scalars.append(contentsOf: ["\u{F71}", "\u{F74}"])
            case "\u{F81}": scalars.append(contentsOf: ["\u{F71}", "\u{F80}"])
            default: scalars.append(scalar)
            }
        }
        return Array(String(scalars)._nfc)
    }
}
