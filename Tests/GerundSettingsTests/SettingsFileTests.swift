import Foundation
import GerundCore
import GerundEngine
import GerundEvents
import GerundMedia
import GerundTesting
import Testing

@testable import GerundSettings

@Suite("SettingsFile")
struct SettingsFileTests {
    private func settings(_ text: String, path: String = "gerund.yaml") throws -> Settings {
        try SettingsFile.parse(text, path: path)
    }

    /// The messages for a broken file, one per line.
    private func problems(_ text: String) -> [String] {
        do {
            _ = try SettingsFile.parse(text, path: "gerund.yaml")
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    private static let windowDuration = "a duration from 0.1s to 1h, such as 90, 90s, 15m or 1h30m"

    private static let whole = """
        # The front of the house
        model: models/xclip
        precision: bf16
        threads: 2
        sources:
          - rtsp://viewer:s3cret@camera-1/stream#name=door&transport=udp
          - address: /dev/video0
            name: desk
            size: 1280x720
            fps: 30
            format: mjpeg
          - {address: clips/yard.mp4, name: yard & garden}
          - test:testsrc2=size=64x48:rate=25
        labels:
          - waving a hand
          - "falling down"   # both
        background: [an empty room]
        thresholds:
          falling down: {start_threshold: 0.8, end_threshold: 0.6}
          waving a hand:
            start_threshold: 0.7
        start_threshold: 0.65
        end_threshold: .5
        min_duration: 0.25
        smoothing: 0
        merge_gap: 2s
        cooldown: 60
        overlap: true
        update_interval: 10s
        window: 8
        rate: 4
        mode: fast
        refresh: all
        audit: 5%
        pace: realtime
        duration: 1h
        format: jsonl
        only_changes: true
        log: /var/log/gerund/events.jsonl
        log_max_size: 10M
        log_max_files: 3
        stall_timeout: 5
        keep_trying: false
        """

    @Test("Reads every setting of the command line")
    func whole() throws {
        let settings = try self.settings(Self.whole, path: "/etc/gerund/gerund.yaml")
        #expect(settings.model == "/etc/gerund/models/xclip")
        #expect(settings.precision == .bf16 && settings.threads == 2)
        #expect(settings.labels == ["waving a hand", "falling down"])
        #expect(settings.background == ["an empty room"])
        #expect(
            settings.thresholds == [
                "falling down": LabelThresholds(start: 0.8, end: 0.6), "waving a hand": LabelThresholds(start: 0.7),
            ])
        #expect(settings.startThreshold == 0.65 && settings.endThreshold == 0.5)
        #expect(settings.minimumDuration == .milliseconds(250) && settings.smoothing == .zero)
        #expect(settings.mergeGap == .seconds(2) && settings.window == .seconds(8) && settings.rate == 4)
        #expect(settings.mode == .fast && settings.refresh == .max && settings.pace == .realtime)
        #expect(settings.audit == 0.05)
        #expect(settings.cooldown == .seconds(60) && settings.overlap == true)
        #expect(settings.updateInterval == .seconds(10))
        #expect(settings.duration == .seconds(3600) && settings.format == .jsonl && settings.onlyChanges == true)
        #expect(settings.log == "/var/log/gerund/events.jsonl" && settings.stallTimeout == .seconds(5))
        #expect(settings.logMaximumSize == 10 << 20 && settings.logMaximumFiles == 3)
        #expect(settings.keepTrying == false)
        #expect(settings.labelsFile == nil)

        let sources = try #require(settings.sources)
        #expect(sources.map(\.id.name) == ["door", "desk", "yard & garden", "test:testsrc2"])
        #expect(sources.map(\.kind) == [.rtsp, .device, .file, .lavfi])
        #expect(sources[0].options.transport == .udp)
        let desk = sources[1].options
        #expect(desk.size.map { [$0.width, $0.height] } == [1280, 720])
        #expect(desk.format == "mjpeg")
        #expect(sources[2].displayName == "/etc/gerund/clips/yard.mp4")
        #expect(settings.locations["rate"]?.description == "/etc/gerund/gerund.yaml:31")
    }

    @Test("Knows every key of the table")
    func everyKey() throws {
        let settings = try self.settings(Self.whole)
        #expect(
            settings.keys.union(["labels_file"])
                == Set(SettingsTable.shared.settings(in: .configuration).map(\.key)))
    }

