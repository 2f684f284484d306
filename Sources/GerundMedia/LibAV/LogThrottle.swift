/// A rate limiter that passes each kind of message once per second and counts the others: a damaged stream causes a
/// message per frame.
///
/// The caller provides the time.
struct LogThrottle: Sendable {
    private struct Entry: Sendable {
        var lastLogged: UInt64
        var suppressedCount: Int
    }

    /// The maximum number of kinds that are tracked.
    ///
    /// Beyond that, all are removed, and each passes once more.
    static let maximumKinds = 256
    /// The minimum time between two messages of a kind, in nanoseconds.
    static let interval: UInt64 = 1_000_000_000

    private var entries: [String: Entry] = [:]

    /// Returns the kind of a message.
    ///
    /// Messages of one source that differ only in numbers are of one kind.
    static func kind(of line: String, source: String?) -> String {
        var kind = (source ?? "") + "|"
        for character in line where !character.isNumber { kind.append(character) }
        return kind
    }

    /// Decides whether a message passes.
    ///
    /// - Parameters:
    ///   - kind: The kind of the message.
    ///   - now: The current monotonic time, in nanoseconds.
    /// - Returns: The number of messages of this kind that were suppressed since the last one passed, or `nil` if this
    ///   one must be suppressed too.
    mutating func shouldLog(kind: String, now: UInt64) -> Int? {
        guard var entry = self.entries[kind] else {
            if self.entries.count >= Self.maximumKinds { self.entries.removeAll(keepingCapacity: true) }
            self.entries[kind] = Entry(lastLogged: now, suppressedCount: 0)
            return 0
        }
        guard now >= entry.lastLogged + Self.interval else {
            entry.suppressedCount += 1
            self.entries[kind] = entry
            return nil
        }
        self.entries[kind] = Entry(lastLogged: now, suppressedCount: 0)
        return entry.suppressedCount
    }
}
