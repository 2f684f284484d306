/// Decides whether a source that failed or ended is tried again, and when.
///
/// A pure value: the thread that reads the source tells what happened and does what is returned.
///
/// - A source that never opened is given up, unless it is to be kept trying.
/// - A live source that was open once is tried for ever.
/// - What has a natural end, a file, ends there.
public struct SourceSupervisor: Sendable {
    /// What to do next.
    public enum Action: Hashable, Sendable {
        case retry(after: Duration)
        case giveUp(CaptureError)
        case end
    }

    /// A source must have given frames for so long before the next failure counts as the first again: one that
    /// breaks off after each first frame is not hammered.
    public static let stableAfter: Duration = .seconds(10)

    private var isLive: Bool
    private let keepsTrying: Bool
    private var backoff: Backoff
    private var wasOpen = false
    private var firstFrame: ContinuousClock.Instant?

    /// - Parameters:
    ///   - isLive: Whether the address is a camera's. Corrected by ``opened(isLive:)``.
    ///   - keepsTrying: Whether a source that never opened is tried again.
    public init(isLive: Bool, keepsTrying: Bool, backoff: Backoff) {
        self.isLive = isLive
        self.keepsTrying = keepsTrying
        self.backoff = backoff
    }

    /// - Parameter isLive: Whether what was found there has no natural end.
    public mutating func opened(isLive: Bool) {
        self.isLive = isLive
        self.wasOpen = true
        self.firstFrame = nil
    }

    public mutating func frameArrived(now: ContinuousClock.Instant) {
        guard let first = self.firstFrame else {
            self.firstFrame = now
            return
        }
        if now - first >= Self.stableAfter { self.backoff.reset() }
    }

    public mutating func failed(_ error: CaptureError) -> Action {
        guard self.wasOpen else {
            // Knocking again with the same wrong password locks accounts; a wrong option stays wrong.
            let isHopeless = error.code == .usage || error.code == .unauthorized
            return self.keepsTrying && !isHopeless ? .retry(after: self.backoff.next()) : .giveUp(error)
        }
        return self.isLive ? .retry(after: self.backoff.next()) : .giveUp(error)
    }

    /// The stream came to its end: for a camera that is a failure like others.
    public mutating func ended() -> Action {
        self.isLive ? .retry(after: self.backoff.next()) : .end
    }
}
