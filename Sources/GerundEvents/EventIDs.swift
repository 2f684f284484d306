public import FoundationEssentials
public import GerundCore

/// Makes ids of events: ULIDs, 26 characters that sort by time (github.com/ulid/spec).
///
/// A live source's ids hold the wall clock and random bits. A file's ids hold the media time and a hash of what was
/// recognised in what, so that running over the same file again gives the same ids, and a second import of the same
/// events can be told from new ones.
public struct EventIDs: Sendable {
    private enum Kind: Sendable {
        case random
        case derived(from: String)
    }

    private let kind: Kind

    /// Ids that no other run repeats.
    public static let random = EventIDs(kind: .random)

    /// Ids that another run over the same thing repeats.
    ///
    /// - Parameter seed: What makes up the thing: the address, the model, the settings.
    public static func derived(from seed: String) -> EventIDs { EventIDs(kind: .derived(from: seed)) }

    /// A number that another run over the same thing repeats; `nil` for ids that no other run repeats.
    public var seed: UInt64? {
        if case .derived(let seed) = self.kind { Self.hash(seed) } else { nil }
    }

    /// - Parameters:
    ///   - start: The event's start.
    ///   - now: The wall clock.
    public func make(label: String, start: MediaTime, now: Date) -> String {
        switch self.kind {
        case .random:
            return Self.encode(
                milliseconds: UInt64(max(0, now.timeIntervalSince1970 * 1000)), high: .random(in: 0...UInt16.max),
                low: .random(in: 0...UInt64.max))
        case .derived(let seed):
            let key = "\(seed)\u{0}\(label)\u{0}\(start.nanoseconds)"
            return Self.encode(
                milliseconds: UInt64(max(0, start.nanoseconds / 1_000_000)),
                high: UInt16(truncatingIfNeeded: Self.hash(key, basis: 0x9ae1_6a3b_2f90_404f)), low: Self.hash(key))
        }
    }

    /// FNV-1a with 64 bits, and a last mix so that similar keys differ in all bits.
    private static func hash(_ key: String, basis: UInt64 = 0xcbf2_9ce4_8422_2325) -> UInt64 {
        var hash = basis
        for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
        return hash ^ (hash >> 31)
    }

    /// 48 bits of time and 80 others, as 10 and 16 digits of Crockford's base 32.
    static func encode(milliseconds: UInt64, high: UInt16, low: UInt64) -> String {
        let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
        let time = (0..<10).reversed().map { digits[Int(milliseconds >> (5 * UInt64($0)) & 31)] }
        let first = UInt64(high) << 24 | low >> 40
        let second = low & 0xff_ffff_ffff
        let rest = [first, second].flatMap { half in
            (0..<8).reversed().map { digits[Int(half >> (5 * UInt64($0)) & 31)] }
        }
        return String(time + rest)
    }
}
