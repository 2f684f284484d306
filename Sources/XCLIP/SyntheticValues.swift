import GerundCore

/// The pseudorandom sequence of a name: numbers in -1..<1 that are the same on every machine.
///
/// SplitMix64 with the name's FNV-1a hash as its seed; `Tests/Oracle/synthetic.py` computes the same bits.
public struct SyntheticValues: Sendable {
    private let base: UInt64

    /// Creates the sequence of a name.
    ///
    /// - Parameters:
    ///   - name: The name, for instance of a tensor.
    ///   - seed: Selects one of many independent sequences of the name.
    public init(name: String, seed: UInt64 = 0) {
        self.base = FNV1a.hash(name.utf8) ^ seed
    }

    /// Returns the 64 random bits of the element at `index`.
    public func bits(_ index: Int) -> UInt64 { SplitMix64.number(at: index, seed: self.base) }

    /// The element at `index`, a multiple of 2^-23 in -1..<1: 24 bits, so that the conversion to `Float` is exact.
    public subscript(index: Int) -> Float {
        Float(Int32(truncatingIfNeeded: self.bits(index) >> 40) - (1 << 23)) * 0x1p-23
    }
}
