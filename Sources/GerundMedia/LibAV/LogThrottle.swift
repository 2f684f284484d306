/// A rate limiter that lets one message of each kind through per second and counts those that it suppresses, because a
/// damaged stream can cause one per frame.
///
/// The caller provides the time.
struct LogThrottle: Sendable {
    private struct Entry: Sendable {
        var lastLogged: UInt64
        var suppressedCount: Int
    }

    /// The maximum number of kinds that are tracked.
    ///
    /// When a new kind would exceed it, all are forgotten, and the next message of each kind is let through.
    static let maximumKindCount = 256
    /// The minimum time between two messages of a kind, in nanoseconds.
    static let minimumInterval: UInt64 = 1_000_000_000

    private var entries: [String: Entry] = [:]

    /// Returns the kind of a message.
    ///
    /// Messages of one source that differ only in numbers are of one kind.
    static func kind(of line: String, source: String?) -> String {
        var kind = (source ?? "") + "|"
        for character in line where !character.isNumber { kind.append(character) }
        return kind
    }

    /// Lets a message through or suppresses it.
    ///
    /// - Parameters:
    ///   - kind: The kind of the message.
    ///   - now: The current monotonic time, in nanoseconds.
    /// - Returns: The number of messages of this kind that were suppressed since the last one that was let through;
    ///   `nil` if this one must be suppressed too.
    mutating func admit(kind: String, at now: UInt64) -> Int? {
        guard var entry = self.entries[kind] else {
            if self.entries.count >= Self.maximumKindCount { self.entries.removeAll(keepingCapacity: true) }
            self.entries[kind] = Entry(lastLogged: now, suppressedCount: 0)
            return 0
        }
        guard now >= entry.lastLogged + Self.minimumInterval else {
            entry.suppressedCount += 1
            self.entries[kind] = entry
            return nil
        }
        self.entries[kind] = Entry(lastLogged: now, suppressedCount: 0)
        return entry.suppressedCount
    }
}
