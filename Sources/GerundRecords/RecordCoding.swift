import FoundationEssentials
import GerundCore

// The coding of the types of the records' members. All records are read and written with it.

extension KeyedEncodingContainer {
    mutating func encode(_ value: Double, decimals: Int, forKey key: Key) throws {
        try self.encode(FixedDecimal(value, decimals: decimals), forKey: key)
    }

    /// Writes `null` for `nil`.
    mutating func encodeOrNull(_ value: Double?, decimals: Int, forKey key: Key) throws {
        try self.encode(FixedDecimal(value ?? .nan, decimals: decimals), forKey: key)
    }

    /// A point in media time, in seconds to the millisecond.
    mutating func encode(_ time: MediaTime, forKey key: Key) throws {
        try self.encode(time.seconds, decimals: 3, forKey: key)
    }

    /// A point in wall-clock time: RFC 3339 in UTC to the millisecond.
    mutating func encode(_ time: Date, forKey key: Key) throws {
        try self.encode(time.rfc3339, forKey: key)
    }

    mutating func encode(_ source: SourceID, forKey key: Key) throws {
        try self.encode(source.name, forKey: key)
    }

    mutating func encodeSeconds(_ duration: Duration, decimals: Int, forKey key: Key) throws {
        try self.encode(duration.seconds, decimals: decimals, forKey: key)
    }

    mutating func encodeMilliseconds(_ duration: Duration, decimals: Int = 1, forKey key: Key) throws {
        try self.encode(duration.milliseconds, decimals: decimals, forKey: key)
    }
}

extension KeyedDecodingContainer {
    /// Checks the member `type`.
    func requireType(_ type: String, forKey key: Key) throws {
        let found = try self.decode(String.self, forKey: key)
        guard found == type else {
            throw DecodingError.dataCorruptedError(
                forKey: key, in: self, debugDescription: "'\(found)' instead of '\(type)'")
        }
    }

    /// A number; `nan` for `null`, which is how a number that JSON can't express is written.
    func decodeNumber(forKey key: Key) throws -> Double {
        try self.decode(Double?.self, forKey: key) ?? .nan
    }

    func decodeMediaTime(forKey key: Key) throws -> MediaTime {
        MediaTime(seconds: try self.decodeSeconds(forKey: key))
    }

    func decodeTime(forKey key: Key) throws -> Date {
        let text = try self.decode(String.self, forKey: key)
        guard let time = Date(rfc3339: text) else {
            throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: "'\(text)' is not a time")
        }
        return time
    }

    func decodeSource(forKey key: Key) throws -> SourceID {
        SourceID(try self.decode(String.self, forKey: key))
    }

    func decodeDuration(secondsForKey key: Key) throws -> Duration {
        .microseconds((try self.decodeSeconds(forKey: key) * 1e6).rounded())
    }

    func decodeDuration(millisecondsForKey key: Key) throws -> Duration {
        .microseconds((try self.decodeSeconds(forKey: key) * 1e3).rounded())
    }

    /// A number of seconds or milliseconds that fits a `MediaTime` and a `Duration`.
    private func decodeSeconds(forKey key: Key) throws -> Double {
        let seconds = try self.decode(Double.self, forKey: key)
        guard abs(seconds) <= 9e9 else {
            throw DecodingError.dataCorruptedError(
                forKey: key, in: self, debugDescription: "\(seconds) is out of range")
        }
        return seconds
    }
}
