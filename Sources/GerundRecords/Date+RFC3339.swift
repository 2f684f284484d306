package import FoundationEssentials

extension Date {
    /// The date in RFC 3339 form, UTC, rounded to the millisecond: `2026-11-23T18:20:12.250Z`.
    package var rfc3339: String {
        // The style truncates; adding half a millisecond rounds.
        self.addingTimeInterval(0.0005).formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    /// Reads a date in the form that ``rfc3339`` writes, with or without milliseconds; `nil` if the text isn't one.
    package init?(rfc3339 text: String) {
        let styles = [true, false].map { Date.ISO8601FormatStyle(includingFractionalSeconds: $0) }
        guard let date = styles.lazy.compactMap({ try? Date(text, strategy: $0) }).first else { return nil }
        // Whole milliseconds, so that a date that was written is read back as the same number.
        self.init(timeIntervalSince1970: (date.timeIntervalSince1970 * 1000).rounded() / 1000)
    }
}
