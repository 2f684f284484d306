import Glibc
import Testing

@Suite("Watching a file")
struct WatchFileTests {
    @Test("says what happens in the bundled clip, in documented records")
    func bundledClip() async throws {
        let result = try await Gerund.wholeClip.value
        #expect(result.ending == .exited(0))
        #expect(result.errors == "")
        let lines = try result.lines

        // The run comes first, with all that a reader needs a year later.
        let run = try #require(lines.first)
        #expect(
            run.names == [
                "type", "version", "model", "checksum", "labels", "background", "span", "rate", "frames", "mode",
                "precision", "time",
            ])
        #expect(run.members.type == "run")
        #expect(run.members.checksum?.wholeMatch(of: /sha256:[0-9a-f]{64}/) != nil)
        #expect(run.members.model == "gerund-demo")
        let (span, rate) = (try #require(run.members.span), try #require(run.members.rate))
        let frames = try #require(run.members.frames)

        // Every window has a label, one period after the other.
        let windows = lines.ofType("label")
        let period = 1 / rate
        for (index, window) in windows.enumerated() {
            let due = span * Double(frames - 1) / Double(frames) + Double(index) * period
            let time = try #require(window.t)
            #expect(
                time >= due - 0.001 && time < due + 0.041, "window \(index): a frame of 25 a second at or after \(due)")
        }
        let label = try #require(lines.first { $0.members.type == "label" })
        #expect(label.names == ["type", "source", "t", "time", "label", "score", "top", "mode", "latency_ms"])
        #expect(windows.allSatisfy { $0.source == "everyday-actions.mp4" && 0...1 ~= ($0.score ?? -1) })
        let known = (run.members.labels ?? []) + ["none"]
        #expect(windows.allSatisfy { known.contains($0.label ?? "") })

        try self.expectPairs(lines)

        let end = try #require(lines.last)
        #expect(end.names == ["type", "source", "frames", "windows", "dropped"])
        #expect(end.members.type == "end")
        #expect(end.members.windows == windows.count)
        #expect(end.members.frames == windows.count + frames - 1)
        #expect(end.members.frames == 200, "50 s of a frame every quarter of a second")
        #expect(end.members.dropped == 0)
        #expect(lines.ofType("source").map(\.state) == ["open", "warming", "ended"])
        let open = lines.ofType("source").first
        #expect(open?.width == 640 && open?.height == 360 && open?.rate == 25)
    }

    /// Each start is followed by one end of the same event, before the next start.
    private func expectPairs(_ lines: [OutputLine]) throws {
        let events = lines.filter { $0.members.type == "event" }
        #expect(!events.isEmpty)
        #expect(events.count.isMultiple(of: 2))
        for pair in stride(from: 0, to: events.count - 1, by: 2).map({ events[$0...$0 + 1] }) {
            let (start, end) = (pair[pair.startIndex], pair[pair.startIndex + 1])
            #expect(start.names == ["type", "phase", "id", "source", "label", "start", "time", "score"])
            #expect(
                end.names == ["type", "phase", "id", "source", "label", "start", "end", "peak", "time"]
                    || end.names == [
                        "type", "phase", "id", "source", "label", "start", "end", "peak", "interrupted", "time",
                    ])
            #expect(start.members.phase == "start" && end.members.phase == "end")
            #expect(start.members.id == end.members.id && start.members.id?.count == 26)
            #expect(start.members.label == end.members.label && start.members.start == end.members.start)
            #expect(try #require(end.members.end) > (try #require(start.members.start)))
        }
        #expect(Set(events.map(\.members.id)).count == events.count / 2)
    }

    @Test("labels at least 85 % of the bundled clip's windows right and finds every action of three seconds")
    func accuracy() async throws {
        let result = try await Gerund.wholeClip.value
        let score = try TimelineScore(jsonLines: result.output, timeline: Gerund.timeline)
        #expect(score.windows > 60)
        #expect(score.windowShare >= 0.85, "\(score.rightWindows) of \(score.windows) windows")
        #expect(score.actions >= 6)
        #expect(score.missed == [])
    }

    @Test("gives the same lines on every run, but for wall clock and latency")
    func determinism() async throws {
        let one = try await Gerund.wholeClip.value.lines.map(\.timeless)
        let two = try await Gerund.run("watch", Gerund.clip, "--format", "jsonl").lines.map(\.timeless)
        #expect(one.count > 200)
        #expect(one == two)
    }

    @Test("stops after --duration of the film")
    func duration() async throws {
        let result = try await Gerund.run("watch", Gerund.clip, "--duration", "5")
        #expect(result.ending == .exited(0))
        let lines = try result.lines
        #expect(lines.ofType("label").allSatisfy { ($0.t ?? 9) < 5 })
        #expect(lines.last?.members.frames == 20)
    }

    @Test("makes the windows that --span and --rate ask for")
    func spanAndRate() async throws {
        let result = try await Gerund.run("watch", Gerund.clip, "--duration", "10", "--span", "4", "--rate", "4")
        let lines = try result.lines
        #expect(lines.first?.members.span == 4 && lines.first?.members.rate == 4)
        let times = lines.ofType("label").compactMap(\.t)
        #expect(times.count == 26, "the first after 3.5 s, then four a second for 6.5 s")
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test("recognizes any labels that the user names")
    func ownLabels() async throws {
        let labels = try TemporaryFolder()
        let list = try labels.write("# mine\nrunning\r\n\n  a 猫 on 'a' \"mat\"  \n", to: "labels.txt")
        let result = try await Gerund.run(
            "watch", Gerund.clip, "--label", "waving a hand", "--labels", list, "--background", "nobody is here",
            "--duration", "3")
        #expect(result.ending == .exited(0))
        let run = try #require(try result.lines.first?.members)
        #expect(run.labels == ["waving a hand", "running", "a 猫 on 'a' \"mat\""])
        #expect(run.background == ["nobody is here"])
    }

    @Test(
        "ends soon after a signal also while labels are still encoded",
        arguments: zip([SIGINT, SIGTERM], [130, 143] as [Int32]))
    func signalWhileEncoding(signal: Int32, code: Int32) async throws {
        let folder = try TemporaryFolder()
        let list = (0..<4000).map { "somebody is doing action number \($0)\n" }.joined()
        let process = try await Gerund.start(
            ["watch", Gerund.clip, "--labels", try folder.write(list, to: "labels.txt")])
        try await process.wait(for: "signals to be taken care of") { !$0.isDefault(signal: signal) }
        process.signal(signal)
        let start = ContinuousClock.now
        let result = try await process.result(within: .seconds(20))
        #expect(result.ending == .exited(code))
        #expect(ContinuousClock.now - start < .seconds(5))
        #expect(result.output == "" && result.errors == "")
    }

    @Test("leaves out labels that repeat with --changes")
    func changes() async throws {
        let changes = try await Gerund.run("watch", Gerund.clip, "--changes").lines
        var last: String?
        let expected = try await Gerund.wholeClip.value.lines.filter { line in
            guard line.members.type == "label" else { return true }
            defer { last = line.members.label }
            return line.members.label != last
        }
        #expect(changes.map(\.timeless) == expected.map(\.timeless))
    }

    @Test("follows the clock with --pace realtime")
    func realtime() async throws {
        let start = ContinuousClock.now
        let result = try await Gerund.run("watch", Gerund.clip, "--pace", "realtime", "--duration", "4")
        #expect(result.ending == .exited(0))
        #expect(ContinuousClock.now - start >= .seconds(3.5))
        #expect(try result.lines.ofType("label").count > 0)
    }
}
