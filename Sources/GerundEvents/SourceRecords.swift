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
        /// Recognition is behind, and gives up what this says so that the delay does not grow.
        ///
        /// - Parameters:
        ///   - mode: How windows are computed: `exact` or `fast`.
        ///   - rate: Windows per second.
        ///   - dropping: The share of frames that are left out, 0...1; they are counted as dropped.
        case degraded(mode: String, rate: Double, dropping: Double)
        /// Recognition keeps up again, and gives all that was asked for.
        case recovered(mode: String, rate: Double)
        /// Broken off, or not yet reached; tried again after `retry`.
        case lost(reason: String, retry: Duration)
        /// At its natural end.
        case ended
        /// Given up.
        case failed(reason: String)

        /// Whether this is about recognition, while the source itself goes on.
        public var isAboutLoad: Bool {
            switch self {
            case .degraded, .recovered: true
            case .open, .warming, .lost, .ended, .failed: false
            }
        }
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
        case .degraded(let mode, let rate, let dropping):
            json.add("state", "degraded")
            json.add("mode", mode)
            json.add("rate", rate, decimals: 3)
            json.add("dropping", dropping, decimals: 3)
        case .recovered(let mode, let rate):
            json.add("state", "recovered")
            json.add("mode", mode)
            json.add("rate", rate, decimals: 3)
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
    /// Windows that were given up because recognition was behind.
    public var skipped: Int
    /// How long frames waited; `nil` for a source that waits itself.
    public var waits: Waits?

    /// The longest queues on the way from capture to label.
    public struct Waits: Sendable, Hashable {
        /// The most frames that waited to be taken.
        public var queued = 0
        /// The longest that a frame waited to be taken.
        public var queue = Duration.zero
        /// The longest that a frame waited for the engine, its own turn included.
        public var engine = Duration.zero

        public init() {}
    }

    public init(
        source: SourceID, frames: Int, windows: Int, dropped: Int, skipped: Int = 0, waits: Waits? = nil
    ) {
        self.source = source
        self.frames = frames
        self.windows = windows
        self.dropped = dropped
        self.skipped = skipped
        self.waits = waits
    }

    var json: JSONLine {
        var json = JSONLine(type: "end")
        json.add("source", self.source.name)
        json.add("frames", self.frames)
        json.add("windows", self.windows)
        json.add("dropped", self.dropped)
        if let waits {
            json.add("skipped", self.skipped)
            json.add("queued_max", waits.queued)
            json.add("queue_ms_max", waits.queue.inMilliseconds, decimals: 1)
            json.add("engine_ms_max", waits.engine.inMilliseconds, decimals: 1)
        }
        return json
    }
}
