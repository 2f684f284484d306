/// A load-shedding controller: degrades recognition when inference falls behind and restores it when there is headroom.
///
/// The service levels trade exactness (in ``RecognitionMode/auto`` only), then window rate, then frame rate.
///
/// - Degrades by one level when the smoothed queueing pressure, the time a live source waits for the engine divided by
///   its frame interval, exceeds 0.9.
/// - Probes the next better level after the engine's utilization has stayed low for that level's probe delay. A probe
///   that fails doubles the delay, so that a machine at its limit doesn't oscillate; a very low utilization shows that
///   the limit has changed, and uses the initial delay again.
///
/// All live sources share one level, so that none has what another one lacks. This is a pure state machine: the caller
/// supplies the clock.
package struct LoadSheddingController: Sendable {
    /// What a measurement has led to.
    package enum Action: Hashable, Sendable {
        /// The service level stays.
        case keep
        /// Live sources get this worse level from now on.
        case degrade(to: ServiceLevel)
        /// Live sources get this better level from now on.
        case restore(to: ServiceLevel)
    }

    /// The number of frames of each source over which the queueing pressure is smoothed: a single late answer doesn't
    /// decide.
    private static let smoothingFrames = 4.0
    /// The queueing pressure above which the engine is behind.
    ///
    /// At 1, delay would grow.
    private static let degradeThreshold = 0.9
    /// The most that one frame can add to the pressure, and the sample for a window that was skipped as too late.
    private static let maximumPressureSample = 2.0
    /// The time constant of the utilization's mean.
    private static let utilizationTimeConstant = Duration.seconds(4)
    private static let maximumProbeDelay = Duration.seconds(640)

    /// The service levels, best first.
    private let levels: [ServiceLevel]
    private var index = 0
    /// For each level, how long utilization must stay low before the level is probed, and how long the level must then
    /// hold for the probe to have succeeded.
    private var probeDelays: [Duration]
    private var queueingPressure = 0.0
    /// The fraction of time in which the engine computes for live sources.
    private var utilization = 1.0
    private var changedAt: ContinuousClock.Instant?
    private var lastBatch: ContinuousClock.Instant?
    private var idleSince: ContinuousClock.Instant?
    /// A Boolean value that indicates whether the present level was restored to, which may turn out to be too much.
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

    /// The present service level of live sources.
    package var level: ServiceLevel { self.levels[self.index] }

    /// The service level of live sources while the engine keeps up.
    package var fullService: ServiceLevel { self.levels[0] }

    private static func initialProbeDelay(_ levels: [ServiceLevel], _ index: Int) -> Duration {
        // A wrong guess about exact windows costs more than one about the rate.
        let isLastExact = levels[index].mode == .exact && levels.dropFirst(index + 1).first?.mode != .exact
        return isLastExact ? .seconds(20) : .seconds(5)
    }

    /// The utilization below which the next better level is probed.
    ///
    /// Twice the windows or frames are at most twice the work; exact windows are at most as many times the work of fast
    /// ones as a window has frames.
    private var restoreThreshold: Double {
        self.index > 0 && self.levels[self.index - 1].mode == self.level.mode ? 0.45 : 0.25
    }

    /// Records that a live source has waited for the engine.
    ///
    /// - Parameters:
    ///   - arrival: When the frame arrived. Frames from before the last change say nothing about the present level and
    ///     are ignored.
    ///   - wait: The time from the request to the answer, including the computation.
    ///   - frameInterval: The time between two processed frames of the source.
    ///   - wasWindowSkipped: Whether a due window was skipped because the next frame had arrived already.
    ///   - sourceCount: The number of live sources.
    ///   - now: The present time.
    /// - Returns: Whether the service level changes.
    @discardableResult
    package mutating func frameFinished(
        arrival: ContinuousClock.Instant, wait: Duration, frameInterval: Duration, wasWindowSkipped: Bool,
        sourceCount: Int, now: ContinuousClock.Instant
    ) -> Action {
        guard self.changedAt.map({ arrival >= $0 }) ?? true else { return .keep }
        let sample =
            wasWindowSkipped ? Self.maximumPressureSample : min(wait / frameInterval, Self.maximumPressureSample)
        self.queueingPressure +=
            (sample - self.queueingPressure) / (Self.smoothingFrames * Double(max(sourceCount, 1)))
        guard self.queueingPressure > Self.degradeThreshold, self.index + 1 < self.levels.count else { return .keep }
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
    ///   - busy: The part of the time since the last batch in which the engine computed for live sources.
    ///   - now: The present time.
    /// - Returns: Whether the service level changes.
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
        self.queueingPressure = 0
        // Nothing is known of the new level yet.
        self.utilization = 1
    }
}
