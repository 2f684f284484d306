public import FoundationEssentials

/// What is running and with which settings: enough to read a log a year later.
public struct RunRecord: Sendable, Hashable {
    /// Gerund's version.
    public var version: String
    /// The model's name.
    public var model: String
    /// `sha256:` and the digest of the weights' file.
    public var checksum: String
    public var labels: [String]
    /// The phrases that say what nothing looks like.
    public var background: [String]
    /// The time that a window covers, in seconds.
    public var span: Double
    /// Windows per second.
    public var rate: Double
    /// Frames in a window.
    public var frames: Int
    /// `exact`, `fast` or `auto`.
    public var mode: String
    /// The number format of the matrix products.
    public var precision: String
    public var time: Date

    public init(
        version: String, model: String, checksum: String, labels: [String], background: [String], span: Double,
        rate: Double, frames: Int, mode: String, precision: String, time: Date
    ) {
        self.version = version
        self.model = model
        self.checksum = checksum
        self.labels = labels
        self.background = background
        self.span = span
        self.rate = rate
        self.frames = frames
        self.mode = mode
        self.precision = precision
        self.time = time
    }

    var json: JSONLine {
        var json = JSONLine(type: "run")
        json.add("version", self.version)
        json.add("model", self.model)
        json.add("checksum", self.checksum)
        json.add("labels", self.labels)
        json.add("background", self.background)
        json.add("span", self.span, decimals: 3)
        json.add("rate", self.rate, decimals: 3)
        json.add("frames", self.frames)
        json.add("mode", self.mode)
        json.add("precision", self.precision)
        json.add("time", self.time.rfc3339)
        return json
    }
}
