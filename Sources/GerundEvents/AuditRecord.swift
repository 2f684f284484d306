public import FoundationEssentials
public import GerundCore

/// How far a source's fast windows stray from the exact ones, by those that were drawn at random and computed both
/// ways.
public struct AuditRecord: Sendable, Hashable {
    public var source: SourceID
    /// Media time of the newest frame.
    public var t: MediaTime
    /// Windows that were computed both ways since the run began.
    public var windows: Int
    /// Those whose best text, of labels and background phrases, was another.
    public var flips: Int
    /// The largest change of any label's score in any of them, 0...1.
    public var largestChange: Double
    /// What the largest change of a score in one more window of the kind keeps below with a probability of ``coverage``
    /// at least; 1 when the sample is too small to say.
    public var bound: Double
    public var coverage: Double
    /// How many of the windows, the latest, the bound is made of.
    public var sample: Int
    public var time: Date

    public init(
        source: SourceID, t: MediaTime, windows: Int, flips: Int, largestChange: Double, bound: Double,
        coverage: Double, sample: Int, time: Date
    ) {
        self.source = source
        self.t = t
        self.windows = windows
        self.flips = flips
        self.largestChange = largestChange
        self.bound = bound
        self.coverage = coverage
        self.sample = sample
        self.time = time
    }

    var json: JSONLine {
        var json = JSONLine(type: "audit")
        json.add("source", self.source.name)
        json.add("t", self.t.seconds, decimals: 3)
        json.add("windows", self.windows)
        json.add("flips", self.flips)
        json.add("largest_change", self.largestChange, decimals: 4)
        json.add("bound", self.bound, decimals: 4)
        json.add("coverage", self.coverage, decimals: 2)
        json.add("sample", self.sample)
        json.add("time", self.time.rfc3339)
        return json
    }
}
