import Foundation
import Glibc
import Testing

@Suite("A configuration file of watch")
struct ConfigurationTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        self.folder = try TemporaryFolder()
        self.path = self.folder.path("gerund.yaml")
    }

    /// An endless camera.
    private static func camera(_ name: String, size: String = "64x48") -> String {
        "{address: 'test:testsrc2=size=\(size):rate=25', name: \(name)}"
    }

    /// Sources in real time, with levels with which every window is inside an event, whatever it shows.
    private func write(_ sources: [String], _ rest: String = "") throws {
        try self.folder.write(
            """
            sources:
            \(sources.map { "  - \($0)\n" }.joined())
            pace: realtime
            format: jsonl
            enter: 0
            exit: 0
            min_duration: 0
            merge_gap: 0
            \(rest)
            """, to: "gerund.yaml")
    }

    private func count(_ part: String, in process: ChildProcess) -> Int {
        process.output.components(separatedBy: part).count - 1
    }

    private func expectClosedEvents(_ lines: [OutputLine], sourceLocation: SourceLocation = #_sourceLocation) {
        let events = lines.ofType("event")
        let starts = events.filter { $0.phase == "start" }.compactMap(\.id)
        #expect(!starts.isEmpty, sourceLocation: sourceLocation)
        #expect(
            starts.sorted() == events.filter { $0.phase == "end" }.compactMap(\.id).sorted(),
            sourceLocation: sourceLocation)
    }

    // MARK: At the start

    @Test("says what to watch, and the command line counts more")
    func start() async throws {
        try self.folder.write("running\nwalking\n", to: "labels.txt")
        try self.folder.write("enter: 0.9\nspan: 4\nlabels: [clapping]\n", to: "base.yaml")
        try self.folder.write(
            """
            sources: [{address: \(Gerund.clip), name: the clip}]
            span: 2
            rate: 4
            background: [nobody is here]
            log: events.jsonl
            duration: 3
            """, to: "gerund.yaml")
        let result = try await Gerund.run(
            "watch", "--config", self.folder.path("base.yaml"), "--config", self.path, "--rate", "8", "--labels",
            self.folder.path("labels.txt"))
        #expect(result.ending == .exited(0))
        #expect(result.errors == "")
        let lines = try result.lines
        let run = try #require(lines.first?.members)
        #expect((run.span, run.rate) == (2, 8))
        #expect(run.labels == ["running", "walking"] && run.background == ["nobody is here"])
        #expect(lines.last?.members.source == "the clip" && lines.last?.members.frames == 24)
        let log = try OutputLine.list(self.folder.text(of: "events.jsonl"))
        #expect(log.map(\.text) == lines.filter { $0.members.type != "label" }.map(\.text))
    }

    @Test("is refused with everything that is wrong, a line each, before anything runs")
    func broken() async throws {
        let path = try self.folder.write("span: 2\nlables: [x]\nsources:\n  - ftp://u:s3cret@h/\n", to: "gerund.yaml")
        let result = try await Gerund.run("watch", Gerund.clip, "--config", path)
        #expect(result.ending == .exited(2))
        #expect(result.output == "")
        #expect(result.errorLines.count == 2)
        #expect(result.errors.hasPrefix("gerund: \(path):2: unknown key 'lables': did you mean 'labels'?\n"))
        #expect(result.errorLines.last?.hasPrefix("gerund: \(path):4: ") == true)
        #expect(!result.errors.contains("s3cret"))
    }

    @Test(
        "is refused with the line of what only the model shows to be wrong",
        arguments: [
            ("model: nowhere", 4, 2, "no such model folder"), ("labels_file: nowhere.txt", 4, 2, "nowhere.txt"),
            ("labels:\n  - \(String(repeating: "waving ", count: 500))", 4, 2, "too long"),
            ("span: 3600\nrate: 60", 2, 3, "lower one of them"), ("exit: 0.9", 2, 2, "above"),
        ])
    func brokenForTheModel(text: String, exit: Int32, line: Int, part: String) async throws {
        let path = try self.folder.write("sources: [\(Gerund.clip)]\n\(text)\n", to: "gerund.yaml")
        let result = try await Gerund.run("watch", "--config", path)
        BadSourceTests.expectRefused(result, exit: exit, "\(path):\(line): ", part)
        #expect(result.output == "")
    }

    @Test("may leave out the sources only if the command line names some")
    func noSources() async throws {
        let path = try self.folder.write("labels: [running]\nthresholds: {running: {enter: 1}}\n", to: "gerund.yaml")
        BadSourceTests.expectRefused(try await Gerund.run("watch", "--config", path), exit: 2, path, "no source")
        let result = try await Gerund.run("watch", Gerund.clip, "--config", path, "--duration", "12")
        #expect(result.ending == .exited(0))
        // Nothing is above a level of 1, although the clip shows running.
        #expect(try result.lines.ofType("label").allSatisfy { $0.label == "none" })
    }

    // MARK: While running

    @Test("read again on SIGHUP adds, changes and removes sources, and leaves the others alone")
    func sources() async throws {
        try self.write([Self.camera("door"), Self.camera("yard"), Self.camera("desk")])
        let process = try await Gerund.start(["watch", "--config", self.path])
        for name in ["door", "yard", "desk"] {
            try await process.wait(for: "an event at \(name)") {
                $0.output.split(separator: "\n").contains {
                    $0.contains(#""phase":"start""#) && $0.contains(#""source":"\#(name)""#)
                }
            }
        }
        try self.write([Self.camera("door"), Self.camera("desk", size: "96x64"), Self.camera("hall")])
        process.signal(SIGHUP)
        try await process.wait(for: "the new sources") { _ in self.count(#""state":"open""#, in: process) == 5 }
        try await process.wait(for: "their labels") { $0.output.contains(/"type":"label","source":"hall"/) }
        process.signal(SIGINT)
        let result = try await process.result(within: .seconds(20))
        #expect(result.ending == .exited(130))
        #expect(result.errors == "gerund: settings were read again: added hall; changed desk; removed yard\n")

        let lines = try result.lines
        func story(_ name: String) -> [String] {
            lines.filter { $0.members.source == name && ["source", "end"].contains($0.members.type) }
                .map { $0.members.state ?? "end" }
        }
        #expect(story("door") == ["open", "warming", "end"])
        #expect(story("yard") == ["open", "warming", "end"])
        #expect(story("desk").prefix(5) == ["open", "warming", "end", "open", "warming"])
        #expect(story("hall") == ["open", "warming", "end"])
        let sizes = lines.filter { $0.members.source == "desk" }.compactMap(\.members.width)
        #expect(sizes == [64, 96])
        let ofDoor = lines.map(\.members).filter { $0.source == "door" && $0.type == "label" }.compactMap(\.t)
        #expect(zip(ofDoor, ofDoor.dropFirst()).allSatisfy { $0 < $1 })
        self.expectClosedEvents(lines)
        let ofYard = lines.map(\.members).last { $0.source == "yard" && $0.phase == "end" }
        #expect(ofYard?.interrupted == true)
        #expect(lines.ofType("run").count == 1)
    }

    @Test("that is edited to a broken one is told in one line, and everything stays as it was")
    func brokenWhileRunning() async throws {
        try self.write([Self.camera("door")])
        let process = try await Gerund.start(["watch", "--config", self.path])
        try await process.wait(for: "a label") { $0.output.contains(#""type":"label""#) }
        let breakages = [
            ("lables: [x]\nspam: 2", "unknown key 'lables'"), ("rate: 2", "'rate' can't change"),
            ("labels: [none]", "choose another"), ("a: b: c", "no YAML"),
            ("labels:\n  - \(String(repeating: "waving ", count: 500))", "too long"),
        ]
        for (number, (text, part)) in breakages.enumerated() {
            try self.write([Self.camera("door"), Self.camera("yard")], text)
            process.signal(SIGHUP)
            try await process.wait(for: part) { $0.errors.split(separator: "\n").count > number }
            let line = process.errors.split(separator: "\n")[number]
            #expect(line.hasPrefix("gerund: \(self.path):") && line.contains(part), "\(line)")
            #expect(line.hasSuffix("; everything stays as it was"))
        }
        let windows = self.count(#""type":"label""#, in: process)
        try await process.wait(for: "more labels") { _ in self.count(#""type":"label""#, in: process) > windows + 2 }
        // A good one is taken as if nothing had been.
        try self.write([Self.camera("door"), Self.camera("yard")])
        try await process.wait(for: "the new source") { $0.output.contains(/"type":"label","source":"yard"/) }
        process.signal(SIGTERM)
        let result = try await process.result(within: .seconds(20))
        #expect(result.ending == .exited(143))
        #expect(result.errorLines.count == breakages.count + 1)
        #expect(result.errorLines.last == "gerund: settings were read again: added yard")
        let states = try result.lines.filter { $0.members.source == "door" }.ofType("source").map(\.state)
        #expect(states == ["open", "warming"])
    }

    @Test("or a file of labels that is edited switches labels between two windows", arguments: ["config", "option"])
    func labels(place: String) async throws {
        let list = try self.folder.write("running\nwaving a hand\n", to: "labels.txt")
        try self.write([Self.camera("door")], place == "config" ? "labels_file: labels.txt" : "")
        let options = place == "config" ? [] : ["--labels", list]
        let process = try await Gerund.start(["watch", "--config", self.path] + options)
        try await process.wait(for: "an event") { $0.output.contains(#""phase":"start""#) }
        try self.folder.write("a dog\nclapping\n", to: "labels.txt")
        try await process.wait(for: "the new labels") { $0.output.contains(/"top":\[\["(a dog|clapping)"/) }
        process.signal(SIGINT)
        let result = try await process.result(within: .seconds(20))
        #expect(result.errors == "gerund: settings were read again: labels: 2 new, 2 gone\n")

        let lines = try result.lines
        #expect(lines.ofType("run").map(\.labels) == [["running", "waving a hand"], ["a dog", "clapping"]])
        let seen = lines.ofType("label").compactMap(\.label)
        let turn = seen.firstIndex { ["a dog", "clapping"].contains($0) } ?? seen.endIndex
        #expect(turn > 0 && turn < seen.endIndex)
        #expect(seen[..<turn].allSatisfy { ["running", "waving a hand"].contains($0) })
        #expect(seen[turn...].allSatisfy { ["a dog", "clapping"].contains($0) })
        self.expectClosedEvents(lines)
        // What was open had another label: it ends before any event with a new one starts.
        let last = try #require(
            lines.ofType("event").last { $0.phase == "end" && ["running", "waving a hand"].contains($0.label ?? "") })
        #expect(last.interrupted == true)
        #expect(lines.filter { $0.members.source == "door" }.ofType("source").map(\.state) == ["open", "warming"])
    }

    @Test("goes on with the old labels when the model's file is broken by then, and says so in one line")
    func brokenModel() async throws {
        let copy = try ModelCopy(
            replacing: "model.safetensors", with: try ModelCopy.bytes(of: "model.safetensors"))
        let list = try self.folder.write("running\n", to: "labels.txt")
        try self.write([Self.camera("door")], "model: \(copy.path)")
        let process = try await Gerund.start(["watch", "--config", self.path, "--labels", list])
        try await process.wait(for: "a label") { $0.output.contains(#""type":"label""#) }
        // In its place: a file that is only replaced stays readable for who has it open.
        try FileHandle(forWritingTo: URL(filePath: "\(copy.path)/model.safetensors")).truncate(atOffset: 1000)
        try self.folder.write("a dog\n", to: "labels.txt")
        try await process.wait(for: "the error") { $0.errors.contains("the labels stay as they are: ") }
        let windows = self.count(#""type":"label""#, in: process)
        try await process.wait(for: "more labels") { _ in self.count(#""type":"label""#, in: process) > windows + 2 }
        process.signal(SIGINT)
        let result = try await process.result(within: .seconds(20))
        #expect(result.ending == .exited(130))
        #expect(result.errorLines.count == 2)
        #expect(result.errorLines.first == "gerund: settings were read again: labels: 1 new, 1 gone")
        #expect(result.errorLines.last?.contains("model.safetensors") == true)
        #expect(!result.output.contains("a dog"))
        #expect(try result.lines.ofType("run").count == 1)
        self.expectClosedEvents(try result.lines)
    }
}
