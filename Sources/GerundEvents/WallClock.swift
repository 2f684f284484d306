package import FoundationEssentials

extension Date {
    /// RFC 3339 in UTC with milliseconds, as every record has it: `2026-11-23T18:20:12.250Z`.
    package var rfc3339: String {
        // The style cuts; half a millisecond more makes that rounding.
        self.addingTimeInterval(0.0005).formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
