/// A small seeded random number generator (Steele, Lea and Flood 2014), for numbers that every run repeats.
///
/// The generator is not suitable for secrets. The sequence of a seed never changes: audits, back-off and synthetic
/// weights depend on it.
public struct SplitMix64: RandomNumberGenerator, Hashable, Sendable {
    @usableFromInline var state: UInt64

    /// Creates a generator.
    ///
    /// - Parameter seed: Generators with the same seed give the same sequence.
    @inlinable
    public init(seed: UInt64) {
        self.state = seed
    }

    /// Returns the next number of the sequence, spread evenly over all 64-bit values.
    @inlinable
    public mutating func next() -> UInt64 {
        self.state &+= Self.increment
        return Self.mix(self.state)
    }

    /// Returns the number at an index of a seed's sequence, without computing those before it.
    ///
    /// - Parameters:
    ///   - index: The index, from 0; wraps around.
    ///   - seed: The seed of the sequence.
    /// - Returns: The result of the `index + 1`-th call of ``next()``.
    @inlinable
    public static func number(at index: Int, seed: UInt64) -> UInt64 {
        self.mix(seed &+ (UInt64(truncatingIfNeeded: index) &+ 1) &* self.increment)
    }

    /// Returns the number with its bits mixed, so that similar inputs differ in all bits.
    @inlinable
    public static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z &>> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z &>> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z &>> 31)
    }

    @usableFromInline static var increment: UInt64 { 0x9E37_79B9_7F4A_7C15 }
}
