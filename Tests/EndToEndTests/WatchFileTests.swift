import GerundTesting
import Glibc
import Testing

@Suite("Command watch", .timeLimit(.minutes(10)))
struct WatchFileTests {
    @Test("Reports what happens in the bundled clip, in documented records")
    func bundledClip() async throws {
        let result = try await Gerund.wholeClip.value
        #expect(result.ending == .exited(0))
        #expect(result.errors == "")
        let lines = try result.lines

        // The run record comes first, with all that a reader needs a year later.
        let run = try #require(lines.first)
        #expect(
            run.names == [
                "type", "schema", "run", "version", "model", "model_sha256", "labels", "background", "window_s",
                "windows_per_s", "frames_per_window", "mode", "precision", "time",
            ])
        #expect(run.members.type == "run")
        #expect(run.members.schema == 1)
        #expect(run.members.modelSHA256?.wholeMatch(of: /[0-9a-f]{64}/) != nil)
        #expect(run.members.model == "gerund-demo")
        let (duration, rate) = (try #require(run.members.window), try #require(run.members.rate))
        let frames = try #require(run.members.framesPerWindow)

        // Every window has a record, one period after the other.
        let windows = lines.ofType("label")
        let period = 1 / rate
        for (index, window) in windows.enumerated() {
            let due = duration * Double(frames - 1) / Double(frames) + Double(index) * period
            let time = try #require(window.mediaTime)
            #expect(
                time >= due - 0.001 && time < due + 0.041, "window \(index): a frame of 25 a second at or after \(due)")
        }
        let label = try #require(lines.first { $0.members.type == "label" })
        #expect(
            label.names == [
                "type", "source", "media_time", "time", "label", "score", "top", "mode", "latency_ms",
            ])
        #expect(windows.allSatisfy { $0.source == "everyday-actions.mp4" && 0...1 ~= ($0.score ?? -1) })
        let known = try #require(run.members.labels)
        #expect(windows.allSatisfy { $0.label.map(known.contains) ?? true })
        #expect(windows.contains { $0.label == nil } && windows.contains { $0.label != nil })
        #expect(windows.allSatisfy { $0.top?.count == 5 })

        try self.expectPairs(lines)

        let end = try #require(lines.last)
        #expect(end.names == ["type", "source", "frames_read", "windows", "frames_dropped", "windows_skipped", "time"])
        #expect(end.members.type == "summary")
        #expect(end.members.windows == windows.count)
        #expect(end.members.framesRead == windows.count + frames - 1)
        #expect(end.members.framesRead == 200, "50 s of a frame every quarter of a second")
        #expect(end.members.framesDropped == 0)
        #expect(lines.ofType("source").map(\.state) == ["connected", "warming_up", "ended"])
        let connected = lines.ofType("source").first
        #expect(connected?.width == 640 && connected?.height == 360 && connected?.fps == 25)
    }

    /// Expects each event to end before the next one starts: only the leading label has one.
    private func expectPairs(_ lines: [OutputLine]) throws {
        let events = lines.filter { $0.members.type == "event" }
        #expect(!events.isEmpty)
        #expect(events.count.isMultiple(of: 2))
        for pair in stride(from: 0, to: events.count - 1, by: 2).map({ events[$0...$0 + 1] }) {
            let (start, end) = (pair[pair.startIndex], pair[pair.startIndex + 1])
            #expect(
                start.names == [
                    "type", "phase", "id", "source", "label", "start_s", "start_time", "score", "time",
                ])
            #expect(
                end.names.filter { $0 != "interrupted" } == [
                    "type", "phase", "id", "source", "label", "start_s", "end_s", "start_time", "end_time",
                    "peak_score", "time",
                ])
            #expect(start.members.phase == "started" && end.members.phase == "ended")
            #expect(start.members.id == end.members.id && start.members.id?.count == 26)
            #expect(start.members.label == end.members.label && start.members.start == end.members.start)
            #expect(try #require(end.members.end) > (try #require(start.members.start)))
        }
        #expect(Set(events.map(\.members.id)).count == events.count / 2)
    }

    @Test("Labels at least 85 % of the bundled clip's windows right and finds every action of three seconds")
    func accuracy() async throws {
        let result = try await Gerund.wholeClip.value
        let score = try TimelineScore(jsonLines: result.output, timeline: Gerund.timeline)
        #expect(score.windows > 60)
        #expect(score.windowRatio >= 0.85, "\(score.rightWindows) of \(score.windows) windows")
        #expect(score.actions >= 6)
        #expect(score.missed == [])
    }

    @Test("Gives the same lines on every run, apart from wall clock and latency")
    func determinism() async throws {
        let one = try await Gerund.wholeClip.value.lines.map(\.timeless)
        let two = try await Gerund.run("watch", Gerund.clip, "--format", "jsonl").lines.map(\.timeless)
        #expect(one.count > 200)
        #expect(one == two)
    }

    @Test("Stops after --duration of media time")
    func duration() async throws {
        let result = try await Gerund.run("watch", Gerund.clip, "--duration", "5")
        #expect(result.ending == .exited(0))
        let lines = try result.lines
        #expect(lines.ofType("label").allSatisfy { ($0.mediaTime ?? 9) < 5 })
        #expect(lines.last?.members.framesRead == 20)
    }

    @Test("Makes the windows that --window and --rate ask for")
    func windowAndRate() async throws {
        let result = try await Gerund.run("watch", Gerund.clip, "--duration", "10", "--window", "4", "--rate", "4")
        let lines = try result.lines
        #expect(lines.first?.members.window == 4 && lines.first?.members.rate == 4)
        let times = lines.ofType("label").compactMap(\.mediaTime)
        #expect(times.count == 26, "the first after 3.5 s, then four per second for 6.5 s")
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test("Recognizes any labels that the user names")
    func ownLabels() async throws {
        let directory = try TemporaryDirectory()
        let list = try directory.write("# mine\nrunning\r\n\n  a 猫 on 'a' \"mat\"  \n", to: "labels.txt")
        let result = try await Gerund.run(
            "watch", Gerund.clip, "--label", "waving a hand", "--labels", list, "--background", "nobody is here",
            "--duration", "3")
        #expect(result.ending == .exited(0))
        let run = try #require(try result.lines.first?.members)
        #expect(run.labels == ["waving a hand", "running", "a 猫 on 'a' \"mat\""])
        #expect(run.background == ["nobody is here"])
    }

    @Test(
        "Ends soon after a signal that comes while labels are being encoded",
        arguments: zip([SIGINT, SIGTERM], [130, 143] as [Int32]))
    func signalWhileEncoding(signal: Int32, code: Int32) async throws {
        let directory = try TemporaryDirectory()
        let list = (0..<4000).map { "somebody is doing action number \($0)\n" }.joined()
        let process = try await Gerund.start(
            ["watch", Gerund.clip, "--labels", try directory.write(list, to: "labels.txt")])
        try await process.wait(for: "signal handlers") { !$0.isDefault(signal: signal) }
        process.signal(signal)
        let start = ContinuousClock.now
        let result = try await process.result(within: .seconds(20))
        #expect(result.ending == .exited(code))
        #expect(ContinuousClock.now - start < .seconds(5))
        #expect(result.output == "" && result.errors == "")
    }

    @Test("Prints only the labels that change with --only-changes")
    func changes() async throws {
        let changes = try await Gerund.run("watch", Gerund.clip, "--only-changes").lines
        // `nil` before the first record, and `.some(nil)` after one without a label.
        var last: String??
        let expected = try await Gerund.wholeClip.value.lines.filter { line in
            guard line.members.type == "label" else { return true }
            defer { last = line.members.label }
            return .some(line.members.label) != last
        }
        #expect(changes.map(\.timeless) == expected.map(\.timeless))
    }

    @Test("Reports events of several labels at once with --overlap")
    func overlap() async throws {
        let result = try await Gerund.run("watch", Gerund.clip, "--overlap")
        result.expectSuccess()
        let lines = try result.lines
        lines.expectClosedEvents()
        var (open, maximum) = (Set<String>(), 0)
        for event in lines.ofType("event") {
            let label = try #require(event.label)
            if event.phase == "started" {
                #expect(open.insert(label).inserted, "one event per label")
            } else {
                open.remove(label)
            }
            maximum = max(maximum, open.count)
        }
        #expect(maximum > 1)
    }

    @Test("Starts no event of a label within --cooldown of its last one")
    func cooldown() async throws {
        func labels(_ options: String...) async throws -> [String] {
            let result = try await Gerund.run(["watch", Gerund.clip] + Gerund.eager + options)
            result.expectSuccess()
            return try result.lines.ofType("event").filter { $0.phase == "started" }.compactMap(\.label)
        }
        let all = try await labels()
        #expect(all.count > Set(all).count, "some labels have several events")
        let single = try await labels("--cooldown", "60")
        #expect(single.count == Set(single).count && Set(single) == Set(all))
    }

    @Test("Reports ongoing events with --update-interval, by their ids and with their peaks so far")
    func updates() async throws {
        let result = try await Gerund.run("watch", Gerund.clip, "--update-interval", "1")
        result.expectSuccess()
        let lines = try result.lines
        lines.expectClosedEvents()
        let updates = lines.filter { $0.members.phase == "updated" }
        #expect(updates.count > 10)
        #expect(
            updates.first?.names == [
                "type", "phase", "id", "source", "label", "start_s", "start_time", "peak_score", "time",
            ])
        // The events are those of a run without updates.
        let events = lines.filter { $0.members.type == "event" && $0.members.phase != "updated" }
        let expected = try await Gerund.wholeClip.value.lines.filter { $0.members.type == "event" }
        #expect(events.map(\.timeless) == expected.map(\.timeless))
        for event in expected where event.members.phase == "ended" {
            let peaks = updates.filter { $0.members.id == event.members.id }.compactMap(\.members.peakScore)
            #expect(peaks == peaks.sorted() && (peaks.last ?? 0) <= (event.members.peakScore ?? 0))
        }
    }

    @Test("Follows the clock with --pace realtime")
    func realtime() async throws {
        let start = ContinuousClock.now
        let result = try await Gerund.run("watch", Gerund.clip, "--pace", "realtime", "--duration", "4")
        #expect(result.ending == .exited(0))
        #expect(ContinuousClock.now - start >= .seconds(3.5))
        #expect(try result.lines.ofType("label").count > 0)
    }
}
