/// Decides from window to window whether a source is computed exactly or fast. A pure value.
///
/// In ``RecognitionMode/auto`` a source leaves exact mode when its answers come later than its frames do, and tries it
/// again after a time in which fast ones came in a fraction of that. A try that fails doubles the time to the next, so
/// that a machine at its limit does not swing.
package struct ModeGovernor: Sendable {
    private let mode: RecognitionMode
    /// From one window to the next.
    private let period: Duration
    package private(set) var isFast: Bool

    /// A mean over about so many windows decides, not a single late one.
    private static let memory = 4.0
    private static let firstTrial = Duration.seconds(20)
    private static let lastTrial = Duration.seconds(640)

    private var delay = 0.0
    private var sinceChange = Duration.zero
    private var trial = Self.firstTrial
    /// Whether exact mode was left before: being exact is then a trial.
    private var hasBeenFast = false

    /// - Parameters:
    ///   - period: From one window to the next.
    ///   - loses: Whether frames are dropped when nobody takes them. Without, no haste is worth an approximation.
    package init(mode: RecognitionMode, period: Duration, loses: Bool) {
        self.mode = mode == .auto && !loses ? .exact : mode
        self.period = period
        self.isFast = mode == .fast
    }

    /// Whether windows may be fast at some time.
    package var mayBeFast: Bool { self.mode != .exact }

    /// - Parameters:
    ///   - latency: From the newest frame to its window's answer.
    ///   - elapsed: Since the window before.
    package mutating func windowFinished(latency: Duration, elapsed: Duration) {
        guard self.mode == .auto else { return }
        self.delay += ((latency / self.period) - self.delay) / Self.memory
        self.sinceChange += elapsed
        if self.isFast {
            guard self.sinceChange >= self.trial, self.delay < 0.25 else { return }
            self.change(toFast: false)
        } else if self.delay > 1 {
            // An exact time that lasted was no failure of the trial before it.
            let hasFailed = self.hasBeenFast && self.sinceChange < self.trial
            self.trial = hasFailed ? min(self.trial * 2, Self.lastTrial) : Self.firstTrial
            self.hasBeenFast = true
            self.change(toFast: true)
        }
    }

    private mutating func change(toFast isFast: Bool) {
        self.isFast = isFast
        self.sinceChange = .zero
        self.delay = 0
    }
}
