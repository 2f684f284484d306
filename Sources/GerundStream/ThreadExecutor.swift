import Dispatch
import Synchronization

/// A serial executor that runs the jobs of an actor on a dedicated thread, in order.
///
/// Use it for actors that block or perform long computations. The cooperative thread pool has about as many threads as
/// the machine has cores; blocking one can stall other tasks.
///
///     actor Writer {
///         private let executor: ThreadExecutor
///
///         init() throws { self.executor = try ThreadExecutor(name: "writer") }
///
///         nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe self.executor.asUnownedSerialExecutor() }
///     }
public final class ThreadExecutor: SerialExecutor {
    /// A job and its executor.
    ///
    /// The unowned reference stays valid because the job keeps its actor alive, and the actor keeps its executor alive.
    @safe
    private struct Work: Sendable {
        let job: UnownedJob
        let executor: UnownedSerialExecutor
    }

    /// The queue of jobs, shared by the executor and its thread.
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
                // There is one signal per job and one for the closing, so that the last wake-up finds no job.
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

    /// Adds a job to the end of the queue.
    ///
    /// - Parameter job: The job.
    public func enqueue(_ job: consuming ExecutorJob) {
        unsafe self.queue.append(Work(job: UnownedJob(job), executor: self.asUnownedSerialExecutor()))
    }
}
