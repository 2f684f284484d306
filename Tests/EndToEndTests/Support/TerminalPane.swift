import Foundation
import GerundTesting
import Testing

/// A shell in a terminal of tmux: sends keys, and reads the visible text.
///
/// Each object has its own tmux server, which ends with the object.
final class TerminalPane: Sendable {
    private struct Failure: Error { var message: String }

    private let directory: TemporaryDirectory
    private let server: ChildProcess

    /// Starts a shell in a terminal.
    ///
    /// - Parameters:
    ///   - columns: The width in characters.
    ///   - rows: The height in lines.
    ///   - environment: Variables to set in the shell.
    /// - Throws: The failure of tmux.
    init(columns: Int, rows: Int, environment: [String: String] = [:]) async throws {
        self.directory = try TemporaryDirectory()
        let variables = ["gerund": Gerund.program, "clip": Gerund.clip, "files": self.directory.path]
        self.server = try ChildProcess(
            "/usr/bin/env", ["tmux", "-u", "-S", self.directory.path("tmux"), "-f", "/dev/null", "-D"],
            environment: variables.merging(environment) { $1 }, slot: await ProgramSlot.take())
        let socket = self.directory.path("tmux")
        try await self.server.wait(for: "tmux to listen") { _ in FileManager.default.fileExists(atPath: socket) }
        try await self.tmux(
            "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)", "env", "PS1=$ ", "bash", "--norc", "--noprofile")
        // The terminal's modes, for comparison in `expectRestored`.
        try await self.type("stty -a >$files/before; echo ready\n")
        try await self.wait(for: "a prompt") { $0.contains("\nready\n$") }
    }

    @discardableResult
    private func tmux(_ arguments: String...) async throws -> String {
        let result = try await ChildProcess(
            "/usr/bin/env", ["tmux", "-u", "-S", self.directory.path("tmux")] + arguments
        )
        .result()
        guard result.ending == .exited(0) else { throw Failure(message: "tmux \(arguments): \(result.errors)") }
        return result.output
    }

    /// Types text; a line feed is the Enter key.
    func type(_ text: String) async throws {
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if index > 0 { try await self.press("Enter") }
            if !line.isEmpty { try await self.tmux("send-keys", "-l", "--", String(line)) }
        }
    }

    /// Presses a key by the name that tmux gives it: `C-z`, `Escape`.
    func press(_ key: String) async throws { try await self.tmux("send-keys", key) }

    func resize(columns: Int, rows: Int) async throws {
        try await self.tmux("resize-window", "-x", "\(columns)", "-y", "\(rows)")
    }

    /// The contents of a file in the directory that the shell knows as `$files`.
    func file(_ name: String) throws -> String { try self.directory.text(of: name) }

    /// Returns the visible text, in lines without trailing spaces.
    func text() async throws -> String { try await self.tmux("capture-pane", "-p") }

    /// Returns the visible text with its colors, as escape sequences.
    func coloredText() async throws -> String { try await self.tmux("capture-pane", "-p", "-e") }

    /// Waits until the visible text satisfies a condition.
    ///
    /// - Throws: If it doesn't within 90 s.
    func wait(for what: String, _ isTrue: (String) -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(90)
        while true {
            let text = try await self.text()
            if isTrue(text) { return }
            guard ContinuousClock.now < end else { throw Failure(message: "no \(what) within 90 s, but:\n\(text)") }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Returns whether the alternate screen is on.
    func hasAlternateScreen() async throws -> Bool { try await self.format("#{alternate_on}") == "1" }
    /// Returns whether the cursor is visible.
    func hasCursor() async throws -> Bool { try await self.format("#{cursor_flag}") == "1" }

    private func format(_ format: String) async throws -> String {
        try await self.tmux("display-message", "-p", format).trimmingCharacters(in: .newlines)
    }

    /// Expects the terminal's modes to be those from the beginning, and clears the terminal.
    func expectRestored(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        #expect(try await !self.hasAlternateScreen(), sourceLocation: sourceLocation)
        #expect(try await self.hasCursor(), sourceLocation: sourceLocation)
        try await self.type("stty -a >$files/after; echo look\(Int.random(in: 100...999))ed\n")
        try await self.wait(for: "a prompt") { $0.contains(/\nlook\d+ed\n\$/) }
        #expect(
            try self.directory.text(of: "after") == self.directory.text(of: "before"), sourceLocation: sourceLocation)
        try await self.type("clear\n")
    }
}
