import Foundation
import GerundStream
public import GerundTensor
import XCLIP

/// Times the model's stages on this machine, with pictures and texts that are made up: the time of a dense model does
/// not depend on what it sees.
public struct Benchmark: Sendable {
    /// What is timed.
    public struct Configuration: Sendable {
        /// How many rows of each older frame are computed anew; `nil` for exact windows.
        public var refresh: Int?
        public var precision: Precision
        /// Threads of the matrix products.
        public var threads: Int
        public var labels: Int
        /// How many sources have a new frame at the same time; timed one after the other.
        public var sources: [Int]
        public var runs: Int

        public init(
            refresh: Int?, precision: Precision, threads: Int, labels: Int, sources: [Int], runs: Int
        ) {
            precondition(threads > 0 && labels > 0 && runs > 0, "\(threads) threads, \(labels) labels, \(runs) runs")
            precondition(sources.allSatisfy { $0 > 0 }, "\(sources) sources")
            self.refresh = refresh
            self.precision = precision
            self.threads = threads
            self.labels = labels
            self.sources = sources
            self.runs = runs
        }
    }

    /// Where the model comes from.
    public enum Source: Sendable {
        /// `microsoft/xclip-base-patch32` in size, with generated weights.
        case generatedBasePatch32
        /// A model folder.
        case folder(String)
    }

    private let source: Source
    private let configuration: Configuration

    public init(source: Source, configuration: Configuration) {
        self.source = source
        self.configuration = configuration
    }

    /// Loads the model and times it, on a thread of its own.
    ///
    /// - Parameter progress: Told what is going on, for people.
    /// - Throws: ``ModelError``; `CancellationError` between two labels' batches or two runs.
    public func run(progress: @escaping @Sendable (String) -> Void) async throws -> BenchmarkReport {
        guard let executor = ThreadExecutor(name: "inference") else {
            throw ModelError(code: .system, message: "the system refuses another thread: raise its limit")
        }
        return try await Runner(executor: executor, source: self.source, configuration: self.configuration)
            .run(progress)
    }
}

/// Does the timing. An actor for its thread's sake.
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
        let backend = try RecognitionModel.backend(for: self.configuration.precision)
        progress("measuring the processor and its memory")
        // Before the products: their threads go on spinning for a while.
        let machine = BenchmarkMachine.measured(threads: self.configuration.threads, engine: backend.engine)

        progress("loading the model")
        let clock = ContinuousClock()
        let began = clock.now
        backend.setThreadCount(self.configuration.threads)
        let (model, name) = try self.load(backend)
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
                    limit: self.limit(model.configuration, machine.peak, sources: sources),
                    residentBytes: residentBytes))
        }
        return report
    }

    /// - Returns: How long each stage took in each run, and what the process held meanwhile, the sources' state included.
    private func times(
        of model: XCLIPModel, _ text: TextFeatures, sources: Int
    ) throws -> (times: [BenchmarkReport.Stage: [Duration]], residentBytes: Int) {
        let vision = model.configuration.vision
        func pictures(_ frame: Int) -> [[UInt8]] {
            (0..<sources).map { self.picture(number: frame * sources + $0, size: vision.imageSize) }
        }
        var work = BenchmarkWork(model: model, text: text, sources: sources, refresh: self.configuration.refresh)
        for frame in 0..<vision.frameCount { work.warmUp(pictures(frame)) }
        var times = [BenchmarkReport.Stage: [Duration]]()
        // The first window pays for pages and plans; it is told apart as the cold one.
        for run in 0...self.configuration.runs {
            try Task.checkCancellation()
            let stages = work.step(pictures(vision.frameCount + run))
            if run == 0 {
                times[.coldWindow] = stages[.window].map { [$0] }
            } else {
                for (stage, duration) in stages { times[stage, default: []].append(duration) }
            }
        }
        // The state goes back to the system as soon as it is let go, and is meant to be counted.
        return withExtendedLifetime(work) { (times, BenchmarkReport.residentBytes()) }
    }

    private func limit(
        _ configuration: XCLIP.Configuration, _ peak: ProcessorPeak, sources: Int
    ) -> Duration? {
        let precision = self.configuration.precision
        return peak.gigaOperations[precision].map {
            WindowArithmetic(
                configuration, refresh: self.configuration.refresh.map { .rows($0) } ?? .all,
                labels: self.configuration.labels
            ).limit(
                windows: sources, gigaOperations: $0, gigabytes: peak.gigabytes, bytesPerWeight: precision.byteCount)
        }
    }

    private func load(_ backend: ComputeBackend) throws(ModelError) -> (XCLIPModel, name: String) {
        switch self.source {
        case .folder(let path):
            let model = try RecognitionModel(path: path, precision: self.configuration.precision)
            return (model.model, model.name)
        case .generatedBasePatch32:
            do {
                let model = try XCLIPModel(
                    weights: GeneratedWeights(), configuration: .basePatch32, backend: backend)
                return (model, "generated:base-patch32")
            } catch {
                throw ModelError(code: .weights, message: "\(error)", cause: error)
            }
        }
    }

    /// Texts of a few words each, as ids below the vocabulary's size; the last and highest ends a text.
    private func text(for model: XCLIPModel) throws -> TextFeatures {
        let last = Int32(model.configuration.text.vocabularySize - 1)
        let ids = (0..<Int32(self.configuration.labels)).map { label in
            [last - 1] + (0..<4).map { (label * 131 + $0 * 17) % (last - 1) } + [last]
        }
        var encoding = model.textEncoding(ids)
        while try encoding.step() { try Task.checkCancellation() }
        return encoding.features
    }

    private func picture(number: Int, size: Int) -> [UInt8] {
        let values = GeneratedValues(name: "picture \(number)")
        return (0..<size * size * 3).map { UInt8(truncatingIfNeeded: values.bits($0)) }
    }
}
