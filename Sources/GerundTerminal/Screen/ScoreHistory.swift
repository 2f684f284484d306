/// The highest score in each second of wall clock, for as long as any terminal is wide.
///
/// By the clock rather than by window: so a source that is lost shows as a gap, and sources with different rates are
/// drawn to one scale.
struct ScoreHistory: Sendable {
    /// One second.
    struct Moment: Sendable, Hashable {
        /// 0...1.
        var score: Double
        /// Whether that was one of the labels, and not `none`.
        var isLabel: Bool
    }

    static let capacity = 400
    /// The newest last; `nil` where nothing was seen.
    private var moments: [Moment?] = []
    /// When the newest moment began.
    private var newest: ContinuousClock.Instant?

    mutating func scored(_ score: Double, isLabel: Bool, at now: ContinuousClock.Instant) {
        self.advance(to: now)
        let clipped = score.isNaN ? 0 : min(max(score, 0), 1)
        guard let last = self.moments.indices.last else { return }
        if let known = self.moments[last], known.score >= clipped { return }
        self.moments[last] = Moment(score: clipped, isLabel: isLabel)
    }

    /// The last seconds before `now`, the newest last; as many as asked for.
    func last(_ count: Int, at now: ContinuousClock.Instant) -> [Moment?] {
        var copy = self
        copy.advance(to: now)
        let known = copy.moments.suffix(max(0, count))
        return [Moment?](repeating: nil, count: max(0, count - known.count)) + known
    }

    private mutating func advance(to now: ContinuousClock.Instant) {
        guard let newest = self.newest else {
            self.newest = now
            self.moments = [nil]
            return
        }
        let seconds = Int(min(max(0, (now - newest) / .seconds(1)), Double(Self.capacity)))
        guard seconds > 0 else { return }
        self.moments += [Moment?](repeating: nil, count: seconds)
        self.moments.removeFirst(max(0, self.moments.count - Self.capacity))
        // On the grid of the first one; after a break longer than the history, any grid will do.
        self.newest = seconds < Self.capacity ? newest + .seconds(seconds) : now
    }
}

/// Scores as columns of block characters, one for each moment, over one row or several.
enum ScoreGraph {
    private static let eighths: [Character] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    private static let ascii: [Character] = [" ", ".", ":", "|"]

    /// - Parameters:
    ///   - row: Counted from the top.
    ///   - rows: The graph's height.
    /// - Returns: What stands in that row for one moment.
    static func character(_ score: Double, row: Int, of rows: Int, hasUnicode: Bool) -> Character {
        let levels = hasUnicode ? self.eighths : self.ascii
        let steps = levels.count - 1
        // What was seen is never invisible, however low.
        let filled = max(1, Int((min(max(score.isNaN ? 0 : score, 0), 1) * Double(steps * rows)).rounded()))
        return levels[min(max(filled - steps * (rows - 1 - row), 0), steps)]
    }
}
