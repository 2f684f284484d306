import Foundation
import Testing

/// A shell in a real terminal, that of tmux: keys go in, and what a user would see comes out.
///
/// Its tmux is a server of its own, which ends with this object.
final class TerminalPane: Sendable {
    private struct Failure: Error { var message: String }

    private let folder: TemporaryFolder
    private let server: ChildProcess

    /// - Parameter environment: Set in the shell.
    init(columns: Int, rows: Int, environment: [String: String] = [:]) async throws {
        self.folder = try TemporaryFolder()
        let variables = ["gerund": Gerund.program, "clip": Gerund.clip, "files": self.folder.path]
        self.server = try ChildProcess(
            "/usr/bin/env", ["tmux", "-u", "-S", self.folder.path("tmux"), "-f", "/dev/null", "-D"],
            environment: variables.merging(environment) { $1 }, slot: await ProgramSlot.take())
        let socket = self.folder.path("tmux")
        try await self.server.wait(for: "tmux to listen") { _ in FileManager.default.fileExists(atPath: socket) }
        try await self.tmux(
            "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)", "env", "PS1=$ ", "bash", "--norc", "--noprofile")
        // A mark of the terminal's modes, to compare with later.
        try await self.type("stty -a >$files/before; echo ready\n")
        try await self.wait(for: "a prompt") { $0.contains("\nready\n$") }
    }

    @discardableResult
    private func tmux(_ arguments: String...) async throws -> String {
        let result = try await ChildProcess("/usr/bin/env", ["tmux", "-u", "-S", self.folder.path("tmux")] + arguments)
            .result()
        guard result.ending == .exited(0) else { throw Failure(message: "tmux \(arguments): \(result.errors)") }
        return result.output
    }

    /// Types text; a line end is the Enter key.
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

    /// What can be seen, in lines without the spaces at their ends.
    func text() async throws -> String { try await self.tmux("capture-pane", "-p") }

    /// The same with the colours, as escape sequences.
    func coloredText() async throws -> String { try await self.tmux("capture-pane", "-p", "-e") }

    /// Waits until something can be seen.
    ///
    /// - Throws: When it can't for long.
    func wait(for what: String, _ isTrue: (String) -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(90)
        while true {
            let text = try await self.text()
            if isTrue(text) { return }
            guard ContinuousClock.now < end else { throw Failure(message: "no \(what) within 90 s, but:\n\(text)") }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Whether a program has the alternate screen, and whether the cursor is shown.
    func hasAlternateScreen() async throws -> Bool { try await self.format("#{alternate_on}") == "1" }
    func hasCursor() async throws -> Bool { try await self.format("#{cursor_flag}") == "1" }

    private func format(_ format: String) async throws -> String {
        try await self.tmux("display-message", "-p", format).trimmingCharacters(in: .newlines)
    }

    /// Expects the terminal to be as it was found, and clears it.
    func expectRestored(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        #expect(try await !self.hasAlternateScreen(), sourceLocation: sourceLocation)
        #expect(try await self.hasCursor(), sourceLocation: sourceLocation)
        try await self.type("stty -a >$files/after; echo look\(Int.random(in: 100...999))ed\n")
        try await self.wait(for: "a prompt") { $0.contains(/\nlook\d+ed\n\$/) }
        #expect(
            try self.folder.text(of: "after") == self.folder.text(of: "before"), sourceLocation: sourceLocation)
        try await self.type("clear\n")
    }
}
