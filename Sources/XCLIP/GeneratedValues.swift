/// A sequence of numbers in -1..<1 that belongs to a name: SplitMix64 over the name's FNV-1a hash and the index.
public struct GeneratedValues: Sendable {
    private let base: UInt64

    public init(name: String, seed: UInt64 = 0) {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        self.base = hash ^ seed
    }

    /// 64 bits for the element at `index`.
    public func bits(_ index: Int) -> UInt64 {
        var z = self.base &+ (UInt64(truncatingIfNeeded: index) &+ 1) &* 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A multiple of 2^-23 in -1..<1: 24 bits, so that the conversion is exact.
    public subscript(index: Int) -> Float {
        Float(Int32(truncatingIfNeeded: self.bits(index) >> 40) - (1 << 23)) * 0x1p-23
    }
}
