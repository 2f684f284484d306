import Synchronization

/// What a source waits for: the engine's answer or, as long as that is not being computed, the cancellation of its
/// task.
///
/// Who is cancelled while the engine computes for it waits for that: when all have returned, nothing is computed any
/// more, so that a process may end.
final class PendingAnswer: Sendable {
    private enum State: Sendable {
        case new
        case awaited(CheckedContinuation<[Float], Never>)
        case computed(CheckedContinuation<[Float], Never>)
        case given
    }

    private let state = Mutex(State.new)

    /// - Returns: `false` when the task was cancelled before: it gets nothing.
    func await(_ continuation: CheckedContinuation<[Float], Never>) -> Bool {
        let isNew = self.state.withLock { state in
            guard case .new = state else { return false }
            state = .awaited(continuation)
            return true
        }
        if !isNew { continuation.resume(returning: []) }
        return isNew
    }

    /// Whether somebody still waits.
    var isWanted: Bool {
        self.state.withLock { if case .awaited = $0 { true } else { false } }
    }

    /// - Returns: Whether somebody still waits; then ``give(_:)`` has to follow.
    func beginComputing() -> Bool {
        self.state.withLock { state in
            guard case .awaited(let continuation) = state else { return false }
            state = .computed(continuation)
            return true
        }
    }

    func give(_ logits: [Float]) {
        let continuation: CheckedContinuation<[Float], Never>? = self.state.withLock { state in
            defer { state = .given }
            return if case .computed(let continuation) = state { continuation } else { nil }
        }
        continuation?.resume(returning: logits)
    }

    func cancel() {
        let continuation: CheckedContinuation<[Float], Never>? = self.state.withLock { state in
            switch state {
            case .computed, .given:
                return nil
            case .new:
                state = .given
                return nil
            case .awaited(let continuation):
                state = .given
                return continuation
            }
        }
        continuation?.resume(returning: [])
    }
}
