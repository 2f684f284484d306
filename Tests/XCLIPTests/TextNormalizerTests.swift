import Foundation
import GerundCore
import Testing

@testable import XCLIP

@Suite("TextNormalizer")
struct TextNormalizerTests {
    private static func compose(_ text: String) -> String {
        String(String.UnicodeScalarView(TextNormalizer.composed(Substring(text))))
    }

    /// Compares scalars: strings that are canonically equivalent are equal to `==`.
    private static func scalars(_ text: String) -> [UInt32] { text.unicodeScalars.map(\.value) }

    private static func isHangul(_ scalar: Unicode.Scalar) -> Bool {
        0x1100...0x11FF ~= scalar.value || 0xAC00...0xD7A3 ~= scalar.value
    }

    @Test(
        "Composes the examples of Unicode Standard Annex #15 and of the standard's chapter on Korean",
        arguments: [
            ([0x212B], [0xC5]), ([0x2126], [0x3A9]), ([0x41, 0x30A], [0xC5]), ([0x1E69], [0x1E69]),
            ([0x73, 0x323, 0x307], [0x1E69]), ([0x73, 0x307, 0x323], [0x1E69]), ([0x1E0B, 0x323], [0x1E0D, 0x307]),
            ([0x71, 0x307, 0x323], [0x71, 0x323, 0x307]), ([0x1E9B, 0x323], [0x1E9B, 0x323]), ([0xFB01], [0xFB01]),
            ([0x958], [0x915, 0x93C]), ([0x2ADC], [0x2ADD, 0x338]), ([0x1D15E], [0x1D157, 0x1D165]),
            ([0x344], [0x308, 0x301]), ([0x300, 0x41], [0x300, 0x41]), ([0x41, 0x300, 0x300], [0xC0, 0x300]),
            ([0x9C7, 0x9BE], [0x9CB]), ([0x9C7, 0x300, 0x9BE], [0x9C7, 0x300, 0x9BE]),
            ([0x1100, 0x1161], [0xAC00]), ([0x1111, 0x1171, 0x11B6], [0xD4DB]), ([0xAC00, 0x11A8], [0xAC01]),
            ([0xAC01, 0x11A8], [0xAC01, 0x11A8]), ([0x1100, 0x300, 0x1161], [0x1100, 0x300, 0x1161]),
            ([0x1113, 0x1161], [0x1113, 0x1161]), ([0x59F, 0xF75], [0xF71, 0xF74, 0x59F]),
            ([0x329, 0xF81], [0xF71, 0xF80, 0x329]),
            ([0xAC00, 0x11A7], [0xAC00, 0x11A7]),
        ] as [([UInt32], [UInt32])])
    func examples(text: [UInt32], expected: [UInt32]) throws {
        var view = String.UnicodeScalarView()
        for value in text { view.append(try #require(Unicode.Scalar(value))) }
        #expect(Self.scalars(Self.compose(String(view))) == expected)
    }

    @Test("Composes every scalar that is not Korean as Foundation does")
    func everyScalar() {
        // The two may know different characters that are newer than Unicode 14.
        let newest: [ClosedRange<UInt32>] = [0x105C0...0x105F3, 0x11380...0x113FF, 0x16100...0x16D7F]
        for value in UInt32(0)...0x33FFF {
            guard let scalar = Unicode.Scalar(value), !Self.isHangul(scalar),
                !newest.contains(where: { $0.contains(value) })
            else { continue }
            let text = String(Character(scalar))
            let composed = Self.scalars(Self.compose(text))
            if composed != [value] || value < 0x3000 {
                #expect(
                    composed == Self.scalars(text.precomposedStringWithCanonicalMapping),
                    "U+\(String(value, radix: 16))")
            }
        }
    }

    @Test("Composes random sequences of letters and marks as Foundation does", arguments: 0..<4 as Range<UInt64>)
    func sequences(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        // Blocks with many compositions and marks of many classes.
        let blocks: [ClosedRange<UInt32>] = [
            0x41...0x7A, 0xC0...0x17F, 0x300...0x34E, 0x370...0x3FF, 0x591...0x5C7, 0x610...0x6ED, 0x900...0x9FF,
            0xB00...0xDFF, 0xF00...0xFBC, 0x1000...0x1039, 0x1B00...0x1B4B, 0x1E00...0x1FFF, 0x3040...0x30FF,
            0x11080...0x110BA, 0x1D150...0x1D1AD,
        ]
        for round in 0..<2000 {
            var view = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                let block = blocks[Int.random(in: 0..<blocks.count, using: &random)]
                let value = UInt32.random(in: block, using: &random)
                // Foundation and the standard library don't order the parts of these among other marks.
                guard ![0xF73, 0xF75, 0xF81].contains(value), let scalar = Unicode.Scalar(value) else { continue }
                view.append(scalar)
            }
            let text = String(view)
            let composed = Self.compose(text)
            #expect(
                Self.scalars(composed) == Self.scalars(text.precomposedStringWithCanonicalMapping),
                "seed \(seed), round \(round): \(Self.scalars(text))")
            #expect(composed == text, "not canonically equivalent: seed \(seed), round \(round)")
            #expect(Self.scalars(Self.compose(composed)) == Self.scalars(composed), "seed \(seed), round \(round)")
        }
    }

    @Test("Joins white space and lowercases every scalar by itself")
    func whiteSpaceAndCase() {
        let normalized = TextNormalizer.normalize("A \t\u{A0}\u{3000}ΌΔΟΣ\nİ E\u{301}")
        #expect(
            String(String.UnicodeScalarView(normalized)).unicodeScalars.elementsEqual(
                "a όδοσ i\u{307} é".unicodeScalars))
    }

    @Test("Composes a run of 20,000 marks in time", .timeLimit(.minutes(10)))
    func manyMarks() {
        let text = "a" + String(repeating: "\u{301}\u{323}", count: 10_000)
        let composed = Self.scalars(Self.compose(text))
        #expect(composed.prefix(3) == [0x1EA1, 0x323, 0x323] && composed.count == 20_000)
    }
}
