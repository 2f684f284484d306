public import FoundationEssentials
public import GerundCore
import GerundRecords

/// A generator of event identifiers: ``ULID``s of the event's start, so that the events of a source sort by start.
///
/// Identifiers of a live source contain the wall clock and random bits. Identifiers of a file contain media time and a
/// hash of what was recognized and where, so that another run over the same file gives the same identifiers, and
/// importing the same events twice can be detected.
public struct EventIDGenerator: Sendable {
    private enum Kind: Sendable {
        case random
        case deterministic(seed: String)
    }

    private let kind: Kind

    /// A generator of identifiers that no other run repeats.
    public static let random = EventIDGenerator(kind: .random)

    /// Returns a generator whose identifiers are the same for every run over the same input.
    ///
    /// - Parameter seed: Identifies the input, such as the file's name and the model's checksum.
    /// - Returns: The generator.
    public static func deterministic(seed: String) -> EventIDGenerator {
        EventIDGenerator(kind: .deterministic(seed: seed))
    }

    /// A number that is the same for every run over the same input; `nil` for the random generator.
    public var seed: UInt64? {
        if case .deterministic(let seed) = self.kind { Self.hash(seed) } else { nil }
    }

    /// Returns the identifier of an event.
    ///
    /// - Parameters:
    ///   - label: The event's label.
    ///   - start: The media time at which the event started, for deterministic generators.
    ///   - startTime: The wall-clock time of the event's start, for the random generator.
    /// - Returns: The 26 digits of a ``ULID``.
    public func make(label: String, start: MediaTime, startTime: Date) -> String {
        switch self.kind {
        case .random:
            return ULID(randomAt: startTime.timeIntervalSince1970).description
        case .deterministic(let seed):
            let key = "\(seed)\u{0}\(label)\u{0}\(start.nanoseconds)"
            return ULID(
                milliseconds: UInt64(max(0, start.nanoseconds / 1_000_000)),
                high: UInt16(truncatingIfNeeded: Self.hash(key, basis: 0x9ae1_6a3b_2f90_404f)), low: Self.hash(key)
            ).description
        }
    }

    /// FNV-1a, mixed so that similar keys differ in all bits.
    private static func hash(_ key: String, basis: UInt64 = FNV1a.offsetBasis) -> UInt64 {
        SplitMix64.mix(FNV1a.hash(key.utf8, basis: basis))
    }
}
