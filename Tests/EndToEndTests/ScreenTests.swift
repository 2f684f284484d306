import Foundation
import Testing

@Suite("The full-screen view", .serialized)
struct ScreenTests {
    private static let watch = "$gerund watch $clip --format screen"

    @Test("shows sources, labels and events, and does what keys ask for")
    func view() async throws {
        let pane = try await TerminalPane(columns: 100, rows: 30)
        try await pane.type("\(Self.watch) 'test:testsrc2=size=320x180:rate=5#name=yard'; echo \"ended: $?\"\n")
        // What is seen now, how sure, and how fast; and an event that has ended.
        try await pane.wait(for: "label and event") { text in
            text.contains(/● everyday-actions.mp4 +walking .*0\.\d\d/) && text.contains(/windows\/s +\d+ ms/)
        }
        try await pane.wait(for: "event") { $0.contains(/\d\d:\d\d:\d\d +everyday-act\S+ +walking +\d\.\d s +0\.\d\d/) }
        #expect(try await pane.text().contains(/● yard +none/))
        #expect(try await pane.hasAlternateScreen())
        #expect(try await !pane.hasCursor())
        #expect(try await pane.coloredText().contains("\u{1b}[1m"))

        try await pane.type("?")
        try await pane.wait(for: "help") { $0.contains("pause the display") }
        try await pane.type("?")
        try await pane.wait(for: "view") { $0.contains("SOURCE") }

        try await pane.type("/yard")
        try await pane.wait(for: "filter") { $0.contains("/yard") && !$0.contains("everyday") }
        try await pane.press("Escape")
        try await pane.wait(for: "all sources") { $0.contains("everyday") }

        try await pane.type(" ")
        try await pane.wait(for: "pause") { $0.contains(/paused\n/) }
        let paused = try await pane.text()
        try await Task.sleep(for: .seconds(1.5))
        #expect(try await pane.text() == paused)
        try await pane.type(" ")
        try await pane.wait(for: "end of the pause") { !$0.contains("paused") }

        try await pane.resize(columns: 40, rows: 10)
        try await pane.wait(for: "small view") { $0.contains(/^ gerund.*\n(.*\n){8} q  quit/) }
        try await pane.resize(columns: 100, rows: 30)
        try await pane.wait(for: "large view") { $0.contains(/^ gerund.*\n(.*\n){28} q  quit/) }

        try await pane.press("C-z")
        try await pane.wait(for: "shell") { $0.contains("Stopped") && $0.hasSuffix("$\n") || $0.contains("ended: 148") }
        try await pane.expectRestored()
        try await pane.type("fg; echo \"ended: $?\"\n")
        try await pane.wait(for: "view") { $0.contains("windows/s") && $0.contains("HISTORY") }
        #expect(try await pane.hasAlternateScreen())

        try await pane.type("q")
        try await pane.wait(for: "end") { $0.contains("\nended: 0\n") }
        try await pane.expectRestored()
    }

    @Test(
        "gives the terminal back as it was, however it ends",
        arguments: [
            ("", "C-c", "ended: 130"), ("& sleep 4; kill -TERM $!; fg", "", "ended: 143"),
            ("--duration 2", "", "ended: 0"), ("no-such.mp4", "q", "ended: "),
        ])
    func endings(rest: String, key: String, ending: String) async throws {
        let pane = try await TerminalPane(columns: 80, rows: 24)
        // In the background it stops until it gets the terminal.
        let line =
            rest.hasPrefix("&") ? "\(Self.watch) & sleep 1; (sleep 4; kill -TERM $!) & fg %1" : "\(Self.watch) \(rest)"
        try await pane.type("\(line); echo \"ended: $?\"\n")
        if !key.isEmpty {
            try await pane.wait(for: "view") { $0.contains("HISTORY") }
            try await pane.press(key)
        }
        try await pane.wait(for: ending) { $0.contains("\n\(ending)") }
        try await pane.expectRestored()
    }

    @Test("ends while it is stopped, without touching the shell's terminal")
    func killedWhileStopped() async throws {
        let pane = try await TerminalPane(columns: 80, rows: 24)
        try await pane.type("\(Self.watch); echo \"ended: $?\"\n")
        try await pane.wait(for: "view") { $0.contains("HISTORY") }
        try await pane.press("C-z")
        try await pane.wait(for: "shell") { $0.contains("\nended: 148\n") }
        // The shell says 148 as long as it has not noticed that the program goes on, to its end.
        try await pane.type(
            "kill %1; while wait %1; ended=$?; [ $ended = 148 ]; do sleep 0.1; done; echo \"ended: $ended\"\n")
        try await pane.wait(for: "end") { $0.contains("\nended: 143\n") }
        try await pane.expectRestored()
    }

    @Test("says what went wrong once it is gone")
    func error() async throws {
        let pane = try await TerminalPane(columns: 120, rows: 24)
        try await pane.type("$gerund watch no-such.mp4 --format screen; echo \"ended: $?\"\n")
        try await pane.wait(for: "end") { $0.contains("\nended: 3\n") }
        #expect(try await pane.text().contains(/\ngerund: no-such.mp4: .*\nended: 3\n/))
        try await pane.expectRestored()
    }

    @Test("has no colour where NO_COLOR asks for none")
    func noColor() async throws {
        let pane = try await TerminalPane(columns: 80, rows: 24, environment: ["NO_COLOR": "1"])
        try await pane.type(Self.watch + "\n")
        try await pane.wait(for: "label") { $0.contains(/● everyday-\S+ +(none|walking)/) }
        #expect(try await !pane.coloredText().contains("\u{1b}"))
        try await pane.type("q")
        try await pane.wait(for: "prompt") { $0.hasPrefix("$") }
    }

    @Test("is refused with one line where there is no terminal, or one that can't show it")
    func noTerminal() async throws {
        let result = try await Gerund.run("watch", Gerund.clip, "--format", "screen")
        BadSourceTests.expectRefused(result, exit: 2, "needs a terminal")
        let pane = try await TerminalPane(columns: 120, rows: 24, environment: [:])
        for (line, reason) in [
            ("echo | \(Self.watch)", "needs a terminal"),
            ("\(Self.watch) | cat; (exit ${PIPESTATUS[0]})", "needs a terminal"),
            ("TERM=dumb \(Self.watch)", "needs a terminal"), ("\(Self.watch) --verbose", "--verbose would write over"),
        ] {
            try await pane.type("clear; \(line); echo \"ended: $?\"\n")
            try await pane.wait(for: "refusal of \(line)") { $0.contains(reason) && $0.contains("\nended: 2\n") }
        }
    }
}
