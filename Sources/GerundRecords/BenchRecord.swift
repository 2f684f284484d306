import GerundCore

/// The times of the model's stages on this machine.
public struct BenchRecord: Sendable, Hashable {
    /// The machine on which the benchmark ran.
    public struct Machine: Sendable, Hashable {
        /// The processor's name, as the system reports it.
        public var cpu: String
        /// The processor's instruction sets that speed up matrix multiplications, as the system names them.
        public var features: [String]
        /// The number of threads.
        public var threads: Int
        /// The name and version of the matrix multiplication backend.
        public var engine: String
        /// The processor family that OpenBLAS chose.
        public var blasCore: String
        /// The measured peak arithmetic throughput for each number format.
        public var peakGigaflops: PeakGigaflops
        /// The measured peak memory bandwidth, in gigabytes (10⁹ bytes) per second.
        public var bandwidthGigabytesPerSecond: Double

        /// Creates a description of a machine.
        public init(
            cpu: String, features: [String], threads: Int, engine: String, blasCore: String,
            peakGigaflops: PeakGigaflops, bandwidthGigabytesPerSecond: Double
        ) {
            self.cpu = cpu
            self.features = features
            self.threads = threads
            self.engine = engine
            self.blasCore = blasCore
            self.peakGigaflops = peakGigaflops
            self.bandwidthGigabytesPerSecond = bandwidthGigabytesPerSecond
        }
    }

    /// Peak arithmetic throughput, in 10⁹ operations per second; a multiply-add counts as two.
    ///
    /// `nil` for a number format that the processor has no instructions for.
    public struct PeakGigaflops: Sendable, Hashable {
        /// In float32.
        public var f32: Double?
        /// In bfloat16.
        public var bf16: Double?
        /// In 8-bit integers.
        public var int8: Double?

        /// Creates a set of throughputs.
        public init(f32: Double?, bf16: Double?, int8: Double?) {
            self.f32 = f32
            self.bf16 = bf16
            self.int8 = int8
        }
    }

    /// The times for one number of sources.
    ///
    /// A run computes one window of each source. All times are elapsed real time.
    public struct Row: Sendable, Hashable {
        /// `exact` or `fast`.
        public var mode: String
        /// The number format of the matrix multiplications: `f32`, `bf16` or `int8`.
        public var precision: String
        /// The number of tokens that are recomputed per older frame; `nil` for all, which is exact mode.
        public var refreshedTokens: Int?
        /// The number of labels.
        public var labelCount: Int
        /// The number of sources that have a new frame at the same time.
        public var sources: Int
        /// The number of runs that were timed.
        public var runs: Int
        /// The median time of a run.
        public var median: Duration
        /// The shortest time of a run.
        public var minimum: Duration
        /// The longest time of a run.
        public var maximum: Duration
        /// The time of the first run, before caches are warm.
        public var coldStart: Duration
        /// The shortest time that the machine's peak throughput and bandwidth allow; `nil` if the peak is unknown.
        public var roofline: Duration?
        /// Resident memory after the runs, in megabytes (10⁶ bytes).
        public var residentMegabytes: Double

        /// Creates a row.
        public init(
            mode: String, precision: String, refreshedTokens: Int?, labelCount: Int, sources: Int, runs: Int,
            median: Duration, minimum: Duration, maximum: Duration, coldStart: Duration, roofline: Duration?,
            residentMegabytes: Double
        ) {
            self.mode = mode
            self.precision = precision
            self.refreshedTokens = refreshedTokens
            self.labelCount = labelCount
            self.sources = sources
            self.runs = runs
            self.median = median
            self.minimum = minimum
            self.maximum = maximum
            self.coldStart = coldStart
            self.roofline = roofline
            self.residentMegabytes = residentMegabytes
        }
    }

    /// The version of the record schema.
    ///
    /// The default is ``RecordSchema/version``.
    public var schema = RecordSchema.version
    /// The machine on which the benchmark ran.
    public var machine: Machine
    /// The model's name.
    public var model: String
    /// The elapsed real time of reading and packing the weights.
    public var load: Duration
    /// One row per number of sources.
    public var rows: [Row]

    /// Creates a record of the current schema version.
    public init(machine: Machine, model: String, load: Duration, rows: [Row]) {
        self.machine = machine
        self.model = model
        self.load = load
        self.rows = rows
    }
}

extension BenchRecord: RecordProtocol {
    /// The value `bench`.
    public static let recordType = "bench"

    private enum CodingKeys: String, CodingKey {
        case type, schema, machine, model
        case load = "load_ms"
        case rows
    }

    /// Decodes the members that the schema documents.
    public init(from decoder: any Decoder) throws {
        let json = try decoder.container(keyedBy: CodingKeys.self)
        try json.requireType(Self.recordType, forKey: .type)
        self.init(
            machine: try json.decode(Machine.self, forKey: .machine),
            model: try json.decode(String.self, forKey: .model),
            load: try json.decodeDuration(millisecondsForKey: .load), rows: try json.decode([Row].self, forKey: .rows))
        self.schema = try json.decode(Int.self, forKey: .schema)
    }

    /// Encodes the members that the schema documents.
    public func encode(to encoder: any Encoder) throws {
        var json = encoder.container(keyedBy: CodingKeys.self)
        try json.encode(Self.recordType, forKey: .type)
        try json.encode(self.schema, forKey: .schema)
        try json.encode(self.machine, forKey: .machine)
        try json.encode(self.model, forKey: .model)
        try json.encodeMilliseconds(self.load, forKey: .load)
        try json.encode(self.rows, forKey: .rows)
    }
}

