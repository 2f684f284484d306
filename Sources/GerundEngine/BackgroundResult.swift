import Dispatch
import Synchronization

/// What a blocking piece of work gives that runs beside the caller's own, on a thread that is none of Swift's.
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

    /// Waits for the end of the work. To be called once.
    func get() throws(Failure) -> Success {
        self.isDone.wait()
        guard let result = self.result.withLock({ $0 }) else { preconditionFailure("done without a result") }
        return try result.get()
    }
}
