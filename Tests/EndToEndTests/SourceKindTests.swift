import Testing

@Suite("Sources of every kind")
struct SourceKindTests {
    @Test("standard input is watched like the file that is sent")
    func standardInput() async throws {
        let file = try await Gerund.run("watch", Gerund.clip, "--duration", "10")
        let piped = try await Gerund.shell(#"cat "$clip" | "$gerund" watch - --duration 10"#)
        #expect(piped.ending == .exited(0))
        #expect(piped.errors == "")
        let labels = try piped.lines.ofType("label")
        #expect(labels.map(\.t) == (try file.lines.ofType("label").map(\.t)))
        #expect(labels.map(\.label) == (try file.lines.ofType("label").map(\.label)))
    }

    @Test("a test graph gives as much as --duration asks for")
    func testGraph() async throws {
        let result = try await Gerund.run("watch", "test:testsrc2=size=640x480:rate=25", "--duration", "6")
        #expect(result.ending == .exited(0))
        #expect(result.errors == "")
        let lines = try result.lines
        #expect(lines.ofType("label").count == 17)
        #expect(lines.last?.members.frames == 24)
        let open = lines.ofType("source").first
        #expect(open?.width == 640 && open?.height == 480)
    }

    @Test("a test graph that plays in real time ends after --duration, with its open event")
    func liveTestGraph() async throws {
        let start = ContinuousClock.now
        let result = try await Gerund.run(
            "watch", "test:testsrc2=size=320x240:rate=25", "--pace", "realtime", "--duration", "4", "--enter", "0",
            "--exit", "0", "--min-duration", "0")
        #expect(ContinuousClock.now - start >= .seconds(3.5))
        #expect(result.ending == .exited(0))
        #expect(result.errors == "")
        let events = try result.lines.ofType("event")
        #expect(!events.isEmpty)
        #expect(events.filter { $0.phase == "start" }.map(\.id) == events.filter { $0.phase == "end" }.map(\.id))
        #expect(events.last?.interrupted == nil && events.last?.end == 3.76)
    }

    @Test("several run at once, each as if it were alone")
    func several() async throws {
        let alone = try await Gerund.run("watch", "\(Gerund.clip)#name=one", "--duration", "8")
        let result = try await Gerund.run(
            "watch", "\(Gerund.clip)#name=one", "\(Gerund.clip)#name=two",
            "test:testsrc2=size=320x240:rate=10#name=three",
            "--duration", "8")
        #expect(result.ending == .exited(0))
        #expect(result.errors == "")
        let lines = try result.lines
        #expect(lines.ofType("run").count == 1)
        #expect(Set(lines.ofType("end").map(\.source)) == ["one", "two", "three"])
        let one = lines.filter { $0.members.source == "one" }.map(\.timeless)
        #expect(one == (try alone.lines.dropFirst().map(\.timeless)))
        let names = ["one", "two", "three"].map { name in lines.ofType("label").count { $0.source == name } }
        #expect(names == [25, 25, 25])
    }
}
