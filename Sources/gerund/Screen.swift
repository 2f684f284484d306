import Dispatch
import FoundationEssentials
import GerundCore
import GerundRecords
import GerundStream
import GerundTerminal
import Glibc
import Synchronization

/// The full-screen view: a thread that owns the terminal, reads keys and draws.
///
/// Records only change a value, which is drawn at most ten times per second, so a slow terminal delays nothing.
final class Screen: Sendable {
    private struct State: Sendable {
        var model: ScreenModel
        var hasChanged = true
        var wasResized = false
        var shouldSuspend = false
        var didResume = false
        var isClosing = false
        /// A Boolean value that indicates whether the user has quit or the terminal has gone.
        var hasQuit = false
    }

    private let state: Mutex<State>
    private let terminal: ScreenTerminal
    private let style: TerminalCapabilities
    private let threadExited = DispatchSemaphore(value: 0)
    private let quitStream = AsyncStream.makeStream(of: Void.self)

    /// Takes the terminal until ``close()``.
    ///
    /// - Parameter sources: The names of the sources, in the order in which they are shown.
    /// - Throws: ``CommandError`` if there is no terminal, or it can't be used.
    init(sources: [SourceID]) throws {
        self.state = Mutex(State(model: ScreenModel(sources: sources)))
        self.terminal = try ScreenTerminal()
        self.style = Terminal.capabilities
        StandardError.redirect { [weak self] line in
            self?.change { $0.model.messageArrived(line, time: Date()) }
        }
        do {
            try DedicatedThread.start(name: "screen") { self.run() }
        } catch {
            self.threadExited.signal()
            self.close()
            throw CommandError(status: .failure, message: error.summary)
        }
        Self.current.withLock { $0 = self }
    }

    /// Checks that there is a terminal for the view.
    ///
    /// - Throws: ``CommandError`` with the status `usage`.
    static func check(isVerbose: Bool) throws {
        guard isatty(STDIN_FILENO) == 1, StandardOutput.isTerminal, Terminal.isCapable else {
            throw CommandError(
                status: .usage,
                message: "--format screen needs a terminal at standard input and output: use --format text or jsonl")
        }
        guard !isVerbose || !StandardError.isTerminal else {
            throw CommandError(
                status: .usage, message: "--verbose would write over the screen: add 2>FILE, or remove one of them")
        }
    }

    // MARK: From other threads

    /// Updates the view with a record.
    ///
    /// - Throws: ``StandardOutput/Closed`` if the user has quit.
    func write(_ record: Record) throws {
        let hasQuit = self.change { state in
            state.model.recordArrived(record, at: .now)
            return state.hasQuit
        }
        if hasQuit { throw StandardOutput.Closed() }
    }

