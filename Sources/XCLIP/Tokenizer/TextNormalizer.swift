import Foundation

/// The first step of CLIP's tokenizer: what different spellings of one text have in common.
///
/// As the normalizer of `CLIPTokenizer` in Hugging Face transformers: canonical composition (NFC), each run of white
/// space to one space, lower case. Differs from upstream where that has older Unicode tables: combining marks newer
/// than Unicode 9 are put in canonical order here, and letters newer than Unicode 16 are letters.
enum TextNormalizer {
    /// The scalars of the normalised text.
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

    /// Canonical composition (NFC).
    private static func composed(_ text: Substring) -> String.UnicodeScalarView {
        // Below U+0300, the first combining mark, every text is its own composition.
        guard !text.unicodeScalars.allSatisfy({ $0.value < 0x300 }) else { return String(text).unicodeScalars }
        // Foundation composes Korean wrongly: old letters to other ones, a syllable and its final consonant not at all.
        // Nothing else composes with Korean letters, so they can be taken out.
        var composed = String.UnicodeScalarView()
        var other = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            guard HangulComposition.isHangul(scalar) else {
                other.append(scalar)
                continue
            }
            if other.isEmpty, let last = composed.last, let both = HangulComposition.compose(last, scalar) {
                composed.removeLast()
                composed.append(both)
            } else {
                if !other.isEmpty {
                    composed.append(contentsOf: String(other).precomposedStringWithCanonicalMapping.unicodeScalars)
                    other = String.UnicodeScalarView()
                }
                composed.append(scalar)
            }
        }
        composed.append(contentsOf: String(other).precomposedStringWithCanonicalMapping.unicodeScalars)
        return composed
    }
}
