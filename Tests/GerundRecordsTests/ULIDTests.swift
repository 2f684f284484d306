import GerundCore
import GerundRecords
import Testing

@Suite("ULID")
struct ULIDTests {
    @Test("Writes the example of the specification: 48 bits of time, then 80 other bits, in Crockford's base 32")
    func digits() {
        #expect(ULID(milliseconds: 1_469_922_850_259, high: 0, low: 0).description == "01ARZ3NDEK" + "0000000000000000")
        #expect(ULID(milliseconds: 0, high: .max, low: .max).description == "0000000000" + "ZZZZZZZZZZZZZZZZ")
        #expect(ULID(milliseconds: 0, high: 0x8000, low: 1).description == "0000000000" + "G000000000000001")
        #expect(ULID(milliseconds: .max, high: 0, low: 0).description == "7ZZZZZZZZZ" + "0000000000000000")
    }

    @Test("Sorts by time")
    func order() {
        var random = SplitMix64(seed: 1)
        let times = (0..<1000).map { _ in UInt64.random(in: 0..<1 << 48, using: &random) }.sorted()
        let texts = times.map { ULID(milliseconds: $0, high: .random(in: 0...(.max)), low: 0).description }
        #expect(texts == texts.sorted())
    }

    @Test("Takes any time without a trap", arguments: [-1, 0, 1e9, 1e300, .infinity, -.infinity, .nan])
    func times(seconds: Double) {
        #expect(ULID(randomAt: seconds).description.count == 26)
        #expect(ULID(randomAt: seconds) != ULID(randomAt: seconds))
    }
}
