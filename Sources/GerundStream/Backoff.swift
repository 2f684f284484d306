import GerundCore

/// The delays between connection attempts: exponential from ``initial`` to ``maximum``, with random jitter.
///
/// Jitter keeps many cameras behind one switch from reconnecting at the same moment (thundering herd).
public struct Backoff: Sendable {
    /// The first delay.
    public var initial: Duration
    /// The longest delay, jitter included.
    public var maximum: Duration
    /// The maximum relative jitter, 0...1: a delay `d` becomes `d * (1 ± jitter)`.
    public var jitter: Double

    private var attempt = 0
    private var random: SplitMix64

    /// Creates a sequence of delays.
    ///
    /// - Parameters:
    ///   - initial: The first delay, above zero.
    ///   - maximum: The longest delay, not below `initial`.
    ///   - jitter: The maximum relative jitter, 0...1.
    ///   - seed: The seed of the jitter. The same seed gives the same delays.
    public init(
        initial: Duration = .milliseconds(500), maximum: Duration = .seconds(30), jitter: Double = 0.2, seed: UInt64
    ) {
        precondition(initial > .zero && maximum >= initial, "invalid delays: \(initial) to \(maximum)")
        precondition((0...1).contains(jitter), "invalid jitter \(jitter): expected 0...1")
        self.initial = initial
        self.maximum = maximum
        self.jitter = jitter
        self.random = SplitMix64(seed: seed)
    }

    /// Returns the delay before the next attempt, about twice the previous one.
    public mutating func next() -> Duration {
        var delay = self.initial
        // At most 62 doublings, so that months of attempts can't overflow.
        for _ in 0..<min(self.attempt, 62) where delay < self.maximum { delay *= 2 }
        self.attempt += 1
        let factor = 1 + self.jitter * Double.random(in: -1...1, using: &self.random)
        return min(min(delay, self.maximum) * factor, self.maximum)
    }

    /// Starts again with the first delay.
    public mutating func reset() {
        self.attempt = 0
    }
}
