/// The composition of Korean syllables, by the arithmetic of the Unicode Standard, section 3.12.
enum HangulComposition {
    /// Leading consonants, vowels and trailing consonants that compose.
    private static let leading: Range<UInt32> = 0x1100..<0x1113
    private static let vowels: Range<UInt32> = 0x1161..<0x1176
    private static let trailing: Range<UInt32> = 0x11A8..<0x11C3
    /// Syllables in the order of leading consonant, vowel, trailing consonant; 28 of the last, none included.
    private static let syllables: Range<UInt32> = 0xAC00..<0xD7A4
    private static let trailingCount: UInt32 = 28

    /// Whether a scalar is a Korean syllable or letter, the old ones included.
    static func isHangul(_ scalar: Unicode.Scalar) -> Bool {
        0x1100...0x11FF ~= scalar.value || self.syllables ~= scalar.value
    }

    /// The syllable that two neighbours make, if they do.
    static func compose(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Unicode.Scalar? {
        if self.leading ~= first.value, self.vowels ~= second.value {
            let index = (first.value - self.leading.lowerBound) * UInt32(self.vowels.count)
            return Unicode.Scalar(
                self.syllables.lowerBound + (index + second.value - self.vowels.lowerBound) * self.trailingCount)
        }
        if self.syllables ~= first.value, (first.value - self.syllables.lowerBound) % self.trailingCount == 0,
            self.trailing ~= second.value
        {
            return Unicode.Scalar(first.value + second.value - self.trailing.lowerBound + 1)
        }
        return nil
    }
}
