import Foundation

/// What truly happens in a stretch of a clip.
struct TimelineSegment: Codable, Hashable, Sendable {
    var start: Double
    var end: Double
    var label: String

    static func list(path: String) throws -> [TimelineSegment] {
        try JSONDecoder().decode([TimelineSegment].self, from: Data(contentsOf: URL(filePath: path)))
    }
}

/// How well labels and events fit what truly happens: the measure that Gerund promises values of.
///
/// This file stands alone: `Tests/measure-accuracy` builds it without the package.
struct TimelineScore: Hashable, Sendable {
    /// A window's newest frame and what was said of the window.
    struct Window: Hashable, Sendable {
        var time: Double
        var label: String
    }

    /// What background is called in the records of windows.
    static let none = "none"

    /// Windows that lie wholly inside one stretch of the timeline.
    private(set) var windows = 0
    /// Those of them that carry its label, or `none` where it is background.
    private(set) var rightWindows = 0
    /// Actions, without background, of at least three seconds.
    private(set) var actions = 0
    /// Those of them that an event of the same label overlaps.
    private(set) var foundActions = 0
    /// The others.
    private(set) var missed: [TimelineSegment] = []

    /// - Parameters:
    ///   - timeline: What truly happens.
    ///   - windowLength: From a window's oldest to its newest frame, in seconds.
    ///   - margin: How far the clip's and the timeline's clocks may differ, in seconds.
    init(
        timeline: [TimelineSegment], background: Set<String>, windows: [Window], events: [TimelineSegment],
        windowLength: Double, margin: Double = 0
    ) {
        // Frame times are rounded to milliseconds.
        let rounding = 0.001
        for window in windows {
            let segment = timeline.first {
                $0.start + margin <= window.time - windowLength + rounding && window.time <= $0.end - margin + rounding
            }
            guard let segment else { continue }
            self.windows += 1
            let truth = background.contains(segment.label) ? Self.none : segment.label
            if window.label == truth { self.rightWindows += 1 }
        }
        for segment in timeline where !background.contains(segment.label) && segment.end - segment.start >= 3 {
            self.actions += 1
            if events.contains(where: { $0.label == segment.label && $0.start < segment.end && $0.end > segment.start })
            {
                self.foundActions += 1
            } else {
                self.missed.append(segment)
            }
        }
    }

    /// The share of windows that carry the right label; 0 when there are none.
    var windowShare: Double { self.windows == 0 ? 0 : Double(self.rightWindows) / Double(self.windows) }
}

/// What `gerund watch` wrote as JSON Lines about one source, as far as it is scored.
struct WatchedSource: Hashable, Sendable {
    private struct Line: Decodable {
        var type: String
        var label: String?
        var t: Double?
        var phase: String?
        var start: Double?
        var end: Double?
        var span: Double?
        var frames: Int?
        var background: [String]?
    }

    var background: Set<String>
    /// From a window's oldest to its newest frame, in seconds.
    var windowLength: Double
    var windows: [TimelineScore.Window]
    var events: [TimelineSegment]

    init(jsonLines: String) throws {
        let decoder = JSONDecoder()
        let lines = try jsonLines.split(separator: "\n").map { try decoder.decode(Line.self, from: Data($0.utf8)) }
        let run = lines.first { $0.type == "run" }
        let (span, frames) = (run?.span ?? 0, run?.frames ?? 1)
        self.background = Set(run?.background ?? [])
        self.windowLength = span * Double(frames - 1) / Double(frames)
        self.windows = lines.compactMap { line in
            guard line.type == "label", let time = line.t, let label = line.label else { return nil }
            return TimelineScore.Window(time: time, label: label)
        }
        self.events = lines.compactMap { line in
            guard line.phase == "end", let start = line.start, let end = line.end, let label = line.label else {
                return nil
            }
            return TimelineSegment(start: start, end: end, label: label)
        }
    }
}

extension TimelineScore {
    /// Scores what `gerund watch` wrote as JSON Lines about one source.
    init(jsonLines: String, timeline: [TimelineSegment], margin: Double = 0) throws {
        let source = try WatchedSource(jsonLines: jsonLines)
        self.init(
            timeline: timeline, background: source.background, windows: source.windows, events: source.events,
            windowLength: source.windowLength, margin: margin)
    }
}
