/// Decides what is given up when the engine falls behind, and when it is given back. A pure value.
///
/// One decision for all live sources, so that none gets what another one lacks. Rung by rung it gives up exactness
/// (in ``RecognitionMode/auto`` only), then windows, then frames; a rung is left downwards when sources wait longer
/// for the engine than their frames are apart, and upwards after a time in which the engine was busy for so little of
/// it that the rung above should do. A climb that fails doubles the time to the next, so that a machine at its limit
/// does not swing; that is forgotten once the engine is busy for so little that the limit must be another one.
package struct LoadLadder: Sendable {
    /// What a live source gets.
    package struct Rung: Sendable, Hashable {
        package var isFast: Bool
        /// Of so many windows that are due one is computed.
        package var windowDivisor = 1
        /// Of so many sampled frames one is looked at; the others are dropped.
        package var frameDivisor = 1

        package init(isFast: Bool, windowDivisor: Int = 1, frameDivisor: Int = 1) {
            self.isFast = isFast
            self.windowDivisor = windowDivisor
            self.frameDivisor = frameDivisor
        }

        /// The share of frames that are left out, 0...1.
        var droppedShare: Double { 1 - 1 / Double(self.frameDivisor) }
    }

    /// Pressure is the share of the time between two frames for which a source waits for the engine, over about so
    /// many frames of each source: a single late answer doesn't decide.
    private static let memory = 4.0
    /// Above this pressure the engine is behind. At 1 delay would grow.
    private static let highPressure = 0.9
    /// What one frame may add at most, and what a window counts that came too late to be worth computing.
    private static let highestPressure = 2.0
    /// The load is a mean over about so long.
    private static let loadMemory = Duration.seconds(4)
    private static let longestTrial = Duration.seconds(640)

    private let rungs: [Rung]
    private var index = 0
    /// How long the engine has to be at ease before each rung is tried again, and has to stay on it for that to count
    /// as a success.
    private var trials: [Duration]
    private var pressure = 0.0
    private var load = 1.0
    private var changedAt: ContinuousClock.Instant?
    private var lastPass: ContinuousClock.Instant?
    private var easySince: ContinuousClock.Instant?
    /// Whether the present rung was climbed to, which may turn out to be too much.
    private var isTrial = false

    package init(mode: RecognitionMode) {
        let exact = mode == .fast ? [] : [Rung(isFast: false)]
        let fast = mode == .exact ? [] : [Rung(isFast: true)]
        let isFast = mode != .exact
        let lower = [(2, 1), (4, 1), (4, 2), (4, 4)].map {
            Rung(isFast: isFast, windowDivisor: $0.0, frameDivisor: $0.1)
        }
        let rungs = exact + fast + lower
        self.rungs = rungs
        self.trials = rungs.indices.map { Self.firstTrial(rungs, $0) }
    }

    package var rung: Rung { self.rungs[self.index] }

    /// What live sources get while the engine keeps up.
    package var top: Rung { self.rungs[0] }

    private static func firstTrial(_ rungs: [Rung], _ index: Int) -> Duration {
        // A wrong guess about exact windows costs more than one about the rate.
        rungs[index].isFast || rungs.count > index + 1 && !rungs[index + 1].isFast ? .seconds(5) : .seconds(20)
    }

    /// Below this load the rung above is tried. Twice the windows or frames are at most twice the work, exact windows
    /// at most as many times that of fast ones as a window has frames.
    private var lowLoad: Double {
        self.index > 0 && self.rungs[self.index - 1].isFast == self.rung.isFast ? 0.45 : 0.25
    }

    /// A live source has waited for the engine.
    ///
    /// - Parameters:
    ///   - arrival: When the frame came. Frames from before the last change tell nothing about the rung.
    ///   - wait: For how long, including the computation itself.
    ///   - period: From one frame of the source to the next that is looked at.
    ///   - isLate: Whether a window was due and given up because the next frame had come already.
    ///   - sources: How many live sources there are.
    package mutating func frameFinished(
        arrival: ContinuousClock.Instant, wait: Duration, of period: Duration, isLate: Bool, sources: Int,
        now: ContinuousClock.Instant
    ) {
        guard self.changedAt.map({ arrival >= $0 }) ?? true else { return }
        let sample = isLate ? Self.highestPressure : min(wait / period, Self.highestPressure)
        self.pressure += (sample - self.pressure) / (Self.memory * Double(max(sources, 1)))
        guard self.pressure > Self.highPressure, self.index + 1 < self.rungs.count else { return }
        if self.isTrial {
            let hasFailed = self.changedAt.map { now - $0 < self.trials[self.index] } ?? false
            self.trials[self.index] =
                hasFailed
                ? min(self.trials[self.index] * 2, Self.longestTrial) : Self.firstTrial(self.rungs, self.index)
        }
        self.change(to: self.index + 1, now: now)
    }

    /// - Parameter busy: How long the engine computed for live sources.
    package mutating func passFinished(busy: Duration, now: ContinuousClock.Instant) {
        defer { self.lastPass = now }
        guard let last = self.lastPass, now > last else { return }
        let share = min(1, (now - last) / Self.loadMemory)
        self.load += (busy / (now - last) - self.load) * share
        guard self.index > 0, self.load < self.lowLoad else {
            self.easySince = nil
            return
        }
        let since = self.easySince ?? now
        self.easySince = since
        let isSure = self.load < self.lowLoad / 2.5
        let trial = isSure ? Self.firstTrial(self.rungs, self.index - 1) : self.trials[self.index - 1]
        if now - since >= trial { self.change(to: self.index - 1, now: now) }
    }

    private mutating func change(to index: Int, now: ContinuousClock.Instant) {
        self.isTrial = index < self.index
        self.index = index
        self.changedAt = now
        self.easySince = nil
        self.pressure = 0
        // Of the new rung nothing is known yet.
        self.load = 1
    }
}
