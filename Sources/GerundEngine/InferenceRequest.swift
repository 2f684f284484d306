import Synchronization

/// A request's state between the task that waits for the logits and the engine that computes them.
///
/// A request that waits for its turn ends when its task is cancelled. One that is already being computed can't be
/// cancelled: its task waits for completion, so no computation outlives the run, and a process may end after it.
final class InferenceRequest: Sendable {
    typealias Continuation = CheckedContinuation<[Float], Never>

    private enum State: Sendable {
        case new
        case waiting(Continuation)
        case computing(Continuation)
        case finished
    }

    private let state = Mutex(State.new)

    /// The action of the waiting task after ``register(_:)``.
    enum RegisterAction: Hashable, Sendable {
        /// Hand the request to the scheduler.
        case enqueue
        /// Do nothing: the task was cancelled before, and its continuation has been resumed without logits.
        case none
    }

    /// Registers the continuation of the waiting task.
    func register(_ continuation: Continuation) -> RegisterAction {
        let isNew = self.state.withLock { state in
            guard case .new = state else { return false }
            state = .waiting(continuation)
            return true
        }
        if !isNew { continuation.resume(returning: []) }
        return isNew ? .enqueue : .none
    }

    /// A Boolean value that indicates whether a task waits and the request isn't being computed yet.
    var isPending: Bool {
        self.state.withLock { if case .waiting = $0 { true } else { false } }
    }

    /// Claims the request for computation.
    ///
    /// - Returns: `false` if the request was cancelled before; otherwise ``fulfill(_:)`` must follow.
    func claim() -> Bool {
        self.state.withLock { state in
            guard case .waiting(let continuation) = state else { return false }
            state = .computing(continuation)
            return true
        }
    }

    /// Resumes the waiting task with the logits of a claimed request.
    func fulfill(_ logits: [Float]) {
        let continuation: Continuation? = self.state.withLock { state in
            defer { state = .finished }
            return if case .computing(let continuation) = state { continuation } else { nil }
        }
        continuation?.resume(returning: logits)
    }

    /// Resumes the waiting task without logits, unless the request is being computed.
    func cancel() {
        let continuation: Continuation? = self.state.withLock { state in
            switch state {
            case .computing, .finished:
                return nil
            case .new:
                state = .finished
                return nil
            case .waiting(let continuation):
                state = .finished
                return continuation
            }
        }
        continuation?.resume(returning: [])
    }
}
