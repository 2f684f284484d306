import FoundationEssentials
import GerundCore
import GerundRecords
import Testing

@testable import GerundEvents

@Suite("TornLine")
struct TornLineTests {
    /// A record with nested objects, and with braces, quotes and backslashes in its strings.
    private let line = LabelRecord(
        source: SourceID("}\"\\"), mediaTime: .zero, time: .distantPast, label: "{\"a\":{}}", score: 0.5,
        top: [ScoredLabel(label: "\\\"}", score: 0.5), ScoredLabel(label: "}}", score: 0.25)], mode: "exact",
        latency: .zero
    ).jsonLine

    @Test("Finds a record complete only when its last brace is there")
    func prefixes() {
        let bytes = Array(self.line.utf8)
        for count in 1..<bytes.count {
            #expect(TornLine(Array(bytes[..<count])) == .torn, "\(count) bytes")
        }
        #expect(TornLine(bytes) == .complete)
        #expect(TornLine(bytes + [UInt8(ascii: " ")]) == .torn)
    }

    @Test("Takes zeros for a torn line only if nothing but the beginning of a record comes before them")
    func zeros() {
        func line(_ text: String) -> TornLine { TornLine(Array(text.utf8)) }
        #expect(line("\0") == .torn)
        #expect(line(String(repeating: "\0", count: 100)) == .torn)
        #expect(line("{\"ty\0\0") == .torn)
        #expect(line(self.line.prefix(40) + "\0\0") == .torn)
        #expect(line("\0\0x") == .notARecord)
        #expect(line("x\0\0") == .notARecord)
        #expect(line("{\"ty\0\0x") == .notARecord)
        #expect(line("{\"other\":1}") == .notARecord)
        #expect(line("{\"type\":\"event\",\"data\":1}") == .notARecord)
        #expect(line("{\"type\":\"Feature\",\"id\":") == .notARecord)
    }

    @Test("Is never a record above the maximum length")
    func length() {
        let bytes = Array(self.line.utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: TornLine.maximumByteCount)
        #expect(TornLine(Array(bytes.prefix(TornLine.maximumByteCount))) == .torn)
        #expect(TornLine(bytes) == .notARecord)
        #expect(TornLine([UInt8](repeating: 0, count: TornLine.maximumByteCount + 1)) == .notARecord)
    }
}
