public import FoundationEssentials
public import GerundCore

/// A source changed its state.
public struct SourceRecord: Sendable, Hashable {
    public enum State: Sendable, Hashable {
        /// Open, or open again.
        ///
        /// - Parameter rate: Frames per second, as far as the stream says.
        case open(codec: String, width: Int, height: Int, rate: Double?)
        /// Giving frames, but not yet enough for a window since it was opened or its footage broke: the next label
        /// ends it.
        case warming
        /// Broken off, or not yet reached; tried again after `retry`.
        case lost(reason: String, retry: Duration)
        /// At its natural end.
        case ended
        /// Given up.
        case failed(reason: String)
    }

    public var source: SourceID
    public var state: State
    public var time: Date

    public init(source: SourceID, state: State, time: Date) {
        self.source = source
        self.state = state
        self.time = time
    }

    var json: JSONLine {
        var json = JSONLine(type: "source")
        json.add("source", self.source.name)
        switch self.state {
        case .open(let codec, let width, let height, let rate):
            json.add("state", "open")
            json.add("codec", codec)
            json.add("width", width)
            json.add("height", height)
            if let rate { json.add("rate", rate, decimals: 3) }
        case .warming:
            json.add("state", "warming")
        case .lost(let reason, let retry):
            json.add("state", "lost")
            json.add("reason", reason)
            json.add("retry_s", retry.inSeconds, decimals: 1)
        case .ended:
            json.add("state", "ended")
        case .failed(let reason):
            json.add("state", "failed")
            json.add("reason", reason)
        }
        json.add("time", self.time.rfc3339)
        return json
    }
}

/// Frames went unread because recognition was behind.
public struct DroppedRecord: Sendable, Hashable {
    public var source: SourceID
    public var frames: Int
    /// When the first of them came.
    public var since: Date
    /// Its media time.
    public var t: MediaTime
    public var time: Date

    public init(source: SourceID, frames: Int, since: Date, t: MediaTime, time: Date) {
        self.source = source
        self.frames = frames
        self.since = since
        self.t = t
        self.time = time
    }

    var json: JSONLine {
        var json = JSONLine(type: "dropped")
        json.add("source", self.source.name)
        json.add("frames", self.frames)
        json.add("since", self.since.rfc3339)
        json.add("t", self.t.seconds, decimals: 3)
        json.add("time", self.time.rfc3339)
        return json
    }
}

/// A source is done.
public struct EndRecord: Sendable, Hashable {
    public var source: SourceID
    /// Sampled frames that were read.
    public var frames: Int
    public var windows: Int
    /// Sampled frames that went unread.
    public var dropped: Int

    public init(source: SourceID, frames: Int, windows: Int, dropped: Int) {
        self.source = source
        self.frames = frames
        self.windows = windows
        self.dropped = dropped
    }

    var json: JSONLine {
        var json = JSONLine(type: "end")
        json.add("source", self.source.name)
        json.add("frames", self.frames)
        json.add("windows", self.windows)
        json.add("dropped", self.dropped)
        return json
    }
}
