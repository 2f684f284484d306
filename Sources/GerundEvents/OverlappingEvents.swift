public import GerundCore

/// Turns the scores of one source's windows into events of each label for itself: several may go on at a time.
///
/// A pure value. Of one label, events keep all the promises of ``EventSegmenter``.
public struct OverlappingEvents: Sendable {
    /// One label, as if there were no others.
    private struct Track {
        var enter: Double
        var seen: LeadingLabel
        var segmenter: EventSegmenter

        init(_ label: String, _ thresholds: EventThresholds, windowLength: Duration, smoothing: Duration) {
            self.enter = thresholds.levels(of: label).enter
            self.seen = LeadingLabel(thresholds: thresholds, labels: [label])
            self.segmenter = EventSegmenter(
                thresholds: thresholds, windowLength: windowLength, smoothing: smoothing)
        }
    }

    private var labels: [String]
    private var tracks: [Track]
    private let windowLength: Duration

    /// - Parameters:
    ///   - labels: In the scores' order.
    ///   - windowLength: From a window's oldest to its newest frame.
    ///   - smoothing: The half-life over which scores were smoothed.
    public init(
        thresholds: EventThresholds, labels: [String], windowLength: Duration, smoothing: Duration = .zero
    ) {
        self.labels = labels
        self.windowLength = windowLength
        self.tracks = labels.map {
            Track($0, thresholds, windowLength: windowLength, smoothing: smoothing)
        }
    }

    /// - Parameters:
    ///   - scores: The labels' smoothed scores.
    ///   - time: The media time of the window's newest frame; rises from call to call.
    ///   - mayStart: Whether the window is good enough to start an event of a label.
    public mutating func windowArrived(
        _ scores: [Double], at time: MediaTime, mayStart: (Int) -> Bool = { _ in true }
    ) -> [EventSegmenter.Change] {
        self.tracks.indices.flatMap { index in
            let label = self.tracks[index].seen.scoresArrived([scores[index]], at: time)
            return self.tracks[index].segmenter.windowArrived(
                label: label, score: scores[index], at: time, isAboveEnter: scores[index] > self.tracks[index].enter,
                mayStart: mayStart(index)
            ).map { $0.of(label: index) }
        }
    }

    /// Other thresholds or labels hold from now on: events of labels that are gone are ended.
    ///
    /// - Parameters:
    ///   - smoothing: The half-life over which scores will be smoothed.
    ///   - time: The media time of the newest frame.
    /// - Returns: What ends, by its label's index until now.
    public mutating func change(
        thresholds: EventThresholds, smoothing: Duration, labels: [String], at time: MediaTime
    ) -> [EventSegmenter.Change] {
        var kept: [String: Track] = [:]
        var changes: [EventSegmenter.Change] = []
        for (index, label) in self.labels.enumerated() {
            var track = self.tracks[index]
            let place = labels.contains(label) ? 0 : nil
            track.enter = thresholds.levels(of: label).enter
            track.seen.change(thresholds: thresholds, labels: [label], places: [0])
            changes += track.segmenter.change(
                thresholds: thresholds, smoothing: smoothing, places: [place], at: time
            ).map { $0.of(label: index) }
            if place != nil { kept[label] = track }
        }
        self.labels = labels
        self.tracks = labels.map {
            kept[$0] ?? Track($0, thresholds, windowLength: self.windowLength, smoothing: smoothing)
        }
        return changes
    }

    /// The footage is over: what is open ends with it.
    public mutating func footageEnded(at time: MediaTime, isInterrupted: Bool) -> [EventSegmenter.Change] {
        self.tracks.indices.flatMap { index in
            self.tracks[index].seen.reset()
            return self.tracks[index].segmenter.footageEnded(at: time, isInterrupted: isInterrupted)
                .map { $0.of(label: index) }
        }
    }
}

extension EventSegmenter.Change {
    /// The same of another label.
    fileprivate func of(label: Int) -> Self {
        switch self {
        case .started(_, let start, let score): .started(label: label, start: start, score: score)
        case .updated(_, let start, let peak): .updated(label: label, start: start, peak: peak)
        case .ended(_, let start, let end, let peak, let isInterrupted):
            .ended(label: label, start: start, end: end, peak: peak, isInterrupted: isInterrupted)
        }
    }
}
