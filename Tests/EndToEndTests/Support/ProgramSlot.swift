import Foundation
import Synchronization

/// The permission to run the program, released with this object.
///
/// Tests run in parallel; without a limit, a machine with few cores would run dozens of recognizers at once, each too
/// slow to meet any time limit.
final class ProgramSlot: Sendable {
    private struct State {
        var free: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private static let state = Mutex(State(free: ProcessInfo.processInfo.activeProcessorCount + 1))

    private init() {}

    /// Waits for a slot.
    ///
    /// A test must not take a slot while a process of its own holds one: all tests could then wait for each other.
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