extension BenchRecord.Machine: Codable {
    private enum CodingKeys: String, CodingKey {
        case cpu, features, threads, engine
        case blasCore = "blas_core"
        case peakGigaflops = "peak_gflops"
        case bandwidth = "bandwidth_gb_s"
    }

    /// Decodes the members that the schema documents.
    public init(from decoder: any Decoder) throws {
        let json = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            cpu: try json.decode(String.self, forKey: .cpu),
            features: try json.decode([String].self, forKey: .features),
            threads: try json.decode(Int.self, forKey: .threads), engine: try json.decode(String.self, forKey: .engine),
            blasCore: try json.decode(String.self, forKey: .blasCore),
            peakGigaflops: try json.decode(BenchRecord.PeakGigaflops.self, forKey: .peakGigaflops),
            bandwidthGigabytesPerSecond: try json.decode(Double.self, forKey: .bandwidth))
    }

    /// Encodes the members that the schema documents.
    public func encode(to encoder: any Encoder) throws {
        var json = encoder.container(keyedBy: CodingKeys.self)
        try json.encode(self.cpu, forKey: .cpu)
        try json.encode(self.features, forKey: .features)
        try json.encode(self.threads, forKey: .threads)
        try json.encode(self.engine, forKey: .engine)
        try json.encode(self.blasCore, forKey: .blasCore)
        try json.encode(self.peakGigaflops, forKey: .peakGigaflops)
        try json.encode(self.bandwidthGigabytesPerSecond, decimals: 1, forKey: .bandwidth)
    }
}

extension BenchRecord.PeakGigaflops: Codable {
    private enum CodingKeys: String, CodingKey {
        case f32, bf16, int8
    }

    /// Decodes the members that the schema documents.
    public init(from decoder: any Decoder) throws {
        let json = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            f32: try json.decode(Double?.self, forKey: .f32), bf16: try json.decode(Double?.self, forKey: .bf16),
            int8: try json.decode(Double?.self, forKey: .int8))
    }

    /// Encodes the members that the schema documents; `null` for a number format without instructions.
    public func encode(to encoder: any Encoder) throws {
        var json = encoder.container(keyedBy: CodingKeys.self)
        try json.encodeOrNull(self.f32, decimals: 0, forKey: .f32)
        try json.encodeOrNull(self.bf16, decimals: 0, forKey: .bf16)
        try json.encodeOrNull(self.int8, decimals: 0, forKey: .int8)
    }
}

extension BenchRecord.Row: Codable {
    private enum CodingKeys: String, CodingKey {
        case mode, precision
        case refreshedTokens = "refreshed_tokens"
        case labelCount = "label_count"
        case sources, runs
        case median = "median_ms"
        case minimum = "min_ms"
        case maximum = "max_ms"
        case coldStart = "cold_start_ms"
        case roofline = "roofline_ms"
        case residentMegabytes = "rss_mb"
    }

    /// Decodes the members that the schema documents.
    public init(from decoder: any Decoder) throws {
        let json = try decoder.container(keyedBy: CodingKeys.self)
        let isRooflineKnown = try !json.decodeNil(forKey: .roofline)
        self.init(
            mode: try json.decode(String.self, forKey: .mode),
            precision: try json.decode(String.self, forKey: .precision),
            refreshedTokens: try json.decode(Int?.self, forKey: .refreshedTokens),
            labelCount: try json.decode(Int.self, forKey: .labelCount),
            sources: try json.decode(Int.self, forKey: .sources), runs: try json.decode(Int.self, forKey: .runs),
            median: try json.decodeDuration(millisecondsForKey: .median),
            minimum: try json.decodeDuration(millisecondsForKey: .minimum),
            maximum: try json.decodeDuration(millisecondsForKey: .maximum),
            coldStart: try json.decodeDuration(millisecondsForKey: .coldStart),
            roofline: isRooflineKnown ? try json.decodeDuration(millisecondsForKey: .roofline) : nil,
            residentMegabytes: try json.decode(Double.self, forKey: .residentMegabytes))
    }

    /// Encodes the members that the schema documents.
    public func encode(to encoder: any Encoder) throws {
        var json = encoder.container(keyedBy: CodingKeys.self)
        try json.encode(self.mode, forKey: .mode)
        try json.encode(self.precision, forKey: .precision)
        try json.encode(self.refreshedTokens, forKey: .refreshedTokens)
        try json.encode(self.labelCount, forKey: .labelCount)
        try json.encode(self.sources, forKey: .sources)
        try json.encode(self.runs, forKey: .runs)
        try json.encodeMilliseconds(self.median, decimals: 3, forKey: .median)
        try json.encodeMilliseconds(self.minimum, decimals: 3, forKey: .minimum)
        try json.encodeMilliseconds(self.maximum, decimals: 3, forKey: .maximum)
        try json.encodeMilliseconds(self.coldStart, decimals: 3, forKey: .coldStart)
        try json.encodeOrNull(self.roofline?.milliseconds, decimals: 3, forKey: .roofline)
        try json.encode(self.residentMegabytes, decimals: 1, forKey: .residentMegabytes)
    }
}
