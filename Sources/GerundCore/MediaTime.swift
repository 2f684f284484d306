/// A point on a source's media timeline: the time since the source's first frame.
///
/// Media time follows the presentation timestamps of the stream, not the wall clock, so that a file gives the same
/// times on every run. It is kept in whole nanoseconds: exact for every time base in use, and comparable without
/// rounding. Arithmetic saturates at `Int64.min` and `Int64.max` nanoseconds (about ±292 years) instead of overflowing,
/// because timestamps are untrusted input.
public struct MediaTime: Hashable, Comparable, Sendable {
    /// The time since the source's first frame, in nanoseconds.
    public var nanoseconds: Int64

    /// The time of the first frame.
    public static let zero = MediaTime(nanoseconds: 0)

    /// Creates a time from nanoseconds since the source's first frame.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// Creates a time from seconds since the source's first frame.
    ///
    /// - Parameter seconds: The seconds, rounded to the nearest nanosecond. Saturates; NaN becomes ``zero``.
    public init(seconds: Double) {
        let nanoseconds = (seconds * 1e9).rounded()
        self.nanoseconds =
            nanoseconds.isNaN
            ? 0 : Int64(exactly: nanoseconds) ?? (nanoseconds < 0 ? .min : .max)
    }

    /// The time in seconds.
    public var seconds: Double { Double(self.nanoseconds) / 1e9 }

    /// Returns whether the left time is earlier.
    public static func < (left: MediaTime, right: MediaTime) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// Returns the time that is later by a duration truncated to nanoseconds.
    public static func + (time: MediaTime, duration: Duration) -> MediaTime {
        let (sum, overflow) = time.nanoseconds.addingReportingOverflow(duration.truncatedNanoseconds)
        return MediaTime(nanoseconds: overflow ? (time.nanoseconds < 0 ? .min : .max) : sum)
    }

    /// Returns the time that is earlier by a duration truncated to nanoseconds.
    public static func - (time: MediaTime, duration: Duration) -> MediaTime {
        let (difference, overflow) = time.nanoseconds.subtractingReportingOverflow(duration.truncatedNanoseconds)
        return MediaTime(nanoseconds: overflow ? (time.nanoseconds < 0 ? .min : .max) : difference)
    }

    /// Moves the time forward by a duration.
    public static func += (time: inout MediaTime, duration: Duration) {
        time = time + duration
    }

    /// Returns the duration from the right time to the left one, exactly.
    public static func - (left: MediaTime, right: MediaTime) -> Duration {
        .nanoseconds(left.nanoseconds) - .nanoseconds(right.nanoseconds)
    }
}

extension MediaTime: CustomStringConvertible {
    /// The time as `1.5 s`.
    public var description: String { "\(self.seconds) s" }
}
