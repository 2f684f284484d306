import Foundation
import GerundStream
public import GerundTensor
import XCLIP

/// Times the model's stages on this machine, with pictures and texts that are made up: the time of a dense model does
/// not depend on what it sees.
public struct Benchmark: Sendable {
    /// What is timed.
    public struct Configuration: Sendable {
        public var precision: Precision
        /// Threads of the matrix products.
        public var threads: Int
        public var labels: Int
        public var runs: Int

        public init(precision: Precision, threads: Int, labels: Int, runs: Int) {
            precondition(threads > 0 && labels > 0 && runs > 0, "\(threads) threads, \(labels) labels, \(runs) runs")
            self.precision = precision
            self.threads = threads
            self.labels = labels
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
        progress("loading the model")
        let clock = ContinuousClock()
        let began = clock.now
        let backend = try RecognitionModel.backend(for: self.configuration.precision)
        backend.setThreadCount(self.configuration.threads)
        let (model, name) = try self.load(backend)
        let load = clock.now - began

        progress("encoding \(self.configuration.labels) labels")
        let text = try self.text(for: model)
        let size = model.configuration.vision.imageSize
        let pictures = (0..<model.configuration.vision.frameCount).map { self.picture(number: $0, size: size) }
        var times = [BenchmarkReport.Stage: [Duration]]()
        var frames = pictures.map { model.embedFrame(rgb: $0.span, normalization: .imageNet) }
        progress("timing \(self.configuration.runs) windows")
        // The first window pays for pages and plans; it is told apart as the cold one.
        for run in 0...self.configuration.runs {
            try Task.checkCancellation()
            let picture = self.picture(number: run + pictures.count, size: size)
            let drawn = clock.now
            let newest = model.embedFrame(rgb: picture.span, normalization: .imageNet)
            frames = frames.dropFirst() + [newest]
            let embedded = clock.now
            let video = model.encodeVideo(frames)
            let encoded = clock.now
            _ = model.logitsPerVideo(video, text)
            let done = clock.now
            if run == 0 {
                times[.coldWindow] = [done - drawn]
            } else {
                times[.frame, default: []].append(embedded - drawn)
                times[.video, default: []].append(encoded - embedded)
                times[.logits, default: []].append(done - encoded)
                times[.window, default: []].append(done - drawn)
            }
        }
        return BenchmarkReport(
            model: name, engine: backend.engine.name, precision: self.configuration.precision,
            threads: self.configuration.threads, labels: self.configuration.labels, load: load,
            residentBytes: BenchmarkReport.residentBytes(), times: times)
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
        let step = 32
        let parts = try stride(from: 0, to: ids.count, by: step).map {
            try Task.checkCancellation()
            return model.encodeText(Array(ids[$0..<min($0 + step, ids.count)]))
        }
        return parts.dropFirst().reduce(parts[0]) { $0.appending($1) }
    }

    private func picture(number: Int, size: Int) -> [UInt8] {
        let values = GeneratedValues(name: "picture \(number)")
        return (0..<size * size * 3).map { UInt8(truncatingIfNeeded: values.bits($0)) }
    }
}
