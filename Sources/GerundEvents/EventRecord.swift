public import FoundationEssentials
public import GerundCore

/// An action started, goes on or ended. All records of one event carry the same id.
public struct EventRecord: Sendable, Hashable {
    public enum Phase: Sendable, Hashable {
        /// - Parameter score: The label's smoothed score when the start was certain.
        case start(score: Double)
        /// It goes on: told from time to time where that is asked for.
        ///
        /// - Parameter peak: The highest smoothed score so far.
        case update(peak: Double)
        /// - Parameters:
        ///   - peak: The highest smoothed score of the event.
        ///   - isInterrupted: The source or the run broke off while the action went on.
        case end(MediaTime, peak: Double, isInterrupted: Bool)
    }

    public var phase: Phase
    /// A ULID: 26 letters and digits that sort by the time of the start.
    public var id: String
    public var source: SourceID
    public var label: String
    /// When the action started, in media time, corrected for the time that a window covers.
    public var start: MediaTime
    /// When this was found out, which is later.
    public var time: Date

    public init(phase: Phase, id: String, source: SourceID, label: String, start: MediaTime, time: Date) {
        self.phase = phase
        self.id = id
        self.source = source
        self.label = label
        self.start = start
        self.time = time
    }

    var json: JSONLine {
        var json = JSONLine(type: "event")
        switch self.phase {
        case .start: json.add("phase", "start")
        case .update: json.add("phase", "update")
        case .end: json.add("phase", "end")
        }
        json.add("id", self.id)
        json.add("source", self.source.name)
        json.add("label", self.label)
        json.add("start", self.start.seconds, decimals: 3)
        switch self.phase {
        case .start(let score):
            json.add("time", self.time.rfc3339)
            json.add("score", score, decimals: 3)
        case .update(let peak):
            json.add("peak", peak, decimals: 3)
            json.add("time", self.time.rfc3339)
        case .end(let end, let peak, let isInterrupted):
            json.add("end", end.seconds, decimals: 3)
            json.add("peak", peak, decimals: 3)
            if isInterrupted { json.add("interrupted", true) }
            json.add("time", self.time.rfc3339)
        }
        return json
    }
}
