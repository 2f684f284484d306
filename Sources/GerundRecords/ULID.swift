/// A Universally Unique Lexicographically Sortable Identifier: 48 bits of time and 80 other bits
/// (github.com/ulid/spec).
///
/// Its text consists of 26 digits of Crockford's base 32, which sort as the times do.
public struct ULID: Hashable, Sendable, CustomStringConvertible {
    /// Milliseconds; 48 bits.
    private let milliseconds: UInt64
    private let high: UInt16
    private let low: UInt64

    /// Creates an identifier of given bits.
    ///
    /// - Parameters:
    ///   - milliseconds: The time; limited to 48 bits.
    ///   - high: The upper 16 of the other bits.
    ///   - low: The lower 64 of the other bits.
    public init(milliseconds: UInt64, high: UInt16, low: UInt64) {
        self.milliseconds = min(milliseconds, 1 << 48 - 1)
        self.high = high
        self.low = low
    }

    /// Creates an identifier of a point in time and random bits.
    ///
    /// - Parameter seconds: Seconds since 1970; a time before then counts as 1970.
    public init(randomAt seconds: Double) {
        let milliseconds = seconds * 1000
        self.init(
            milliseconds: milliseconds > 0 ? UInt64(min(milliseconds, 1e15)) : 0,
            high: .random(in: 0...UInt16.max), low: .random(in: 0...UInt64.max))
    }

    /// The 26 digits: 10 of the time and 16 of the other bits.
    public var description: String {
        let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
        let time = (0..<10).reversed().map { digits[Int(self.milliseconds >> (5 * UInt64($0)) & 31)] }
        let halves = [UInt64(self.high) << 24 | self.low >> 40, self.low & 0xff_ffff_ffff]
        let rest = halves.flatMap { half in
            (0..<8).reversed().map { digits[Int(half >> (5 * UInt64($0)) & 31)] }
        }
        return String(time + rest)
    }
}
