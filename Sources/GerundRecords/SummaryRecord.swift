public import FoundationEssentials
public import GerundCore

/// The totals of a source: its last record.
public struct SummaryRecord: Sendable, Hashable {
    /// The longest queues on the way from capture to label.
    public struct QueueStatistics: Sendable, Hashable {
        /// The maximum number of frames waiting to be processed.
        public var maxQueueDepth = 0
        /// The longest time that a frame waited to be processed.
        public var maxQueueDelay = Duration.zero
        /// The longest time from the request of a frame's inference to its end, its own computation included.
        public var maxInferenceDelay = Duration.zero

        /// Creates statistics of empty queues.
        public init() {}
    }

    /// The source's name.
    public var source: SourceID
    /// The number of sampled frames that were processed.
    public var framesRead: Int
    /// The number of windows that were computed.
    public var windows: Int
    /// The number of sampled frames that were dropped.
    public var framesDropped: Int
    /// The number of due windows that were skipped because recognition was behind.
    public var windowsSkipped: Int
    /// The longest queues; `nil` for a source that waits for recognition, such as an unpaced file.
    public var queues: QueueStatistics?
    /// The wall-clock time at which the record was created, in UTC.
    public var time: Date

    /// Creates a record.
    public init(
        source: SourceID, framesRead: Int, windows: Int, framesDropped: Int, windowsSkipped: Int = 0,
        queues: QueueStatistics? = nil, time: Date
    ) {
        self.source = source
        self.framesRead = framesRead
        self.windows = windows
        self.framesDropped = framesDropped
        self.windowsSkipped = windowsSkipped
        self.queues = queues
        self.time = time
    }
}

extension SummaryRecord: RecordProtocol {
    /// The value `summary`.
    public static let recordType = "summary"

    private enum CodingKeys: String, CodingKey {
        case type, source
        case framesRead = "frames_read"
        case windows
        case framesDropped = "frames_dropped"
        case windowsSkipped = "windows_skipped"
        case maxQueueDepth = "max_queue_depth"
        case maxQueueDelay = "max_queue_ms"
        case maxInferenceDelay = "max_inference_ms"
        case time
    }

    /// Decodes the members that the schema documents.
    public init(from decoder: any Decoder) throws {
        let json = try decoder.container(keyedBy: CodingKeys.self)
        try json.requireType(Self.recordType, forKey: .type)
        var queues: QueueStatistics?
        if let depth = try json.decodeIfPresent(Int.self, forKey: .maxQueueDepth) {
            var statistics = QueueStatistics()
            statistics.maxQueueDepth = depth
            statistics.maxQueueDelay = try json.decodeDuration(millisecondsForKey: .maxQueueDelay)
            statistics.maxInferenceDelay = try json.decodeDuration(millisecondsForKey: .maxInferenceDelay)
            queues = statistics
        }
        self.init(
            source: try json.decodeSource(forKey: .source), framesRead: try json.decode(Int.self, forKey: .framesRead),
            windows: try json.decode(Int.self, forKey: .windows),
            framesDropped: try json.decode(Int.self, forKey: .framesDropped),
            windowsSkipped: try json.decode(Int.self, forKey: .windowsSkipped), queues: queues,
            time: try json.decodeTime(forKey: .time))
    }

    /// Encodes the members that the schema documents; those of the queues only if there are any.
    public func encode(to encoder: any Encoder) throws {
        var json = encoder.container(keyedBy: CodingKeys.self)
        try json.encode(Self.recordType, forKey: .type)
        try json.encode(self.source, forKey: .source)
        try json.encode(self.framesRead, forKey: .framesRead)
        try json.encode(self.windows, forKey: .windows)
        try json.encode(self.framesDropped, forKey: .framesDropped)
        try json.encode(self.windowsSkipped, forKey: .windowsSkipped)
        if let queues {
            try json.encode(queues.maxQueueDepth, forKey: .maxQueueDepth)
            try json.encodeMilliseconds(queues.maxQueueDelay, forKey: .maxQueueDelay)
            try json.encodeMilliseconds(queues.maxInferenceDelay, forKey: .maxInferenceDelay)
        }
        try json.encode(self.time, forKey: .time)
    }
}
