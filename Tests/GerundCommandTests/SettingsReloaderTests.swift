import Foundation
import GerundCore
import GerundEngine
import GerundEvents
import GerundRecords
import GerundSettings
import GerundStream
import GerundTesting
import Testing

@testable import gerund

@Suite("SettingsReloader")
struct SettingsReloaderTests {
    private struct DiscardingSink: RecordSink {
        func write(_ record: Record) {}
    }

    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        self.directory = try TemporaryDirectory()
        self.path = self.directory.path("gerund.yaml")
        let model = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Samples/demo-model")
            .path
        try FileManager.default.copyItem(atPath: model, toPath: self.directory.path("model"))
    }

    private func write(_ text: String) throws {
        try self.directory.write("sources: [door.mp4]\nmodel: model\n" + text, to: "gerund.yaml")
    }

    /// Calls `body` during a run with the settings of the file.
    private func run(_ body: (SettingsReloader, RunController) async throws -> Void) async throws {
        let loader = try SettingsLoader(paths: [self.path], commandLine: Settings())
        let fingerprints = loader.fingerprints()
        let settings = try loader.load()
        let model = try await ModelLoader.load(settings)
        let configuration = try WatchConfiguration(settings, model: model)
        let controller = RunController()
        let reloader = try SettingsReloader(
            loader: loader, fingerprints: fingerprints, configuration: configuration, controller: controller)
        let recognizer = try await Recognizer(model: model, configuration: configuration.recognizer)
        let source = ScriptedFrameSource(
            id: SourceID("door.mp4"), frameFormat: model.inputFormat,
            steps: [.state(.connected(ScriptedFrameSource.description)), .stall])
        async let outcomes = recognizer.run([source], controller: controller, into: DiscardingSink())
        let result = await Result { try await body(reloader, controller) }
        await controller.stopSources()
        _ = try await outcomes
        try result.get()
    }

    @Test("Applies changed labels and thresholds to the run")
    func applied() async throws {
        try self.write("labels: [running]\n")
        try await self.run { reloader, controller in
            try self.write("labels: [running, a dog]\nstart_threshold: 0.9\n")
            await reloader.reload()
            let configuration = try #require(controller.configuration)
            #expect(configuration.labels.labels == ["running", "a dog"])
            #expect(configuration.thresholds.startThreshold == 0.9)
        }
    }

    @Test("Keeps the whole configuration if a file is invalid or an immutable setting changes")
    func invalid() async throws {
        try self.write("labels: [running]\n")
        try await self.run { reloader, controller in
            for text in ["labels: [running]\nstart_threshold: 2\n", "labels: [a dog]\nrate: 1\n", "labels: [\n"] {
                try self.write(text)
                await reloader.reload()
                #expect(controller.configuration?.labels.labels == ["running"])
                #expect(controller.configuration?.thresholds.startThreshold == 0.5)
            }
        }
    }

    @Test("Watches the label file that a refused configuration names")
    func labelFile() async throws {
        try self.write("labels: [running]\n")
        try await self.run { reloader, controller in
            try self.write("labels_file: labels.txt\n")
            await reloader.reload()
            #expect(controller.configuration?.labels.labels == ["running"], "the file doesn't exist")
            for text in ["# no label yet\n", "a dog\n"] {
                try self.directory.write(text, to: "labels.txt")
                // The first poll sees the edit, the second one that it is complete.
                for _ in 0..<2 { await reloader.poll() }
            }
            #expect(controller.configuration?.labels.labels == ["a dog"])
        }
    }

    @Test("Compares the next change with the configuration that the run kept, not with a refused one")
    func refused() async throws {
        try self.write("labels: [running]\n")
        let weights = "model/model.safetensors"
        let bytes = try self.directory.bytes(of: weights)
        try await self.run { reloader, controller in
            // Overwritten in its place: a replaced file stays readable for a process that has it open.
            let file = try FileHandle(forWritingTo: URL(filePath: self.directory.path(weights)))
            try file.truncate(atOffset: 1000)
            try self.write("labels: [a dog]\nstart_threshold: 0.9\n")
            await reloader.reload()
            #expect(controller.configuration?.labels.labels == ["running"])
            #expect(controller.configuration?.thresholds.startThreshold == 0.5)

            // The same file again is a change still, and now possible.
            try file.seek(toOffset: 0)
            try file.write(contentsOf: Data(bytes))
            await reloader.reload()
            #expect(controller.configuration?.labels.labels == ["a dog"])
            #expect(controller.configuration?.thresholds.startThreshold == 0.9)
        }
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
