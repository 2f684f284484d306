import Foundation
import GerundTesting
import Glibc
import Testing

@Suite("Configuration file of watch", .timeLimit(.minutes(10)))
struct ConfigurationTests {
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        self.directory = try TemporaryDirectory()
        self.path = self.directory.path("gerund.yaml")
    }

    /// An endless camera.
    private static func camera(_ name: String, size: String = "64x48") -> String {
        "{address: 'test:testsrc2=size=\(size):rate=25', name: \(name)}"
    }

    /// Sources in real time, with thresholds with which every window is inside an event, whatever it shows.
    private func write(_ sources: [String], _ rest: String = "") throws {
        try self.directory.write(
            """
            sources:
            \(sources.map { "  - \($0)\n" }.joined())
            pace: realtime
            format: jsonl
            start_threshold: 0
            end_threshold: 0
            min_duration: 0
            merge_gap: 0
            \(rest)
            """, to: "gerund.yaml")
    }

    private func count(_ part: String, in process: ChildProcess) -> Int {
        process.output.components(separatedBy: part).count - 1
    }

    // MARK: Start

    @Test("Gives sources and settings, and the command line overrides it")
    func start() async throws {
        try self.directory.write("running\nwalking\n", to: "labels.txt")
        try self.directory.write("start_threshold: 0.9\nwindow: 4\nlabels: [clapping]\n", to: "base.yaml")
        try self.directory.write(
            """
            sources: [{address: \(Gerund.clip), name: the clip}]
            window: 2
            rate: 4
            background: [nobody is here]
            log: events.jsonl
            duration: 3
            """, to: "gerund.yaml")
        let result = try await Gerund.run(
            "watch", "--config", self.directory.path("base.yaml"), "--config", self.path, "--rate", "8", "--labels",
            self.directory.path("labels.txt"))
        #expect(result.ending == .exited(0))
        #expect(result.errors == "")
        let lines = try result.lines
        let run = try #require(lines.first?.members)
        #expect((run.window, run.rate) == (2, 8))
        #expect(run.labels == ["running", "walking"] && run.background == ["nobody is here"])
        #expect(lines.last?.members.source == "the clip" && lines.last?.members.framesRead == 24)
        let log = try OutputLine.list(self.directory.text(of: "events.jsonl"))
        #expect(log.map(\.text) == lines.logged)
    }

    @Test("Is refused with every error on its own line, before anything runs")
    func broken() async throws {
        let path = try self.directory.write(
            "window: 2\nlables: [x]\nsources:\n  - ftp://u:s3cret@h/\n", to: "gerund.yaml")
        let result = try await Gerund.run("watch", Gerund.clip, "--config", path)
        #expect(result.ending == .exited(2))
        #expect(result.output == "")
        #expect(result.errorLines.count == 2)
        #expect(result.errors.hasPrefix("gerund: \(path):2: unknown key 'lables': did you mean 'labels'?\n"))
        #expect(result.errorLines.last?.hasPrefix("gerund: \(path):4: ") == true)
        #expect(!result.errors.contains("s3cret"))
    }

    @Test(
        "Is refused with the line of a value that doesn't fit the model",
        arguments: [
            ("model: nowhere", 4, 2, "model"), ("labels_file: nowhere.txt", 4, 2, "nowhere.txt"),
            ("labels:\n  - \(String(repeating: "waving ", count: 500))", 4, 2, "too long"),
            ("window: 3600\nrate: 60", 2, 3, "lower"), ("end_threshold: 0.9", 2, 2, "start"),
        ])
    func brokenForTheModel(text: String, exit: Int32, line: Int, part: String) async throws {
        let path = try self.directory.write("sources: [\(Gerund.clip)]\n\(text)\n", to: "gerund.yaml")
        let result = try await Gerund.run("watch", "--config", path)
        result.expectRefused(exit: exit, "\(path):\(line): ", part)
        #expect(result.output == "")
    }

    @Test("Needs no sources if the command line names some")
    func noSources() async throws {
        let path = try self.directory.write(
            "labels: [running]\nthresholds: {running: {start_threshold: 1}}\n", to: "gerund.yaml")
        try await Gerund.run("watch", "--config", path).expectRefused(exit: 2, path, "no source")
        let result = try await Gerund.run("watch", Gerund.clip, "--config", path, "--duration", "12")
        #expect(result.ending == .exited(0))
        // No score is above a threshold of 1.
        let labels = try result.lines.ofType("label")
        #expect(labels.count > 20 && labels.allSatisfy { $0.label == nil })
    }

    // MARK: While running

    @Test("Adds, changes and removes sources on SIGHUP, without a gap in the others")
    func sources() async throws {
        try self.write([Self.camera("door"), Self.camera("yard"), Self.camera("desk")])
        let process = try await Gerund.start(["watch", "--config", self.path])
        for name in ["door", "yard", "desk"] {
            try await process.wait(for: "an event at \(name)") {
                $0.output.split(separator: "\n").contains {
                    $0.contains(#""phase":"started""#) && $0.contains(#""source":"\#(name)""#)
                }
            }
        }
        try self.write([Self.camera("door"), Self.camera("desk", size: "96x64"), Self.camera("hall")])
        process.signal(SIGHUP)
        try await process.wait(for: "the new sources") { _ in self.count(#""state":"connected""#, in: process) == 5 }
        try await process.wait(for: "their labels") { $0.output.contains(/"type":"label","source":"hall"/) }
        process.signal(SIGINT)
        let result = try await process.result(within: .seconds(20))
        #expect(result.ending == .exited(130))
        #expect(
            result.errors
                == "gerund: configuration reloaded: source 'hall' added; source 'desk' changed; source 'yard' removed\n"
        )

        let lines = try result.lines
        func story(_ name: String) -> [String] {
            lines.filter { $0.members.source == name && ["source", "summary"].contains($0.members.type) }
                .map { $0.members.state ?? "summary" }
        }
        #expect(story("door") == ["connected", "warming_up", "summary"])
        #expect(story("yard") == ["connected", "warming_up", "summary"])
        #expect(story("desk").prefix(5) == ["connected", "warming_up", "summary", "connected", "warming_up"])
        #expect(story("hall") == ["connected", "warming_up", "summary"])
        let sizes = lines.filter { $0.members.source == "desk" }.compactMap(\.members.width)
        #expect(sizes == [64, 96])
        let ofDoor = lines.map(\.members).filter { $0.source == "door" && $0.type == "label" }.compactMap(\.mediaTime)
        #expect(zip(ofDoor, ofDoor.dropFirst()).allSatisfy { $0 < $1 })
        lines.expectClosedEvents()
        let ofYard = lines.map(\.members).last { $0.source == "yard" && $0.phase == "ended" }
        #expect(ofYard?.interrupted == true)
        #expect(lines.ofType("run").count == 1)
    }

    @Test("Changes nothing when it becomes invalid, and reports why in one line")
    func brokenWhileRunning() async throws {
        try self.write([Self.camera("door")])
        let process = try await Gerund.start(["watch", "--config", self.path])
        try await process.wait(for: "a label") { $0.output.contains(#""type":"label""#) }
        let breakages = [
            ("lables: [x]\nspam: 2", "unknown key 'lables'"), ("rate: 2", "'rate' can't be changed"),
            ("window: two", "'window'"), ("a: b: c", "invalid YAML"),
            ("labels:\n  - \(String(repeating: "waving ", count: 500))", "too long"),
        ]
        for (number, (text, part)) in breakages.enumerated() {
            try self.write([Self.camera("door"), Self.camera("yard")], text)
            process.signal(SIGHUP)
            try await process.wait(for: part) { $0.errors.split(separator: "\n").count > number }
            let line = process.errors.split(separator: "\n")[number]
            #expect(line.hasPrefix("gerund: \(self.path):") && line.contains(part), "\(line)")
            #expect(line.hasSuffix("keeping the current configuration"))
        }
        let windows = self.count(#""type":"label""#, in: process)
        try await process.wait(for: "more labels") { _ in self.count(#""type":"label""#, in: process) > windows + 2 }
        // A valid one is applied as if nothing had happened.
        try self.write([Self.camera("door"), Self.camera("yard")])
        try await process.wait(for: "the new source") { $0.output.contains(/"type":"label","source":"yard"/) }
        process.signal(SIGTERM)
        let result = try await process.result(within: .seconds(20))
        #expect(result.ending == .exited(143))
        #expect(result.errorLines.count == breakages.count + 1)
        #expect(result.errorLines.last == "gerund: configuration reloaded: source 'yard' added")
        let states = try result.lines.filter { $0.members.source == "door" }.ofType("source").map(\.state)
        #expect(states == ["connected", "warming_up"])
    }

    @Test("Changes labels between two windows, as an edited label file does", arguments: ["config", "option"])
    func labels(origin: String) async throws {
        let list = try self.directory.write("running\nwaving a hand\n", to: "labels.txt")
        try self.write([Self.camera("door")], origin == "config" ? "labels_file: labels.txt" : "")
        let options = origin == "config" ? [] : ["--labels", list]
        let process = try await Gerund.start(["watch", "--config", self.path] + options)
        try await process.wait(for: "an event") { $0.output.contains(#""phase":"started""#) }
        try self.directory.write("a dog\nclapping\n", to: "labels.txt")
        try await process.wait(for: "the new labels") { $0.output.contains(/"top":\[{"label":"(a dog|clapping)"/) }
        process.signal(SIGINT)
        let result = try await process.result(within: .seconds(20))
        #expect(result.errors == "gerund: configuration reloaded: 2 labels added, 2 removed\n")

        let lines = try result.lines
        #expect(lines.ofType("run").map(\.labels) == [["running", "waving a hand"], ["a dog", "clapping"]])
        let seen = lines.ofType("label").compactMap(\.label)
        let change = seen.firstIndex { ["a dog", "clapping"].contains($0) } ?? seen.endIndex
        #expect(change > 0 && change < seen.endIndex)
        #expect(seen[..<change].allSatisfy { ["running", "waving a hand"].contains($0) })
        #expect(seen[change...].allSatisfy { ["a dog", "clapping"].contains($0) })
        lines.expectClosedEvents()
        // The open event had another label: it ends before any event with a new one starts.
        let last = try #require(
            lines.ofType("event").last { $0.phase == "ended" && ["running", "waving a hand"].contains($0.label ?? "") })
        #expect(last.interrupted == true)
        #expect(
            lines.filter { $0.members.source == "door" }.ofType("source").map(\.state) == ["connected", "warming_up"])
    }

    @Test("Keeps the labels when the model can't encode new ones, and reports why in one line")
    func brokenModel() async throws {
        let copy = try ModelCopy(
            replacing: "model.safetensors", with: try ModelCopy.bytes(of: "model.safetensors"))
        let list = try self.directory.write("running\n", to: "labels.txt")
        try self.write([Self.camera("door")], "model: \(copy.path)")
        let process = try await Gerund.start(["watch", "--config", self.path, "--labels", list])
        try await process.wait(for: "a label") { $0.output.contains(#""type":"label""#) }
        // Truncated in its place: a replaced file stays readable for a process that has it open.
        try FileHandle(forWritingTo: URL(filePath: "\(copy.path)/model.safetensors")).truncate(atOffset: 1000)
        try self.directory.write("a dog\n", to: "labels.txt")
        try await process.wait(for: "the error") { $0.errors.contains("model.safetensors") }
        let windows = self.count(#""type":"label""#, in: process)
        try await process.wait(for: "more labels") { _ in self.count(#""type":"label""#, in: process) > windows + 2 }
        process.signal(SIGINT)
        let result = try await process.result(within: .seconds(20))
        #expect(result.ending == .exited(130))
        #expect(result.errorLines.count == 1, "\(result.errors)")
        #expect(result.errors.contains("model.safetensors"))
        #expect(!result.output.contains("a dog"))
        #expect(try result.lines.ofType("run").count == 1)
        try result.lines.expectClosedEvents()
    }
}
