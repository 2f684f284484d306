/// Lets a kind of message through once a second and counts the others: a damaged stream complains about every frame.
///
/// A pure value; time is a parameter.
struct LogThrottle: Sendable {
    private struct Entry: Sendable {
        var lastLogged: UInt64
        var held: Int
    }

    /// So many kinds are remembered; beyond that, all are forgotten and let through once more.
    static let kindLimit = 256
    static let interval: UInt64 = 1_000_000_000

    private var entries: [String: Entry] = [:]

    /// Messages that differ in numbers only are of one kind.
    static func kind(of line: String, source: String?) -> String {
        var kind = (source ?? "") + "|"
        for character in line where !character.isNumber { kind.append(character) }
        return kind
    }

    /// - Parameter now: Monotonic nanoseconds.
    /// - Returns: How many of this kind were held back since the last one; `nil` when this one is to be held too.
    mutating func shouldLog(kind: String, now: UInt64) -> Int? {
        guard var entry = self.entries[kind] else {
            if self.entries.count >= Self.kindLimit { self.entries.removeAll(keepingCapacity: true) }
            self.entries[kind] = Entry(lastLogged: now, held: 0)
            return 0
        }
        guard now >= entry.lastLogged + Self.interval else {
            entry.held += 1
            self.entries[kind] = entry
            return nil
        }
        self.entries[kind] = Entry(lastLogged: now, held: 0)
        return entry.held
    }
}
