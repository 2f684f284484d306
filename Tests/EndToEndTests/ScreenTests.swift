import Foundation
import Glibc
import Testing

@Suite("Full-screen view", .serialized, .timeLimit(.minutes(10)))
struct ScreenTests {
    private static let watch = "$gerund watch $clip --format screen"

    @Test("Shows sources, labels and events, and obeys its keys")
    func view() async throws {
        let pane = try await TerminalPane(columns: 100, rows: 30)
        try await pane.type("\(Self.watch) 'test:testsrc2=size=320x180:rate=5#name=yard'; echo \"ended: $?\"\n")
        // The present label with its score and rate, and an event that has ended.
        try await pane.wait(for: "label and event") { text in
            text.contains(/● everyday-actions.mp4 +walking .*0\.\d\d/) && text.contains(/windows\/s +\d+ ms/)
        }
        try await pane.wait(for: "event") { $0.contains(/\d\d:\d\d:\d\d +everyday-act\S+ +walking +\d\.\d s +0\.\d\d/) }
        #expect(try await pane.text().contains(/● yard +none/))
        #expect(try await pane.hasAlternateScreen())
        #expect(try await !pane.hasCursor())
        #expect(try await pane.coloredText().contains("\u{1b}[1m"))

        try await pane.type("?")
        try await pane.wait(for: "help") { $0.contains("pause or resume the display") }
        try await pane.type("?")
        try await pane.wait(for: "view") { $0.contains("SOURCE") }

        try await pane.type("/yard")
        try await pane.wait(for: "filter") { $0.contains("/yard") && !$0.contains("everyday") }
        try await pane.press("Escape")
        try await pane.wait(for: "all sources") { $0.contains("everyday") }

        try await pane.type(" ")
        try await pane.wait(for: "pause") { $0.contains(/paused\n/) }
        let paused = try await pane.text()
        // Other sources go on meanwhile: the display would have changed several times.
        let end = ContinuousClock.now + .seconds(1.5)
        while ContinuousClock.now < end { #expect(try await pane.text() == paused) }
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
        "Restores the terminal however it ends",
        arguments: [
            ("", "C-c", "ended: 130"), ("&", "TERM", "ended: 143"),
            ("--duration 2", "", "ended: 0"), ("no-such.mp4", "q", "ended: "),
        ])
    func endings(rest: String, key: String, ending: String) async throws {
        let pane = try await TerminalPane(columns: 80, rows: 24)
        if rest == "&" {
            // In the background the program stops until it gets the terminal.
            try await pane.type("\(Self.watch) & echo $! >$files/pid\n")
            try await pane.wait(for: "a stopped job") { $0.contains("$ ") }
            try await pane.type("clear\n")
            try await pane.type("fg %1; echo \"ended: $?\"\n")
        } else {
            try await pane.type("\(Self.watch) \(rest); echo \"ended: $?\"\n")
        }
        if !key.isEmpty {
            try await pane.wait(for: "view") { $0.contains("HISTORY") }
        }
        if key == "TERM" {
            kill(try #require(pid_t(pane.file("pid").trimmingCharacters(in: .whitespacesAndNewlines))), SIGTERM)
        } else if !key.isEmpty {
            try await pane.press(key)
        }
        try await pane.wait(for: ending) { $0.contains("\n\(ending)") }
        try await pane.expectRestored()
    }

    @Test("Ends while it is stopped, and leaves the shell's terminal unchanged")
    func killedWhileStopped() async throws {
        let pane = try await TerminalPane(columns: 80, rows: 24)
        try await pane.type("\(Self.watch); echo \"ended: $?\"\n")
        try await pane.wait(for: "view") { $0.contains("HISTORY") }
        try await pane.press("C-z")
        try await pane.wait(for: "shell") { $0.contains("\nended: 148\n") }
        // The shell reports 148 until it has noticed that the program was continued and has ended.
        try await pane.type(
            "kill %1; while wait %1; ended=$?; [ $ended = 148 ]; do sleep 0.1; done; echo \"ended: $ended\"\n")
        try await pane.wait(for: "end") { $0.contains("\nended: 143\n") }
        try await pane.expectRestored()
    }

    @Test("Prints an error after the terminal has been restored")
    func error() async throws {
        let pane = try await TerminalPane(columns: 120, rows: 24)
        try await pane.type("$gerund watch no-such.mp4 --format screen; echo \"ended: $?\"\n")
        try await pane.wait(for: "end") { $0.contains("\nended: 3\n") }
        #expect(try await pane.text().contains(/\ngerund: no-such.mp4: .*\nended: 3\n/))
        try await pane.expectRestored()
    }

    @Test("Has no color with NO_COLOR")
    func noColor() async throws {
        let pane = try await TerminalPane(columns: 80, rows: 24, environment: ["NO_COLOR": "1"])
        try await pane.type(Self.watch + "\n")
        try await pane.wait(for: "label") { $0.contains(/● everyday-\S+ +(none|walking)/) }
        #expect(try await !pane.coloredText().contains("\u{1b}"))
        try await pane.type("q")
        try await pane.wait(for: "prompt") { $0.hasPrefix("$") }
    }

    @Test("Is refused with one line without a terminal, or with one that can't show it")
    func noTerminal() async throws {
        let result = try await Gerund.run("watch", Gerund.clip, "--format", "screen")
        result.expectRefused(exit: 2, "needs a terminal")
        let pane = try await TerminalPane(columns: 120, rows: 24, environment: [:])
        for (line, reason) in [
            ("echo | \(Self.watch)", "needs a terminal"),
            ("\(Self.watch) | cat; (exit ${PIPESTATUS[0]})", "needs a terminal"),
            ("TERM=dumb \(Self.watch)", "needs a terminal"), ("\(Self.watch) --verbose", "--verbose"),
        ] {
            try await pane.type("clear; \(line); echo \"ended: $?\"\n")
            try await pane.wait(for: "refusal of \(line)") { $0.contains(reason) && $0.contains("\nended: 2\n") }
        }
    }
}
