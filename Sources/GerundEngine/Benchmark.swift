import GerundStream
public import GerundTensor
import XCLIP

/// Times the model's stages on this machine, with synthetic images and texts: the time of a dense model doesn't depend
/// on its input.
public struct Benchmark: Sendable {
    /// The configuration that a benchmark times.
    public struct Configuration: Sendable {
        /// The number of tokens of each older frame that are recomputed; `nil` for exact windows.
        public var refresh: Int?
        /// The precision of the matrix multiplications.
        public var precision: Precision
        /// The number of threads of the matrix multiplications.
        public var threads: Int
        /// The number of labels.
        public var labels: Int
        /// The numbers of sources with a new frame at the same time, which are timed one after the other.
        public var sources: [Int]
        /// The number of timed windows per source.
        public var runs: Int

        /// Creates a configuration.
        ///
        /// - Parameters:
        ///   - refresh: The number of tokens of each older frame that are recomputed, 0 or more; `nil` for exact
        ///     windows.
        ///   - precision: The precision of the matrix multiplications.
        ///   - threads: The number of threads of the matrix multiplications, at least 1.
        ///   - labels: The number of labels, at least 1.
        ///   - sources: The numbers of sources to time, each at least 1.
        ///   - runs: The number of timed windows per source, at least 1.
        public init(
            refresh: Int?, precision: Precision, threads: Int, labels: Int, sources: [Int], runs: Int
        ) {
            self.refresh = refresh
            self.precision = precision
            self.threads = threads
            self.labels = labels
            self.sources = sources
            self.runs = runs
        }

        fileprivate func validate() throws(ModelError) {
            let isValid =
                self.threads > 0 && self.labels > 0 && self.runs > 0 && self.sources.allSatisfy { $0 > 0 }
                && (self.refresh ?? 0) >= 0
            guard isValid else {
                throw ModelError(
                    code: .invalidSetting,
                    message: "threads, labels, sources and runs must be 1 or more, refresh 0 or more")
            }
        }
    }

    /// The origin of the model.
    public enum Source: Sendable {
        /// Synthetic weights in the size of `microsoft/xclip-base-patch32`.
        case generatedBasePatch32
        /// The path of a model directory.
        case directory(String)
    }

    private let source: Source
    private let configuration: Configuration

    /// Creates a benchmark.
    ///
    /// - Parameters:
    ///   - source: The origin of the model.
    ///   - configuration: The configuration to time.
    public init(source: Source, configuration: Configuration) {
        self.source = source
        self.configuration = configuration
    }

    /// Loads the model and times it, on a dedicated thread.
    ///
    /// - Parameter progress: Called with a description of each step, for a user.
    /// - Returns: The measurements.
    /// - Throws: ``ModelError`` if a number of the configuration is out of range or the model can't be loaded;
    ///   `CancellationError` between two steps of the text encoder or two runs.
    public func run(progress: @escaping @Sendable (String) -> Void) async throws -> BenchmarkReport {
        try self.configuration.validate()
        let executor = try ModelError.wrapping(.outOfResources) { () throws(ThreadCreationError) in
            try ThreadExecutor(name: "inference")
        }
        return try await Runner(executor: executor, source: self.source, configuration: self.configuration)
            .run(progress)
    }
}