    /// Performs an operation until it returns or the user quits the view.
    ///
    /// - Parameters:
    ///   - screen: The view; `nil` without one.
    ///   - operation: The operation, which is cancelled when the user quits.
    /// - Returns: The operation's result.
    /// - Throws: The error that the operation throws; ``StandardOutput/Closed`` if the user has quit, or the terminal
    ///   has gone.
    static func runUntilQuit<R: Sendable>(
        _ screen: Screen?, _ operation: @escaping @Sendable () async throws -> R
    ) async throws -> R {
        guard let screen else { return try await operation() }
        return try await withThrowingTaskGroup(of: R.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await operation() }
            group.addTask {
                for await _ in screen.quitStream.stream {}
                throw StandardOutput.Closed()
            }
            guard let result = try await group.next() else { throw StandardOutput.Closed() }
            return result
        }
    }

    /// Restores the terminal.
    ///
    /// Blocks for half a second at most; does nothing the second time.
    func close() {
        self.change { $0.isClosing = true }
        if self.threadExited.wait(timeout: .now() + .milliseconds(500)) == .success { self.threadExited.signal() }
        signal(SIGTSTP, SIG_DFL)
        StandardError.restore()
    }

    private static let current = Mutex<Screen?>(nil)

    /// Closes the view that is shown, however the program ends; see ``ExitStatus/exit()``.
    static func closeCurrent() {
        self.current.withLock { $0 }?.close()
    }

    /// Changes the state and wakes the thread.
    @discardableResult
    private func change<R: Sendable>(_ change: (inout State) -> R) -> R {
        let (result, isNew) = self.state.withLock { state in
            let result = change(&state)
            defer { state.hasChanged = true }
            return (result, !state.hasChanged)
        }
        if isNew { self.terminal.wake() }
        return result
    }

    // MARK: The thread

    /// Creates sources for the signals of a terminal.
    ///
    /// The thread holds them until it ends.
    private func listenToSignals() -> [any DispatchSourceSignal] {
        [SIGWINCH, SIGTSTP, SIGCONT].map { number in
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { [weak self] in self?.signalArrived(number) }
            source.activate()
            return source
        }
    }

    private func signalArrived(_ number: CInt) {
        self.change { state in
            switch number {
            case SIGTSTP: state.shouldSuspend = true
            case SIGCONT: state.didResume = true
            default: state.wasResized = true
            }
        }
    }

    private func run() {
        let signals = self.listenToSignals()
        var (renderer, throttle, decoder) = (ScreenRenderer(), RedrawThrottle(), KeyDecoder())
        var isShown = self.enter()
        while isShown {
            let state = self.state.withLock { state in
                let copy = state
                (state.wasResized, state.shouldSuspend, state.didResume) = (false, false, false)
                return copy
            }
            if state.isClosing || state.hasQuit { break }
            if state.shouldSuspend {
                self.terminal.leave()
                self.terminal.stopProcess()
                isShown = self.enter()
            } else if state.didResume {
                isShown = self.enter(isTaken: true)
            }
            guard isShown else { break }
            let isDisturbed = state.shouldSuspend || state.didResume || state.wasResized
            if isDisturbed { renderer.invalidate() }

            switch throttle.next(hasChanged: state.hasChanged || isDisturbed, at: .now) {
            case .draw: self.draw(&renderer)
            case .wait(let time):
                let untilDeadline = decoder.deadline.map { ContinuousClock.now.duration(to: $0) }
                self.readKeys(self.terminal.wait(min(time, untilDeadline ?? time)), &decoder)
            }
        }
        if isShown { self.terminal.leave() }
        for source in signals { source.cancel() }
        // A signal ends the program in its own way, with its own status.
        if self.state.withLock({ $0.hasQuit }) { self.quitStream.continuation.finish() }
        self.threadExited.signal()
    }

    /// Takes the terminal; in the background, suspends the process until it is in the foreground.
    ///
    /// - Parameter isTaken: Whether the screen belongs to the program already, and only the modes may have changed.
    /// - Returns: `false` if the program ends before; the terminal is the shell's then, and stays as it is.
    private func enter(isTaken: Bool = false) -> Bool {
        for _ in 0..<10 where !self.terminal.isForeground {
            // A signal that ends a stopped program arrives together with the one that resumes it: let it be handled.
            usleep(100_000)
            if self.state.withLock({ $0.isClosing }) { return false }
            if !self.terminal.isForeground { self.terminal.stopInBackground() }
        }
        if isTaken { self.terminal.resume() } else { self.terminal.enter() }
        return true
    }

    private func draw(_ renderer: inout ScreenRenderer) {
        let model = self.state.withLock { state in
            state.hasChanged = false
            return state.model
        }
        let style = ScreenStyle(
            hasColor: self.style.hasColor, hasUnicode: self.style.hasUnicode, offsetFromUTC: Self.offsetFromUTC())
        let lines = model.frame(self.terminal.size, style, at: .now, clock: Date())
        let isWritten = self.terminal.write(renderer.render(lines)) { self.state.withLock { $0.isClosing } }
        if !isWritten { self.state.withLock { $0.hasQuit = true } }
    }

    /// Handles typed keys.
    ///
    /// - Parameters:
    ///   - input: The typed bytes; `nil` if the terminal has gone.
    ///   - decoder: The decoder, which keeps the beginning of an escape sequence for the next input.
    private func readKeys(_ input: [UInt8]?, _ decoder: inout KeyDecoder) {
        guard let input else { return self.state.withLock { $0.hasQuit = true } }
        let keys = decoder.decode(input, at: .now)
        guard !keys.isEmpty else { return }
        self.state.withLock { state in
            state.hasChanged = true
            for key in keys where state.model.keyPressed(key, at: .now) == .quit { state.hasQuit = true }
        }
    }

    private static func offsetFromUTC() -> Duration {
        var (now, local) = (time(nil), unsafe tm())
        unsafe localtime_r(&now, &local)
        return .seconds(unsafe local.tm_gmtoff)
    }
}