    @Test("Omits what the file doesn't give")
    func little() throws {
        let settings = try self.settings("labels_file: labels.txt\n")
        #expect(settings.keys == ["labels_file"] && settings.labelsFile == "labels.txt")
        #expect(settings.locations == ["labels_file": SettingLocation(path: "gerund.yaml", line: 1)])
    }

    @Test("Reads a file with a byte order mark and Windows line endings")
    func windows() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("\u{feff}window: 2\r\nrate: 4\r\n", to: "gerund.yaml")
        let settings = try SettingsFile.read(path: path)
        #expect(settings.window == .seconds(2) && settings.rate == 4)
    }

    @Test(
        "Rejects an invalid file with the line and what to do",
        arguments: [
            ("", ":1: the file is empty: write at least one setting, such as sources:"),
            ("# nothing\n", ":1: the file is empty: write at least one setting, such as sources:"),
            ("- window: 2", ":1: the file must be a mapping, such as window: 2"),
            ("window: 2\n\nlables: [x]\n", ":3: unknown key 'lables': did you mean 'labels'?"),
            ("min-duration: 2", ":1: unknown key 'min-duration': did you mean 'min_duration'?"),
            ("window: 2\nwindow: 3", ":1: invalid YAML: duplicate key 'window'; check indentation, colons and quotes"),
            ("window: 0", ":1: 'window' must be \(Self.windowDuration), not '0'"),
            ("window: fast", ":1: 'window' must be \(Self.windowDuration), not 'fast'"),
            ("window: .inf", ":1: 'window' must be \(Self.windowDuration), not '.inf'"),
            ("window: [2]", ":1: 'window' must be \(Self.windowDuration)"),
            ("window:", ":1: 'window' must be \(Self.windowDuration)"),
            ("rate: 61", ":1: 'rate' must be a number of windows per second, above 0 and at most 60, not '61'"),
            ("start_threshold: 1.5", ":1: 'start_threshold' must be a number from 0 to 1, not '1.5'"),
            (
                "start_threshold: 0.5\nend_threshold: 0.6",
                ":2: 'end_threshold' (0.6) is above 'start_threshold' (0.5): lower it"
            ),
            ("threads: 1.5", ":1: 'threads' must be a whole number from 1 to 1024, not '1.5'"),
            ("refresh: -1", ":1: 'refresh' must be a number of tokens, or all, not '-1'"),
            ("refresh: 1e300", ":1: 'refresh' must be a number of tokens, or all, not '1e300'"),
            ("audit: 2", ":1: 'audit' must be a ratio from 0 to 1, or a percentage such as 5%, not '2'"),
            ("audit: 101%", ":1: 'audit' must be a ratio from 0 to 1, or a percentage such as 5%, not '101%'"),
            ("mode: fst", ":1: 'mode' must be exact, fast or auto, not 'fst': did you mean 'fast'?"),
            ("format: xml", ":1: 'format' must be auto, text, jsonl or screen, not 'xml'"),
            ("only_changes: yes", ":1: 'only_changes' must be true or false, not 'yes'"),
            ("model:", ":1: 'model' has no value: give it one or remove the line"),
            ("model: [x]", ":1: 'model' must be a string"),
            ("log_max_size: 10", ":1: 'log_max_size' must be a size of at least 4k, such as 512k, 10M or 1G, not '10'"),
            ("log_max_files: 0", ":1: 'log_max_files' must be a whole number from 1 to 1000, not '0'"),
            (#"log: "a\nb""#, ":1: 'log' contains a line break or control character"),
            ("labels: running", ":1: 'labels' must be a list: write - waving a hand on a separate line"),
            ("labels: []", ":1: 'labels' is an empty list: add an element, or remove the line"),
            ("labels:\n- a\n- b\n- a", ":4: 'a' is a duplicate of line 2"),
            ("labels:\n- a\n-", ":3: 'labels' has no value: give it one or remove the line"),
            ("labels: [a]\nbackground: [a]", ":2: 'a' is both a label and a background phrase: remove one"),
            (
                "labels: [a]\nlabels_file: l.txt",
                ":2: 'labels' and 'labels_file' are both given: put all labels into one of them"
            ),
            (
                "thresholds: [0.5]",
                ":1: 'thresholds' must be a mapping, such as falling down: {start_threshold: 0.8, end_threshold: 0.6}"
            ),
            (
                "thresholds:\n  a: 0.5",
                ":2: 'a' under thresholds must be a mapping, such as {start_threshold: 0.8, end_threshold: 0.6}"
            ),
            (
                "thresholds:\n  a: {strt_threshold: 0.5}",
                ":2: unknown key 'strt_threshold': did you mean 'start_threshold'?"
            ),
            ("thresholds:\n  a: {enter: 0.5}", ":2: 'enter' is now called 'start_threshold'"),
            (
                "thresholds:\n  a:\n    start_threshold: 0.5\n    end_threshold: 0.6",
                ":2: 'end_threshold' (0.6) is above 'start_threshold' (0.5): lower it"
            ),
            (
                "thresholds:\n  fallng: {start_threshold: 0.5}\nlabels: [falling]",
                ":2: thresholds for unknown label 'fallng': did you mean 'falling'?"
            ),
            ("sources: cam", ":1: 'sources' must be a list: write - rtsp://camera/1 on a separate line"),
            ("sources: []", ":1: 'sources' is an empty list: add an element, or remove the line"),
            ("sources:\n- {name: x}", ":2: the source has no address: write address: rtsp://camera/1"),
            ("sources:\n- adress: x", ":2: unknown key 'adress': did you mean 'address'?"),
            ("sources:\n- address: /dev/video0\n  rate: 30", ":3: 'rate' is now called 'fps'"),
            ("sources:\n- [x]", ":2: a source must be a mapping, such as address: rtsp://camera/1"),
            (
                "sources:\n- a.mp4\n- b/a.mp4",
                ":3: the source in line 2 is also named 'a.mp4': rename one with name:"
            ),
            ("name: x", ":1: unknown key 'name': expected one of sources, model, "),
            ("output: x", ":1: unknown key 'output': "),
        ])
    func rejected(text: String, problem: String) {
        let problems = self.problems(text)
        #expect(problems.count == 1 && problems.first?.hasPrefix("gerund.yaml" + problem) == true, "\(problems)")
    }

    @Test(
        "Names the new key for a former one",
        arguments: [
            ("span", "2", "window"), ("enter", "0.5", "start_threshold"), ("exit", "0.5", "end_threshold"),
            ("updates", "10", "update_interval"), ("changes", "true", "only_changes"),
            ("log_size", "10M", "log_max_size"), ("log_keep", "3", "log_max_files"),
        ])
    func formerKeys(key: String, value: String, current: String) {
        #expect(self.problems("\(key): \(value)") == ["gerund.yaml:1: '\(key)' is now called '\(current)'"])
    }

    @Test("Names the new value for a former one")
    func formerValue() {
        #expect(
            self.problems("pace: fast")
                == ["gerund.yaml:1: 'pace' must be realtime or unpaced, not 'fast': 'fast' is now called 'unpaced'"])
    }

    @Test(
        "Rejects an invalid address with its line",
        arguments: [
            ("- ftp://h/x", "not supported"), ("- {address: rtsp://h/x, transport: pigeon}", "pigeon"),
            ("- {address: a.mp4, transport: udp}", "transport"),
            ("- {address: 'rtsp://h/x#name=a', name: b}", "name"),
            ("- {address: /dev/video0, size: big}", "WIDTHxHEIGHT"),
        ])
    func addresses(source: String, part: String) {
        let problems = self.problems("window: 2\nsources:\n\(source)\n")
        #expect(problems.count == 1)
        #expect(problems.allSatisfy { $0.hasPrefix("gerund.yaml:3: ") && $0.contains(part) }, "\(problems)")
    }

    @Test("Reports everything that is wrong at once, in the order of the lines")
    func several() {
        let problems = self.problems(
            """
            end_threshold: 2
            sources:
              - rtsp://
              - a.mp4
            window: much
            lables: [x]
            """)
        #expect(problems.count == 4)
        #expect(problems.map { $0.prefix(14) } == [1, 3, 5, 6].map { "gerund.yaml:\($0):" })
    }

    @Test(
        "Rejects invalid YAML with its line",
        arguments: [
            ("window: 2\n\trate: 4", 2), ("window: 2\nrate: [", 3), ("a: b: c", 1), ("window: 2\n\"rate", 2), ("&a", 1),
            ("window: *a", 1), ("window: 2\n---\nwindow: 3", 2), ("window: 2\nx: \u{1}", 2), ("%", 1),
            ("? [a]\n: b", 1),
            ("window: !!binary x", 1), ("\u{fffe}", 1),
        ])
    func invalidYAML(text: String, line: Int) {
        let problems = self.problems(text)
        #expect(problems.count == 1)
        #expect(problems.allSatisfy { $0.hasPrefix("gerund.yaml:\(line): ") }, "\(problems)")
    }

    @Test("Rejects a file that isn't UTF-8 with the line")
    func notUTF8() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(Array("window: 2\nlabels: [".utf8) + [0xe4, 0x5d], to: "x")
        #expect(
            performing: { try SettingsFile.read(path: path) },
            throws: { ($0 as? SettingsError)?.summary == "\(path):2: invalid UTF-8: save the file as UTF-8" })
    }

    @Test("Rejects deep nesting and expanding aliases within a minute", .timeLimit(.minutes(10)))
    func deep() {
        for text in [
            String(repeating: "[", count: 100_000), String(repeating: "- ", count: 100_000),
            String(repeating: "{a: ", count: 100_000), String(repeating: "[", count: 900),
            (0..<900).map { String(repeating: " ", count: $0) + "a:\n" }.joined(),
            "a: &a [x,x,x,x,x,x,x,x,x]\n"
                + (1..<20).map {
                    "a\($0): &a\($0) [\(Array(repeating: "*a\($0 == 1 ? "" : "\($0 - 1)")", count: 9).joined(separator: ","))]\n"
                }
                .joined(),
        ] {
            #expect(self.problems(text).count > 0)
        }
    }

    @Test("Reads or rejects any text, with one-line messages", arguments: 0..<40)
    func anything(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        for _ in 0..<50 {
            var bytes = Array(Self.whole.utf8)
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let start = Int.random(in: 0..<bytes.count, using: &random)
                let end = min(bytes.count, start + Int.random(in: 0...12, using: &random))
                let signs = Array("[]{}&*!|>'\"%@`?:-,#\n\t \\x0".utf8) + [0, 0xff]
                let count = Int.random(in: 0...3, using: &random)
                bytes.replaceSubrange(
                    start..<end, with: (0..<count).compactMap { _ in signs.randomElement(using: &random) })
            }
            do {
                _ = try SettingsFile.parse(String(decoding: bytes, as: UTF8.self), path: "gerund.yaml")
            } catch {
                #expect(!error.problems.isEmpty)
                for problem in error.problems {
                    let line = problem.location?.line ?? 0
                    #expect(!problem.message.contains("\n") && line >= 1, "seed \(seed): \(problem)")
                }
            }
        }
    }

    @Test("Reads the example of the README")
    func readme() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../README.md").path
        let readme = try String(contentsOfFile: path, encoding: .utf8)
        let example = try #require(
            readme.split(separator: "```yaml\n").dropFirst().first?.split(separator: "```").first)
        let settings = try self.settings(String(example))
        #expect(settings.sources?.map(\.id.name) == ["door", "desk"])
        #expect(settings.thresholds?["falling down"] == LabelThresholds(start: 0.8, end: 0.6))
    }

    @Test("Never shows a password, wherever it stands in the file")
    func passwords() {
        let secret = "rtsp://viewer:s3cret@camera/1"
        for text in [
            "sources: [\(secret)#transport=pigeon]", "sources: {a: '\(secret)'}", "sources:\n- {adress: '\(secret)'}",
            "sources:\n- {address: '\(secret)', transport: pigeon}", "window: '\(secret)'", "'\(secret)': 2",
            "mode: '\(secret)'", "sources:\n- \(secret): {name: x}", "labels: [\(secret), \(secret)]",
            "thresholds: {'\(secret)': {entr: 2}}", "sources:\n  - \(secret)\n - x", "a: b: \(secret)",
            "sources:\n- \(secret)\n- \(secret)",
        ] {
            let problems = self.problems(text)
            #expect(!problems.isEmpty, "\(text)")
            #expect(problems.allSatisfy { !$0.contains("s3cret") }, "\(problems)")
        }
    }

    @Test("Resolves paths relative to the file's directory")
    func paths() throws {
        let settings = try self.settings("sources: [a.mp4, '-', /b.mp4]\nlog: ../log", path: "conf/gerund.yaml")
        #expect(settings.log == "conf/../log")
        #expect(settings.sources?.map(\.displayName) == ["conf/a.mp4", "standard input", "/b.mp4"])
    }

    @Test("Rejects a file that can't be read, with its path and the reason")
    func unreadable() {
        for (path, reason) in [
            ("/nowhere/gerund.yaml", "no such file"), ("/", "is a directory"), ("/dev/zero", "larger than"),
        ] {
            #expect(
                performing: { try SettingsFile.read(path: path) },
                throws: { ($0 as? SettingsError)?.summary.hasPrefix("\(path): \(reason)") == true })
        }
    }
}
