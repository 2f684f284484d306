import Foundation
import GerundCore
import GerundEngine
import GerundEvents
import GerundMedia
import GerundTesting
import Testing

@testable import GerundConfiguration

@Suite("A configuration file")
struct ConfigurationFileTests {
    private static let choices = ConfigurationFile.Choices(
        formats: ["auto", "text", "jsonl"], precisions: ["auto", "f32", "bf16"])

    private func settings(_ text: String, path: String = "gerund.yaml") throws -> WatchSettings {
        try ConfigurationFile.parse(Array(text.utf8), path: path, choices: Self.choices)
    }

    /// What is said of a broken file, a line each.
    private func problems(_ text: String) -> [String] {
        do {
            _ = try self.settings(text)
            return []
        } catch {
            return "\(error)".split(separator: "\n").map(String.init)
        }
    }

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
            rate: 30
            format: mjpeg
          - {address: clips/yard.mp4, name: yard & garden}
          - test:testsrc2=size=64x48:rate=25
        labels:
          - waving a hand
          - "falling down"   # both
        background: [an empty room]
        thresholds:
          falling down: {enter: 0.8, exit: 0.6}
          waving a hand:
            enter: 0.7
        enter: 0.65
        exit: .5
        min_duration: 0.25
        smoothing: 0
        merge_gap: 2
        cooldown: 60
        overlap: true
        updates: 10
        span: 8
        rate: 4
        mode: fast
        refresh: all
        audit: 5%
        pace: realtime
        duration: 3600
        format: jsonl
        changes: true
        log: /var/log/gerund/events.jsonl
        log_size: 10M
        log_keep: 3
        stall_timeout: 5
        keep_trying: false
        """

    @Test("says everything that the command line can say")
    func whole() throws {
        let settings = try self.settings(Self.whole, path: "/etc/gerund/gerund.yaml")
        #expect(settings.model == "/etc/gerund/models/xclip")
        #expect((settings.precision, settings.threads) == ("bf16", 2))
        #expect(settings.labels == ["waving a hand", "falling down"])
        #expect(settings.background == ["an empty room"])
        #expect(
            settings.thresholds == [
                "falling down": WatchSettings.LabelThresholds(enter: 0.8, exit: 0.6),
                "waving a hand": WatchSettings.LabelThresholds(enter: 0.7),
            ])
        #expect((settings.enter, settings.exit, settings.minimumDuration) == (0.65, 0.5, 0.25))
        #expect((settings.smoothing, settings.mergeGap, settings.span, settings.rate) == (0, 2, 8, 4))
        #expect((settings.mode, settings.refresh, settings.pace) == (.fast, .max, .realtime))
        #expect(settings.audit == 0.05)
        #expect((settings.cooldown, settings.overlap, settings.updates) == (60, true, 10))
        #expect((settings.duration, settings.format, settings.changes) == (3600, "jsonl", true))
        #expect((settings.log, settings.stallTimeout) == ("/var/log/gerund/events.jsonl", 5))
        #expect(settings.logRotation == LogRotation(maximumSize: 10 << 20, keep: 3))
        #expect(settings.keepTrying == false)
        #expect(settings.labelsFile == nil)

        #expect(settings.sources.map(\.id.name) == ["door", "desk", "yard & garden", "test:testsrc2"])
        #expect(settings.sources.map(\.kind) == [.rtsp, .device, .file, .test])
        #expect(settings.sources[0].options.transport == .udp)
        let desk = settings.sources[1].options
        #expect(desk.size.map { [$0.width, $0.height] } == [1280, 720])
        #expect((desk.rate, desk.format) == ("30", "mjpeg"))
        #expect(settings.sources[2].displayName == "/etc/gerund/clips/yard.mp4")
        #expect(settings.places[.rate]?.description == "/etc/gerund/gerund.yaml:31")
    }

    @Test("knows every key that there is")
    func everyKey() throws {
        let settings = try self.settings(Self.whole.replacing("background: [an empty room]", with: ""))
        let known = Set(settings.places.keys).union([.background, .labelsFile])
        #expect(known == Set(WatchSettings.Key.allCases))
    }

    @Test("leaves open what it doesn't say")
    func little() throws {
        let settings = try self.settings("labels_file: labels.txt\n")
        var expected = WatchSettings()
        expected.labelsFile = "labels.txt"
        expected.places = [.labelsFile: WatchSettings.Place(path: "gerund.yaml", line: 1)]
        #expect(settings == expected)
    }

    @Test("may begin with a byte order mark and end its lines as Windows does")
    func windows() throws {
        let settings = try self.settings("\u{feff}span: 2\r\nrate: 4\r\n")
        #expect((settings.span, settings.rate) == (2, 4))
    }

    @Test(
        "is refused with the line of what makes no sense, and with what to do",
        arguments: [
            ("", ":1: the file is empty: write at least one setting, such as sources:"),
            ("# nothing\n", ":1: the file is empty: write at least one setting, such as sources:"),
            ("- span: 2", ":1: the file has to hold settings, such as span: 2"),
            ("span: 2\n\nlables: [x]\n", ":3: unknown key 'lables': did you mean 'labels'?"),
            ("min-duration: 2", ":1: unknown key 'min-duration': did you mean 'min_duration'?"),
            ("span: 2\nspan: 3", ":1: no YAML: 'span' is given twice; check indentation, colons and quotes"),
            ("span: 0", ":1: 'span' has to be a number of seconds, from 0.1 to 3600, not '0'"),
            ("span: fast", ":1: 'span' has to be a number of seconds, from 0.1 to 3600, not 'fast'"),
            ("span: .inf", ":1: 'span' has to be a number of seconds, from 0.1 to 3600, not '.inf'"),
            ("span: [2]", ":1: 'span' has to be a number of seconds, from 0.1 to 3600"),
            ("span:", ":1: 'span' has to be a number of seconds, from 0.1 to 3600"),
            ("rate: 61", ":1: 'rate' has to be a number of windows per second, above 0 and at most 60, not '61'"),
            ("enter: 1.5", ":1: 'enter' has to be a number from 0 to 1, not '1.5'"),
            ("enter: 0.5\nexit: 0.6", ":2: 'exit' (0.6) is above 'enter' (0.5): lower it"),
            ("threads: 1.5", ":1: 'threads' has to be a number from 1 to 1024, not '1.5'"),
            ("refresh: -1", ":1: 'refresh' has to be a number of rows, or all, not '-1'"),
            ("refresh: 1e300", ":1: 'refresh' has to be a number of rows, or all, not '1e300'"),
            ("audit: 2", ":1: 'audit' has to be a number from 0 to 1, or a percentage, not '2'"),
            ("audit: 101%", ":1: 'audit' has to be from 0% to 100%, not '101%'"),
            ("duration: 0", ":1: 'duration' has to be a number of seconds, above 0, not '0'"),
            ("mode: fst", ":1: 'mode' has to be exact, fast or auto, not 'fst': did you mean 'fast'?"),
            ("format: xml", ":1: 'format' has to be auto, text or jsonl, not 'xml'"),
            ("changes: yes", ":1: 'changes' has to be true or false, not 'yes'"),
            ("model:", ":1: 'model' has no value: give it one or remove the line"),
            ("model: [x]", ":1: 'model' has to be a text"),
            ("log_size: 10", ":1: 'log_size' has to be a size from 4k up, such as 10M, not '10'"),
            ("log_keep: 0", ":1: 'log_keep' has to be a number from 1 to 1000, not '0'"),
            (#"log: "a\nb""#, ":1: 'log' holds a line break or control character: write one line"),
            ("labels: running", ":1: 'labels' has to be a list: write - waving a hand on a line of its own"),
            ("labels: []", ":1: 'labels' is an empty list: name some, or remove it"),
            ("labels:\n- a\n- b\n- a", ":4: 'a' stands in line 2 already: remove one"),
            ("labels:\n- a\n-", ":3: 'labels' has no value: give it one or remove the line"),
            ("labels:\n- none", ":2: 'none' is what Gerund says when no label fits: choose another text"),
            ("labels: [a]\nbackground: [a]", ":2: 'a' is both a label and a background phrase: drop one"),
            (
                "labels: [a]\nlabels_file: l.txt",
                ":2: 'labels' and 'labels_file' are both given: put all labels into one of them"
            ),
            (
                "thresholds: [0.5]",
                ":1: 'thresholds' has to hold settings, such as falling down: {enter: 0.8, exit: 0.6}"
            ),
            (
                "thresholds:\n  a: 0.5",
                ":2: 'a' under thresholds has to hold settings, such as {enter: 0.8, exit: 0.6}"
            ),
            ("thresholds:\n  a: {entr: 0.5}", ":2: unknown key 'entr': did you mean 'enter'?"),
            (
                "thresholds:\n  a:\n    enter: 0.5\n    exit: 0.6", ":2: 'exit' (0.6) is above 'enter' (0.5): lower it"
            ),
            (
                "thresholds:\n  fallng: {enter: 0.5}\nlabels: [falling]",
                ":2: thresholds for 'fallng', which is none of the labels: did you mean 'falling'?"
            ),
            ("sources: cam", ":1: 'sources' has to be a list: write - rtsp://camera/1 on a line of its own"),
            ("sources: []", ":1: 'sources' is an empty list: name at least one"),
            ("sources:\n- {name: x}", ":2: the source has no address: write address: rtsp://camera/1"),
            ("sources:\n- adress: x", ":2: unknown key 'adress': did you mean 'address'?"),
            ("sources:\n- [x]", ":2: a source has to hold settings, such as address: rtsp://camera/1"),
            (
                "sources:\n- a.mp4\n- b/a.mp4",
                ":3: the source in line 2 is called 'a.mp4' too: give one another name"
            ),
        ])
    func refused(text: String, problem: String) {
        #expect(self.problems(text) == ["gerund.yaml" + problem])
    }

    @Test(
        "is refused for what an address may not say, in its line",
        arguments: [
            ("- ftp://h/x", "not supported"), ("- {address: rtsp://h/x, transport: pigeon}", "pigeon"),
            ("- {address: a.mp4, transport: udp}", "no meaning"),
            ("- {address: 'rtsp://h/x#name=a', name: b}", "given twice"),
            ("- {address: /dev/video0, size: big}", "WIDTHxHEIGHT"),
        ])
    func addresses(source: String, part: String) {
        let problems = self.problems("span: 2\nsources:\n\(source)\n")
        #expect(problems.count == 1)
        #expect(problems.allSatisfy { $0.hasPrefix("gerund.yaml:3: ") && $0.contains(part) }, "\(problems)")
    }

    @Test("is refused with all that is wrong at once, in the order of the lines")
    func several() {
        let problems = self.problems(
            """
            exit: 2
            sources:
              - rtsp://
              - a.mp4
            span: much
            lables: [x]
            """)
        #expect(problems.count == 4)
        #expect(problems.map { $0.prefix(14) } == [1, 3, 5, 6].map { "gerund.yaml:\($0):" })
    }

    @Test(
        "that is no YAML is refused with its line",
        arguments: [
            ("span: 2\n\trate: 4", 2), ("span: 2\nrate: [", 3), ("a: b: c", 1), ("span: 2\n\"rate", 2), ("&a", 1),
            ("span: *a", 1), ("span: 2\n---\nspan: 3", 2), ("span: 2\nx: \u{1}", 2), ("%", 1), ("? [a]\n: b", 1),
            ("span: !!binary x", 1), ("\u{fffe}", 1),
        ])
    func noYAML(text: String, line: Int) {
        let problems = self.problems(text)
        #expect(problems.count == 1)
        #expect(problems.allSatisfy { $0.hasPrefix("gerund.yaml:\(line): ") }, "\(problems)")
    }

    @Test("that is not UTF-8 is refused with its line")
    func notUTF8() {
        #expect(throws: ConfigurationError.self) {
            try ConfigurationFile.parse(
                Array("span: 2\nlabels: [".utf8) + [0xe4, 0x5d], path: "x", choices: Self.choices)
        }
        do {
            _ = try ConfigurationFile.parse(
                Array("span: 2\nlabels: [".utf8) + [0xe4, 0x5d], path: "x", choices: Self.choices)
        } catch {
            #expect("\(error)" == "x:2: not UTF-8: save the file as UTF-8")
        }
    }

    @Test("nested a thousand times, or full of itself, is refused and does no harm")
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

    @Test("is read or refused, whatever is written", arguments: 0..<40)
    func anything(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        for _ in 0..<50 {
            var bytes = Array(Self.whole.utf8)
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                let end = min(bytes.count, place + Int.random(in: 0...12, using: &random))
                let signs = Array("[]{}&*!|>'\"%@`?:-,#\n\t \\x0".utf8) + [0, 0xff]
                let count = Int.random(in: 0...3, using: &random)
                bytes.replaceSubrange(
                    place..<end, with: (0..<count).compactMap { _ in signs.randomElement(using: &random) })
            }
            do {
                _ = try ConfigurationFile.parse(bytes, path: "gerund.yaml", choices: Self.choices)
            } catch {
                for problem in error.problems {
                    #expect(!problem.message.contains("\n") && (problem.line ?? 0) >= 1, "seed \(seed): \(problem)")
                }
            }
        }
    }

    @Test("is such as the README shows")
    func readme() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../README.md").path
        let readme = try String(contentsOfFile: path, encoding: .utf8)
        let example = try #require(
            readme.split(separator: "```yaml\n").dropFirst().first?.split(separator: "```").first)
        let settings = try self.settings(String(example))
        #expect(settings.sources.map(\.id.name) == ["door", "desk"])
        #expect(settings.thresholds["falling down"] == .init(enter: 0.8, exit: 0.6))
    }

    @Test("never shows a password, wherever it was written")
    func passwords() {
        let secret = "rtsp://viewer:s3cret@camera/1"
        for text in [
            "sources: [\(secret)#transport=pigeon]", "sources: {a: '\(secret)'}", "sources:\n- {adress: '\(secret)'}",
            "sources:\n- {address: '\(secret)', transport: pigeon}", "span: '\(secret)'", "'\(secret)': 2",
            "mode: '\(secret)'", "sources:\n- \(secret): {name: x}", "labels: [\(secret), \(secret)]",
            "thresholds: {'\(secret)': {entr: 2}}", "sources:\n  - \(secret)\n - x", "a: b: \(secret)",
            "sources:\n- \(secret)\n- \(secret)",
        ] {
            let problems = self.problems(text)
            #expect(!problems.isEmpty, "\(text)")
            #expect(problems.allSatisfy { !$0.contains("s3cret") }, "\(problems)")
        }
    }

    @Test("is read from where it is, and paths in it start there")
    func paths() throws {
        let settings = try self.settings("sources: [a.mp4, '-', /b.mp4]\nlog: ../log", path: "conf/gerund.yaml")
        #expect(settings.log == "conf/../log")
        #expect(settings.sources.map(\.displayName) == ["conf/a.mp4", "standard input", "/b.mp4"])
    }

    @Test("that can't be read is refused with its name", arguments: ["/nowhere/gerund.yaml", "/", "/dev/zero"])
    func unreadable(path: String) {
        do {
            _ = try ConfigurationFile.read(path: path, choices: Self.choices)
            Issue.record("\(path) was read")
        } catch {
            #expect(error.problems.count == 1)
            #expect("\(error)".hasPrefix("\(path): "))
        }
    }
}
