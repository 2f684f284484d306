import Dispatch
import FoundationEssentials
import GerundCore
import GerundEvents
import GerundStream
import GerundTerminal
import Glibc
import Synchronization

/// The full-screen view: a thread of its own that owns the terminal, reads keys and draws.
///
/// Records only change a value that is drawn at most ten times a second, so a slow terminal holds up nothing.
final class Screen: Sendable {
    private struct State: Sendable {
        var model: ScreenModel
        var hasChanged = true
        var wasResized = false
        var isToStop = false
        var wasContinued = false
        var isClosing = false
        /// Whether the user has left, or the terminal has gone.
        var isOver = false
    }

    private let state: Mutex<State>
    private let terminal: ScreenTerminal
    private let style: TextStyle
    private let left = DispatchSemaphore(value: 0)
    private let ending = AsyncStream.makeStream(of: Void.self)

    /// Takes the terminal until ``close()``.
    ///
    /// - Parameter sources: In the order in which they are to be shown.
    /// - Throws: ``CommandFailure`` when there is none, or it can't show this.
    init(sources: [SourceID]) throws {
        self.state = Mutex(State(model: ScreenModel(sources: sources)))
        self.terminal = try ScreenTerminal()
        self.style = Terminal.style()
        StandardError.hold { [weak self] line in
            self?.change { $0.model.noticeArrived(line, time: Date()) }
        }
        guard CaptureThread.start(name: "screen", { self.run() }) != nil else {
            self.left.signal()
            self.close()
            throw CommandFailure(status: .failure, message: "the system refuses another thread: raise its limit")
        }
        Self.current.withLock { $0 = self }
    }

    /// - Throws: ``CommandFailure`` with exit code 2 when there is no terminal that could show this.
    static func check(isVerbose: Bool) throws {
        guard isatty(STDIN_FILENO) == 1, StandardOutput.isTerminal, Terminal.isCapable else {
            throw CommandFailure(
                status: .usage,
                message: "--format screen needs a terminal at standard input and output: use --format text or jsonl")
        }
        guard !isVerbose || !StandardError.isTerminal else {
            throw CommandFailure(
                status: .usage, message: "--verbose would write over the screen: add 2>FILE, or leave one of them out")
        }
    }

    // MARK: From other threads

    /// - Throws: ``StandardOutput/Closed`` when the user has left.
    func take(_ record: Record) throws {
        let isOver = self.change { state in
            state.model.recordArrived(record, at: .now)
            return state.isOver
        }
        if isOver { throw StandardOutput.Closed() }
    }

    /// Does `work` until it is done or the user leaves the screen, if there is one.
    ///
    /// - Throws: What the work throws; ``StandardOutput/Closed`` when the user has left, or the terminal has gone.
    static func untilLeft<R: Sendable>(
        _ screen: Screen?, _ work: @escaping @Sendable () async throws -> R
    ) async throws -> R {
        guard let screen else { return try await work() }
        return try await withThrowingTaskGroup(of: R.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await work() }
            group.addTask {
                for await _ in screen.ending.stream {}
                throw StandardOutput.Closed()
            }
            guard let result = try await group.next() else { throw StandardOutput.Closed() }
            return result
        }
    }

    /// Gives the terminal back as it was. Blocks for half a second at most; does nothing the second time.
    func close() {
        self.change { $0.isClosing = true }
        if self.left.wait(timeout: .now() + .milliseconds(500)) == .success { self.left.signal() }
        signal(SIGTSTP, SIG_DFL)
        StandardError.release()
    }

    private static let current = Mutex<Screen?>(nil)

    /// Whatever way out the program takes: see ``ExitStatus/leave()``.
    static func closeCurrent() {
        self.current.withLock { $0 }?.close()
    }

    /// The thread notices by and by.
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

    /// Until the thread ends: it holds them, and nobody else.
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
            case SIGTSTP: state.isToStop = true
            case SIGCONT: state.wasContinued = true
            default: state.wasResized = true
            }
        }
    }

    private func run() {
        let signals = self.listenToSignals()
        var (painter, pacer) = (ScreenPainter(), RedrawPacer())
        var isShown = self.enter()
        while isShown {
            let state = self.state.withLock { state in
                let copy = state
                (state.wasResized, state.isToStop, state.wasContinued) = (false, false, false)
                return copy
            }
            if state.isClosing || state.isOver { break }
            if state.isToStop {
                self.terminal.leave()
                self.terminal.stopProcess()
                isShown = self.enter()
            } else if state.wasContinued {
                isShown = self.enter(isTaken: true)
            }
            guard isShown else { break }
            let isDisturbed = state.isToStop || state.wasContinued || state.wasResized
            if isDisturbed { painter.invalidate() }

            switch pacer.next(hasChanged: state.hasChanged || isDisturbed, at: .now) {
            case .draw: self.draw(&painter)
            case .wait(let time): self.readKeys(self.terminal.wait(time))
            }
        }
        if isShown { self.terminal.leave() }
        for source in signals { source.cancel() }
        // What a signal ends has its own way and status.
        if self.state.withLock({ $0.isOver }) { self.ending.continuation.finish() }
        self.left.signal()
    }

    /// Takes the terminal; in the background, stops until it is this program's.
    ///
    /// - Parameter isTaken: Whether the screen is this program's already, and only the modes may be others.
    /// - Returns: `false` when the program is to end before: the terminal is the shell's then, and stays as it is.
    private func enter(isTaken: Bool = false) -> Bool {
        for _ in 0..<10 where !self.terminal.isForeground {
            // A signal that ends a stopped program comes together with the one that lets it go on: it gets its turn.
            usleep(100_000)
            if self.state.withLock({ $0.isClosing }) { return false }
            if !self.terminal.isForeground { self.terminal.stopInBackground() }
        }
        if isTaken { self.terminal.resume() } else { self.terminal.enter() }
        return true
    }

    private func draw(_ painter: inout ScreenPainter) {
        let model = self.state.withLock { state in
            state.hasChanged = false
            return state.model
        }
        let style = ScreenStyle(
            hasColor: self.style.hasColor, hasUnicode: self.style.hasUnicode, offsetFromUTC: Self.offsetFromUTC())
        let lines = model.frame(self.terminal.size, style, at: .now, clock: Date())
        let isWritten = self.terminal.write(painter.paint(lines)) { self.state.withLock { $0.isClosing } }
        if !isWritten { self.state.withLock { $0.isOver = true } }
    }

    /// - Parameter input: What was typed; `nil` when the terminal has gone.
    private func readKeys(_ input: [UInt8]?) {
        guard let input else { return self.state.withLock { $0.isOver = true } }
        let keys = KeyDecoder().keys(input)
        guard !keys.isEmpty else { return }
        self.state.withLock { state in
            state.hasChanged = true
            for key in keys where state.model.keyPressed(key, at: .now) == .quit { state.isOver = true }
        }
    }

    private static func offsetFromUTC() -> Duration {
        var (now, local) = (time(nil), unsafe tm())
        unsafe localtime_r(&now, &local)
        return .seconds(unsafe local.tm_gmtoff)
    }
}
