/// The highest score in each second of real time, for as many seconds as terminals have columns.
///
/// The history is by time rather than by window, so that a disconnected source shows as a gap, and sources with
/// different rates are drawn to one scale.
struct ScoreHistory: Sendable {
    /// The best window of one second.
    struct Sample: Sendable, Hashable {
        /// The highest score, in 0...1.
        var score: Double
        /// A Boolean value that indicates whether a label was leading.
        var isLabel: Bool
    }

    static let capacity = 400
    /// The samples, the newest last; `nil` for seconds without a window.
    private var samples: [Sample?] = []
    /// The time at which the newest sample began.
    private var newest: ContinuousClock.Instant?

    mutating func record(_ score: Double, isLabel: Bool, at now: ContinuousClock.Instant) {
        self.advance(to: now)
        let clipped = score.isNaN ? 0 : min(max(score, 0), 1)
        guard let last = self.samples.indices.last else { return }
        if let known = self.samples[last], known.score >= clipped { return }
        self.samples[last] = Sample(score: clipped, isLabel: isLabel)
    }

    /// Returns the last `count` seconds before `now`, the newest last.
    func last(_ count: Int, at now: ContinuousClock.Instant) -> [Sample?] {
        var copy = self
        copy.advance(to: now)
        let known = copy.samples.suffix(max(0, count))
        return [Sample?](repeating: nil, count: max(0, count - known.count)) + known
    }

    private mutating func advance(to now: ContinuousClock.Instant) {
        guard let newest = self.newest else {
            self.newest = now
            self.samples = [nil]
            return
        }
        let seconds = Int(min(max(0, (now - newest) / .seconds(1)), Double(Self.capacity)))
        guard seconds > 0 else { return }
        self.samples += [Sample?](repeating: nil, count: seconds)
        self.samples.removeFirst(max(0, self.samples.count - Self.capacity))
        // Seconds stay aligned to the first sample, unless a break was longer than the history.
        self.newest = seconds < Self.capacity ? newest + .seconds(seconds) : now
    }
}

/// A graph of scores in columns of block characters, one per sample, over one or several rows.
enum ScoreGraph {
    private static let eighths: [Character] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    private static let ascii: [Character] = [" ", ".", ":", "|"]

    /// Returns the character of one sample in one row.
    ///
    /// - Parameters:
    ///   - score: The score; limited to 0...1.
    ///   - row: The row, counted from the top.
    ///   - rows: The height of the graph, in rows.
    ///   - hasUnicode: Whether block characters can be shown.
    /// - Returns: A block character, or a space above the column.
    static func character(_ score: Double, row: Int, of rows: Int, hasUnicode: Bool) -> Character {
        let levels = hasUnicode ? self.eighths : self.ascii
        let steps = levels.count - 1
        // A sample is always visible, however low its score is.
        let filled = max(1, Int((min(max(score.isNaN ? 0 : score, 0), 1) * Double(steps * rows)).rounded()))
        return levels[min(max(filled - steps * (rows - 1 - row), 0), steps)]
    }
}
