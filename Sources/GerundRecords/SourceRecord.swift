public import FoundationEssentials
public import GerundCore

/// A change of a source's state.
public struct SourceRecord: Sendable, Hashable {
    /// A source's state.
    public enum State: Sendable, Hashable {
        /// The source is open, for the first time or again.
        ///
        /// - Parameters:
        ///   - codec: The name of the video codec, such as `h264`.
        ///   - width: The width of a frame, in pixels.
        ///   - height: The height of a frame, in pixels.
        ///   - fps: Frames per second, if the stream declares them.
        case connected(codec: String, width: Int, height: Int, fps: Double?)
        /// The source delivers frames, but not yet enough for a window since it was opened or its timeline broke. The
        /// next label ends this state.
        case warmingUp
        /// Recognition is behind and sheds load so that the delay does not grow.
        ///
        /// - Parameters:
        ///   - mode: The mode in which windows are computed: `exact` or `fast`.
        ///   - windowsPerSecond: Windows per second.
        ///   - frameDropRatio: The fraction of frames that are dropped, in 0...1.
        case degraded(mode: String, windowsPerSecond: Double, frameDropRatio: Double)
        /// Recognition keeps up again, with the settings of the run.
        ///
        /// - Parameters:
        ///   - mode: The mode in which windows are computed: `exact` or `fast`.
        ///   - windowsPerSecond: Windows per second.
        case recovered(mode: String, windowsPerSecond: Double)
        /// The connection is lost or could not be made yet.
        ///
        /// - Parameters:
        ///   - error: Why, without credentials.
        ///   - retryIn: The time until the next attempt.
        case disconnected(error: String, retryIn: Duration)
        /// The source has reached its end.
        case ended
        /// The source failed and is not retried.
        ///
        /// - Parameter error: Why, without credentials.
        case failed(error: String)

        /// A Boolean value that indicates whether the state is about the load of recognition; the source itself is
        /// unchanged then.
        public var isLoadChange: Bool {
            switch self {
            case .degraded, .recovered: true
            case .connected, .warmingUp, .disconnected, .ended, .failed: false
            }
        }

        /// The value of the member `state`.
        public var name: String {
            switch self {
            case .connected: "connected"
            case .warmingUp: "warming_up"
            case .degraded: "degraded"
            case .recovered: "recovered"
            case .disconnected: "disconnected"
            case .ended: "ended"
            case .failed: "failed"
            }
        }
    }

    /// The source's name.
    public var source: SourceID
    /// The state from now on.
    public var state: State
    /// The wall-clock time at which the record was created, in UTC.
    public var time: Date

    /// Creates a record.
    public init(source: SourceID, state: State, time: Date) {
        self.source = source
        self.state = state
        self.time = time
    }
}

extension SourceRecord: RecordProtocol {
    /// The value `source`.
    public static let recordType = "source"

    private enum CodingKeys: String, CodingKey {
        case type, source, state, codec, width, height, fps, mode
        case windowsPerSecond = "windows_per_s"
        case frameDropRatio = "frame_drop_ratio"
        case error
        case retryIn = "retry_in_s"
        case time
    }

    /// Decodes the members that the schema documents.
    public init(from decoder: any Decoder) throws {
        let json = try decoder.container(keyedBy: CodingKeys.self)
        try json.requireType(Self.recordType, forKey: .type)
        self.init(
            source: try json.decodeSource(forKey: .source), state: try Self.state(in: json),
            time: try json.decodeTime(forKey: .time))
    }

    private static func state(in json: KeyedDecodingContainer<CodingKeys>) throws -> State {
        switch try json.decode(String.self, forKey: .state) {
        case "connected":
            return .connected(
                codec: try json.decode(String.self, forKey: .codec), width: try json.decode(Int.self, forKey: .width),
                height: try json.decode(Int.self, forKey: .height),
                fps: try json.decodeIfPresent(Double.self, forKey: .fps))
        case "warming_up": return .warmingUp
        case "degraded":
            return .degraded(
                mode: try json.decode(String.self, forKey: .mode),
                windowsPerSecond: try json.decode(Double.self, forKey: .windowsPerSecond),
                frameDropRatio: try json.decode(Double.self, forKey: .frameDropRatio))
        case "recovered":
            return .recovered(
                mode: try json.decode(String.self, forKey: .mode),
                windowsPerSecond: try json.decode(Double.self, forKey: .windowsPerSecond))
        case "disconnected":
            return .disconnected(
                error: try json.decode(String.self, forKey: .error),
                retryIn: try json.decodeDuration(secondsForKey: .retryIn))
        case "ended": return .ended
        case "failed": return .failed(error: try json.decode(String.self, forKey: .error))
        case let state:
            throw DecodingError.dataCorruptedError(
                forKey: .state, in: json, debugDescription: "'\(state)' is not a state of a source")
        }
    }

    /// Encodes the members that the schema documents.
    public func encode(to encoder: any Encoder) throws {
        var json = encoder.container(keyedBy: CodingKeys.self)
        try json.encode(Self.recordType, forKey: .type)
        try json.encode(self.source, forKey: .source)
        try json.encode(self.state.name, forKey: .state)
        switch self.state {
        case .connected(let codec, let width, let height, let fps):
            try json.encode(codec, forKey: .codec)
            try json.encode(width, forKey: .width)
            try json.encode(height, forKey: .height)
            if let fps { try json.encode(fps, decimals: 3, forKey: .fps) }
        case .degraded(let mode, let windowsPerSecond, let frameDropRatio):
            try json.encode(mode, forKey: .mode)
            try json.encode(windowsPerSecond, decimals: 3, forKey: .windowsPerSecond)
            try json.encode(frameDropRatio, decimals: 3, forKey: .frameDropRatio)
        case .recovered(let mode, let windowsPerSecond):
            try json.encode(mode, forKey: .mode)
            try json.encode(windowsPerSecond, decimals: 3, forKey: .windowsPerSecond)
        case .disconnected(let error, let retryIn):
            try json.encode(error, forKey: .error)
            try json.encodeSeconds(retryIn, decimals: 1, forKey: .retryIn)
        case .failed(let error):
            try json.encode(error, forKey: .error)
        case .warmingUp, .ended: break
        }
        try json.encode(self.time, forKey: .time)
    }
}
