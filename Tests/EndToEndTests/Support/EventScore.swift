import Foundation

/// How well events fit what truly happens, over one or more recordings: whether each is found once and dated right,
/// whether labels flicker, and whether anything is reported where nothing goes on.
///
/// This file stands alone with TimelineScore.swift: `Tests/measure-events` builds it without the package.
struct EventScore: Hashable, Sendable {
    /// Actions that truly happen, without background.
    private(set) var actions = 0
    /// Events that were reported.
    private(set) var events = 0
    /// Pairs of an action and an event of the same label that overlap enough.
    private(set) var matches = 0
    /// How far the starts of each such pair are apart, in seconds.
    private(set) var startErrors: [Double] = []
    /// How often the truth changes from one action to another, or to or from background.
    private(set) var trueChanges = 0
    /// How often the windows' label changes.
    private(set) var labelChanges = 0
    /// Seconds of footage.
    private(set) var seconds = 0.0

    init() {}

    /// - Parameters:
    ///   - timeline: What truly happens, without gaps.
    ///   - background: The labels that stand for nothing.
    ///   - labels: What each window was given, in order of time.
    ///   - overlap: The least intersection over union, in time, of an action and its event.
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

    /// Neighbours with one label are one; all background is `none`.
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

    /// Actions and events of the same label one to one, those that overlap most first.
    private static func pairs(
        _ actions: [TimelineSegment], _ events: [TimelineSegment], overlap: Double
    ) -> [(TimelineSegment, TimelineSegment)] {
        var candidates: [(action: Int, event: Int, overlap: Double)] = []
        for (i, action) in actions.enumerated() {
            for (j, event) in events.enumerated() where event.label == action.label {
                let share = Self.overlap(action, event)
                if share >= overlap { candidates.append((i, j, share)) }
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

    /// Intersection over union of two stretches of time.
    private static func overlap(_ one: TimelineSegment, _ other: TimelineSegment) -> Double {
        let shared = min(one.end, other.end) - max(one.start, other.start)
        let covered = max(one.end, other.end) - min(one.start, other.start)
        return shared > 0 && covered > 0 ? shared / covered : 0
    }

    /// Adds what was counted in another recording.
    mutating func add(_ other: EventScore) {
        self.actions += other.actions
        self.events += other.events
        self.matches += other.matches
        self.startErrors += other.startErrors
        self.trueChanges += other.trueChanges
        self.labelChanges += other.labelChanges
        self.seconds += other.seconds
    }

    /// The harmonic mean of the share of events that are right and of the share of actions that are found. 1 where
    /// there is nothing to find and nothing was reported.
    var f1: Double {
        let all = self.actions + self.events
        return all == 0 ? 1 : 2 * Double(self.matches) / Double(all)
    }

    /// Label changes for each true change; infinite where there are only the former, 0 where there is neither.
    var changeRatio: Double {
        if self.labelChanges == 0 { return 0 }
        return Double(self.labelChanges) / Double(self.trueChanges)
    }

    /// The median of ``startErrors`` in seconds; `nil` when there is none.
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
