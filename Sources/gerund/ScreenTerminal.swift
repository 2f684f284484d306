import GerundTerminal
import Glibc

/// The terminal at standard input and output, and its modes.
///
/// A terminal is used by one thread, apart from ``wake()``.
struct ScreenTerminal: Sendable {
    /// A separate, non-blocking descriptor of the terminal; standard output if that can't be opened.
    private let output: CInt
    private let isNonBlocking: Bool
    /// The pipe that wakes the thread.
    private let wakeInput: CInt
    private let wakeOutput: CInt
    /// The modes before the view, which ``leave()`` restores.
    private let modes: termios

    /// Waits for the foreground: a program that was started in the background is suspended until then.
    ///
    /// - Throws: ``CommandError`` if the terminal can't be used.
    init() throws {
        // In the background, the modes are those of the shell's line editor.
        for _ in 0..<10 where !Self.isForeground { Self.stop(by: SIGTTOU) }
        guard Self.isForeground else {
            throw CommandError(status: .failure, message: "cannot use the terminal: another program has it")
        }
        var modes = termios()
        var ends: [CInt] = [-1, -1]
        guard unsafe tcgetattr(STDIN_FILENO, &modes) == 0, unsafe pipe(&ends) == 0 else {
            throw CommandError(
                status: .failure, message: "cannot use the terminal: \(unsafe String(cString: strerror(errno)))")
        }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        self.modes = modes
        (self.wakeOutput, self.wakeInput) = (ends[0], ends[1])
        // The descriptor itself must stay blocking: the shell shares it.
        let flags = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
        let own = unsafe ttyname(STDOUT_FILENO).map { name in unsafe open(name, flags) } ?? -1
        self.isNonBlocking = own >= 0
        self.output = own >= 0 ? own : STDOUT_FILENO
    }

    var size: ScreenSize {
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return ScreenSize(rows: 24, columns: 80)
        }
        return ScreenSize(rows: Int(size.ws_row), columns: Int(size.ws_col))
    }

    // MARK: Modes

    func enter() {
        self.setKeyModes()
        self.write(ScreenRenderer.enter)
    }

    /// Restores the terminal and discards unread input, which would go to the shell.
    func leave() {
        self.write(ScreenRenderer.leave)
        tcflush(STDIN_FILENO, TCIFLUSH)
        var modes = self.modes
        unsafe tcsetattr(STDIN_FILENO, TCSANOW, &modes)
    }

    /// Restores the view after the process was suspended by SIGSTOP: the screen is unchanged, the modes may be the
    /// shell's.
    func resume() {
        self.setKeyModes()
        self.write(ScreenRenderer.resume)
    }

    /// Sets the modes for reading single keys without echo.
    ///
    /// Ctrl-C and Ctrl-Z remain signals. Ctrl-S doesn't pause the output, and Ctrl-\ doesn't end the process, which
    /// would leave the terminal in these modes.
    private func setKeyModes() {
        var modes = self.modes
        modes.c_lflag &= ~tcflag_t(ICANON | ECHO | IEXTEN)
        modes.c_iflag &= ~tcflag_t(IXON)
        // Indices are the system's: VQUIT is 1, VTIME 5, VMIN 6 (termios.h); 0 means disabled.
        (modes.c_cc.1, modes.c_cc.5, modes.c_cc.6) = (0, 0, 1)
        unsafe tcsetattr(STDIN_FILENO, TCSANOW, &modes)
    }

    /// Suspends the process as Ctrl-Z does by default, and returns when it resumes.
    ///
    /// Does nothing where no shell could resume it.
    func stopProcess() { Self.stop(by: SIGTSTP) }

    /// Suspends the process as the system suspends one that changes the terminal's modes from the background.
    ///
    /// The system doesn't do so for threads that block the signal, as Swift's do.
    func stopInBackground() { Self.stop(by: SIGTTOU) }

    /// A Boolean value that indicates whether the program is in the foreground; always `true` without job control.
    var isForeground: Bool { Self.isForeground }

    private static var isForeground: Bool {
        let group = tcgetpgrp(STDIN_FILENO)
        return group < 0 || group == getpgrp()
    }

    private static func stop(by number: CInt) {
        let handler = signal(number, SIG_DFL)
        var (signals, before) = (sigset_t(), sigset_t())
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, number)
        unsafe pthread_sigmask(SIG_UNBLOCK, &signals, &before)
        raise(number)
        unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
        signal(number, handler)
    }

    // MARK: Input and output

    func wake() {
        var byte: UInt8 = 0
        // A full pipe wakes the thread as well.
        _ = unsafe Glibc.write(self.wakeInput, &byte, 1)
    }

    /// Waits for keys, for ``wake()``, or for the time to pass.
    ///
    /// - Returns: The typed bytes; `nil` if the terminal has gone.
    func wait(_ time: Duration) -> [UInt8]? {
        var inputs = [
            pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
            pollfd(fd: self.wakeOutput, events: Int16(POLLIN), revents: 0),
        ]
        let limit = max(1, CInt((time / .milliseconds(1)).rounded(.up)))
        guard unsafe poll(&inputs, 2, limit) > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: 256)
        if inputs[1].revents != 0 { _ = unsafe read(self.wakeOutput, &bytes, bytes.count) }
        guard inputs[0].revents != 0 else { return [] }
        let count = unsafe read(STDIN_FILENO, &bytes, bytes.count)
        if count < 0 { return errno == EINTR || errno == EAGAIN ? [] : nil }
        return count > 0 ? Array(bytes[..<count]) : nil
    }

    /// Writes a text, with one write unless the terminal has no room for it.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - isClosing: Whether to wait only briefly for a terminal that takes nothing. The default is `true`.
    /// - Returns: `false` if the terminal has gone.
    @discardableResult
    func write(_ text: String, isClosing: () -> Bool = { true }) -> Bool {
        let bytes = Array(text.utf8)
        var (done, patience) = (0, 5)
        while done < bytes.count {
            let limit = self.isNonBlocking ? bytes.count : Int(PIPE_BUF)
            let count = unsafe bytes.withUnsafeBytes { bytes in
                unsafe Glibc.write(self.output, bytes.baseAddress! + done, min(limit, bytes.count - done))
            }
            if count >= 0 {
                done += count
            } else if errno == EAGAIN {
                var descriptor = pollfd(fd: self.output, events: Int16(POLLOUT), revents: 0)
                guard unsafe poll(&descriptor, 1, 100) == 0, isClosing() else { continue }
                patience -= 1
                if patience == 0 { return true }
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }
}