/// An actor that times the model on a dedicated thread.
private actor Runner {
    private let executor: ThreadExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe self.executor.asUnownedSerialExecutor() }

    private let source: Benchmark.Source
    private let configuration: Benchmark.Configuration

    init(executor: ThreadExecutor, source: Benchmark.Source, configuration: Benchmark.Configuration) {
        self.executor = executor
        self.source = source
        self.configuration = configuration
    }

    func run(_ progress: (String) -> Void) throws -> BenchmarkReport {
        progress("measuring the processor and its memory")
        // Measured before the model runs, whose threads keep spinning for a while.
        let machine = BenchmarkMachine.measured(
            threads: self.configuration.threads, engine: try self.makeBackend().matmul)

        progress("loading the model")
        let clock = ContinuousClock()
        let began = clock.now
        let (model, name) = try self.load()
        let load = clock.now - began

        progress("encoding \(self.configuration.labels) labels")
        let text = try self.text(for: model)
        var report = BenchmarkReport(
            machine: machine, model: name, precision: self.configuration.precision, refresh: self.configuration.refresh,
            labels: self.configuration.labels, load: load, rows: [])
        for sources in self.configuration.sources {
            progress("timing \(self.configuration.runs) windows of \(sources) sources")
            let (times, residentBytes) = try self.times(of: model, text, sources: sources)
            report.rows.append(
                BenchmarkReport.Row(
                    sources: sources, times: times,
                    rooflineTime: self.rooflineTime(model.configuration, machine.peak, sources: sources),
                    residentBytes: residentBytes))
        }
        return report
    }

    /// Times one number of sources.
    ///
    /// - Returns: The time of each stage in each run, and the resident memory of the process, the sources' state
    ///   included.
    private func times(
        of model: XCLIPModel, _ text: TextFeatures, sources: Int
    ) throws -> (times: [BenchmarkReport.Stage: [Duration]], residentBytes: Int) {
        let vision = model.configuration.vision
        func images(_ frame: Int) -> [[UInt8]] {
            (0..<sources).map { self.image(number: frame * sources + $0, size: vision.imageSize) }
        }
        var work = BenchmarkWork(model: model, text: text, sources: sources, refresh: self.configuration.refresh)
        for frame in 0..<vision.frameCount { work.appendFrames(images(frame)) }
        var times = [BenchmarkReport.Stage: [Duration]]()
        // The first window pays for page faults and library plans; it is reported separately.
        for run in 0...self.configuration.runs {
            try Task.checkCancellation()
            let stages = work.step(images(vision.frameCount + run))
            if run == 0 {
                times[.coldWindow] = stages[.window].map { [$0] }
            } else {
                for (stage, duration) in stages { times[stage, default: []].append(duration) }
            }
        }
        // Kept alive, because the state counts and returns to the system when it is released.
        return withExtendedLifetime(work) { (times, BenchmarkReport.residentBytes()) }
    }

    private func rooflineTime(
        _ configuration: XCLIPConfiguration, _ peak: MachinePeak, sources: Int
    ) -> Duration? {
        let precision = self.configuration.precision
        return peak.gigaOperationsPerSecond[precision].map {
            WindowCost(
                configuration, refresh: self.configuration.refresh.map { .tokens($0) } ?? .all,
                labels: self.configuration.labels
            ).rooflineTime(
                windows: sources, gigaflops: $0, gigabytesPerSecond: peak.gigabytesPerSecond,
                bytesPerWeight: precision.byteCount)
        }
    }

    private func makeBackend() throws(ModelError) -> ComputeBackend {
        try RecognitionModel.backend(for: self.configuration.precision, threads: self.configuration.threads)
    }

    private func load() throws(ModelError) -> (XCLIPModel, name: String) {
        switch self.source {
        case .directory(let path):
            let model = try RecognitionModel(
                path: path, precision: self.configuration.precision, threads: self.configuration.threads)
            return (model.model, model.name)
        case .generatedBasePatch32:
            let backend = try self.makeBackend()
            do {
                let model = try XCLIPModel(
                    weights: SyntheticWeights(), configuration: .basePatch32, backend: backend)
                return (model, "generated:base-patch32")
            } catch {
                throw ModelError(code: .weights, wrapping: error)
            }
        }
    }

    /// Encodes texts of four words each, made of arbitrary token ids.
    ///
    /// The highest id ends a text.
    private func text(for model: XCLIPModel) throws -> TextFeatures {
        let last = Int32(model.configuration.text.vocabularySize - 1)
        let ids = (0..<Int32(self.configuration.labels)).map { label in
            [last - 1] + (0..<4).map { (label * 131 + $0 * 17) % (last - 1) } + [last]
        }
        var encoding = model.makeTextEncoder(ids)
        while try encoding.step() { try Task.checkCancellation() }
        return encoding.features
    }

    /// Returns a synthetic RGB image.
    private func image(number: Int, size: Int) -> [UInt8] {
        let values = SyntheticValues(name: "image \(number)")
        return (0..<size * size * 3).map { UInt8(truncatingIfNeeded: values.bits($0)) }
    }
}
