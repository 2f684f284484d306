import Foundation

/// A segment of a clip's ground truth.
struct TimelineSegment: Codable, Hashable, Sendable {
    var start: Double
    var end: Double
    var label: String

    static func list(path: String) throws -> [TimelineSegment] {
        try JSONDecoder().decode([TimelineSegment].self, from: Data(contentsOf: URL(filePath: path)))
    }
}

/// The accuracy of window labels and events against the ground truth of a clip.
///
/// This file depends on nothing else: `Tests/measure-accuracy` builds it without the package.
struct TimelineScore: Hashable, Sendable {
    /// The media time of a window's newest frame and the window's label.
    struct Window: Hashable, Sendable {
        var time: Double
        var label: String
    }

    /// The label that stands for background here; records have `null`.
    static let none = "none"

    /// The number of windows that lie wholly inside one segment of the timeline.
    private(set) var windows = 0
    /// The number of those windows that have the segment's label, or none in background.
    private(set) var rightWindows = 0
    /// The number of actions of at least three seconds, without background.
    private(set) var actions = 0
    /// The number of those actions that an event of the same label overlaps.
    private(set) var foundActions = 0
    /// The actions that no event of the same label overlaps.
    private(set) var missed: [TimelineSegment] = []

    /// Scores labels and events.
    ///
    /// - Parameters:
    ///   - timeline: The ground truth.
    ///   - background: The labels of background.
    ///   - windows: The label of each window.
    ///   - events: The reported events.
    ///   - windowLength: The time from a window's oldest to its newest frame, in seconds.
    ///   - margin: The maximum difference between the clip's and the timeline's clocks, in seconds.
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

    /// The fraction of windows that have the right label, 0 without any window.
    var windowRatio: Double { self.windows == 0 ? 0 : Double(self.rightWindows) / Double(self.windows) }
}

/// The labels and events of one source in the JSON Lines of `gerund watch`.
struct WatchedSource: Hashable, Sendable {
    private struct Line: Decodable {
        enum CodingKeys: String, CodingKey {
            case type, label, phase, background
            case mediaTime = "media_time"
            case start = "start_s"
            case end = "end_s"
            case window = "window_s"
            case framesPerWindow = "frames_per_window"
        }

        var type: String
        var label: String?
        var mediaTime: Double?
        var phase: String?
        var start: Double?
        var end: Double?
        var window: Double?
        var framesPerWindow: Int?
        var background: [String]?
    }

    var background: Set<String>
    /// The time from a window's oldest to its newest frame, in seconds.
    var windowLength: Double
    var windows: [TimelineScore.Window]
    var events: [TimelineSegment]

    init(jsonLines: String) throws {
        let decoder = JSONDecoder()
        let lines = try jsonLines.split(separator: "\n").map { try decoder.decode(Line.self, from: Data($0.utf8)) }
        let run = lines.first { $0.type == "run" }
        let (window, frames) = (run?.window ?? 0, run?.framesPerWindow ?? 1)
        self.background = Set(run?.background ?? [])
        self.windowLength = window * Double(frames - 1) / Double(frames)
        self.windows = lines.compactMap { line in
            guard line.type == "label", let time = line.mediaTime else { return nil }
            return TimelineScore.Window(time: time, label: line.label ?? TimelineScore.none)
        }
        self.events = lines.compactMap { line in
            guard line.phase == "ended", let start = line.start, let end = line.end, let label = line.label else {
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
