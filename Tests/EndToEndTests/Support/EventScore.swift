import Foundation

/// The accuracy of events against the ground truth, over one or more recordings: F1, errors of start times, changes of
/// labels, and false alarms.
///
/// This file depends on TimelineScore.swift alone: `Tests/measure-events` builds both without the package.
struct EventScore: Hashable, Sendable {
    /// The number of actions in the ground truth, without background.
    private(set) var actions = 0
    /// The number of reported events.
    private(set) var events = 0
    /// The number of pairs of an action and an event of the same label that overlap enough.
    private(set) var matches = 0
    /// The absolute difference between the starts of each such pair, in seconds.
    private(set) var startErrors: [Double] = []
    /// The number of changes in the ground truth from one action to another, or to or from background.
    private(set) var trueChanges = 0
    /// The number of changes of the windows' label.
    private(set) var labelChanges = 0
    /// The duration of the recordings, in seconds.
    private(set) var seconds = 0.0

    init() {}

    /// - Parameters:
    ///   - timeline: The ground truth, without gaps.
    ///   - background: The labels of background.
    ///   - labels: The label of each window, in order of time.
    ///   - events: The reported events.
    ///   - overlap: The minimum temporal intersection over union of an action and its event.
    init(
        timeline: [TimelineSegment], background: Set<String>, labels: [String], events: [TimelineSegment],
        overlap: Double = 0.5
    ) {
        let stretches = Self.merged(timeline, background: background)
        let actions = stretches.filter { $0.label != TimelineScore.none }
        self.actions = actions.count
        self.events = events.count
        self.trueChanges = max(0, stretches.count - 1)
        self.labelChanges = zip(labels, labels.dropFirst()).count { $0 != $1 }
        self.seconds = timeline.last?.end ?? 0
        self.startErrors = Self.pairs(actions, events, overlap: overlap).map { abs($0.start - $1.start) }
        self.matches = self.startErrors.count
    }

    /// Returns the timeline with adjacent segments of one label merged, and with `none` as the label of all background.
    private static func merged(_ timeline: [TimelineSegment], background: Set<String>) -> [TimelineSegment] {
        var merged: [TimelineSegment] = []
        for var segment in timeline {
            if background.contains(segment.label) { segment.label = TimelineScore.none }
            if let last = merged.last, last.label == segment.label {
                merged[merged.count - 1].end = segment.end
            } else {
                merged.append(segment)
            }
        }
        return merged
    }

    /// Pairs actions and events of the same label one to one, in descending order of their overlap.
    private static func pairs(
        _ actions: [TimelineSegment], _ events: [TimelineSegment], overlap: Double
    ) -> [(TimelineSegment, TimelineSegment)] {
        var candidates: [(action: Int, event: Int, overlap: Double)] = []
        for (i, action) in actions.enumerated() {
            for (j, event) in events.enumerated() where event.label == action.label {
                let ratio = Self.overlap(action, event)
                if ratio >= overlap { candidates.append((i, j, ratio)) }
            }
        }
        candidates.sort { ($1.overlap, $0.action, $0.event) < ($0.overlap, $1.action, $1.event) }
        var (usedActions, usedEvents) = (Set<Int>(), Set<Int>())
        var pairs: [(TimelineSegment, TimelineSegment)] = []
        for (i, j, _) in candidates where !usedActions.contains(i) && !usedEvents.contains(j) {
            usedActions.insert(i)
            usedEvents.insert(j)
            pairs.append((actions[i], events[j]))
        }
        return pairs
    }

    /// Returns the intersection over union of two segments of time.
    private static func overlap(_ one: TimelineSegment, _ other: TimelineSegment) -> Double {
        let shared = min(one.end, other.end) - max(one.start, other.start)
        let covered = max(one.end, other.end) - min(one.start, other.start)
        return shared > 0 && covered > 0 ? shared / covered : 0
    }

    /// Adds the counts of another recording.
    mutating func add(_ other: EventScore) {
        self.actions += other.actions
        self.events += other.events
        self.matches += other.matches
        self.startErrors += other.startErrors
        self.trueChanges += other.trueChanges
        self.labelChanges += other.labelChanges
        self.seconds += other.seconds
    }

    /// The harmonic mean of precision and recall, 1 if there is neither an action nor an event.
    var f1: Double {
        let all = self.actions + self.events
        return all == 0 ? 1 : 2 * Double(self.matches) / Double(all)
    }

    /// The number of label changes per true change: infinite if there is no true change, 0 if there is neither.
    var changeRatio: Double {
        if self.labelChanges == 0 { return 0 }
        return Double(self.labelChanges) / Double(self.trueChanges)
    }

    /// The median of ``startErrors`` in seconds, or `nil` if it is empty.
    var medianStartError: Double? {
        guard !self.startErrors.isEmpty else { return nil }
        let sorted = self.startErrors.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}

extension EventScore {
    /// Scores what `gerund watch` wrote as JSON Lines about one source.
    init(jsonLines: String, timeline: [TimelineSegment]) throws {
        let records = try WatchedSource(jsonLines: jsonLines)
        self.init(
            timeline: timeline, background: records.background, labels: records.windows.map(\.label),
            events: records.events)
    }
}
