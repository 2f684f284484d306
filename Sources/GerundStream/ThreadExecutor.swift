import Dispatch
import Synchronization

/// Runs the jobs of an actor on one thread of its own, in order.
///
/// For actors whose work blocks or computes for long: Swift's shared threads are as many as the machine has cores,
/// and whoever holds one holds up all other tasks.
///
///     actor Writer {
///         private let executor: ThreadExecutor
///         nonisolated var unownedExecutor: UnownedSerialExecutor { self.executor.asUnownedSerialExecutor() }
///     }
public final class ThreadExecutor: SerialExecutor {
    /// A job and where it runs: the reference stays good because the actor that waits for its job holds the executor.
    @safe
    private struct Work: Sendable {
        let job: UnownedJob
        let executor: UnownedSerialExecutor
    }

    /// What the thread holds on to; not the executor, so that letting go of that ends the thread.
    private final class Queue: Sendable {
        private struct State: Sendable {
            var work: [Work] = []
            var isClosed = false
        }

        private let state = Mutex(State())
        private let ready = DispatchSemaphore(value: 0)

        func append(_ work: Work) {
            self.state.withLock { $0.work.append(work) }
            self.ready.signal()
        }

        func close() {
            self.state.withLock { $0.isClosed = true }
            self.ready.signal()
        }

        func run() {
            while true {
                self.ready.wait()
                let (batch, isClosed) = self.state.withLock { state in
                    let batch = state.work
                    state.work = []
                    return (batch, state.isClosed)
                }
                for work in batch { unsafe work.job.runSynchronously(on: work.executor) }
                if isClosed && batch.isEmpty { return }
            }
        }
    }

    private let queue = Queue()

    /// - Parameter name: The thread's, for debuggers and `top -H`.
    /// - Returns: `nil` when the system has no more threads to give.
    public init?(name: String) {
        let queue = self.queue
        guard CaptureThread.start(name: name, { queue.run() }) != nil else { return nil }
    }

    deinit { self.queue.close() }

    public func enqueue(_ job: consuming ExecutorJob) {
        unsafe self.queue.append(Work(job: UnownedJob(job), executor: self.asUnownedSerialExecutor()))
    }
}
