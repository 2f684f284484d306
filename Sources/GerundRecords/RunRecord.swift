public import FoundationEssentials
import GerundCore

/// The settings of a run, with everything that is needed to interpret its log.
///
/// The record is written when the run starts, and again, with the same identifier, when the labels change.
public struct RunRecord: Sendable, Hashable {
    /// The version of the record schema.
    ///
    /// The default is ``RecordSchema/version``. Decoding accepts any version: a reader of a log must refuse records
    /// that follow one of a version that it doesn't know.
    public var schema = RecordSchema.version
    /// The run's identifier: a ``ULID`` of the time at which the run began.
    public var run: String
    /// The version of Gerund.
    public var version: String
    /// The model's name.
    public var model: String
    /// The SHA-256 digest of the model's weight file, in 64 hexadecimal digits.
    public var modelSHA256: String
    /// The labels to recognize.
    public var labels: [String]
    /// The background phrases: descriptions of the scene when no label applies.
    public var background: [String]
    /// The media time that a window covers.
    public var window: Duration
    /// Windows per second of media time.
    public var windowsPerSecond: Double
    /// Frames per window.
    public var framesPerWindow: Int
    /// `exact`, `fast` or `auto`.
    public var mode: String
    /// The number format of the matrix multiplications: `f32`, `bf16` or `int8`.
    public var precision: String
    /// The wall-clock time at which the record was created, in UTC.
    public var time: Date

    /// Creates a record of the current schema version.
    public init(
        run: String, version: String, model: String, modelSHA256: String, labels: [String], background: [String],
        window: Duration, windowsPerSecond: Double, framesPerWindow: Int, mode: String, precision: String, time: Date
    ) {
        self.run = run
        self.version = version
        self.model = model
        self.modelSHA256 = modelSHA256
        self.labels = labels
        self.background = background
        self.window = window
        self.windowsPerSecond = windowsPerSecond
        self.framesPerWindow = framesPerWindow
        self.mode = mode
        self.precision = precision
        self.time = time
    }
}

extension RunRecord: RecordProtocol {
    /// The value `run`.
    public static let recordType = "run"

    private enum CodingKeys: String, CodingKey {
        case type, schema, run, version, model
        case modelSHA256 = "model_sha256"
        case labels, background
        case window = "window_s"
        case windowsPerSecond = "windows_per_s"
        case framesPerWindow = "frames_per_window"
        case mode, precision, time
    }

    /// Decodes the members that the schema documents.
    public init(from decoder: any Decoder) throws {
        let json = try decoder.container(keyedBy: CodingKeys.self)
        try json.requireType(Self.recordType, forKey: .type)
        self.init(
            run: try json.decode(String.self, forKey: .run), version: try json.decode(String.self, forKey: .version),
            model: try json.decode(String.self, forKey: .model),
            modelSHA256: try json.decode(String.self, forKey: .modelSHA256),
            labels: try json.decode([String].self, forKey: .labels),
            background: try json.decode([String].self, forKey: .background),
            window: try json.decodeDuration(secondsForKey: .window),
            windowsPerSecond: try json.decode(Double.self, forKey: .windowsPerSecond),
            framesPerWindow: try json.decode(Int.self, forKey: .framesPerWindow),
            mode: try json.decode(String.self, forKey: .mode),
            precision: try json.decode(String.self, forKey: .precision), time: try json.decodeTime(forKey: .time))
        self.schema = try json.decode(Int.self, forKey: .schema)
    }

    /// Encodes the members that the schema documents.
    public func encode(to encoder: any Encoder) throws {
        var json = encoder.container(keyedBy: CodingKeys.self)
        try json.encode(Self.recordType, forKey: .type)
        try json.encode(self.schema, forKey: .schema)
        try json.encode(self.run, forKey: .run)
        try json.encode(self.version, forKey: .version)
        try json.encode(self.model, forKey: .model)
        try json.encode(self.modelSHA256, forKey: .modelSHA256)
        try json.encode(self.labels, forKey: .labels)
        try json.encode(self.background, forKey: .background)
        try json.encodeSeconds(self.window, decimals: 3, forKey: .window)
        try json.encode(self.windowsPerSecond, decimals: 3, forKey: .windowsPerSecond)
        try json.encode(self.framesPerWindow, forKey: .framesPerWindow)
        try json.encode(self.mode, forKey: .mode)
        try json.encode(self.precision, forKey: .precision)
        try json.encode(self.time, forKey: .time)
    }
}
