import Foundation
import GerundTesting
import Glibc
import Synchronization

/// A child process of a test.
///
/// Its output goes to files, its time is limited, and neither it nor its own children outlive this object.
final class ChildProcess: Sendable {
    /// How a process ended.
    enum Ending: Hashable, Sendable {
        case exited(Int32)
        case killed(signal: Int32)
    }

    /// The exit code and the output of a process that has ended.
    struct Result: Sendable {
        var ending: Ending
        var output: String
        var errors: String

        /// The lines of standard error.
        var errorLines: [Substring] { self.errors.split(separator: "\n") }
    }

    /// A condition that wasn't met within its time limit.
    struct TimedOut: Error, CustomStringConvertible {
        var waitedFor: String
        var output: String
        var errors: String

        var description: String {
            "\(self.waitedFor): not within the limit; output: \(self.output.suffix(1000)); errors: \(self.errors.suffix(1000))"
        }
    }

    private struct SpawnFailure: Error {
        var program: String
        var code: Int32
    }

    /// The standard streams of a process.
    struct Streams {
        /// The path of the file that is standard input, empty by default.
        var input = "/dev/null"
        /// The descriptor that becomes standard output, by default that of a file (see ``ChildProcess/output``).
        var output: Int32?
    }

    let id: pid_t
    private let directory: TemporaryDirectory
    /// Released as soon as the process has ended, so that a test may start another one.
    private let slot: Mutex<ProgramSlot?>
    private let ending = Mutex<Ending?>(nil)

    /// Starts a program in a process group of its own, with signals as a login shell would set them.
    ///
    /// - Parameters:
    ///   - program: The path of the program.
    ///   - arguments: The arguments without the program's name.
    ///   - environment: Variables to set in addition to the test's own; an empty value removes a variable.
    ///   - streams: The standard streams.
    ///   - slot: A slot to hold until the process has ended.
    /// - Throws: `SpawnFailure` if the program can't be started.
    init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], streams: Streams = Streams(),
        slot: ProgramSlot? = nil
    ) throws {
        self.directory = try TemporaryDirectory()
        self.slot = Mutex(slot)
        var variables = ProcessInfo.processInfo.environment
        for (name, value) in ["TERM": "", "NO_COLOR": "", "LC_ALL": "C.UTF-8"].merging(
            environment, uniquingKeysWith: { $1 })
        {
            variables[name] = value.isEmpty ? nil : value
        }

        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, streams.input, O_RDONLY, 0)
        if let output = streams.output {
            unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
        } else {
            unsafe posix_spawn_file_actions_addopen(
                &actions, 1, directory.path("output"), O_WRONLY | O_CREAT | O_APPEND, 0o600)
        }
        unsafe posix_spawn_file_actions_addopen(
            &actions, 2, directory.path("errors"), O_WRONLY | O_CREAT | O_APPEND, 0o600)

        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        unsafe sigfillset(&signals)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)

        var id: pid_t = 0
        var words = unsafe Self.cStrings([program] + arguments)
        var assignments = unsafe Self.cStrings(variables.map { "\($0)=\($1)" })
        defer { unsafe (words + assignments).forEach { unsafe free($0) } }
        let code = unsafe posix_spawn(&id, program, &actions, &attributes, &words, &assignments)
        guard code == 0 else { throw SpawnFailure(program: program, code: code) }
        self.id = id
    }

    deinit {
        // The whole process group, so that a shell's children end too.
        kill(-self.id, SIGKILL)
        if self.ending.withLock({ $0 }) == nil { waitpid(self.id, nil, 0) }
    }

    private static func cStrings(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
        unsafe texts.map { unsafe strdup($0) } + [nil]
    }

    /// The text that has been written to standard output so far.
    var output: String { self.text("output") }
    /// The text that has been written to standard error so far.
    var errors: String { self.text("errors") }

    private func text(_ name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: self.directory.path(name)) ?? Data(), as: UTF8.self)
    }

    func signal(_ number: Int32) {
        kill(self.id, number)
    }

    /// Returns whether the process has neither a handler for a signal nor ignores it.
    func isDefault(signal number: Int32) -> Bool {
        let status = (try? String(contentsOfFile: "/proc/\(self.id)/status", encoding: .utf8)) ?? ""
        func mask(_ name: String) -> UInt64? {
            status.split(separator: "\n").first { $0.hasPrefix(name) }
                .flatMap { UInt64($0.split(whereSeparator: \.isWhitespace)[1], radix: 16) }
        }
        guard let ignored = mask("SigIgn:"), let caught = mask("SigCgt:") else { return false }
        return (ignored | caught) & (1 << UInt64(number - 1)) == 0
    }

    /// The names of the process's threads.
    var threadNames: [String] {
        let tasks = "/proc/\(self.id)/task"
        return ((try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? []).compactMap {
            try? String(contentsOfFile: "\(tasks)/\($0)/comm", encoding: .utf8).trimmingCharacters(in: .newlines)
        }
    }

    /// The processor time that the process has used in user mode, in hundredths of a second.
    var workTicks: Int {
        let fields = (try? String(contentsOfFile: "/proc/\(self.id)/stat", encoding: .utf8)) ?? ""
        // The 14th field of proc(5); the second, the name in parentheses, may hold blanks.
        let rest = fields.split(separator: ")").last?.split(separator: " ") ?? []
        return rest.count > 11 ? Int(rest[11]) ?? 0 : 0
    }

    /// Waits until the process has ended.
    ///
    /// - Throws: ``TimedOut``, after killing the process.
    func result(within limit: Duration = .seconds(120)) async throws -> Result {
        do {
            try await self.wait(for: "the end", within: limit) { $0.hasEnded() }
        } catch {
            kill(-self.id, SIGKILL)
            throw error
        }
        let ending = self.ending.withLock { $0 } ?? .exited(-1)
        return Result(ending: ending, output: self.output, errors: self.errors)
    }

    /// Waits until a condition is met.
    ///
    /// - Throws: ``TimedOut``, also if the process has ended before the condition was met.
    func wait(
        for what: String, within limit: Duration = .seconds(120), _ isTrue: (ChildProcess) -> Bool
    ) async throws {
        let end = ContinuousClock.now + limit
        while true {
            let isOver = self.hasEnded()
            if isTrue(self) { return }
            if isOver || .now >= end {
                throw TimedOut(waitedFor: what, output: self.output, errors: self.errors)
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    func hasEnded() -> Bool {
        self.ending.withLock { ending in
            if ending != nil { return true }
            var status: Int32 = 0
            guard unsafe waitpid(self.id, &status, WNOHANG) == self.id else { return false }
            let signal = status & 0x7f
            ending = signal == 0 ? .exited(status >> 8 & 0xff) : .killed(signal: signal)
            self.slot.withLock { $0 = nil }
            return true
        }
    }
}
