import Dispatch
import Glibc
import Synchronization

/// Turns the first SIGINT or SIGTERM into the cancellation of the work, so that it can end in good order.
enum Signals {
    /// Does `work` until it returns or a signal comes; then cancels it and waits for its end.
    ///
    /// A second signal ends the process at once. Must be called once.
    ///
    /// - Parameters:
    ///   - onHangup: Called for every SIGHUP.
    ///   - onEnding: Called at the first signal that ends the work, before another one may end the process.
    /// - Returns: What the work returned, and the status that the signal demands when there was one.
    /// - Throws: What the work throws; ``CommandFailure`` with the signal's status when the signal is the cause.
    static func cancelling<R: Sendable>(
        onHangup: @escaping @Sendable () -> Void, onEnding: @escaping @Sendable () -> Void = {},
        _ work: @escaping @Sendable () async throws -> R
    ) async throws -> (result: R, status: ExitStatus?) {
        let (signals, continuation) = AsyncStream.makeStream(of: CInt.self)
        let hasEnding = Atomic(false)
        let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            // Brings a handler of its own; one set here beside it would swallow signals.
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler {
                if number != SIGHUP {
                    // From the first on, the next one ends the process, however busy everything else is: by the default
                    // action, or, where every thread blocks the signal by then, here.
                    if hasEnding.exchange(true, ordering: .relaxed) { self.endProcess(by: number) }
                    onEnding()
                    self.restore()
                }
                continuation.yield(number)
            }
            source.activate()
            return source
        }
        defer {
            for source in sources { source.cancel() }
            // Nothing listens any more: what is left to do may be ended at once.
            self.restore()
        }

        return try await withThrowingTaskGroup(of: Step<R>.self) { group in
            group.addTask { .worked(try await work()) }
            group.addTask { .signalled(await Self.status(of: signals, onHangup)) }
            var status: ExitStatus?
            do {
                while let step = try await group.next() {
                    group.cancelAll()
                    switch step {
                    case .worked(let result): return (result, status)
                    case .signalled(let demanded): status = demanded
                    }
                }
            } catch let error where error is CancellationError || error is StandardOutput.Closed {
                // What the signal set off, whatever it looked like on its way.
                if let status { throw CommandFailure(status: status) }
                throw error
            }
            throw CancellationError()
        }
    }

    private static func endProcess(by number: CInt) {
        self.restore()
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, number)
        unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        raise(number)
    }

    private static func restore() {
        signal(SIGINT, SIG_DFL)
        signal(SIGTERM, SIG_DFL)
    }

    private enum Step<R: Sendable>: Sendable {
        case worked(R)
        case signalled(ExitStatus?)
    }

    /// Waits for a signal that ends the process.
    private static func status(of signals: AsyncStream<CInt>, _ onHangup: @Sendable () -> Void) async -> ExitStatus? {
        for await number in signals {
            if number == SIGHUP {
                onHangup()
                continue
            }
            return number == SIGINT ? .interrupted : .terminated
        }
        return nil
    }
}
