/// A load-shedding controller: degrades recognition when inference falls behind and restores it when there is headroom.
///
/// Each level sheds more: first exact computation (in ``RecognitionMode/auto`` only), then windows, then frames.
///
/// - The level degrades by one when the smoothed relative response time, which is the time from a live source's request
///   to its result divided by the source's frame interval, exceeds 0.9.
/// - The next better level is probed after the engine's utilization has stayed low for that level's probe delay. A
///   probe that fails doubles the delay, so that a machine at its limit doesn't oscillate; a very low utilization shows
///   that the limit has changed, and uses the initial delay again.
///
/// All live sources share one level, so that they are treated equally. This is a pure state machine: the caller
/// supplies the clock.
package struct LoadSheddingController: Sendable {
    /// The action that follows from a measurement.
    package enum Action: Hashable, Sendable {
        /// Keep the service level.
        case keep
        /// Use this worse level for live sources from now on.
        case degrade(to: ServiceLevel)
        /// Use this better level for live sources from now on.
        case restore(to: ServiceLevel)
    }

    /// The number of frames of each source over which the relative response time is smoothed, so that one late result
    /// doesn't trigger a change.
    private static let smoothingFrames = 4.0
    /// The relative response time above which the engine is behind.
    ///
    /// Above 1, frames arrive faster than they are computed, and the delay grows.
    private static let degradeThreshold = 0.9
    /// The maximum relative response time of one frame, which is also that of a frame whose window was skipped because
    /// it was late.
    private static let maximumSample = 2.0
    /// The time constant of the exponential mean of the utilization.
    private static let utilizationTimeConstant = Duration.seconds(4)
    private static let maximumProbeDelay = Duration.seconds(640)

    /// The service levels, best first.
    private let levels: [ServiceLevel]
    private var index = 0
    /// For each level, the time for which utilization must stay low before the level is probed, and for which the level
    /// must then hold for the probe to have succeeded.
    private var probeDelays: [Duration]
    private var relativeResponseTime = 0.0
    /// The smoothed fraction of time that the engine spends on live sources; 1 until there are measurements at the
    /// current level.
    private var utilization = 1.0
    private var changedAt: ContinuousClock.Instant?
    private var lastBatch: ContinuousClock.Instant?
    private var idleSince: ContinuousClock.Instant?
    /// A Boolean value that indicates whether the last change was to a better level, which may turn out to overload the
    /// engine.
    private var isProbing = false

    /// Creates a controller at full service.
    ///
    /// - Parameter mode: The recognition mode: `exact` and `fast` never change the mode, only the rates.
    package init(mode: RecognitionMode) {
        let exact = mode == .fast ? [] : [ServiceLevel(mode: .exact)]
        let fast = mode == .exact ? [] : [ServiceLevel(mode: .fast)]
        let lower = [(2, 1), (4, 1), (4, 2), (4, 4)].map {
            ServiceLevel(mode: mode == .exact ? .exact : .fast, windowDecimation: $0.0, frameDecimation: $0.1)
        }
        let levels = exact + fast + lower
        self.levels = levels
        self.probeDelays = levels.indices.map { Self.initialProbeDelay(levels, $0) }
    }

    /// The current service level of live sources.
    package var level: ServiceLevel { self.levels[self.index] }

    private static func initialProbeDelay(_ levels: [ServiceLevel], _ index: Int) -> Duration {
        // A failed probe of exact windows overloads the engine by more than one of a rate.
        let isLastExact = levels[index].mode == .exact && levels.dropFirst(index + 1).first?.mode != .exact
        return isLastExact ? .seconds(20) : .seconds(5)
    }

    /// The utilization below which the next better level is probed.
    ///
    /// Twice the windows or frames are at most twice the work: from 0.45, a probe of a rate reaches at most 0.9. Exact
    /// windows are at most as many times the work of fast ones as a window has frames, usually 8, but the factor
    /// depends on the machine and the model. 0.25 is a compromise: a probe succeeds if the factor is less than 4, and
    /// otherwise fails and doubles its delay.
    private var restoreThreshold: Double {
        self.index > 0 && self.levels[self.index - 1].mode == self.level.mode ? 0.45 : 0.25
    }

    /// Records the response time of a live source's frame.
    ///
    /// - Parameters:
    ///   - arrival: The time at which the frame arrived. Frames from before the last change don't reflect the current
    ///     level and are ignored.
    ///   - responseTime: The time from the request to the result, including the computation.
    ///   - frameInterval: The time between two processed frames of the source.
    ///   - wasWindowSkipped: Whether a due window was skipped because the next frame had arrived already.
    ///   - sourceCount: The number of live sources.
    ///   - now: The current time.
    /// - Returns: The change of the service level, if any.
    @discardableResult
    package mutating func responseReceived(
        arrival: ContinuousClock.Instant, responseTime: Duration, frameInterval: Duration, wasWindowSkipped: Bool,
        sourceCount: Int, now: ContinuousClock.Instant
    ) -> Action {
        guard self.changedAt.map({ arrival >= $0 }) ?? true else { return .keep }
        let sample =
            wasWindowSkipped ? Self.maximumSample : min(responseTime / frameInterval, Self.maximumSample)
        self.relativeResponseTime +=
            (sample - self.relativeResponseTime) / (Self.smoothingFrames * Double(max(sourceCount, 1)))
        guard self.relativeResponseTime > Self.degradeThreshold, self.index + 1 < self.levels.count else {
            return .keep
        }
        if self.isProbing {
            let hasFailed = self.changedAt.map { now - $0 < self.probeDelays[self.index] } ?? false
            self.probeDelays[self.index] =
                hasFailed
                ? min(self.probeDelays[self.index] * 2, Self.maximumProbeDelay)
                : Self.initialProbeDelay(self.levels, self.index)
        }
        self.change(to: self.index + 1, now: now)
        return .degrade(to: self.level)
    }

    /// Records that the engine has finished a batch.
    ///
    /// - Parameters:
    ///   - busy: The time since the last batch that the engine spent on live sources.
    ///   - now: The current time.
    /// - Returns: The change of the service level, if any.
    @discardableResult
    package mutating func batchFinished(busy: Duration, now: ContinuousClock.Instant) -> Action {
        defer { self.lastBatch = now }
        guard let last = self.lastBatch, now > last else { return .keep }
        let weight = min(1, (now - last) / Self.utilizationTimeConstant)
        self.utilization += (busy / (now - last) - self.utilization) * weight
        guard self.index > 0, self.utilization < self.restoreThreshold else {
            self.idleSince = nil
            return .keep
        }
        let since = self.idleSince ?? now
        self.idleSince = since
        // From this utilization, a probe isn't expected to fail: a better rate reaches at most 0.36, and exact windows
        // of 8 frames at most 0.8. The failures of earlier probes were those of another load.
        let hasAmpleHeadroom = self.utilization < self.restoreThreshold / 2.5
        let delay =
            hasAmpleHeadroom
            ? Self.initialProbeDelay(self.levels, self.index - 1) : self.probeDelays[self.index - 1]
        guard now - since >= delay else { return .keep }
        self.change(to: self.index - 1, now: now)
        return .restore(to: self.level)
    }

    private mutating func change(to index: Int, now: ContinuousClock.Instant) {
        self.isProbing = index < self.index
        self.index = index
        self.changedAt = now
        self.idleSince = nil
        self.relativeResponseTime = 0
        // There are no measurements at the new level yet.
        self.utilization = 1
    }
}
