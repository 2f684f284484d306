import GerundTerminal
import Glibc

/// The terminal at standard input and output, and its modes. Used by one thread; only ``wake()`` by others.
struct ScreenTerminal: Sendable {
    /// A way of its own to the terminal, so that a write need not block; standard output where that can't be had.
    private let output: CInt
    private let isNonBlocking: Bool
    /// What is written here wakes the thread.
    private let wakeInput: CInt
    private let wakeOutput: CInt
    /// As it was found.
    private let modes: termios

    /// Returns when the terminal is this program's: one that was started in the background stops until then.
    ///
    /// - Throws: ``CommandFailure`` when the terminal can't be had, or the system has nothing left to give.
    init() throws {
        // Before, the modes are those of the shell's own line editor.
        for _ in 0..<10 where !Self.isForeground { Self.stop(by: SIGTTOU) }
        guard Self.isForeground else {
            throw CommandFailure(status: .failure, message: "cannot use the terminal: another program has it")
        }
        var modes = termios()
        var ends: [CInt] = [-1, -1]
        guard unsafe tcgetattr(STDIN_FILENO, &modes) == 0, unsafe pipe(&ends) == 0 else {
            throw CommandFailure(
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
        self.write(ScreenPainter.enter)
    }

    /// As it was found; what was typed and not read is not handed to the shell.
    func leave() {
        self.write(ScreenPainter.leave)
        tcflush(STDIN_FILENO, TCIFLUSH)
        var modes = self.modes
        unsafe tcsetattr(STDIN_FILENO, TCSANOW, &modes)
    }

    /// After a stop that could not be foreseen: the screen is still ours, the modes may be the shell's.
    func resume() {
        self.setKeyModes()
        self.write(ScreenPainter.resume)
    }

    /// Keys come one by one and unseen. Ctrl-C and Ctrl-Z stay signals; Ctrl-S stops nothing, and Ctrl-\ doesn't kill,
    /// which would leave the terminal as it is.
    private func setKeyModes() {
        var modes = self.modes
        modes.c_lflag &= ~tcflag_t(ICANON | ECHO | IEXTEN)
        modes.c_iflag &= ~tcflag_t(IXON)
        // Indices are the system's: VQUIT is 1, VTIME 5, VMIN 6 (termios.h); 0 is none.
        (modes.c_cc.1, modes.c_cc.5, modes.c_cc.6) = (0, 0, 1)
        unsafe tcsetattr(STDIN_FILENO, TCSANOW, &modes)
    }

    /// Stops the process as Ctrl-Z does by default, and returns when it goes on. Where no shell could let it go on,
    /// the system does nothing.
    func stopProcess() { Self.stop(by: SIGTSTP) }

    /// Stops as a program does that changes the terminal's modes from the background: the system doesn't see to that
    /// for threads that block its signal, as those of Swift's do.
    func stopInBackground() { Self.stop(by: SIGTTOU) }

    /// Whether the terminal is this program's, and not the shell's; where there is no job control, it always is.
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
        // A full pipe wakes as well.
        _ = unsafe Glibc.write(self.wakeInput, &byte, 1)
    }

    /// Waits for keys, for ``wake()``, or for the time to pass.
    ///
    /// - Returns: What was typed; `nil` when the terminal has gone.
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

    /// Writes all of it, with one write unless the terminal has no room for it at once.
    ///
    /// - Parameter isClosing: When true, a terminal that takes nothing is waited for only briefly.
    /// - Returns: `false` when the terminal has gone.
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
