import Dispatch
import Synchronization

/// The result of blocking work that runs concurrently with its caller, on a thread outside of Swift's cooperative pool.
final class BackgroundResult<Success: Sendable, Failure: Error>: Sendable {
    private let result = Mutex<Result<Success, Failure>?>(nil)
    private let isDone = DispatchSemaphore(value: 0)

    /// Starts the work.
    init(_ body: @escaping @Sendable () throws(Failure) -> Success) {
        DispatchQueue.global().async {
            let result = Result(catching: body)
            self.result.withLock { $0 = result }
            self.isDone.signal()
        }
    }

    /// Blocks until the work has finished.
    ///
    /// This method must be called once.
    func wait() throws(Failure) -> Success {
        self.isDone.wait()
        guard let result = self.result.withLock({ $0 }) else { preconditionFailure("finished without a result") }
        return try result.get()
    }
}
