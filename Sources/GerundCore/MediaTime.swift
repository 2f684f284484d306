/// A point on a source's media timeline: time since the source's first frame.
///
/// Media time follows the presentation time stamps of the stream, not the wall clock, so a file gives the same
/// times on every run. Kept in whole nanoseconds: exact for every time base in use, comparable without rounding.
public struct MediaTime: Hashable, Comparable, Sendable {
    /// Nanoseconds since the source's first frame.
    public var nanoseconds: Int64

    /// The first frame's time.
    public static let zero = MediaTime(nanoseconds: 0)

    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// - Parameter seconds: Rounded to the nearest nanosecond; must be finite and within ±292 years.
    public init(seconds: Double) {
        self.nanoseconds = Int64((seconds * 1e9).rounded())
    }

    /// The time in seconds.
    public var seconds: Double { Double(self.nanoseconds) / 1e9 }

    public static func < (left: MediaTime, right: MediaTime) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    public static func + (time: MediaTime, duration: Duration) -> MediaTime {
        MediaTime(nanoseconds: time.nanoseconds + duration.wholeNanoseconds)
    }

    public static func - (time: MediaTime, duration: Duration) -> MediaTime {
        MediaTime(nanoseconds: time.nanoseconds - duration.wholeNanoseconds)
    }

    public static func - (left: MediaTime, right: MediaTime) -> Duration {
        .nanoseconds(left.nanoseconds - right.nanoseconds)
    }
}

extension MediaTime: CustomStringConvertible {
    public var description: String { "\(self.seconds) s" }
}
