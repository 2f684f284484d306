import Glibc
import Synchronization

/// A thread of a source's own: capture blocks, and what blocks may not run on Swift's shared threads.
public final class CaptureThread: Sendable {
    private struct State: Sendable {
        var handle: pthread_t?
        var hasEnded = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    /// What the new thread is handed: it keeps the ``CaptureThread`` alive until it has ended.
    private final class Launch: Sendable {
        let thread: CaptureThread
        let name: String
        let body: @Sendable () -> Void

        init(thread: CaptureThread, name: String, body: @escaping @Sendable () -> Void) {
            self.thread = thread
            self.name = name
            self.body = body
        }

        func run() {
            self.nameThread()
            self.body()
            self.thread.end()
        }

        /// A courtesy: where it fails, the thread has the process's name. (`pthread_setname_np` is a GNU extension
        /// that Swift doesn't see.)
        private func nameThread() {
            let file = unsafe open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
            guard file >= 0 else { return }
            defer { close(file) }
            let bytes = Array(self.name.utf8.prefix(15))
            _ = unsafe write(file, bytes, bytes.count)
        }
    }

    private let state = Mutex(State())

    private init() {}

    deinit {
        // Never joined: the system may clean up by itself.
        if let handle = self.state.withLock({ $0.handle }) { pthread_detach(handle) }
    }

    /// Starts a thread that executes `body` once.
    ///
    /// - Parameter name: Shown by debuggers and `top -H`; the system keeps its first 15 bytes.
    /// - Returns: `nil` when the system has no more threads to give.
    public static func start(name: String, _ body: @escaping @Sendable () -> Void) -> CaptureThread? {
        let thread = CaptureThread()
        let launch = unsafe Unmanaged.passRetained(Launch(thread: thread, name: name, body: body))
        var handle = pthread_t()
        let status = unsafe pthread_create(
            &handle, nil,
            { argument in
                if let argument = unsafe argument {
                    unsafe Unmanaged<Launch>.fromOpaque(argument).takeRetainedValue().run()
                }
                return nil
            }, launch.toOpaque())
        guard status == 0 else {
            unsafe launch.release()
            return nil
        }
        thread.state.withLock { [handle] in $0.handle = handle }
        return thread
    }

    /// Returns when `body` has returned and the system has taken the thread back. Suspends; blocks nobody.
    public func join() async {
        await withCheckedContinuation { continuation in
            let hasEnded = self.state.withLock { state in
                if !state.hasEnded { state.waiters.append(continuation) }
                return state.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
        // Whoever comes first; the thread is at its last instructions, so this doesn't wait.
        if let handle = self.state.withLock({ $0.handle.take() }) { _ = pthread_join(handle, nil) }
    }

    private func end() {
        let waiters = self.state.withLock { state in
            state.hasEnded = true
            let waiters = state.waiters
            state.waiters = []
            return waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
