/// A state machine that decides whether and when a source that failed or ended is opened again.
///
/// - A source that could never be opened fails, unless initial failures are retried.
/// - A live source that was open once is reopened forever.
/// - A source with a natural end, such as a file, finishes there.
public struct ReconnectStateMachine: Sendable {
    /// The action that the caller must take.
    public enum Action: Hashable, Sendable {
        /// Open the source again after a delay.
        case retry(after: Duration)
        /// Report the error and stop.
        case fail(CaptureError)
        /// Report the end of the stream and stop.
        case finish
    }

    /// The time for which a source must have delivered frames before the backoff is reset, so that a source that fails
    /// right after its first frame isn't flooded with connections.
    public static let backoffResetInterval: Duration = .seconds(10)

    private var isLive: Bool
    private let retriesInitialFailure: Bool
    private var backoff: Backoff
    private var wasConnected = false
    private var firstFrame: ContinuousClock.Instant?

    /// Creates the state machine of a source that hasn't been opened.
    ///
    /// - Parameters:
    ///   - isLive: Whether the address is that of a camera. Corrected by ``connected(isLive:)``.
    ///   - retriesInitialFailure: Whether a source that could never be opened is tried again.
    ///   - backoff: The delays between attempts.
    public init(isLive: Bool, retriesInitialFailure: Bool, backoff: Backoff) {
        self.isLive = isLive
        self.retriesInitialFailure = retriesInitialFailure
        self.backoff = backoff
    }

    /// Records that the source has been opened.
    ///
    /// - Parameter isLive: Whether the stream has no natural end, which may be known only now.
    public mutating func connected(isLive: Bool) {
        self.isLive = isLive
        self.wasConnected = true
        self.firstFrame = nil
    }

    /// Records that the source has delivered a frame.
    ///
    /// - Parameter now: The current time.
    public mutating func frameArrived(now: ContinuousClock.Instant) {
        guard let first = self.firstFrame else {
            self.firstFrame = now
            return
        }
        if now - first >= Self.backoffResetInterval { self.backoff.reset() }
    }

    /// Returns the action to take after the source could not be opened or read.
    ///
    /// - Parameter error: The failure.
    /// - Returns: The action.
    public mutating func failed(_ error: CaptureError) -> Action {
        guard self.wasConnected else {
            // Retrying with wrong credentials can lock the account; an invalid address stays invalid.
            let isPermanent = error.code == .invalidAddress || error.code == .unauthorized
            return self.retriesInitialFailure && !isPermanent ? .retry(after: self.backoff.next()) : .fail(error)
        }
        return self.isLive ? .retry(after: self.backoff.next()) : .fail(error)
    }

    /// Returns the action to take at the end of the stream, which for a live source is a failure like any other.
    public mutating func ended() -> Action {
        self.isLive ? .retry(after: self.backoff.next()) : .finish
    }
}
