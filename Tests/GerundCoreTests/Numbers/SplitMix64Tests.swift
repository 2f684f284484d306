import GerundCore
import Testing

@Suite("SplitMix64")
struct SplitMix64Tests {
    /// The first numbers of the reference implementation (https://prng.di.unimi.it/splitmix64.c) for the seed 1234567.
    private static let reference: [UInt64] = [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
        16_408_922_859_458_223_821,
    ]

    @Test("Returns the numbers of the reference implementation")
    func sequence() {
        var generator = SplitMix64(seed: 1_234_567)
        #expect(Self.reference.map { _ in generator.next() } == Self.reference)
    }

    @Test("Returns any number of a sequence directly")
    func numberAtIndex() {
        for (index, number) in Self.reference.enumerated() {
            #expect(SplitMix64.number(at: index, seed: 1_234_567) == number)
        }
        #expect(SplitMix64.number(at: -1, seed: 7) == SplitMix64.mix(7))
    }
}

@Suite("FNV1a")
struct FNV1aTests {
    /// Values of the authors' test suite (http://www.isthe.com/chongo/src/fnv/test_fnv.c).
    @Test(
        "Returns the published hashes",
        arguments: [
            ("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8),
        ] as [(String, UInt64)])
    func hashes(text: String, hash: UInt64) {
        #expect(FNV1a.hash(text.utf8) == hash)
    }

    @Test("Returns independent hashes for another basis")
    func basis() {
        #expect(FNV1a.hash("a".utf8, basis: 1) == (1 ^ 0x61) &* 0x0000_0100_0000_01B3)
    }
}
