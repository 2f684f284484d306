import Dispatch
import Glibc
import Synchronization

/// Turns the first SIGINT or SIGTERM into a cancellation, so that the operation can end in good order.
enum Signals {
    /// Performs an operation; cancels it at a signal and waits for its end.
    ///
    /// A second signal ends the process at once. This method must be called once.
    ///
    /// - Parameters:
    ///   - onHangup: Called at every SIGHUP.
    ///   - onEnding: Called at the first signal that ends the operation, before another one can end the process. The
    ///     default does nothing.
    ///   - operation: The operation.
    /// - Returns: The operation's result, and the exit status of the signal; `nil` without a signal.
    /// - Throws: The error that the operation throws; ``CommandError`` with the signal's status if the signal is the
    ///   cause.
    static func withSignalHandling<R: Sendable>(
        onHangup: @escaping @Sendable () -> Void, onEnding: @escaping @Sendable () -> Void = {},
        operation: @escaping @Sendable () async throws -> R
    ) async throws -> (result: R, status: ExitStatus?) {
        let (signals, continuation) = AsyncStream.makeStream(of: CInt.self)
        let hasEnding = Atomic(false)
        let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            // Installs its own handler; a second one set here would swallow signals.
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler {
                if number != SIGHUP {
                    // The next signal ends the process, however busy it is: by the default action or, if all threads
                    // block the signal by then, here.
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
            // From now on a signal may end the process at once.
            self.restore()
        }

        return try await withThrowingTaskGroup(of: Step<R>.self) { group in
            group.addTask { .returned(try await operation()) }
            group.addTask { .signalled(await Self.status(of: signals, onHangup)) }
            var status: ExitStatus?
            do {
                while let step = try await group.next() {
                    group.cancelAll()
                    switch step {
                    case .returned(let result): return (result, status)
                    case .signalled(let demanded): status = demanded
                    }
                }
            } catch let error where error is CancellationError || error is StandardOutput.Closed {
                // The signal is the cause, whatever error it turned into.
                if let status { throw CommandError(status: status) }
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
        case returned(R)
        case signalled(ExitStatus?)
    }

    /// Waits for a signal that ends the operation, and returns its exit status.
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
