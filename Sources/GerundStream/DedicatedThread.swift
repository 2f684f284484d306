import GerundCore
import Glibc
import Synchronization

/// A thread for work that blocks or performs long computations, which must not run on Swift's cooperative thread pool.
public final class DedicatedThread: Sendable {
    private struct State: Sendable {
        var handle: pthread_t?
        var hasEnded = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    /// The argument of the new thread.
    ///
    /// Keeps the ``DedicatedThread`` alive until the thread has ended.
    private final class StartContext: Sendable {
        let thread: DedicatedThread
        let name: String
        let body: @Sendable () -> Void

        init(thread: DedicatedThread, name: String, body: @escaping @Sendable () -> Void) {
            self.thread = thread
            self.name = name
            self.body = body
        }

        func run() {
            self.nameThread()
            self.body()
            self.thread.end()
        }

        /// Names the thread for debuggers; if that fails, the thread keeps the name of the process.
        /// (`pthread_setname_np` is a GNU extension that Swift doesn't import.)
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
        // Never joined: the system cleans up when the thread ends.
        if let handle = self.state.withLock({ $0.handle }) { pthread_detach(handle) }
    }

    /// Starts a thread that executes a closure once.
    ///
    /// - Parameters:
    ///   - name: The name of the thread in debuggers and `top -H`; the system keeps the first 15 bytes.
    ///   - body: The closure.
    /// - Returns: The running thread.
    /// - Throws: ``ThreadCreationError`` if the system refuses to create the thread.
    @discardableResult
    public static func start(
        name: String, _ body: @escaping @Sendable () -> Void
    ) throws(ThreadCreationError) -> DedicatedThread {
        let thread = DedicatedThread()
        let context = unsafe Unmanaged.passRetained(StartContext(thread: thread, name: name, body: body))
        var handle = pthread_t()
        let status = unsafe pthread_create(
            &handle, nil,
            { argument in
                if let argument = unsafe argument {
                    unsafe Unmanaged<StartContext>.fromOpaque(argument).takeRetainedValue().run()
                }
                return nil
            }, context.toOpaque())
        guard status == 0 else {
            unsafe context.release()
            throw ThreadCreationError(status: status)
        }
        thread.state.withLock { [handle] in $0.handle = handle }
        return thread
    }

    /// Suspends until the closure has returned and the system has released the thread.
    ///
    /// This method may be called more than once and from any task. Cancellation has no effect.
    public func join() async {
        await withCheckedContinuation { continuation in
            let hasEnded = self.state.withLock { state in
                if !state.hasEnded { state.waiters.append(continuation) }
                return state.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
        // Only the first caller joins. The thread is at its last instructions, so this returns at once.
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
