import Foundation
import Synchronization

/// The right to run the program: tests run all at once, and a machine with few cores would otherwise have to run
/// dozens of recognizers side by side, each too slow for anything. Given back when it is let go of.
final class ProgramSlot: Sendable {
    private struct State {
        var free: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private static let state = Mutex(State(free: ProcessInfo.processInfo.activeProcessorCount + 1))

    private init() {}

    /// Waits for a slot. A test must not ask for a second one while it holds one.
    static func take() async -> ProgramSlot {
        await withCheckedContinuation { continuation in
            let isFree = Self.state.withLock { state in
                guard state.free > 0 else {
                    state.waiting.append(continuation)
                    return false
                }
                state.free -= 1
                return true
            }
            if isFree { continuation.resume() }
        }
        return ProgramSlot()
    }

    deinit {
        let next = Self.state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.waiting.isEmpty else {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
