import CGerundThreads

/// A pool of threads that divides the tasks of one parallel operation, such as a matrix multiplication, among them.
///
/// The result of a task doesn't depend on the thread that runs it, so an operation gives the same bits with any number
/// of threads. Threads sleep while there is nothing to do.
@safe
public final class ThreadPool: @unchecked Sendable {
    // Sendable: the pointer never changes, and the C side accepts calls from any thread: one call at a time has the
    // pool's threads, and concurrent calls run their tasks on their own thread.
    private let pool: OpaquePointer

    /// Starts the threads of a pool.
    ///
    /// - Parameter threads: The number of threads, at least 1, the calling thread of each operation included. The pool
    ///   has fewer if the system refuses some.
    public init(threads: Int) {
        precondition(threads > 0, "\(threads) threads")
        guard let pool = unsafe gerund_thread_pool_create(threads) else { preconditionFailure("out of memory") }
        unsafe self.pool = pool
    }

    deinit { unsafe gerund_thread_pool_destroy(self.pool) }

    /// The number of threads, the calling one included.
    public var threadCount: Int { unsafe gerund_thread_pool_size(self.pool) }

    /// The number of cores that this process may use, at least 1.
    ///
    /// The cores of its affinity mask, or fewer if its control group has a CPU bandwidth limit.
    public static var availableCoreCount: Int { AvailableCores.count }

    /// Runs a number of tasks and returns when the last one has finished.
    ///
    /// - Parameters:
    ///   - count: The number of tasks, at most `GERUND_THREAD_POOL_MAX_TASKS`.
    ///   - body: Called once per task, on any of the threads, with the task's number and the number of its thread,
    ///     which is below ``threadCount`` and which no other task of this call has at the same time.
    func run(tasks count: Int, _ body: (_ task: Int, _ thread: Int) -> Void) {
        precondition(count <= GERUND_THREAD_POOL_MAX_TASKS, "\(count) tasks")
        guard count > 1 else { return count == 1 ? body(0, 0) : () }
        withoutActuallyEscaping(body) { body in
            unsafe withUnsafePointer(to: body) { body in
                unsafe gerund_thread_pool_run(
                    self.pool, count,
                    { context, task, thread in
                        typealias Body = (Int, Int) -> Void
                        unsafe context?.assumingMemoryBound(to: Body.self).pointee(task, thread)
                    }, UnsafeMutableRawPointer(mutating: body))
            }
        }
    }

    /// Divides a number of units into tasks of consecutive units and runs them.
    ///
    /// There are several tasks per thread, so that a thread which the system interrupts delays the others little.
    ///
    /// - Parameters:
    ///   - count: The number of units.
    ///   - minimumPerTask: The minimum number of units for which a separate task is worth its overhead.
    ///   - body: Called once per task with its units and the number of its thread, as in ``run(tasks:_:)``.
    func run(units count: Int, minimumPerTask: Int, _ body: (_ units: Range<Int>, _ thread: Int) -> Void) {
        let tasks = min(self.threadCount == 1 ? 1 : 4 * self.threadCount, max(1, count / max(1, minimumPerTask)))
        guard tasks > 1 else { return count > 0 ? body(0..<count, 0) : () }
        self.run(tasks: tasks) { task, thread in
            body(count * task / tasks..<count * (task + 1) / tasks, thread)
        }
    }
}
