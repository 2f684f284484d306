import Dispatch
import Synchronization

/// A serial executor that runs the jobs of an actor on a dedicated thread, in order.
///
/// For actors whose work blocks or computes for long: the cooperative thread pool has as many threads as the machine has
/// cores, and blocking one stalls every other task.
///
///     actor Writer {
///         private let executor: ThreadExecutor
///         nonisolated var unownedExecutor: UnownedSerialExecutor { self.executor.asUnownedSerialExecutor() }
///     }
public final class ThreadExecutor: SerialExecutor {
    /// A job and its executor.
    ///
    /// The unowned reference stays valid because the actor that waits for the job holds the executor.
    @safe
    private struct Work: Sendable {
        let job: UnownedJob
        let executor: UnownedSerialExecutor
    }

    /// The state that the thread retains.
    ///
    /// It doesn't retain the executor, so that releasing the executor ends the thread.
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

    /// Creates an executor and starts its thread.
    ///
    /// - Parameter name: The name of the thread in debuggers and `top -H`; the system keeps the first 15 bytes.
    /// - Throws: ``ThreadCreationError`` if the system refuses to create the thread.
    public init(name: String) throws(ThreadCreationError) {
        let queue = self.queue
        try DedicatedThread.start(name: name) { queue.run() }
    }

    deinit { self.queue.close() }

    /// Runs a job after those that are queued.
    ///
    /// - Parameter job: The job.
    public func enqueue(_ job: consuming ExecutorJob) {
        unsafe self.queue.append(Work(job: UnownedJob(job), executor: self.asUnownedSerialExecutor()))
    }
}
